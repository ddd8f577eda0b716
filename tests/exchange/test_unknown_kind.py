"""A kind of message that only a later release knows: refused in words and kept, holding nothing else, and taken after the upgrade."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bihuan.kernel.exchange.envelope import KINDS
from bihuan.kernel.exchange.messages_kind import Exchanged
from bihuan.kernel.exchange.models import Message, Peer
from bihuan.kernel.exchange.selectors import messages_verify
from bihuan.kernel.exchange.sending import unknown_again
from bihuan.kernel.ledger.services import kernel_writes
from tests.exchange.conftest import CITY, DISTRICT, Two, signed_now

pytestmark = pytest.mark.django_db
WORDS = "本中心的版本还不认识这种消息(%s),已留存;本中心升级后,对方的系统会自动重发。"


@contextmanager
def older(*kinds: str) -> Iterator[None]:
    """Within, the centre that takes messages in is of a release that does not know these kinds."""
    known = {kind: words for kind, words in KINDS.items() if kind not in kinds}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bihuan.kernel.exchange.inbox.KINDS", known)
        patch.setattr("bihuan.kernel.exchange.follow.KINDS", known)
        yield


def told(direction: str, kind: str) -> tuple[str, str, str]:
    with kernel_writes():
        row = Message.objects.get(direction=direction, kind=kind)
    return row.status, row.code, row.error


def again(two: Two) -> int:
    with two.at(CITY):
        return unknown_again(now=two.now)


def test_it_is_refused_in_words_on_both_sides_and_holds_nothing(two: Two) -> None:
    taken = two.taken_above()
    two.post()
    two.answered(taken.number)
    two.post()
    with older("urged"):
        two.moves(CITY, taken.case, "urge", "tang", remark="请尽快联系来电人")
        two.moves(CITY, taken.case, "redo_after_review", "zhao", reason="没有写明退费的日期")
        other = two.taken_above(phone="19900000002")
        two.post()
    refused = ("refused", "unknown_kind", WORDS % "urged")
    assert (told("out", "urged"), told("in", "urged")) == (refused, refused)
    here = two.here(taken.number)
    assert (here.state, here.redo_count, here.urge_count) == ("handling", 1, 0)
    assert two.here(other.number).state == "dispatched"
    assert (two.waiting(), messages_verify()) == (0, ())
    below = Peer.objects.get(code=DISTRICT)
    assert (below.failures, below.held_until) == (0, None)


def test_it_is_sent_again_by_itself_and_taken_after_the_upgrade_once(two: Two) -> None:
    taken = two.taken_above()
    two.post()
    two.moves(CITY, taken.case, "urge", "tang", remark="请尽快联系来电人")
    with older("urged"):
        two.post()
        assert again(two) == 1
        two.post()
        assert told("in", "urged")[0] == "refused"
        assert again(two) == 1
    two.post()
    assert (told("out", "urged"), told("in", "urged")) == (("settled", "", ""), ("settled", "", ""))
    assert two.here(taken.number).urge_count == 1
    assert again(two) == 0


def test_one_that_opens_a_matter_holds_that_matter_alone_and_in_order(two: Two) -> None:
    earlier = two.taken_above()
    two.post()
    with older("handed"):
        held = two.taken_above(phone="19900000002")
        two.moves(CITY, held.case, "urge", "tang", remark="请尽快联系来电人")
        two.moves(CITY, earlier.case, "urge", "tang", remark="来电人再次来电")
        two.post()
        assert two.here(earlier.number).urge_count == 1
        with kernel_writes():
            waiting = Message.objects.filter(thread=held.number).order_by("direction", "place")
            found = list(waiting.values_list("direction", "kind", "status", "code", "error"))
        assert found == [
            ("in", "handed", "waiting", "unknown_kind", WORDS % "handed"),
            ("out", "handed", "waiting", "unknown_kind", WORDS % "handed"),
            ("out", "urged", "waiting", "", ""),
        ]
    two.post()
    assert (two.here(held.number).state, two.here(held.number).urge_count) == ("dispatched", 1)
    assert two.waiting() == 0


def test_a_refusal_that_was_told_on_the_case_is_not_undone_by_itself(two: Two) -> None:
    """The answer came back to the reviewers, who have gone on from there."""
    taken = two.taken_above()
    two.post()
    two.answered(taken.number)
    with older("answered"):
        two.post()
    assert told("out", "answered")[1] == "unknown_kind"
    assert two.here(taken.number).state == "reviewing"
    with two.at(DISTRICT):
        assert unknown_again(now=two.now) == 0


def test_administrators_read_its_code_and_a_false_signature_is_still_turned_away(two: Two) -> None:
    taken = two.taken_above()
    with kernel_writes():
        handed = json.loads(Message.objects.get(kind="handed").body)
    later = {**handed, "id": "0" * 32, "sequence": "00000002", "type": "bihuan.exchange.linked"}
    two.post()
    body = json.dumps(later, ensure_ascii=False).encode()
    false = two.deliver(two.below, body, header=signed_now(body + b" ", two.now))
    assert (false.status_code, json.loads(false.content)["turned_away"]) == (403, "bad_signature")
    answer = two.deliver(two.below, body)
    assert answer.status_code == 422
    assert json.loads(answer.content)["message"] == WORDS % "linked"
    with kernel_writes():
        row = Message.objects.select_related("peer").get(kind="linked")
    assert Exchanged().title(row) == f"本版本不认识的内容(linked) · {taken.number} · 2"
