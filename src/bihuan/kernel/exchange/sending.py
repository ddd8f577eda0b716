"""Sending what waits in the outbox, in order, again and again until it is acknowledged."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from django.conf import settings
from django.utils.translation import gettext_noop as _

from bihuan.kernel.exchange.envelope import REASONS
from bihuan.kernel.exchange.follow import UNKNOWN_KIND, refusal_follow, refusal_is_told
from bihuan.kernel.exchange.models import Direction, Message, Peer, Status
from bihuan.kernel.exchange.outbox import BACK_OFF, keys_in_force, messages_due, peer_heard, peer_hold
from bihuan.kernel.exchange.signing import HEADER, header_read, private_read, signature_holds, signed
from bihuan.kernel.ledger.services import kernel_writes

TIMEOUT = 10.0  # seconds
GONE_STATUS = 404
MOST_ANSWER = 20_000_000  # bytes: fifty messages with what they hold
RUN_SECONDS = 45.0
"""A run ends after this; the next minute's goes on."""


NO_ANSWER = _("没有应答")
BROKEN = _("对方的系统出错")
UNSIGNED = _("应答没有对方的签名")
UNREADABLE = _("对方的应答看不懂")
log = logging.getLogger(__name__)


class NotSent(Exception):
    """It did not arrive: `why`, in words without personal data."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a message on the other side: "settled", "waiting" for one before it, or "refused" with code and words."""

    status: str
    code: str = ""
    message: str = ""


def messages_send(*, now: datetime, peer: int | None = None) -> int:
    """Send what waits, to all peers or one, each thread in its order. Returns how many were acknowledged.

    A peer that does not answer holds up no other. Each message is sent in a transaction of its own, so that a
    sender that is killed leaves it as it was: it is sent again, and the other side knows it by its id.
    """
    with kernel_writes():
        peers = Peer.objects.filter(active=True).exclude(url="").order_by("pk")
        found = list(peers.filter(pk=peer) if peer is not None else peers)
    return sum(_peer_send(one, now) for one in found)


def _peer_send(peer: Peer, now: datetime) -> int:
    begun, done = time.monotonic(), 0
    if peer.held_until is not None and peer.held_until > now:
        return 0
    while time.monotonic() - begun < RUN_SECONDS and (due := messages_due(peer, now)):
        for id_ in due:
            at = now + timedelta(seconds=time.monotonic() - begun)
            try:
                done += _send(peer, id_, at)
            except NotSent as failure:
                peer_hold(peer, failure.why, at)
                return done
    return done


def _send(peer: Peer, id_: int, now: datetime) -> bool:
    """Send one message and keep what became of it; NotSent when the peer did not answer as it should."""
    with kernel_writes():
        row = (
            Message.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(pk=id_, status=Status.WAITING)
            .first()
        )
        if row is None:
            return False
        row.attempts += 1
        try:
            answer = posted(peer, "/exchange/messages", row.body.encode(), context=row.message_id, now=now)
        except NotSent as failure:
            row.error = failure.why
            Message.objects.filter(pk=id_).update(attempts=row.attempts, error=row.error[:300])
            raised: NotSent | None = failure
        else:
            raised = None
            message_settle(row, Answer(**_answer(answer)), now)
    if raised:
        raise raised
    peer_heard(peer, now)
    return row.status != Status.WAITING


def _answer(told: Mapping[str, Any]) -> dict[str, str]:
    status = told.get("status")
    if status not in Status.values:
        raise NotSent(UNREADABLE)
    return {name: str(told.get(name, ""))[:300] for name in ("status", "code", "message")}


def message_settle(row: Message, answer: Answer, now: datetime) -> None:
    """Keep what became of a message of ours; one that the other side's rules refuse asks for the pack's next step, once."""
    again = (row.code, answer.code) == (UNKNOWN_KIND, UNKNOWN_KIND)
    row.status, row.code, row.error = answer.status, answer.code[:40], answer.message[:300]
    row.next_attempt_at = now + BACK_OFF[min(row.attempts, len(BACK_OFF)) - 1]
    if answer.status != Status.WAITING:
        row.settled_at, row.next_attempt_at = now, None
    row.save(update_fields=["status", "code", "error", "attempts", "next_attempt_at", "settled_at"])
    if answer.status == Status.REFUSED and not again:
        refusal_follow(row, now)


def unknown_again(*, now: datetime) -> int:
    """Send once more what another centre's release did not know: by now it may. Returns how many. What the case here has been
    told of as not taken stays so: an administrator may send it again by hand."""
    with kernel_writes():
        refused = Message.objects.filter(
            direction=Direction.OUT, status=Status.REFUSED, code=UNKNOWN_KIND, peer__active=True
        )
        rows = [row for row in refused.exclude(body="").select_related("case") if not refusal_is_told(row)]
        ids = [row.pk for row in rows]
        return Message.objects.filter(pk__in=ids).update(status=Status.WAITING, next_attempt_at=now)


def posted(
    peer: Peer, path: str, body: bytes, *, context: str, now: datetime, of: str = ""
) -> dict[str, Any]:
    """Post a signed body (for the context `of`) to a peer; its answer, whose signature (for `context`) was checked. NotSent
    otherwise."""
    status, content, header = _answered(peer, path, body, most=MOST_ANSWER, now=now, of=of)
    told = _object(content)
    if "turned_away" in told:
        raise NotSent(REASONS.get(str(told["turned_away"]), UNREADABLE))
    if status >= 500 or not told:
        raise NotSent(BROKEN)
    _signature_check(peer, header, content, context)
    return told


def content_posted(peer: Peer, body: bytes, *, context: str, most: int, now: datetime) -> bytes | None:
    """Ask a peer for a content of at most so many bytes; None when it has it no longer. NotSent when it is not what the peer
    signed."""
    status, content, header = _answered(
        peer, "/exchange/contents", body, most=max(most, MOST_ANSWER), now=now
    )
    if not header:
        told = _object(content)
        raise NotSent(REASONS.get(str(told.get("turned_away")), BROKEN if status >= 500 else UNREADABLE))
    gone = status == GONE_STATUS
    _signature_check(peer, header, content, gone_context(context) if gone else context)
    return None if gone else content


def gone_context(context: str) -> str:
    """What is signed with the answer that there is no such content, so that it passes for nothing else."""
    return f"{context}:gone"


def _answered(
    peer: Peer, path: str, body: bytes, *, most: int, now: datetime, of: str = ""
) -> tuple[int, bytes, str]:
    """Status, content and signature of what the peer answers; no more than `most` bytes of it are read."""
    header = signed(private_read(settings.EXCHANGE_KEY), body=body, time=int(now.timestamp()), context=of)
    headers = {HEADER: header, "Content-Type": "application/cloudevents+json; charset=utf-8"}
    content = bytearray()
    try:
        with (
            httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
            client.stream("POST", peer.url.rstrip("/") + path, content=body, headers=headers) as answer,
        ):
            for part in answer.iter_bytes():
                content += part
                if len(content) > most:
                    raise NotSent(UNREADABLE)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        log.warning("exchange: %s does not answer: %s", peer.code, type(error).__name__)
        raise NotSent(NO_ANSWER) from error
    return answer.status_code, bytes(content), answer.headers.get(HEADER, "")


def _signature_check(peer: Peer, header: str, content: bytes, context: str) -> None:
    signature = header_read(header)
    if signature is None or not any(
        signature_holds(signature, public=key, body=content, context=context)
        for key in keys_in_force(peer, signature.key_id)
    ):
        raise NotSent(UNSIGNED)


def _object(content: bytes) -> dict[str, Any]:
    try:
        told = json.loads(content)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
