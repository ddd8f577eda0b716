"""Attachments of a case that is anonymised: their names go, and contents that no other case has leave the disk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Coalesce

from bihuan.kernel.attachments.files import content_lock, path_of
from bihuan.kernel.attachments.models import Attachment, Blob
from bihuan.kernel.attachments.thumbnails import thumbnail_discard, thumbnails_left
from bihuan.kernel.cases.personal import ERASED
from bihuan.kernel.ledger.services import kernel_writes

STRAY_AFTER = timedelta(days=1)


def attachments_forget(cases: Sequence[int], now: datetime) -> None:
    """Erase the names of these cases' attachments and let go of their contents, in the caller's transaction.

    The rows stay, withdrawn: the ledger tells of them by their id. A file is removed after the commit.
    """
    rows = Attachment.objects.filter(case__in=cases)
    contents = sorted(set(rows.exclude(blob=None).values_list("blob", flat=True)))
    for sha256 in contents:
        content_lock(sha256)
    rows.update(name=ERASED, blob=None, withdrawn_at=Coalesce("withdrawn_at", now))
    Blob.objects.filter(pk__in=contents, attachment=None).delete()
    transaction.on_commit(partial(contents_discard, contents), robust=True)  # else by night


def contents_discard(contents: Iterable[str]) -> int:
    """Remove the files of those contents (their hashes) that no case has. Returns how many."""
    removed = 0
    for sha256 in contents:
        with kernel_writes():
            content_lock(sha256)
            path = path_of(sha256)
            if path.is_file() and not Blob.objects.filter(pk=sha256).exists():
                thumbnail_discard(sha256)
                path.unlink()
                removed += 1
    return removed


def strays_discard(*, now: datetime) -> int:
    """Remove files that no case has and that have lain there for a day: what a stop in between left behind.

    Returns how many contents.
    """
    old = (now - STRAY_AFTER).timestamp()
    for path in thumbnails_left():
        if path.stat().st_mtime < old:
            path.unlink()
    files = Path(settings.ATTACHMENT_ROOT).glob("[0-9a-f][0-9a-f]/*")
    return contents_discard(sorted(path.name for path in files if path.stat().st_mtime < old))
