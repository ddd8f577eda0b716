"""A clock of a case as a value, and what events do to it. Pure: the rules decide, the rows only remember.

Times are aware datetimes here, because rows hold them; the rules count in epoch seconds.

A warning or a breach is told once for its moment. A pause, an extension or another calendar may move that moment: when
it then lies ahead, it is told again when it comes, for it speaks of another end; when it lies behind, what was told
stays told. One that was missed before the move is told for the moment that it has now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from bihuan.kernel.clocks.calendar import Calendar, epoch, moment
from bihuan.kernel.clocks.extensions import extension_refusal
from bihuan.kernel.clocks.rules import Before, Extension, Limit, Pause, due_at, warnings_at
from bihuan.lib.refusals import Refusal

RUNNING, WARNED, BREACHED = 0, 1, 2
AFTER = timedelta(microseconds=1)
"""On time is `now <= due`: the breach comes this much later, the database's smallest step."""
TERM = "term"
"""The basis of a clock that only bounds a right, such as the time for a return: its end is no breach."""


class Warned(NamedTuple):
    """A warning of a clock: its moment in epoch seconds, and whether it was told."""

    at: int
    told: bool


class Telling(NamedTuple):
    """What has come: a warning, the `level`-th of `of` in the order of their moments, or (level 0) the breach."""

    at: datetime
    level: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class Running:
    """One clock. `id` is None until it is stored; `rule` is the policy row that its limit came from.

    `warnings` are in the order of the limit's own; `warn_at` is the earliest of them.
    """

    kind: str
    basis: str
    limit: Mapping[str, Any]
    started_at: datetime
    due_at: datetime | None = None
    warn_at: datetime | None = None
    next_at: datetime | None = None
    level: int = RUNNING
    warnings: tuple[Warned, ...] = ()
    pauses: tuple[tuple[int, int | None], ...] = ()
    extensions: tuple[int, ...] = ()
    paused_at: datetime | None = None
    stopped_at: datetime | None = None
    provisional: bool = False
    rule: int | None = None
    id: int | None = None


def limit_read(value: Mapping[str, Any]) -> Limit:
    """The limit that a policy's value describes, e.g. {"number": 5, "unit": "working_day", "warnings": ["0.8"]}.

    A warning is a share of the term, or {"number": 1, "unit": "working_day"} before its end. LimitError otherwise. The
    moment "before" which one clock must end (`clock_bound`) is no part of the limit.
    """
    fields = {name: told for name, told in value.items() if name != "before"}
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
    return _timed(Running(kind, basis, limit, now, rule=rule), now, calendar, read)


def clock_fixed(*, kind: str, basis: str, due: datetime, now: datetime) -> Running:
    """A clock whose end somebody else set, such as a superior's deadline. It has one warning, a day ahead."""
    warn = min(max(epoch(now), epoch(due) - 86_400), epoch(due))
    clock = Running(kind, basis, {"fixed": due.isoformat()}, now, due_at=due)
    return _awaited(replace(clock, warnings=(Warned(warn, False),)))


def clock_bound(clock: Running, by: datetime, now: datetime, calendar: Calendar) -> Running:
    """The clock ending by `by` at the latest, whatever pauses and extensions it is given; fixed ones are left."""
    if "fixed" in clock.limit:
        return clock
    return _timed(replace(clock, limit={**clock.limit, "before": by.isoformat()}), now, calendar)


def clock_free(clock: Running, now: datetime, calendar: Calendar) -> Running:
    """The clock without the moment that it was bound by."""
    limit = {name: told for name, told in clock.limit.items() if name != "before"}
    return clock if limit == clock.limit else _timed(replace(clock, limit=limit), now, calendar)


def clock_stop(clock: Running, now: datetime) -> Running:
    """Its time is final; whether it was late stays in `level`, seen against `due_at` at the stop."""
    level = BREACHED if clock.due_at is not None and now > clock.due_at else clock.level
    return replace(clock, stopped_at=now, next_at=None, level=level)


def clock_reopen(clock: Running, now: datetime, calendar: Calendar) -> Running:
    """A stopped clock goes on as if it had never been stopped."""
    going = replace(clock, stopped_at=None)
    return _awaited(going) if "fixed" in clock.limit else _timed(going, now, calendar)


def clock_may_pause(clock: Running) -> bool:
    """Whether the limit lets the clock stand still."""
    return "fixed" not in clock.limit and bool(clock.limit.get("pauses", True))


def clock_may_extend(clock: Running) -> bool:
    """Whether the limit lets the clock be lengthened once more."""
    terms = clock.limit.get("extension")
    return terms is not None and len(clock.extensions) < Extension(**terms).max_number


def clock_pause(clock: Running, now: datetime, calendar: Calendar, until: datetime | None = None) -> Running:
    """Stand still from `now`, to `until` at the latest; a paused clock is left as it is. Refusal when the limit allows
    no pause.
    """
    if clock.paused_at is not None or "fixed" in clock.limit:
        return clock
    if not clock_may_pause(clock):
        raise Refusal("pause_not_allowed", "该时限不允许挂起。")
    ends = epoch(until) if until else None
    return _timed(replace(clock, paused_at=now, pauses=(*clock.pauses, (epoch(now), ends))), now, calendar)


def clock_resume(clock: Running, now: datetime, calendar: Calendar) -> Running:
    """Go on from `now`."""
    if clock.paused_at is None:
        return clock
    begun, ends = clock.pauses[-1]
    here = max(epoch(now), begun)
    ended = (*clock.pauses[:-1], (begun, here if ends is None else min(here, ends)))
    return _timed(replace(clock, paused_at=None, pauses=ended), now, calendar)


def clock_extend(
    clock: Running,
    *,
    length: int,
    reason: str,
    asked_at: datetime,
    by: int,
    approver: int,
    now: datetime,
    calendar: Calendar,
) -> Running:
    """Lengthen by `length` of the limit's own unit. Refusal by the policy's terms (before expiry, number, length)."""
    clock_extension_check(clock, length=length, asked_at=asked_at, reason=reason, by=by, approver=approver)
    return _timed(replace(clock, extensions=(*clock.extensions, length)), now, calendar)


def clock_extension_check(
    clock: Running, *, length: int, asked_at: datetime, reason: str, by: int, approver: int | None
) -> None:
    """Refusal when the policy's terms do not allow so much more; `approver` None when it is only asked for."""
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
    if refusal and not (approver is None and refusal.code == "extension_approver_missing"):
        raise Refusal(refusal.code, refusal.message, field="days")


def clock_recompute(clock: Running, now: datetime, calendar: Calendar) -> Running:
    """The same clock under another calendar, as when a year's calendar is published."""
    return clock if "fixed" in clock.limit else _timed(clock, now, calendar)


def clock_tell(clock: Running, now: datetime) -> tuple[Running, Telling] | None:
    """The first warning, or the breach, that has come by `now` and was not told, and the clock after it; else None."""
    if clock.next_at is None or clock.next_at > now or clock.stopped_at is not None or clock.due_at is None:
        return None
    order = sorted(range(len(clock.warnings)), key=lambda index: clock.warnings[index].at)
    for level, index in enumerate(order, start=1):
        at, told = clock.warnings[index]
        if not told:
            known = (*clock.warnings[:index], Warned(at, True), *clock.warnings[index + 1 :])
            after = _awaited(replace(clock, level=WARNED, warnings=known))
            return after, Telling(moment(at), level, len(order))
    return _awaited(replace(clock, level=BREACHED)), Telling(clock.due_at)


def _timed(clock: Running, now: datetime, calendar: Calendar, limit: Limit | None = None) -> Running:
    """The clock with its due time and warnings computed anew, as an event at `now` leaves them."""
    limit = limit or limit_read(clock.limit)
    start = epoch(clock.started_at)
    pauses = [Pause(begin, end) for begin, end in clock.pauses]
    due = due_at(limit, start, calendar, pauses, clock.extensions)
    before = clock.limit.get("before")
    if before and due.at is not None:
        due = due._replace(at=min(due.at, epoch(datetime.fromisoformat(before))))
    if due.at is None or clock.basis == TERM:
        return replace(clock, due_at=due.when, provisional=due.provisional, warn_at=None, next_at=None)
    moments = warnings_at(limit, start, due.at, calendar, pauses) if limit.warnings else ()
    told = [warned.told for warned in clock.warnings] or [False] * len(moments)
    warnings = tuple(Warned(at, was and at <= epoch(now)) for at, was in zip(moments, told, strict=True))
    level = _level(clock.level, due.when, warnings, now)
    warn, following = _awaited_moments(warnings, due.when, level)
    return replace(
        clock,
        due_at=due.when,
        provisional=due.provisional,
        warnings=warnings,
        level=level,
        warn_at=warn,
        next_at=following,
    )


def _level(level: int, due: datetime | None, warnings: tuple[Warned, ...], now: datetime) -> int:
    if level == BREACHED and due is not None and due < now:
        return BREACHED
    return WARNED if any(warned.told for warned in warnings) else RUNNING


def _awaited(clock: Running) -> Running:
    """With the moments for which the sweep and the lists look."""
    warn, following = _awaited_moments(clock.warnings, clock.due_at, clock.level)
    return replace(clock, warn_at=warn, next_at=following)


def _awaited_moments(
    warnings: tuple[Warned, ...], due: datetime | None, level: int
) -> tuple[datetime | None, datetime | None]:
    """The earliest warning, and the next thing to be told."""
    waiting = [warned.at for warned in warnings if not warned.told]
    end = None if due is None or level == BREACHED else due + AFTER
    warn = moment(min(warned.at for warned in warnings)) if warnings else None
    return warn, moment(min(waiting)) if waiting and level != BREACHED else end
