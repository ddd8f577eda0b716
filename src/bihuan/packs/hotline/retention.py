"""What the hotline keeps of calls: numbers of calls that brought no order, and the addresses of recordings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.retention import case_held, keep_days
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.manifest import Due, Kept
from bihuan.packs.hotline.models import Call, Order
from bihuan.packs.hotline.seat.calls import CALL_DAYS, calls_bare, calls_expire


def calls_kept(now: datetime) -> Sequence[Kept]:
    """Both kinds, with their days as of now."""
    bare, recordings = (
        keep_days("hotline.call_days", now, CALL_DAYS),
        keep_days("hotline.keep_recording_days", now),
    )
    return (
        Kept("hotline.calls", _("没有成件的来电号码"), bare, lambda at: _due(calls_bare(now=at)),
             lambda at, _most: calls_expire(now=at)),
        Kept("hotline.recordings", _("来电录音的地址"), recordings,
             lambda at: _due(_recordings(recordings, at).exclude(_held()), _recordings(recordings, at).filter(_held())),
             lambda at, _most: _recordings_erase(recordings, at)),
    )  # fmt: skip


def _recordings(days: int | None, now: datetime) -> QuerySet[Call]:
    """Recordings of calls that are older; of an order that is open, or held, they stay."""
    if days is None:
        return Call.objects.none()
    open_ = Order.objects.filter(call=OuterRef("pk"), case__closed_at=None)
    old = Call.objects.filter(ringing_at__lt=now - timedelta(days=days)).exclude(recording="")
    return old.exclude(Exists(open_))


def _held() -> Q:
    held = Case.objects.filter(case_held()).values("pk")
    return Q(Exists(Order.objects.filter(call=OuterRef("pk"), case__in=held)))


def _due(free: QuerySet[Call], held: QuerySet[Call] | None = None) -> Due:
    with kernel_writes():
        oldest = free.aggregate(oldest=Min("ringing_at"))["oldest"]
        return Due(free.count(), oldest, held.count() if held is not None else 0)


def _recordings_erase(days: int | None, now: datetime) -> int:
    with kernel_writes():
        return _recordings(days, now).exclude(_held()).update(recording="")
