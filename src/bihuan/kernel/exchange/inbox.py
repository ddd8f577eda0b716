"""What comes in: believed only when its signature, its peer and its time are right; taken once, in order, or turned away."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Max
from django.utils import translation

from bihuan.kernel.exchange.envelope import DOWN, KINDS, UP, Envelope, NotTaken, envelope_read, json_read
from bihuan.kernel.exchange.follow import UNKNOWN_KIND, message_apply
from bihuan.kernel.exchange.models import Direction, Message, Peer, Status, TurnedAway
from bihuan.kernel.exchange.outbox import digest, keys_in_force, messages_due, peer_heard, send_defer
from bihuan.kernel.exchange.sending import Answer
from bihuan.kernel.exchange.signing import FRESH, header_read, signature_holds
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError

log = logging.getLogger(__name__)
LOCK = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"


def message_take(*, header: str, body: bytes, now: datetime) -> tuple[Envelope, Answer]:
    """Take one message in. The same one again gets the same answer; NotTaken when it is turned away: nothing changed.

    One whose predecessors are missing is kept and waits for them. What our rules refuse, or what is of a kind that this
    release does not know, is kept as refused, and is tried again when it is sent again. Of an unknown kind the one that opens
    a thread is kept waiting: what follows it there means nothing without it.
    """
    envelope = envelope_read(body)
    peer = peer_believed(envelope.sender, envelope.recipient, header=header, body=body, now=now)
    if envelope.kind in KINDS and envelope.kind not in (
        DOWN if peer.relation == Peer.Relation.SUPERIOR else UP
    ):
        raise NotTaken("kind", claimed=envelope.sender, message_id=envelope.message_id)
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(LOCK, [f"{peer.pk}:{envelope.thread}"])
        row = _kept(peer, envelope, body, now)
        if row.status == Status.REFUSED:
            _try(row, now)
        _waiting_try(peer, envelope.thread, now)
        row.refresh_from_db()
    peer_returned(peer, now)
    return envelope, Answer(row.status, row.code, row.error)


def peer_believed(
    sender: str, recipient: str, *, header: str, body: bytes, now: datetime, context: str = ""
) -> Peer:
    """The peer that signed this body (for the context) just now for us; NotTaken otherwise."""
    with kernel_writes():
        peer = Peer.objects.filter(code=sender, active=True).first()
    signature = header_read(header)
    if peer is None:
        raise NotTaken("unknown_peer", claimed=sender)
    if signature is None:
        raise NotTaken("bad_signature", claimed=sender)
    keys = keys_in_force(peer, signature.key_id)
    if not keys:
        raise NotTaken("unknown_key", claimed=sender)
    if not any(signature_holds(signature, public=key, body=body, context=context) for key in keys):
        raise NotTaken("bad_signature", claimed=sender)
    if recipient != settings.REGION:
        raise NotTaken("recipient", claimed=sender)
    if abs(now.timestamp() - signature.time) > FRESH:
        raise NotTaken("stale", claimed=sender)
    return peer


def _kept(peer: Peer, envelope: Envelope, body: bytes, now: datetime) -> Message:
    """The message as it is kept, now or since it came first; NotTaken when it is not the same as then."""
    mine = Message.objects.filter(peer=peer, direction=Direction.IN)
    known = mine.filter(message_id=envelope.message_id).first()
    told = {"claimed": envelope.sender, "message_id": envelope.message_id}
    if known is not None and known.digest != digest(body):
        raise NotTaken("other_body", **told)
    if known is not None:
        known.body = (
            known.body or body.decode()
        )  # erased after its time, and brought again: the same by its digest
        return known
    if mine.filter(thread=envelope.thread, place=envelope.place).exists():
        raise NotTaken("place", **told)
    return Message.objects.create(
        peer=peer,
        direction=Direction.IN,
        message_id=envelope.message_id,
        thread=envelope.thread,
        place=envelope.place,
        kind=envelope.kind,
        body=body.decode(),
        digest=digest(body),
        created_at=now,
    )


def _waiting_try(peer: Peer, thread: str, now: datetime) -> None:
    """Take what waits in this thread, as long as the next one is there."""
    mine = Message.objects.filter(peer=peer, direction=Direction.IN, thread=thread)
    while True:
        last = mine.exclude(status=Status.WAITING).aggregate(last=Max("place"))["last"] or 0
        row = mine.filter(status=Status.WAITING, place=last + 1).first()
        if row is None:
            return
        _try(row, now)
        if row.status == Status.WAITING:
            return


def _try(row: Message, now: datetime) -> None:
    """Do what the message asks for, whole or not at all; what a rule refuses is kept with the reason, in Chinese."""
    row.attempts += 1
    try:
        with transaction.atomic(), translation.override("zh-hans"):
            row.case_id = message_apply(row, envelope_read(row.body.encode()), now)
        row.status, row.code, row.error = Status.SETTLED, "", ""
    except (Refusal, FieldError) as refusal:
        row.status = Status.REFUSED
        row.code = (refusal.code if isinstance(refusal, Refusal) else refusal.rule)[:40]
        row.error = str(refusal.message)[:300]
        if row.code == UNKNOWN_KIND and row.place == 1:
            row.status = Status.WAITING
        log.warning("exchange: message %s of %s refused: %s", row.message_id, row.peer.code, row.code)
    row.settled_at = None if row.status == Status.WAITING else now
    row.save(update_fields=["body", "attempts", "case", "status", "code", "error", "settled_at"])


def peer_returned(peer: Peer, now: datetime) -> None:
    """Who speaks to us can be spoken to: what waited for this peer is sent at once."""
    peer_heard(peer, now)
    if peer.held_until is not None and messages_due(peer):
        with kernel_writes(), connection.cursor() as cursor:
            send_defer(cursor, peer)


def acknowledgements_read(body: bytes) -> dict[str, Any]:
    """What a fetching peer says: {source, recipient, acknowledged: [{id, status, code, message}]}; NotTaken when it does not."""
    told = json_read(body)
    acknowledged = told.get("acknowledged")
    fits = isinstance(acknowledged, list) and all(isinstance(one, dict) for one in acknowledged)
    if not fits or not isinstance(told.get("source"), str) or not isinstance(told.get("recipient"), str):
        raise NotTaken("malformed")
    return told


def turned_away_count(refused: NotTaken, *, address: str, now: datetime) -> None:
    """Count a message that was turned away, by hour, claimed centre and reason. A centre that we do not know is none."""
    log.warning("exchange: turned away (%s), claimed %s", refused.rule, refused.claimed or "nothing")
    with kernel_writes():
        known = Peer.objects.filter(code=refused.claimed).exists()
        row, new = TurnedAway.objects.get_or_create(
            hour=now.replace(minute=0, second=0, microsecond=0),
            claimed=refused.claimed if known else "",
            rule=refused.rule,
            defaults={"last_at": now, "last_id": refused.message_id, "address": address[:45]},
        )
        if not new:
            TurnedAway.objects.filter(pk=row.pk).update(
                count=F("count") + 1, last_at=now, last_id=refused.message_id, address=address[:45]
            )
