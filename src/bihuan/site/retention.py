"""Retention: every kind of thing that is kept for a time, what is due of it, and the nightly erasing.

Each erasing of a case is an entry of the case; the night as a whole is an entry of the register `retention`, with the counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db.models import Min, QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.attachments.retention import attachments_kept
from bihuan.kernel.cases.idempotency import IDEMPOTENCY_DAYS, idempotency_forget
from bihuan.kernel.cases.models import Idempotency
from bihuan.kernel.cases.retention import cases_kept, keep_days
from bihuan.kernel.exchange.retention import exchange_kept
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.manifest import Due, Kept
from bihuan.kernel.pack import packs
from bihuan.kernel.public.gates import KEEP, gates_forget
from bihuan.kernel.public.models import Tally

MOST = 2_000
"""Cases of one kind in one night: more wait for the next."""


@dataclass(frozen=True, slots=True)
class Told:
    """Of one kind: what is due and, after a run, how many were erased."""

    kept: Kept
    due: Due
    erased: int = 0


def kinds(now: datetime) -> list[Kept]:
    """All kinds with their days as of now: each pack's, then the kernel's."""
    of_packs = [
        kept
        for name, pack in packs().items()
        for kept in (
            cases_kept(name, now),
            attachments_kept(name, now),
            *(pack.retains(now) if pack.retains else ()),
        )
    ]
    days = keep_days("idempotency_days", now, IDEMPOTENCY_DAYS) or IDEMPOTENCY_DAYS
    return [
        *of_packs,
        *exchange_kept(now),
        _plain("sessions", _("已过期的登录会话"), 0, Session.objects.all(), "expire_date", _sessions_erase),
        _plain("idempotency", _("重复请求的应答"), days, Idempotency.objects.all(), "created_at",
               lambda at, _most: idempotency_forget(now=at)),
        _plain("tallies", _("公众页面的次数"), KEEP.days, Tally.objects.all(), "since",
               lambda at, _most: gates_forget(now=at)),
    ]  # fmt: skip


def retention_due(*, now: datetime) -> list[Told]:
    """What a run would erase now; changes nothing."""
    return [Told(kept, kept.due(now)) for kept in kinds(now)]


def retention_run(*, now: datetime, most: int = MOST) -> list[Told]:
    """Erase what is due, kind by kind. What was erased is an entry; a night without anything due is none."""
    told = [Told(kept, kept.due(now), kept.erase(now, most)) for kept in kinds(now)]
    erased = {one.kept.code: one.erased for one in told if one.erased}
    if erased:
        register_append(
            stream="retention", kind="retention_run", at=now, by="retention", data={"erased": erased}
        )
    return told


def _plain(
    code: str, label: str, days: int, rows: QuerySet, moment: str, erase: Callable[[datetime, int], int]
) -> Kept:
    """Rows that go by their age alone."""

    def due(now: datetime) -> Due:
        with kernel_writes():
            old = rows.filter(**{f"{moment}__lt": now - timedelta(days=days)})
            return Due(old.count(), old.aggregate(oldest=Min(moment))["oldest"])

    return Kept(code, label, days, due, erase)


def _sessions_erase(now: datetime, _most: int) -> int:
    return Session.objects.filter(expire_date__lt=now).delete()[0]
