"""An attacker between the centres, and a centre that wants what is another's: nothing is believed, nothing changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from bihuan.kernel.exchange import sending
from bihuan.kernel.exchange.models import Message, Peer
from bihuan.kernel.exchange.sending import BROKEN, UNREADABLE, UNSIGNED, NotSent, content_posted
from bihuan.kernel.exchange.signing import HEADER, private_read, public_of, signed
from bihuan.kernel.exchange.upkeep import key_add, key_revoke, peer_add
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.services import UnitData, units_enter
from bihuan.kernel.ledger.services import kernel_writes
from tests.exchange.conftest import CITY, DISTRICT, Two, signed_now
from tests.exchange.test_turned_away import STRANGER, all_but_the_count, changed, delivered

pytestmark = pytest.mark.django_db
THIRD = Ed25519PrivateKey.generate()
POSTED, PATH = sending.posted, "/exchange/messages"


def third(two: Two) -> Peer:
    """Another district below the city, with a key of its own."""
    units_enter(
        units=[UnitData("371526_12345", "高唐县热线", "centre", "county", CITY)], now=two.now, by="operator"
    )
    with two.at(CITY):
        made = peer_add(
            code="371526", name="高唐县热线", relation="subordinate", url="", fetched=False,
            unit=Unit.objects.get(code="371526_12345").pk, now=two.now, by="operator",
        )  # fmt: skip
    key_add(peer=made.pk, public=public_of(THIRD), now=two.now, by="operator")
    return made


def told_above(two: Two, **values: Any) -> bytes:
    """A message to the city, as a centre below would write it."""
    with kernel_writes():
        handed = Message.objects.get(kind="handed", direction="out").body
    return changed(handed, **{"recipient": CITY, "id": "c" * 32, "sequence": "00000001", **values})


def test_one_centre_cannot_speak_of_another_s_case(two: Two) -> None:
    third(two)
    taken = two.taken_above()
    body = told_above(
        two,
        source="/bihuan/371526",
        type="bihuan.exchange.returned",
        data={"grounds": "duty", "reason": "不归我们管"},
    )
    answer = two.deliver(two.above, body, header=signed_now(body, two.now, THIRD))
    assert (answer.status_code, json.loads(answer.content)["code"]) == (422, "no_thread")
    assert two.there(taken.number).state == "dispatched"
    before = all_but_the_count()
    as_another = told_above(two, source=f"/bihuan/{DISTRICT}", type="bihuan.exchange.progress", data={})
    answer = two.deliver(two.above, as_another, header=signed_now(as_another, two.now, THIRD))
    assert json.loads(answer.content)["turned_away"] == "unknown_key"
    assert all_but_the_count() == before


def test_one_centre_fetches_and_acknowledges_nothing_of_another_s(two: Two) -> None:
    third(two)
    two.taken_above()
    with kernel_writes():
        mine = Message.objects.get(kind="handed").message_id
    asked = {"id": "d" * 32, "source": "/bihuan/371526", "recipient": CITY}
    body = json.dumps({**asked, "acknowledged": [{"id": mine, "status": "settled"}]}).encode()
    answer = two.deliver(two.above, body, path="/exchange/fetch", header=signed_now(body, two.now, THIRD))
    assert json.loads(answer.content) == {"messages": []}
    with kernel_writes():
        assert Message.objects.get(message_id=mine).status == "waiting"


FETCHES: dict[str, Callable[[Two, bytes], dict[str, Any]]] = {
    "bad_signature": lambda two, body: {"body": body.replace(b"[]", b"[ ]"), "header": signed_now(body, two.now)},
    "unknown_key": lambda two, body: {"header": signed_now(body, two.now, STRANGER)},
    "unknown_peer": lambda two, body: {"body": body.replace(DISTRICT.encode(), b"371700")},
    "recipient": lambda two, body: {"body": body.replace(CITY.encode(), b"371700")},
    "malformed": lambda two, body: {"body": body.replace(b"[]", b"[1]")},
    "malformed ": lambda two, body: {"body": b"[" * 100_000},
    "too_large": lambda two, body: {"body": b"[" * 300_000},
}  # fmt: skip


@pytest.mark.parametrize("rule", FETCHES)
def test_what_asks_falsely_gets_nothing(two: Two, rule: str) -> None:
    two.taken_above()
    asked = {"id": "d" * 32, "source": f"/bihuan/{DISTRICT}", "recipient": CITY, "acknowledged": []}
    given = FETCHES[rule](two, json.dumps(asked).encode())
    body = given.get("body", json.dumps(asked).encode())
    before = all_but_the_count()
    answer = two.deliver(
        two.above, body, path="/exchange/fetch", header=given.get("header", signed_now(body, two.now))
    )
    assert json.loads(answer.content)["turned_away"] == rule.strip()
    assert HEADER not in answer.headers
    assert all_but_the_count() == before


@pytest.mark.parametrize(
    "values",
    [
        {"type": "bihuan.exchange.2fa"},
        {"type": "org.example.handed"},
        {"specversion": "2.0"},
        {"subject": ""},
        {"subject": "R" * 81},
        {"time": "yesterday"},
        {"time": "2026-03-05T09:00:00"},
        {"data": []},
        {"source": "/bihuan/37150"},
    ],
)
def test_what_nobody_knows_is_turned_away(two: Two, values: dict[str, Any]) -> None:
    two.taken_above()
    with kernel_writes():
        handed = Message.objects.get(kind="handed").body
    before = all_but_the_count()
    answer = delivered(two, changed(handed, **values))
    assert (answer.status_code, json.loads(answer.content)["turned_away"]) == (400, "malformed")
    assert all_but_the_count() == before


def test_an_old_key_opens_nothing_once_it_is_revoked(two: Two) -> None:
    """Neither a message that was signed before and kept back, nor the answer to one."""
    two.taken_above()
    with kernel_writes():
        handed = Message.objects.get(kind="handed").body
    (old,) = two.above.keys.values_list("key_id", flat=True)
    header = signed_now(handed.encode(), two.now)
    key_revoke(peer=two.above.pk, key_id=old, now=two.now, by=two.people["security"])
    before = all_but_the_count()
    with two.at(DISTRICT):
        answer = two.deliver(two.below, handed.encode(), header=header)
    assert json.loads(answer.content)["turned_away"] == "unknown_key"
    assert all_but_the_count() == before


def an_answer(content: bytes, *, status: int = 200, header: str = "") -> Callable[..., httpx.Client]:
    """In the network's place: every request is answered so."""

    def made(**_given: Any) -> httpx.Client:
        response = httpx.Response(status, content=content, headers={HEADER: header} if header else {})
        return client(transport=httpx.MockTransport(lambda _request: response))

    client = httpx.Client
    return made


def test_an_answer_is_believed_only_as_the_peer_signed_it_for_this_message(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled = json.dumps({"id": "e" * 32, "status": "settled"}).encode()
    key, time = private_read(settings.EXCHANGE_KEY), int(two.now.timestamp())

    def tried(content: bytes, **given: Any) -> Any:
        monkeypatch.setattr("bihuan.kernel.exchange.sending.httpx.Client", an_answer(content, **given))
        try:
            return POSTED(two.below, PATH, b"{}", context="e" * 32, now=two.now)
        except NotSent as failure:
            return failure.why
        finally:
            monkeypatch.undo()

    right = signed(key, body=settled, time=time, context="e" * 32)
    assert tried(settled, header=right) == {"id": "e" * 32, "status": "settled"}
    assert tried(settled) == UNSIGNED
    assert tried(settled.replace(b"settled", b"refused"), header=right) == UNSIGNED
    assert tried(settled, header=signed(key, body=settled, time=time, context="f" * 32)) == UNSIGNED
    assert tried(settled, header=signed(key, body=settled, time=time)) == UNSIGNED
    assert tried(settled, header=signed(STRANGER, body=settled, time=time, context="e" * 32)) == UNSIGNED
    assert tried(settled, status=502) == BROKEN
    assert tried(b"<html>") == BROKEN
    assert tried(b"x" * 20_000_001, header=right) == UNREADABLE


def test_a_content_is_believed_only_as_the_peer_signed_it(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    key, time = private_read(settings.EXCHANGE_KEY), int(two.now.timestamp())

    def tried(content: bytes, **given: Any) -> Any:
        monkeypatch.setattr("bihuan.kernel.exchange.sending.httpx.Client", an_answer(content, **given))
        try:
            return content_posted(two.below, b"{}", context="e" * 32, most=10, now=two.now)
        except NotSent as failure:
            return failure.why
        finally:
            monkeypatch.undo()

    right, gone = (
        signed(key, body=b"photo", time=time, context=context) for context in ("e" * 32, "e" * 32 + ":gone")
    )
    assert tried(b"photo", header=right) == b"photo"
    assert tried(b"phot0", header=right) == UNSIGNED
    assert tried(b"photo", header=gone) == UNSIGNED
    assert tried(b"photo", header=gone, status=404) is None
    assert tried(b"photo", header=right, status=404) == UNSIGNED
    assert tried(b"photo", status=404) == UNREADABLE
    assert tried(b"", status=503) == BROKEN
