"""Attachments that go before the rest of their case does: the policy `<pack>.keep_attachment_days`."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.attachments.forgetting import attachments_forget
from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.cases.models import Case, Hold
from bihuan.kernel.cases.retention import case_held, cases_closed, cases_due, keep_days
from bihuan.kernel.cases.store import cases_lock, cases_write, writer_cursor
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.manifest import Due, Kept


def attachments_kept(pack: str, now: datetime) -> Kept:
    """The attachments of a pack's closed cases."""
    days = keep_days(f"{pack}.keep_attachment_days", now)
    return Kept(
        f"{pack}.attachments",
        _("办结件的附件"),
        days,
        lambda at: _due(pack, days, at),
        lambda at, most: _erase(pack, days, at, most),
    )


def _cases(pack: str, days: int | None, now: datetime) -> QuerySet[Case]:
    there = Attachment.objects.filter(case=OuterRef("pk"), blob__isnull=False)
    return cases_closed(pack, days, now).filter(Exists(there))


def _due(pack: str, days: int | None, now: datetime) -> Due:
    with kernel_writes():
        return cases_due(_cases(pack, days, now))


def _erase(pack: str, days: int | None, now: datetime, most: int) -> int:
    with kernel_writes():
        found = list(_cases(pack, days, now).exclude(case_held()).values_list("pk", flat=True)[:most])
    return sum(case_attachments_erase(case=case, now=now) for case in found)


def case_attachments_erase(*, case: int, now: datetime) -> bool:
    """Erase the attachments of a closed case, with an entry that says how many. False when it is held or open by now."""
    with writer_cursor() as cursor:
        drafts, _held = cases_lock(cursor, [case], now=now)
        draft = drafts[case]
        with kernel_writes():
            if draft.row.closed_at is None or Hold.objects.filter(case=case, ended_at=None).exists():
                return False
            count = Attachment.objects.filter(case=case, blob__isnull=False).count()
            attachments_forget([case], now)
        draft.row.version += 1
        draft.enter(kind="attachments_erased", at=now, by="retention", data={"files": count})
        cases_write(cursor, [draft])
    return True
