"""Bringing over the contents of files that messages told of: fetched from whoever can be reached, given to whoever cannot."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_noop as _

from bihuan.kernel.attachments.files import path_of
from bihuan.kernel.exchange.envelope import NotTaken, json_read
from bihuan.kernel.exchange.inbox import peer_believed
from bihuan.kernel.exchange.models import Message, Parcel, Peer
from bihuan.kernel.exchange.outbox import peer_hold
from bihuan.kernel.exchange.parcels import (
    IN,
    OUT,
    REFUSED,
    SETTLED,
    WAITING,
    parcel_arrived,
    parcel_end,
    parcel_later,
    parcel_refuse,
)
from bihuan.kernel.exchange.sending import UNREADABLE, NotSent, content_posted, posted
from bihuan.kernel.ledger.services import kernel_writes

RUN_SECONDS = 45.0
DIFFERS = _("内容和说好的不一样")
GONE = _("对方已撤下这个附件")


def contents_bring(*, now: datetime) -> int:
    """Fetch and give what waits, peer by peer. Returns how many files were brought over."""
    with kernel_writes():
        peers = list(Peer.objects.filter(active=True).exclude(url="").order_by("pk"))
    free = [peer for peer in peers if not (peer.held_until and peer.held_until > now)]
    done = 0
    for peer in free:
        done += _each(peer, _waiting(peer, IN, now), _fetch, now)
        if peer.fetched:  # it cannot reach us
            done += _each(peer, [row for row in _waiting(peer, OUT, now) if _is_told(peer, row)], _give, now)
    return done


def _waiting(peer: Peer, direction: str, now: datetime) -> list[Parcel]:
    with kernel_writes():
        rows = Parcel.objects.filter(link__peer=peer, direction=direction, status=WAITING)
        due = rows.filter(Q(next_attempt_at=None) | Q(next_attempt_at__lte=now))
        return list(due.select_related("link").order_by("pk")[:50])


def _is_told(peer: Peer, row: Parcel) -> bool:
    """Has the message arrived that tells of it?"""
    with kernel_writes():
        told = Message.objects.filter(
            peer=peer, thread=row.link.thread, direction=OUT, kind="attached", status=WAITING
        )
        return not told.exists()


def _each(
    peer: Peer, rows: Sequence[Parcel], bring: Callable[[Peer, Parcel, datetime], None], now: datetime
) -> int:
    """A peer that does not answer is left alone for a while; one file that is not there holds up no other."""
    begun, done = time.monotonic(), 0
    for row in rows:
        if time.monotonic() - begun > RUN_SECONDS:
            break
        at = now + timedelta(seconds=time.monotonic() - begun)
        try:
            bring(peer, row, at)
            done += 1
        except NotSent as failure:
            with kernel_writes():
                parcel_later(row, failure.why, at)
            peer_hold(peer, failure.why, at)
            break
    return done


def _fetch(peer: Peer, row: Parcel, now: datetime) -> None:
    id_ = uuid.uuid4().hex
    asked = {"id": id_, "source": f"/bihuan/{settings.REGION}", "recipient": peer.code, "sha256": row.sha256}
    content = content_posted(peer, json.dumps(asked).encode(), context=id_, most=row.size, now=now)
    if content is None:
        with kernel_writes():
            parcel_refuse(row, GONE, now)
        return
    content_take(row, content, now)


def content_take(row: Parcel, content: bytes, now: datetime) -> None:
    """What came, if it is what was told of: added to the case here."""
    if len(content) != row.size or hashlib.sha256(content).hexdigest() != row.sha256:
        with kernel_writes():
            parcel_refuse(row, DIFFERS, now)
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / row.sha256
        file.write_bytes(content)
        parcel_arrived(row.pk, file, now)


def content_offer(*, header: str, body: bytes, now: datetime) -> tuple[bytes | None, str]:
    """The content that a peer asks for by its hash (None: it was not told of it, or it was withdrawn), and the id of its
    request. NotTaken when it is not believed."""
    asked = json_read(body)
    told = {name: asked.get(name) for name in ("id", "source", "recipient", "sha256")}
    if not all(isinstance(value, str) for value in told.values()):
        raise NotTaken("malformed")
    said = {name: str(value) for name, value in told.items()}
    sender = said["source"].removeprefix("/bihuan/")
    peer = peer_believed(sender, said["recipient"], header=header, body=body, now=now)
    with kernel_writes():
        rows = Parcel.objects.filter(link__peer=peer, direction=OUT, sha256=said["sha256"])
        row = (
            rows.filter(attachment__withdrawn_at=None, attachment__blob=said["sha256"]).order_by("pk").first()
        )
        if row is None or not (path := path_of(row.sha256)).is_file():
            return None, said["id"][:40]
        if row.status == WAITING:
            parcel_end(row, SETTLED, "", now)
    return path.read_bytes(), said["id"][:40]


def content_given(
    *, sender: str, sha256: str, header: str, body: bytes, now: datetime
) -> tuple[dict[str, Any], str]:
    """A content that a peer brings which we cannot reach: what became of it here. NotTaken when we were not told of it, or it is
    not believed."""
    parcel = parcel_expected(sender, sha256)
    if parcel is None:
        raise NotTaken("no_file", claimed=sender)
    context = given_context(sender, settings.REGION, sha256)
    peer_believed(sender, settings.REGION, header=header, body=body, now=now, context=context)
    if parcel.status == WAITING:
        content_take(parcel, body, now)
    with kernel_writes():
        parcel.refresh_from_db()
    return {"status": parcel.status, "message": parcel.error}, sha256


def parcel_expected(sender: str, sha256: str) -> Parcel | None:
    """The file of this hash that this peer told us of; the one that still waits first."""
    with kernel_writes():
        rows = Parcel.objects.filter(
            link__peer__code=sender, link__peer__active=True, direction=IN, sha256=sha256
        )
        return rows.order_by("-status", "pk").first()


def _give(peer: Peer, row: Parcel, now: datetime) -> None:
    """To a centre that cannot reach us: the content goes to it, once the message that tells of it has arrived."""
    path = path_of(row.sha256)
    if not path.is_file():
        with kernel_writes():
            parcel_refuse(row, GONE, now)
        return
    told: dict[str, Any] = posted(
        peer, f"/exchange/contents/{settings.REGION}/{row.sha256}", path.read_bytes(),
        context=row.sha256, now=now, of=given_context(settings.REGION, peer.code, row.sha256),
    )  # fmt: skip
    status = str(told.get("status"))
    if status not in (SETTLED, REFUSED):
        raise NotSent(UNREADABLE)
    with kernel_writes():
        parcel_end(row, status, str(told.get("message", "")), now)


def given_context(sender: str, recipient: str, sha256: str) -> str:
    """What is signed with a content that is given: from and to whom, and which one."""
    return f"{sender}>{recipient}:{sha256}"
