"""The city's centre and the district's in one database: each acts with the settings of its own, and mail goes between them.

What one puts into its outbox the other takes in by its own address, over HTTP; the post can lose and repeat.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.test import Client, override_settings

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.exchange import sending
from bihuan.kernel.exchange.models import Link, Message, Peer
from bihuan.kernel.exchange.sending import NotSent, messages_send
from bihuan.kernel.exchange.signing import HEADER, private_read, public_of, signed
from bihuan.kernel.exchange.upkeep import key_add, peer_add
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.hotline.services import Taken, order_take

CITY, DISTRICT = "371500", "371502"
ORDER = {
    "text": "在柳园南路某培训班交了5200元学费,一直没有开课,商家答应退费又不退。",
    "type": "complaint",
    "matter": "消费退费纠纷",
    "territory": "柳园街道",
    "place": "柳园南路66号",
    "reporter": "宋女士",
    "phone": "19900000001",
}
ANSWER = "经多方协商,商家当日退还学费4800元,来电人认可。"


class Two:
    """Both centres, their people and the post between them; `now` is everybody's clock."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.people = dict(Person.objects.values_list("username", "id"))
        self.units = dict(Unit.objects.values_list("code", "id"))
        self.fates: list[str] = []
        centre = {"now": now, "by": "operator", "fetched": False}
        self.above = peer_add(
            code=CITY, name="聊城市热线", relation="superior", url="https://city.example", **centre
        )
        with self.at(CITY):
            self.below = peer_add(
                code=DISTRICT,
                name="东昌府区热线",
                relation="subordinate",
                url="https://district.example",
                unit=self.units[f"{DISTRICT}_12345"],
                **centre,
            )
        self.key = settings.EXCHANGE_KEY
        self.public = public_of(private_read(self.key))
        for peer in (self.above, self.below):
            key_add(peer=peer.pk, public=self.public, now=now, by="operator")

    @contextmanager
    def at(self, code: str) -> Iterator[None]:
        """Within, this is the centre of that code."""
        with override_settings(REGION=code):
            yield

    def see(self) -> None:
        scope_apply(Scope(0, (), (), True))

    def taken_above(self, **changed: Any) -> Taken:
        """The city's hotline takes an order in; it goes down by itself."""
        with self.at(CITY):
            return order_take(data={**ORDER, **changed}, by=0, now=self.now)

    def moves(self, code: str, case: int, step: str, by: str, **data: Any) -> Moved:
        """Somebody takes a step at one of the two centres, ten minutes later."""
        self.now += timedelta(minutes=10)
        with self.at(code):
            who = self.people[by] if by else 0
            return case_move(case_id=case, step=step, by=who, now=self.now, data=data)

    def post(self, rounds: int = 6) -> None:
        """Both send what waits until nothing does; a peer that is held back is waited for."""
        for _ in range(rounds):
            self.now += timedelta(minutes=6)
            with self.at(CITY):
                messages_send(now=self.now, peer=self.below.pk)
            with self.at(DISTRICT):
                messages_send(now=self.now, peer=self.above.pk)
            if not self.waiting():
                return

    def waiting(self) -> int:
        with kernel_writes():
            return Message.objects.filter(status="waiting").count()

    def deliver(
        self,
        peer: Peer,
        body: bytes,
        *,
        path: str = "/exchange/messages",
        header: str | None = None,
        now: datetime | None = None,
    ) -> Any:
        """Bring a body to the centre that `peer` names, by HTTP, signed now unless a header is given."""
        at = now or self.now
        given = header if header is not None else signed_now(body, at)
        with self.at(CITY if peer.relation == "superior" else DISTRICT):
            return Client().post(
                path, body, content_type="application/cloudevents+json", headers={HEADER: given}
            )

    def carried(self, peer: Peer, path: str, body: bytes, *, context: str, now: datetime) -> dict[str, Any]:
        """In the network's place: what `sending.posted` does, with the fate that is next."""
        fate = self.fates.pop(0) if self.fates else "ok"
        if fate == "lost":
            raise NotSent("没有应答")
        was = settings.REGION
        answer = self.deliver(peer, body, path=path)
        if fate == "twice":
            again = self.deliver(peer, body, path=path)
            assert again.content == answer.content
        assert was == settings.REGION
        told: dict[str, Any] = json.loads(answer.content)
        if fate == "answer_lost" or "turned_away" in told:
            raise NotSent(str(told.get("message", "没有应答")))
        return told

    def link(self, thread: str, peer: Peer) -> Link:
        self.see()
        return Link.objects.select_related("case__unit").get(thread=thread, peer=peer)

    def here(self, thread: str) -> Case:
        """The district's case of the city's number."""
        return self.link(thread, self.above).case

    def there(self, number: str) -> Case:
        self.see()
        return Case.objects.select_related("unit").get(number=number)

    def messages(self, direction: str, peer: Peer) -> list[tuple[str, str]]:
        """(kind, status) of all messages with a peer, in order."""
        with kernel_writes():
            found = Message.objects.filter(direction=direction, peer=peer).order_by("thread", "place")
            return list(found.values_list("kind", "status"))

    def answered(self, thread: str) -> None:
        """The district handles the order, audits the answer and reports it up."""
        case = self.here(thread).pk
        if self.here(thread).state == "dispatched":
            self.moves(DISTRICT, case, "sign_for", "wang")
        self.moves(DISTRICT, case, "self_call_back", "wang", reached="yes", note="已向来电人说明")
        self.moves(DISTRICT, case, "answer", "wang", outcome="done", answer=ANSWER)
        self.moves(DISTRICT, case, "approve_up", "sun")
        self.moves(DISTRICT, case, "report_up", "zhao")


def signed_now(body: bytes, now: datetime, key: Ed25519PrivateKey | None = None) -> str:
    """The header of a body signed at this moment."""
    return signed(key or private_read(settings.EXCHANGE_KEY), body=body, time=int(now.timestamp()))


@pytest.fixture
def two(db: None, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Two]:
    with override_settings(EXCHANGE_KEY=tmp_path / "key"):
        made = Two(now)
        monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: made.now)
        monkeypatch.setattr(sending, "posted", made.carried)
        yield made
