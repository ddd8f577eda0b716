"""The outbox: a message is put beside the step that it tells of, in the same transaction, and waits there to be sent."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Max, Min, Q

from bihuan.kernel.exchange.envelope import Envelope, envelope_write
from bihuan.kernel.exchange.models import Direction, Message, Peer, Status
from bihuan.kernel.ledger.services import kernel_writes

BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 60, 120, 300))
"""How long a peer that does not answer is left alone, longer each time; the last goes on for as long as it takes."""
PART = 50
SEND_TASK = "bihuan.kernel.exchange.tasks.messages_send"
BRING_TASK = "bihuan.kernel.exchange.tasks.contents_bring"
DEFER = """
    select procrastinate_defer_jobs_v1(array[row('exchange', %s, 0, null, null, %s::jsonb, null)::procrastinate_job_to_defer_v1])
"""


def message_put(
    *, peer: Peer, thread: str, kind: str, data: Mapping[str, Any], case: int | None, now: datetime
) -> Message:
    """Put a message into the outbox, with its job, in the present transaction. The caller holds the case's lock."""
    with kernel_writes(), connection.cursor() as cursor:
        mine = Message.objects.filter(peer=peer, direction=Direction.OUT, thread=thread)
        place = (mine.aggregate(last=Max("place"))["last"] or 0) + 1
        id_ = uuid.uuid4().hex
        body = envelope_write(
            Envelope(settings.REGION, peer.code, id_, thread, place, kind, now, _plain(data))
        )
        row = Message.objects.create(
            peer=peer,
            direction=Direction.OUT,
            message_id=id_,
            thread=thread,
            place=place,
            kind=kind,
            case_id=case,
            body=body,
            digest=digest(body.encode()),
            created_at=now,
            next_attempt_at=now,
        )
        send_defer(cursor, peer)
    return row


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data as JSON knows them."""
    plain: dict[str, Any] = json.loads(
        json.dumps({k: v for k, v in data.items() if v is not None}, default=lambda at: at.isoformat())
    )
    return plain


def digest(body: bytes) -> str:
    """SHA-256, by which a message is known to be the same."""
    return hashlib.sha256(body).hexdigest()


def send_defer(cursor: Any, peer: Peer) -> None:
    """A job that sends what waits for this peer, if it is one that is sent to."""
    if peer.url:
        cursor.execute(DEFER, [SEND_TASK, json.dumps({"peer": peer.pk})])


def bring_defer(peer: Peer) -> None:
    """A job that brings over the contents of files, if the peer is one that we can reach."""
    if peer.url:
        with connection.cursor() as cursor:
            cursor.execute(DEFER, [BRING_TASK, "{}"])


def messages_due(peer: Peer, now: datetime | None = None) -> list[int]:
    """The first waiting message of every thread, oldest first; with `now`, only those that may be tried."""
    with kernel_writes():
        waiting = Message.objects.filter(peer=peer, direction=Direction.OUT, status=Status.WAITING)
        first = waiting.values("thread").annotate(first=Min("id")).values_list("first", flat=True)
        due = Message.objects.filter(pk__in=list(first)).order_by("pk")
        if now is not None:
            due = due.filter(Q(next_attempt_at=None) | Q(next_attempt_at__lte=now))
        return list(due.values_list("pk", flat=True)[:PART])


def keys_in_force(peer: Peer, key_id: str) -> Sequence[str]:
    """The peer's public keys of this id that are not revoked."""
    with kernel_writes():
        return list(peer.keys.filter(key_id=key_id, revoked_at=None).values_list("public", flat=True))


def peer_heard(peer: Peer, now: datetime) -> None:
    """The peer answers: whatever held it back ends."""
    with kernel_writes():
        Peer.objects.filter(pk=peer.pk).update(heard_at=now, failures=0, held_until=None, error="")


def peer_hold(peer: Peer, why: str, now: datetime) -> None:
    """The peer does not answer: leave it alone for a while, longer each time."""
    with kernel_writes():
        row = Peer.objects.select_for_update(no_key=True).get(pk=peer.pk)
        row.held_until = now + BACK_OFF[min(row.failures, len(BACK_OFF) - 1)]
        row.failures, row.error = row.failures + 1, why[:300]
        row.save(update_fields=["held_until", "failures", "error"])
