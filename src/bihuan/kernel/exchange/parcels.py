"""Files that go with a matter: told in a message of its thread, brought over once by their hash, judged anew where they arrive.

A file takes the way that messages take: whoever can reach the other side fetches what it was told of, and a side that cannot
be reached is given what is for it when it asks, or gives what it has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from bihuan.kernel.attachments.files import name_cleaned
from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.attachments.services import attachment_add, largest_bytes
from bihuan.kernel.cases.models import Case
from bihuan.kernel.exchange.envelope import envelope_read
from bihuan.kernel.exchange.models import Link, Message, Parcel, Peer
from bihuan.kernel.exchange.outbox import BACK_OFF, message_put
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import packs
from bihuan.lib.refusals import Conflict, Refusal

IN, OUT = "in", "out"
WAITING, SETTLED, REFUSED = "waiting", "settled", "refused"
_SHA256, _KIND = re.compile("[0-9a-f]{64}"), re.compile("[a-z_]{1,20}")


def files_tell(link: Link, ids: Sequence[int], now: datetime) -> int:
    """Tell a peer of these attachments of the link's case, each once, and never of one that it sent us. Returns how many.

    In the caller's transaction, which holds the case's lock.
    """
    with kernel_writes():
        known = link.parcels.exclude(attachment=None).values("attachment")
        rows = Attachment.objects.filter(pk__in=ids, case=link.case_id, withdrawn_at=None).exclude(blob=None)
        fresh = list(rows.exclude(pk__in=known).select_related("blob").order_by("pk"))
        for one in fresh:
            told = {"sha256": one.blob_id, "name": one.name}
            more = {"size": one.blob.size, "kind": one.kind}
            Parcel.objects.update_or_create(
                **told, link=link, direction=OUT, defaults={**more, "attachment": one, "created_at": now}
            )
            data = {**told, **more}
            message_put(
                peer=link.peer, thread=link.thread, kind="attached", data=data, case=link.case_id, now=now
            )
    return len(fresh)


def files_follow(*, now: datetime) -> int:
    """Tell the centres below of what was added to their open cases since they were handed down. Returns how many files."""
    with kernel_writes():
        there = Link.objects.filter(
            peer__relation=Peer.Relation.SUBORDINATE,
            peer__active=True,
            case__closed_at=None,
            case__unit=F("peer__unit"),
        )
        added = Attachment.objects.filter(case__links__in=there, withdrawn_at=None).exclude(blob=None)
        added = added.exclude(parcels__in=Parcel.objects.filter(link__in=there))
        cases = sorted(set(added.values_list("case", flat=True)))
    return sum(_followed(case, now) for case in cases)


def _followed(case: int, now: datetime) -> int:
    with kernel_writes():
        row = Case.objects.select_for_update(no_key=True).get(pk=case)
        links = Link.objects.select_related("peer").filter(case=case, peer__unit=row.unit_id)
        tiers = packs()[row.pack].tiers
        if row.closed_at is not None or tiers is None:
            return 0
        return sum(files_tell(link, tiers().files(case, False), now) for link in links)


def parcel_keep(link: Link, data: Mapping[str, Any], now: datetime) -> None:
    """A file that the peer tells of, until its content is here. Refusal when it cannot be one, or is too large here."""
    sha256, size, kind = data.get("sha256"), data.get("size"), data.get("kind")
    fits = (
        isinstance(sha256, str)
        and _SHA256.fullmatch(sha256)
        and isinstance(kind, str)
        and _KIND.fullmatch(kind)
    )
    if not fits or not isinstance(size, int) or isinstance(size, bool) or size <= 0:
        raise Refusal("malformed", _("附件的说明不完整。"))
    if size > (largest := largest_bytes(link.case.region, now)):
        raise Refusal("too_large", _("文件不能超过 %s MB。") % f"{largest / 1_000_000:g}")
    told = {"size": size, "kind": kind, "created_at": now, "next_attempt_at": now}
    Parcel.objects.get_or_create(
        link=link, direction=IN, sha256=sha256, name=name_cleaned(str(data.get("name", ""))), defaults=told
    )


def parcel_untaken(row: Message, now: datetime) -> None:
    """The other side's rules refuse the file that this message of ours tells of: it is not brought over."""
    told = envelope_read(row.body.encode()).data
    with kernel_writes():
        mine = Parcel.objects.filter(
            link__peer=row.peer_id, link__thread=row.thread, direction=OUT, status=WAITING
        )
        mine.filter(sha256=told["sha256"], name=told["name"]).update(
            status=REFUSED, error=row.error, settled_at=now
        )


def parcel_arrived(parcel: int, file: Path, now: datetime) -> None:
    """Add the content to the case here by the rules for files that hold here, and keep what became of it."""
    with kernel_writes():
        row = (
            Parcel.objects.select_for_update(of=("self",))
            .select_related("link__peer", "link__case")
            .get(pk=parcel)
        )
        if row.status != WAITING:
            return
        below = row.link.peer.relation == Peer.Relation.SUBORDINATE
        by = int(row.link.peer.account_id or 0) if below else 0
        try:
            row.attachment = attachment_add(
                case=row.link.case_id, file=file, name=row.name, by=by, now=now, kind=row.kind
            )
            parcel_end(row, SETTLED, "", now)
        except Conflict:  # somebody has added the same file meanwhile
            parcel_end(row, SETTLED, "", now)
        except Refusal as refusal:
            again = refusal.code == "scan_unavailable"
            (parcel_later if again else parcel_refuse)(row, str(refusal.message), now)


def parcel_refuse(row: Parcel, why: str, now: datetime) -> None:
    """It is not taken, for good."""
    parcel_end(row, REFUSED, why, now)


def parcel_later(row: Parcel, why: str, now: datetime) -> None:
    """It did not come this time: again after a while, longer each time."""
    row.next_attempt_at = now + BACK_OFF[min(row.attempts, len(BACK_OFF) - 1)]
    row.attempts, row.error = row.attempts + 1, why[:300]
    row.save(update_fields=["attempts", "next_attempt_at", "error"])


def parcel_end(row: Parcel, status: str, why: str, now: datetime) -> None:
    """Keep what became of a file."""
    row.status, row.error, row.settled_at, row.next_attempt_at = status, why[:300], now, None
    row.save(update_fields=["status", "error", "settled_at", "next_attempt_at", "attachment"])
