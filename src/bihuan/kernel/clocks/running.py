"""A clock of a case as a value, and what events do to it. Pure: the rules decide, the rows only remember.

Times are aware datetimes here, because rows hold them; the rules count in epoch seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bihuan.kernel.clocks.calendar import Calendar, epoch, moment
from bihuan.kernel.clocks.extensions import extension_refusal
from bihuan.kernel.clocks.rules import Before, Extension, Limit, Pause, due_at, warnings_at
from bihuan.lib.refusals import Refusal

RUNNING, WARNED, BREACHED = 0, 1, 2
TERM = "term"
"""The basis of a clock that only bounds a right, such as the time for a return: its end is no breach."""


@dataclass(frozen=True, slots=True)
class Running:
    """One clock. `id` is None until it is stored; `rule` is the policy row that its limit came from."""

    kind: str
    basis: str
    limit: Mapping[str, Any]
    started_at: datetime
    due_at: datetime | None = None
    warn_at: datetime | None = None
    next_at: datetime | None = None
    level: int = RUNNING
    pauses: tuple[tuple[int, int | None], ...] = ()
    extensions: tuple[int, ...] = ()
    paused_at: datetime | None = None
    stopped_at: datetime | None = None
    provisional: bool = False
    rule: int | None = None
    id: int | None = None


def limit_read(value: Mapping[str, Any]) -> Limit:
    """The limit that a policy's value describes, e.g. {"number": 5, "unit": "working_day", "warnings": [0.8]}.

    A warning is a share of the term, or {"number": 1, "unit": "working_day"} before its end. LimitError otherwise.
    """
    fields = dict(value)
    warnings = tuple(Before(**w) if isinstance(w, Mapping) else float(w) for w in fields.pop("warnings", ()))
    extension = fields.pop("extension", None)
    return Limit(**fields, warnings=warnings, extension=Extension(**extension) if extension else None)


def clock_start(
    *,
    kind: str,
    basis: str,
    limit: Mapping[str, Any],
    rule: int | None,
    now: datetime,
    calendar: Calendar,
    read: Limit | None = None,
) -> Running:
    """A clock that begins at `now`. `read` is the limit already read, when the caller keeps it."""
    return _timed(Running(kind, basis, limit, now, rule=rule), calendar, read)


def clock_fixed(*, kind: str, basis: str, due: datetime, now: datetime) -> Running:
    """A clock whose end somebody else set, such as a superior's deadline. It has one warning, a day ahead."""
    warn = max(now, moment(epoch(due) - 86_400))
    limit = {"fixed": due.isoformat()}
    return Running(kind, basis, limit, now, due_at=due, warn_at=warn, next_at=warn)


def clock_stop(clock: Running, now: datetime) -> Running:
    """Its time is final; whether it was late stays in `level`, seen against `due_at` at the stop."""
    level = BREACHED if clock.due_at is not None and now > clock.due_at else clock.level
    return replace(clock, stopped_at=now, next_at=None, level=level)


def clock_pause(clock: Running, now: datetime, calendar: Calendar) -> Running:
    """Stand still from `now`; a paused clock is left as it is. Refusal when the limit allows no pause."""
    if clock.paused_at is not None or "fixed" in clock.limit:
        return clock
    if not limit_read(clock.limit).pauses:
        raise Refusal("pause_not_allowed", "该时限不允许挂起。")
    return _timed(replace(clock, paused_at=now, pauses=(*clock.pauses, (epoch(now), None))), calendar)


def clock_resume(clock: Running, now: datetime, calendar: Calendar) -> Running:
    """Go on from `now`."""
    if clock.paused_at is None:
        return clock
    begun = clock.pauses[-1][0]
    ended = (*clock.pauses[:-1], (begun, max(epoch(now), begun)))
    return _timed(replace(clock, paused_at=None, pauses=ended), calendar)


def clock_extend(
    clock: Running,
    *,
    length: int,
    reason: str,
    asked_at: datetime,
    by: int,
    approver: int,
    calendar: Calendar,
) -> Running:
    """Lengthen by `length` of the limit's own unit. Refusal by the policy's terms (before expiry, number, length)."""
    if "fixed" in clock.limit:
        raise Refusal("extension_not_allowed", "上级的时限不能在本级延长。")
    refusal = extension_refusal(
        limit=limit_read(clock.limit),
        due=epoch(clock.due_at) if clock.due_at else None,
        now=epoch(asked_at),
        granted_so_far=len(clock.extensions),
        days=length,
        reason=reason,
        approver=approver,
        by=by,
    )
    if refusal:
        raise Refusal(refusal.code, refusal.message)
    return _timed(replace(clock, extensions=(*clock.extensions, length), level=RUNNING), calendar)


def clock_recompute(clock: Running, calendar: Calendar) -> Running:
    """The same clock under another calendar, as when a year's calendar is published."""
    return clock if "fixed" in clock.limit else _timed(clock, calendar)


def _timed(clock: Running, calendar: Calendar, limit: Limit | None = None) -> Running:
    limit = limit or limit_read(clock.limit)
    start = epoch(clock.started_at)
    pauses = [Pause(begin, end) for begin, end in clock.pauses]
    due = due_at(limit, start, calendar, pauses, clock.extensions)
    if due.at is None:
        return replace(clock, due_at=None, warn_at=None, next_at=None, provisional=due.provisional)
    end = moment(due.at)
    if clock.basis == TERM:
        return replace(clock, due_at=end, warn_at=None, next_at=None, provisional=due.provisional)
    warnings = warnings_at(limit, start, due.at, calendar, pauses) if limit.warnings else ()
    warn = moment(min(warnings)) if warnings else None
    upcoming = {RUNNING: warn or end, WARNED: end, BREACHED: None}[clock.level]
    return replace(clock, due_at=end, warn_at=warn, next_at=upcoming, provisional=due.provisional)
