"""A superior's order: our promise ends before the superior's deadline, and its terms for returns and extensions hold.

`Case.superior` is {number, due_at, return_days, return_count}, of what another centre handed down through the exchange with
`peer` (its code) and `return_until` (when its term for returns ends) too; the fact `superior_margin_hours` says how long before the
superior's deadline ours ends (DESIGN §3, Tiers).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from bihuan.kernel.clocks.calendar import BEIJING, epoch
from bihuan.kernel.clocks.rules import Limit, due_at
from bihuan.kernel.clocks.running import TERM, Running, clock_bound, clock_fixed
from bihuan.lib.refusals import Refusal

if TYPE_CHECKING:
    from bihuan.kernel.cases.draft import Draft

HANDLE, RETURN = "handle", "return"
CONSENTED = "consented"


def clock_follow(draft: Draft, kind: str, now: datetime) -> None:
    """What a superior's terms do to a clock of this kind that has just begun."""
    if kind == RETURN:
        _return_bind(draft, now)
    due = _due(draft)
    if kind == HANDLE and due is not None:
        draft.clock_put(clock_fixed(kind=kind, basis="superior", due=due, now=now))
        promise_bind(draft, kind, now)


def deadline_follow(draft: Draft, now: datetime) -> None:
    """The superior's deadline, where its clock runs, ends when the superior now says."""
    running, due = draft.clocks.get((HANDLE, "superior")), _due(draft)
    if running is not None and running.stopped_at is None and due is not None:
        draft.clock_put(clock_fixed(kind=HANDLE, basis="superior", due=due, now=now))


def promise_bind(draft: Draft, kind: str, now: datetime) -> None:
    """Our promise ends by the margin before the superior's deadline, or at half of what is left when that is less."""
    due = _due(draft)
    if due is not None:
        draft.hasten(kind, by=max(due - _margin(draft), now + (due - now) / 2), now=now)


def extension_bind(
    draft: Draft, extended: Running, was: Running, now: datetime, consented: str | None
) -> Running:
    """The extended clock, bound as it was. Refusal past the superior's deadline, which `consented` (a day) moves; where the
    superior's own consent has come (the mark CONSENTED), the extension ends before its new deadline."""
    due, calendar = _due(draft), draft.book.calendar
    if due is None:
        bound = was.limit.get("before")
        return clock_bound(extended, datetime.fromisoformat(bound), now, calendar) if bound else extended
    if consented:
        due = datetime.combine(date.fromisoformat(consented), time(23, 59, 59), BEIJING)
        draft.row.superior = {**(draft.row.superior or {}), "due_at": due.isoformat()}
        draft.clock_put(clock_fixed(kind=was.kind, basis="superior", due=due, now=now))
    consented_above = draft.row.progress.pop(CONSENTED, False)
    if extended.due_at is not None and extended.due_at > due and not consented_above:
        raise Refusal(
            "beyond_superior",
            "延期不能超过上级的时限;上级同意的,请填写上级同意的新期限。",
            field="superior_until",
        )
    return clock_bound(extended, max(due - _margin(draft), was.due_at or now), now, calendar)


def _due(draft: Draft) -> datetime | None:
    due = (draft.row.superior or {}).get("due_at")
    return datetime.fromisoformat(due) if due else None


def _margin(draft: Draft) -> timedelta:
    return timedelta(hours=float(draft.row.facts.get("superior_margin_hours", 0)))


def _return_bind(draft: Draft, now: datetime) -> None:
    """A return comes in time for the superior too: so many working days from when the case was taken in, or by the margin
    before the superior's own term ends, so that the centre can still return it."""
    terms = draft.row.superior or {}
    days, until, opened = terms.get("return_days"), terms.get("return_until"), draft.row.opened_at
    clock, calendar = draft.clocks.get((RETURN, TERM)), draft.book.calendar
    if clock is not None and until is not None:
        last = datetime.fromisoformat(until)
        by = max(last - _margin(draft), min(last, now + (last - now) / 2))
        if clock.due_at is None or clock.due_at > by:
            draft.clock_put(clock_bound(clock, by, now, calendar))
    if days is None or clock is None:
        return
    ends = due_at(Limit(int(days), "working_day"), epoch(opened), calendar).when if int(days) else opened
    draft.clock_put(clock_bound(clock, ends or opened, now, calendar))
