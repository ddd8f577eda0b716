"""Who may speak, and what is turned away at the door: with a reason, counted, and with nothing changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from bihuan.kernel.exchange.models import Message, TurnedAway
from bihuan.kernel.exchange.signing import HEADER, public_of
from bihuan.kernel.exchange.upkeep import key_add, key_revoke, message_again, peer_hold_set
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import NotPermitted, Refusal
from tests.api.client import contents, rows
from tests.exchange.conftest import CITY, Two, signed_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def handed(two: Two) -> str:
    """The text of a notice that waits in the city's outbox."""
    two.taken_above()
    with kernel_writes():
        return str(Message.objects.get(kind="handed").body)


def all_but_the_count() -> tuple[Any, Any]:
    told = contents()
    told.pop("exchange_turned_away", None)
    counted = rows()
    counted.pop("exchange_turned_away", None)
    return counted, told


def changed(body: str, **values: Any) -> bytes:
    return json.dumps({**json.loads(body), **values}, ensure_ascii=False).encode()


STRANGER = Ed25519PrivateKey.generate()
Sent = Callable[[Two, str], dict[str, Any]]
BAD: dict[str, tuple[int, Sent]] = {
    "bad_signature": (403, lambda two, body: {
        "body": body.replace("5200", "520").encode(), "header": signed_now(body.encode(), two.now)}),
    "unknown_key": (403, lambda two, body: {
        "body": body.encode(), "header": signed_now(body.encode(), two.now, STRANGER)}),
    "stale": (403, lambda two, body: {
        "body": body.encode(), "header": signed_now(body.encode(), two.now - timedelta(seconds=301))}),
    "stale ": (403, lambda two, body: {
        "body": body.encode(), "header": signed_now(body.encode(), two.now + timedelta(seconds=301))}),
    "unknown_peer": (403, lambda two, body: {"body": changed(body, source="/bihuan/371700")}),
    "recipient": (403, lambda two, body: {"body": changed(body, recipient="371521")}),
    "kind": (403, lambda two, body: {"body": changed(body, type="bihuan.exchange.answered")}),
    "malformed": (400, lambda two, body: {"body": b"[]"}),
    "malformed ": (400, lambda two, body: {"body": changed(body, sequence="1")}),
    "malformed  ": (400, lambda two, body: {"body": changed(body, id="1")}),
    "too_large": (413, lambda two, body: {"body": changed(body, data={"text": "x" * 256_000})}),
}  # fmt: skip


@pytest.mark.parametrize("rule", BAD)
def test_what_is_not_as_it_should_be_changes_nothing(two: Two, handed: str, rule: str) -> None:
    status, send = BAD[rule]
    before = all_but_the_count()
    answer = two.deliver(two.above, b"", path="/nowhere")
    assert answer.status_code == 404
    with two.at("371502"):
        given = send(two, handed)
        header = given.get("header", signed_now(given["body"], two.now))
        answer = Client().post(
            "/exchange/messages", given["body"], content_type="application/json", headers={HEADER: header}
        )
    assert answer.status_code == status, answer.content.decode()
    assert json.loads(answer.content)["turned_away"] == rule.strip()
    assert HEADER not in answer.headers
    assert all_but_the_count() == before
    counted = TurnedAway.objects.get()
    assert (counted.rule, counted.count) == (rule.strip(), 1)


def test_what_nobody_signed_is_no_message(two: Two, handed: str) -> None:
    before = rows(), contents()
    with two.at("371502"):
        answer = Client().post("/exchange/messages", handed, content_type="application/json")
        asked = Client().post(
            "/exchange/fetch", "{}", content_type="application/json", headers={HEADER: "key=1"}
        )
    assert (answer.status_code, asked.status_code) == (403, 403)
    assert (rows(), contents()) == before


def delivered(two: Two, body: bytes) -> Any:
    """A message of the city's brought to the district."""
    with two.at("371502"):
        return Client().post(
            "/exchange/messages",
            body,
            content_type="application/json",
            headers={HEADER: signed_now(body, two.now)},
        )


def test_the_same_again_is_answered_alike_and_with_another_body_refused(two: Two, handed: str) -> None:
    first = delivered(two, handed.encode())
    assert json.loads(first.content)["status"] == "settled"
    before = all_but_the_count()
    two.now += timedelta(hours=20)
    again = delivered(two, handed.encode())
    assert again.content == first.content
    other = delivered(two, changed(handed, data={"text": "另一件事"}))
    assert (other.status_code, json.loads(other.content)["turned_away"]) == (409, "other_body")
    place = delivered(two, changed(handed, id="0" * 32))
    assert (place.status_code, json.loads(place.content)["turned_away"]) == (409, "place")
    told, was = all_but_the_count(), before
    assert told[0] == was[0]
    assert Message.objects.count() == 0, "the web's own role reads no message"


def test_a_peer_that_is_held_is_a_stranger_and_nothing_is_lost(two: Two, handed: str) -> None:
    peer_hold_set(peer=two.above.pk, hold=True, now=two.now, by="operator")
    answer = delivered(two, handed.encode())
    assert json.loads(answer.content)["turned_away"] == "unknown_peer"
    peer_hold_set(peer=two.above.pk, hold=False, now=two.now, by="operator")
    assert json.loads(delivered(two, handed.encode()).content)["status"] == "settled"


def test_a_key_is_replaced_without_a_gap_and_never_comes_back(two: Two, handed: str) -> None:
    key = public_of(STRANGER)
    body = handed.encode()

    def with_new() -> str:
        with two.at("371502"):
            header = signed_now(body, two.now, STRANGER)
            answer = Client().post(
                "/exchange/messages", body, content_type="application/json", headers={HEADER: header}
            )
        told = json.loads(answer.content)
        return str(told.get("turned_away") or told["status"])

    assert with_new() == "unknown_key"
    made = key_add(peer=two.above.pk, public=key, now=two.now, by=two.people["security"])
    assert with_new() == "settled"
    assert json.loads(delivered(two, body).content)["status"] == "settled"
    key_revoke(peer=two.above.pk, key_id=made.key_id, now=two.now, by=two.people["security"])
    assert with_new() == "unknown_key"
    with pytest.raises(Refusal) as refused:
        key_add(peer=two.above.pk, public=key, now=two.now, by=two.people["security"])
    assert refused.value.code == "key_known"


def test_keys_are_the_security_administrator_s_and_messages_the_system_s(two: Two) -> None:
    two.taken_above()
    with kernel_writes():
        row = Message.objects.get(kind="handed")
    with pytest.raises(NotPermitted):
        key_add(peer=two.above.pk, public=public_of(STRANGER), now=two.now, by=two.people["admin"])
    for who in ("security", "tang"):
        with pytest.raises(NotPermitted):
            message_again(message=row.pk, now=two.now, by=two.people[who])
        with pytest.raises(NotPermitted):
            peer_hold_set(peer=two.above.pk, hold=True, now=two.now, by=two.people[who])


def test_what_one_peer_was_given_another_cannot_speak_of(two: Two) -> None:
    """A thread that the superior never handed down is refused by rule, and told so."""
    two.taken_above()
    with kernel_writes():
        body = Message.objects.get(kind="handed").body
    urged = changed(body, type="bihuan.exchange.urged", subject="RX1999", data={"reason": "快办"})
    answer = delivered(two, urged)
    assert answer.status_code == 422
    assert json.loads(answer.content)["code"] == "no_thread"
    assert answer.headers[HEADER].startswith("key=")


def test_the_subordinate_s_account_opens_no_door(two: Two) -> None:
    from bihuan.kernel.identity.models import Person

    account = Person.objects.get(username="centre-371502")
    assert not account.has_usable_password()
    assert account.pk == two.below.account_id
    assert two.above.code == CITY
