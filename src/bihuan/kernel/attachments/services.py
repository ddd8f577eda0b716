"""Attachments of a case: added, withdrawn, verified. The content lies on the disk, the entry in the
case's stream."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from bihuan.kernel.attachments.files import (
    Incoming,
    content_lock,
    hash_of,
    name_cleaned,
    path_of,
    place,
    received,
)
from bihuan.kernel.attachments.models import Attachment, Blob
from bihuan.kernel.cases.discretion import WITHHELD, draft_words_split
from bihuan.kernel.cases.draft import Draft
from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.permission import acts_on
from bihuan.kernel.cases.store import cases_lock, cases_write, writer_cursor
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import packs
from bihuan.kernel.workflow.model import ACTORS, actor
from bihuan.lib.refusals import Conflict, NotFound, NotPermitted, Refusal
from bihuan.lib.text import SHANGHAI, clean_text

ADDED = "attachment_added"
"""The kind of the entry that tells of a new attachment."""
MAX_MB = 20
MAX_FILES = 20
GONE = "没有这一件,或您无权查看。"


@dataclass(frozen=True, slots=True)
class FileFault:
    """A stored content that is missing or has changed."""

    sha256: str
    what: str


def attachment_add(
    *, case: int, file: Any, name: str, by: int, now: datetime, kind: str = "file", most: int = MAX_FILES
) -> Attachment:
    """Add a file (an uploaded one or a path) to an open case, with an entry in its stream.

    `by` 0 is the system and BY_REPORTER the reporter, whose caller has judged. The size limit is the policy `attachments.max_mb` (10^6
    bytes, 20 where nobody set one), `most` how many files the case may have then; images lose their metadata before they are hashed.
    Raises NotFound, NotPermitted, Conflict (the case has it already) or Refusal; then nothing was written, neither rows nor files.
    """
    if not re.fullmatch("[a-z_]{1,20}", kind):
        raise Refusal("kind", "附件种类无效。", field="kind")
    name = name_cleaned(name)
    region = Case.objects.filter(pk=case).values_list("region", flat=True).first()
    if region is None:
        raise NotFound("not_found", GONE)
    with (
        received(file, name=name, largest=largest_bytes(region, now)) as incoming,
        _open_case(case, by, now) as (draft, unit),
    ):
        _room_check(case, incoming, name, most)
        content_lock(incoming.sha256)
        place(incoming)
        return _write(draft, incoming, name=name, kind=kind, by=by, now=now, unit=unit)


def largest_bytes(region: str, now: datetime) -> int:
    """How large a file may be."""
    on = now.astimezone(SHANGHAI).date()
    return int(rulebook().value("attachments.max_mb", region=region, on=on, default=MAX_MB)) * 1_000_000


def attachment_withdraw(*, attachment: int, by: int, now: datetime, reason: str) -> str:
    """Show the file no more, with an entry and the reason. The content stays: what was seen was seen. Returns what else it meant to
    the case's pack, in words.

    Raises NotFound, NotPermitted, Refusal or FieldError; then nothing has changed.
    """
    reason = clean_text(reason, field="reason", max_length=500, min_length=4)
    found = attachment_visible(attachment=attachment)
    with transaction.atomic():
        _withdrawn(found, by, now, reason)
        follow = packs()[found.case.pack].withdrawn
        return follow(found.pk, by, now) if follow else ""


def _withdrawn(found: Attachment, by: int, now: datetime, reason: str) -> None:
    with _open_case(found.case_id, by, now) as (draft, _):
        if not Attachment.objects.filter(pk=found.pk, withdrawn_at=None).update(withdrawn_at=now):
            raise NotFound("not_found", "没有这个附件,或您无权查看。")
        shown, withheld = draft_words_split(draft, {"reason": reason})
        draft.enter(
            kind="attachment_withdrawn",
            at=now,
            by=actor(by),
            data={"attachment": found.pk, "sha256": found.blob_id},
            private={**shown, **withheld},
        )


def attachment_visible(*, attachment: int) -> Attachment:
    """An attachment of a case that the present scope may see. NotFound otherwise, and for a withdrawn one."""
    found = Attachment.objects.select_related("blob", "case").filter(pk=attachment, withdrawn_at=None).first()
    if found is None:
        raise NotFound("not_found", "没有这个附件,或您无权查看。")
    return found


def attachment_open(*, attachment: int) -> tuple[Attachment, Path]:
    """A visible attachment and where its content lies. NotFound as above, and when the content is missing."""
    found = attachment_visible(attachment=attachment)
    path = path_of(found.blob_id)
    if not path.is_file():
        raise NotFound("content_missing", "附件的内容不在了,请联系系统管理员。")
    return found, path


def attachments_verify() -> tuple[FileFault, ...]:
    """Read every stored content and compare it with its hash; faults in the order of the hashes."""
    with kernel_writes():  # as the role that sees every row: what is hidden cannot be verified
        known = list(Blob.objects.order_by("sha256").values_list("sha256", "size"))
    return tuple(fault for sha256, size in known if (fault := _fault(sha256, size)))


def _fault(sha256: str, size: int) -> FileFault | None:
    path = path_of(sha256)
    if not path.is_file():
        return FileFault(sha256, "the file is missing")
    if path.stat().st_size != size or hash_of(path) != sha256:
        return FileFault(sha256, "the file differs from its hash")
    return None


@contextmanager
def _open_case(case: int, by: int, now: datetime) -> Iterator[tuple[Draft, int | None]]:
    """The case under its lock, for somebody who may act on it, and its holding unit if that person works there; its
    pending entries are written at the end."""
    with writer_cursor() as cursor:
        drafts, held = cases_lock(cursor, [case], people=[by], now=now)
        draft = drafts.get(case)
        if draft is None:
            raise NotFound("not_found", GONE)
        if by not in ACTORS and not acts_on(draft, held.get(by, ())):
            raise NotPermitted("not_permitted", "本件不由您办理,不能增减附件。")
        if draft.row.closed_at is not None:
            raise Refusal("closed", "本件已经办结,不能再增减附件。")
        works_there = any(g.unit == draft.row.unit_id for g in held.get(by, ()))
        yield draft, draft.row.unit_id if works_there else None
        cases_write(cursor, [draft])


def _room_check(case: int, incoming: Incoming, name: str, most: int) -> None:
    present = list(Attachment.objects.filter(case=case, withdrawn_at=None).values_list("blob_id", "name"))
    if (incoming.sha256, name) in present:
        raise Conflict("already", "本件已经有这个附件。", field="file")
    if len(present) >= most:
        raise Refusal("too_many", f"每件最多 {most} 个附件。", field="file")


def _write(
    draft: Draft, incoming: Incoming, *, name: str, kind: str, by: int, now: datetime, unit: int | None
) -> Attachment:
    shown, withheld = draft_words_split(draft, {"name": name})
    hidden = draft.row.confidential and unit is None  # and so is its name from the handling unit
    blob = Blob(incoming.sha256, incoming.size, incoming.mime, incoming.scan, now)
    Blob.objects.bulk_create([blob], ignore_conflicts=True)
    attachment = Attachment.objects.create(
        case_id=draft.row.id,
        blob=blob,
        name=shown["name"],
        kind=kind,
        unit_id=unit,
        added_by_id=None if by in ACTORS else by,
        added_at=now,
    )
    data = {
        "attachment": attachment.pk,
        "kind": kind,
        "sha256": incoming.sha256,
        "size": incoming.size,
        "mime": incoming.mime,
    }
    draft.enter(
        kind=ADDED,
        at=now,
        by=actor(by),
        data=data,
        private={**({f"{WITHHELD}name": name} if hidden else shown), **withheld},
    )
    return attachment
