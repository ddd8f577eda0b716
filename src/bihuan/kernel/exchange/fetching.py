"""Fetching: a centre that cannot be reached from outside asks for what waits for it, and says what became of the last."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from bihuan.kernel.exchange.envelope import NotTaken
from bihuan.kernel.exchange.inbox import acknowledgements_read, message_take, peer_believed
from bihuan.kernel.exchange.models import Direction, Message, Peer, Status
from bihuan.kernel.exchange.outbox import messages_due, peer_heard, peer_hold
from bihuan.kernel.exchange.sending import Answer, NotSent, message_settle, posted
from bihuan.kernel.exchange.signing import private_read, signed
from bihuan.kernel.ledger.services import kernel_writes

RUN_SECONDS = 45.0


def messages_offer(*, header: str, body: bytes, now: datetime) -> tuple[dict[str, Any], str]:
    """What waits for a peer that asks, each message signed, after keeping what it says of earlier ones; and the id of its
    request. NotTaken when it is not believed."""
    told = acknowledgements_read(body)
    sender = told["source"].removeprefix("/bihuan/")
    peer = peer_believed(sender, told["recipient"], header=header, body=body, now=now)
    for one in told["acknowledged"]:
        _acknowledge(peer, one, now)
    private, seconds = private_read(settings.EXCHANGE_KEY), int(now.timestamp())
    with kernel_writes():
        rows = list(Message.objects.filter(pk__in=messages_due(peer, now)).order_by("pk"))
    offered = [
        {"header": signed(private, body=row.body.encode(), time=seconds), "body": row.body} for row in rows
    ]
    peer_heard(peer, now)
    return {"messages": offered}, str(told.get("id", ""))[:40]


def _acknowledge(peer: Peer, told: Mapping[str, Any], now: datetime) -> None:
    if told.get("status") not in Status.values:
        return
    with kernel_writes():
        mine = Message.objects.select_for_update(no_key=True).filter(
            peer=peer, direction=Direction.OUT, message_id=str(told.get("id", ""))[:40]
        )
        row = mine.filter(status=Status.WAITING).first()
        if row is not None:
            row.attempts += 1
            words = {name: str(told.get(name, ""))[:300] for name in ("code", "message")}
            message_settle(row, Answer(str(told["status"]), **words), now)


def messages_fetch(*, now: datetime) -> int:
    """Ask every peer that is to be asked for what waits there, and take it in. Returns how many were taken."""
    with kernel_writes():
        found = list(Peer.objects.filter(active=True, fetched=True).exclude(url="").order_by("pk"))
    return sum(_fetch(peer, now) for peer in found if not (peer.held_until and peer.held_until > now))


def _fetch(peer: Peer, now: datetime) -> int:
    begun, taken = time.monotonic(), 0
    acknowledged: list[dict[str, str]] = []
    while time.monotonic() - begun < RUN_SECONDS:
        at = now + timedelta(seconds=time.monotonic() - begun)
        try:
            offered = _asked(peer, acknowledged, at)
        except NotSent as failure:
            peer_hold(peer, failure.why, at)
            return taken
        acknowledged = [one for told in offered if (one := _taken(told, at))]
        taken += len(acknowledged)
        if not acknowledged:
            break
    return taken


def _asked(peer: Peer, acknowledged: Sequence[Mapping[str, str]], now: datetime) -> list[Any]:
    id_ = uuid.uuid4().hex
    request = {"id": id_, "source": f"/bihuan/{settings.REGION}", "recipient": peer.code}
    body = json.dumps({**request, "acknowledged": list(acknowledged)}, ensure_ascii=False).encode()
    offered = posted(peer, "/exchange/fetch", body, context=id_, now=now).get("messages")
    return offered if isinstance(offered, list) else []


def _taken(told: Any, now: datetime) -> dict[str, str] | None:
    """One offered message taken in, and what to say of it; None when it is not believed (and stays there)."""
    if not isinstance(told, dict):
        return None
    try:
        envelope, answer = message_take(
            header=str(told.get("header", "")), body=str(told.get("body", "")).encode(), now=now
        )
    except NotTaken:
        return None
    return {
        "id": envelope.message_id,
        "status": answer.status,
        "code": answer.code,
        "message": answer.message,
    }
