"""How long what is personal is kept after a case has closed, and what holds it longer (个人信息保护法 art. 19, 47).

A kind of things that are kept says what is due and erases it; a pack's days are the policies `<pack>.keep_days` (a case with
names, numbers, texts, files: everything) and what the pack adds. Without a policy nothing is due: a rule that nobody set
is never guessed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.cases.discretion import draft_words_split
from bihuan.kernel.cases.models import Case, Hold
from bihuan.kernel.cases.personal import person_anonymise
from bihuan.kernel.cases.store import cases_lock, cases_write, writer_cursor
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.powers import power_require
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.manifest import Due, Kept
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.lib.text import clean_text


def keep_days(code: str, now: datetime, default: int | None = None) -> int | None:
    """The days that a policy sets; `default` where none does."""
    value = rulebook().value(code, region=settings.REGION, on=day_of(now), default=default)
    return None if value is None else int(value)


def cases_kept(pack: str, now: datetime) -> Kept:
    """A pack's closed cases with all that is personal in them, their assisting units' cases included."""
    days = keep_days(f"{pack}.keep_days", now)
    return Kept(
        f"{pack}.case",
        _("办结件的姓名、号码、文字、附件"),
        days,
        lambda at: _cases_due(pack, days, at),
        lambda at, most: _cases_erase(pack, days, at, most),
    )


def cases_closed(pack: str, days: int | None, now: datetime) -> QuerySet[Case]:
    """A pack's cases that closed more than so many days ago and still have what is personal. Within `kernel_writes`."""
    if days is None:
        return Case.objects.none()
    old = Case.objects.filter(pack=pack, parent=None, closed_at__lt=now - timedelta(days=days))
    return old.exclude(progress__has_key="anonymised").order_by("closed_at", "pk")


def case_held() -> Q:
    """Is a case held: by a hold, or by an open case that came of it, assists it or that it was merged into?"""
    open_ = Case.objects.filter(closed_at=None)
    return (
        Exists(Hold.objects.filter(case=OuterRef("pk"), ended_at=None))
        | Exists(open_.filter(origin=OuterRef("pk")))
        | Exists(open_.filter(parent=OuterRef("pk")))
        | Exists(open_.filter(pk=OuterRef("merged_into")))
    )


def cases_due(found: QuerySet[Case]) -> Due:
    """What of these closed cases is due, the oldest of it, and what is held. Within `kernel_writes`."""
    free = found.exclude(case_held())
    oldest = free.values_list("closed_at", flat=True).first()
    return Due(free.count(), oldest, found.filter(case_held()).count())


def _cases_due(pack: str, days: int | None, now: datetime) -> Due:
    with kernel_writes():
        return cases_due(cases_closed(pack, days, now))


def _cases_erase(pack: str, days: int | None, now: datetime, most: int) -> int:
    """Each case in a transaction of its own; judged again under its lock, since a hold may have come."""
    with kernel_writes():
        found = list(cases_closed(pack, days, now).exclude(case_held()).values_list("pk", flat=True)[:most])
    done = 0
    for case in found:
        try:
            person_anonymise(case=case, by="retention", now=now)
        except Refusal:
            continue
        done += 1
    return done


def hold_place(*, case: int, reason: str, by: int | str, now: datetime) -> Hold:
    """Keep a case from being erased: it is before a court, or somebody is called to account for it.

    The security administrator's; an entry of the case says who and when, the reason lies beside it. NotFound, or Refusal for
    a case that is held or was erased already.
    """
    power_require("security_admin", by=by, now=now)
    why = clean_text(reason, field="reason", max_length=500, min_length=4)
    with writer_cursor() as cursor:
        drafts, _held = cases_lock(cursor, [case], now=now)
        if case not in drafts:
            raise NotFound("not_found", _("没有这一件,或您无权查看。"))
        if drafts[case].row.progress.get("anonymised"):
            raise Refusal("anonymised", _("本件已经匿名。"))
        with kernel_writes():
            if Hold.objects.filter(case_id=case, ended_at=None).exists():
                raise Refusal("held", _("本件已经保全,期间不清除个人信息。"), rule="个人信息保护法第47条")
            hold = Hold.objects.create(case_id=case, placed_at=now, placed_by=str(by))
        drafts[case].row.version += 1
        shown, withheld = draft_words_split(drafts[case], {"reason": why})
        drafts[case].enter(kind="held", at=now, by=by, data={"hold": hold.pk}, private={**shown, **withheld})
        cases_write(cursor, list(drafts.values()))
    return hold


def hold_end(*, case: int, by: int | str, now: datetime) -> None:
    """Let a case go again. Refusal when it is not held."""
    power_require("security_admin", by=by, now=now)
    with writer_cursor() as cursor:
        drafts, _held = cases_lock(cursor, [case], now=now)
        with kernel_writes():
            hold = Hold.objects.filter(case_id=case, ended_at=None).first()
            if hold is None or case not in drafts:
                raise Refusal("not_held", _("本件没有保全。"))
            hold.ended_at = now
            hold.save(update_fields=["ended_at"])
        drafts[case].row.version += 1
        drafts[case].enter(kind="released", at=now, by=by, data={"hold": hold.pk})
        cases_write(cursor, list(drafts.values()))
