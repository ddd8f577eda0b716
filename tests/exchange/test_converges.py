"""Whatever the post loses, repeats or brings in another order: each message counts once, in its order, and nothing is lost."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.kernel.exchange import fetching, sending
from bihuan.kernel.exchange.fetching import messages_fetch
from bihuan.kernel.exchange.models import Message, Peer
from bihuan.kernel.exchange.signing import HEADER
from bihuan.kernel.ledger.services import kernel_writes
from tests.exchange.conftest import CITY, DISTRICT, Two, signed_now

pytestmark = pytest.mark.django_db
FATES = ("ok", "lost", "answer_lost", "twice")
SLOW = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Undone(Exception):
    """Raised to undo an example."""


def whole(two: Two, number: str) -> dict[str, Any]:
    here, there = two.here(number), two.there(number)
    return {
        "here": (here.state, here.unit.code, here.urge_count, here.redo_count, here.version),
        "there": (there.state, there.unit.code, there.version),
        "told": two.link(number, two.below).their_state,
        "down": two.messages("in", two.above),
        "up": two.messages("in", two.below),
    }


def script(two: Two, number: str, case: int) -> None:
    two.moves(CITY, case, "urge", "tang", remark="请尽快办理")
    two.post(40)
    two.answered(number)
    two.moves(CITY, case, "urge", "tang", remark="再次催办")
    two.post(40)
    two.moves(CITY, case, "redo_after_review", "zhao", reason="没有写明退费的日期")
    two.post(40)


@SLOW
@given(fates=st.lists(st.sampled_from(FATES), max_size=25))
def test_losses_and_repeats_on_the_way_end_alike(two: Two, fates: list[str]) -> None:
    try:
        with transaction.atomic():
            two.fates = list(fates)
            taken = two.taken_above()
            two.post(40)
            script(two, taken.number, taken.case)
            found = whole(two, taken.number)
            raise Undone
    except Undone:
        two.fates = []
    assert two.waiting() == 0
    assert found["here"] == ("handling", "371502_market", 2, 1, found["here"][4])
    assert found["there"][0] == "handling"
    assert [kind for kind, _ in found["down"]] == ["handed", "urged", "urged", "rejected"]
    assert {status for _, status in found["down"] + found["up"]} == {"settled"}
    assert found["told"] == "办理中"


@SLOW
@given(order=st.lists(st.integers(0, 4), max_size=15))
def test_any_order_ends_alike(two: Two, order: list[int]) -> None:
    """Five messages of one order brought in any order, any number of times, and at last each once."""
    try:
        with transaction.atomic():
            taken = two.taken_above()
            for words in ("第一次催办", "第二次催办", "第三次催办"):
                two.moves(CITY, taken.case, "urge", "tang", remark=words)
            two.moves(CITY, taken.case, "supervise", "tang", reason="重点督办本件")
            with kernel_writes():
                bodies = list(
                    Message.objects.filter(direction="out").order_by("place").values_list("body", flat=True)
                )
            assert len(bodies) == 5
            for place in (*order, *reversed(range(5))):
                deliver(two, bodies[place])
            here = two.here(taken.number)
            found = (here.state, here.urge_count, two.messages("in", two.above))
            with kernel_writes():
                receipts = Message.objects.filter(direction="out", peer=two.above, kind="received").count()
            raise Undone
    except Undone:
        pass
    assert found == ("dispatched", 4, [("handed", "settled"), *[("urged", "settled")] * 4])
    assert receipts == 1


def deliver(two: Two, body: str) -> str:
    with two.at(DISTRICT):
        answer = Client().post(
            "/exchange/messages",
            body.encode(),
            content_type="application/json",
            headers={HEADER: signed_now(body.encode(), two.now)},
        )
    return str(json.loads(answer.content)["status"])


def test_what_comes_too_early_waits(two: Two) -> None:
    taken = two.taken_above()
    two.moves(CITY, taken.case, "urge", "tang", remark="请尽快办理")
    with kernel_writes():
        first, second = (
            Message.objects.filter(direction="out").order_by("place").values_list("body", flat=True)
        )
    assert deliver(two, second) == "waiting"
    assert two.messages("in", two.above) == [("urged", "waiting")]
    assert deliver(two, first) == "settled"
    assert two.messages("in", two.above) == [("handed", "settled"), ("urged", "settled")]
    assert two.here(taken.number).urge_count == 1


def test_a_day_of_silence_is_made_up_for(two: Two) -> None:
    two.fates = ["lost"] * 3
    numbers = [two.taken_above(phone=f"1990000000{n}").number for n in range(3)]
    two.post(1)
    peer = Peer.objects.get(code=DISTRICT)
    assert (peer.failures, peer.error) == (1, "没有应答")
    assert two.fates == ["lost"] * 2, "one that does not answer is tried once a run"
    two.now += timedelta(days=1)
    two.fates = []
    two.post()
    for number in numbers:
        link = two.link(number, two.above)
        assert link.arrived_at - link.appeared_at >= timedelta(days=1)
    peer.refresh_from_db()
    assert (peer.failures, peer.error) == (0, "")


def test_a_centre_behind_a_wall_fetches(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """The city cannot reach the district; the district asks, and acknowledges with its next question."""
    with kernel_writes():
        Peer.objects.filter(pk=two.below.pk).update(url="")
        Peer.objects.filter(pk=two.above.pk).update(fetched=True)
    monkeypatch.setattr(fetching, "posted", two.carried)
    monkeypatch.setattr(sending, "posted", two.carried)
    taken = two.taken_above()
    two.moves(CITY, taken.case, "urge", "tang", remark="请尽快办理")
    with two.at(DISTRICT):
        assert messages_fetch(now=two.now) == 2
    assert two.here(taken.number).urge_count == 1
    assert two.messages("out", two.below) == [("handed", "settled"), ("urged", "settled")]
    two.post()
    assert two.there(taken.number).state == "handling"
