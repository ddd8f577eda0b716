"""Words of messages go by their time; ids, places and digests stay, and what passed can still be verified."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from bihuan.kernel.cases.retention import hold_place
from bihuan.kernel.exchange.models import Message, TurnedAway
from bihuan.kernel.exchange.selectors import messages_verify
from bihuan.kernel.exchange.upkeep import messages_erase
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.site.retention import retention_due, retention_run
from tests.api.client import contents, rows
from tests.exchange.conftest import DISTRICT, Two
from tests.exchange.test_turned_away import changed, delivered

pytestmark = pytest.mark.django_db
MONTH = timedelta(days=31)


def due(now: datetime, code: str = "exchange.messages") -> tuple[int, int]:
    (found,) = [one.due for one in retention_due(now=now) if one.kept.code == code]
    return found.count, found.held


def bodies() -> list[str]:
    with kernel_writes():
        return list(Message.objects.order_by("pk").values_list("body", flat=True))


def digests() -> list[tuple[str, int, str]]:
    with kernel_writes():
        return list(Message.objects.order_by("pk").values_list("message_id", "place", "digest"))


def test_words_go_after_a_month_and_the_rest_can_be_verified(two: Two) -> None:
    taken = two.taken_above()
    two.post()
    handed = next(body for body in bodies() if ".handed" in body)
    kept = digests()
    assert due(two.now + timedelta(days=29)) == (0, 0)
    before = rows(), contents()
    assert due(two.now + MONTH) == (4, 0)  # the notice and the receipt, on both sides
    assert (rows(), contents()) == before
    two.now += MONTH
    retention_run(now=two.now)
    assert set(bodies()) == {""}
    assert digests() == kept
    assert messages_verify() == ()
    assert ledger_verify().faults == ()
    again = delivered(two, handed.encode())
    assert json.loads(again.content)["status"] == "settled"
    assert two.here(taken.number).urge_count == 0
    other = delivered(two, changed(handed, data={"text": "另一件事"}))
    assert json.loads(other.content)["turned_away"] == "other_body"


def test_a_held_case_keeps_its_messages(two: Two) -> None:
    taken = two.taken_above()
    two.post()
    hold_place(case=taken.case, reason="行政诉讼", by=two.people["security"], now=two.now)
    assert due(two.now + MONTH) == (2, 2)
    retention_run(now=two.now + MONTH)
    assert [bool(body) for body in bodies()].count(True) == 2


def test_what_was_refused_goes_too_and_is_judged_anew_when_it_comes_again(two: Two) -> None:
    two.taken_above()
    with kernel_writes():
        handed = Message.objects.get(kind="handed").body
    strange = changed(handed, data={"pack": "nothing"})
    assert json.loads(delivered(two, strange).content)["code"] == "pack"
    retention_run(now=two.now + MONTH)
    with kernel_writes():
        row = Message.objects.get(direction="in")
    assert (row.body, row.status, row.case_id) == ("", "refused", None)
    two.now += MONTH
    assert json.loads(delivered(two, strange).content)["code"] == "pack"
    with kernel_writes():
        assert Message.objects.get(direction="in").body == strange.decode()


def test_an_anonymised_case_holds_up_no_peer(two: Two) -> None:
    """What still waits for a centre that is down goes with the case; the next one's order arrives."""
    gone = two.taken_above()
    other = two.taken_above(phone="19900000002")
    messages_erase(cases=[gone.case], now=two.now)
    two.post()
    assert two.messages("out", two.below) == [("handed", "refused"), ("handed", "settled")]
    assert two.here(other.number).state == "dispatched"


def test_a_changed_or_missing_message_is_named(two: Two) -> None:
    two.taken_above()
    two.post()
    with kernel_writes():
        row = Message.objects.get(direction="out", kind="handed")
        Message.objects.filter(pk=row.pk).update(body=row.body.replace("5200", "520"), place=2)
    told = [(one.peer, one.direction, one.thread, one.what) for one in messages_verify()]
    assert told == [
        (DISTRICT, "out", row.thread, "a message is missing"),
        (DISTRICT, "out", row.thread, "message 2 differs from its digest"),
    ]
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify", "--without-files", stdout=out)
    assert f"FAULT message of {DISTRICT} (out) {row.thread}: a message is missing" in out.getvalue()


def test_counts_at_the_door_go_after_a_quarter(two: Two) -> None:
    delivered(two, b"[]")
    assert due(two.now + timedelta(days=89), "exchange.turned_away") == (0, 0)
    retention_run(now=two.now + timedelta(days=92))
    assert not TurnedAway.objects.exists()
