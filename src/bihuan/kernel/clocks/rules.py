"""Limits: when is it due, how much time has run, when to warn. Pure; instants are epoch seconds.

How time is counted:

- minute, hour, urgent_hour run on the wall clock from the moment; working_hour runs only within the shifts of
  working days. The due instant is the first at which the whole number has run, so `elapsed(unit, start, due,
  …)` gives the number back.
- working_day, natural_day and month leave the start day out and end on the last day (《民法典》 art.
  201-202), at 24:00 or at the close of business (art. 203); natural_day and month roll to the next working
  day if the last day is not worked (art. 203). 24:00 is held as 23:59:59 of that day, so that what is shown
  is the day meant; on time is `now <= due`.
- urgent_hour and urgent_working_day (city management, GB/T 30428) run at night and on holidays; the latter is
  24 h a day.
- a pause: paused time is not elapsed time. Units that run from the moment go on after it with what was left.
  For units counted in days, a day counts when the clock is running at the day's end; so a pause within one
  day costs nothing, a pause over holidays moves no working-day limit, and after a resumption the remaining
  whole days are counted from the day of resumption.
- extensions lengthen the number in the limit's own unit; they never move a start.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple, get_args

from bihuan.kernel.clocks.calendar import DAY, HOUR, OFFSET, Calendar, day_number, day_of, moment

Unit = Literal[
    "minute",
    "hour",
    "working_hour",
    "working_day",
    "urgent_hour",
    "urgent_working_day",
    "natural_day",
    "month",
]
Starts = Literal["next_day", "moment"]
AfterHours = Literal["same_day", "next_working_day"]
Ends = Literal["end_of_day", "close_of_business"]
Mark = Callable[[int], int]
"""The second after midnight at which a day (number) counts as ended."""

SECONDS: dict[Unit, int] = {
    "minute": 60,
    "hour": HOUR,
    "working_hour": HOUR,
    "urgent_hour": HOUR,
    "urgent_working_day": DAY,
}
WORKING: frozenset[Unit] = frozenset(("working_hour", "working_day"))
ROLLING: frozenset[Unit] = frozenset(("natural_day", "month"))


class LimitError(ValueError):
    """A limit, a pause or a question about them that makes no sense; the text says what and why."""


class Pause(NamedTuple):
    """A stretch `[start, end)` in which the clock stands still; `end` is None while it lasts."""

    start: int
    end: int | None
    reason: str = ""


class Due(NamedTuple):
    """When a limit ends: `at` is None while paused; `provisional` if a year not yet published was counted."""

    at: int | None
    provisional: bool

    @property
    def when(self) -> datetime | None:
        """`at` in Beijing time."""
        return None if self.at is None else moment(self.at)


@dataclass(frozen=True)
class Before:
    """A warning ahead of the due time: by working or natural days (at that day's opening), hours, minutes."""

    number: int
    unit: Unit = "working_day"

    def __post_init__(self) -> None:
        if self.number < 1 or self.unit == "month" or self.unit not in get_args(Unit):
            raise LimitError("提前预警应为不少于1的天数、小时数或分钟数。")


@dataclass(frozen=True)
class Extension:
    """What a policy lets be granted: how often, how long each (in the limit's unit), on what conditions."""

    max_number: int = 1
    max_length: int = 1
    before_expiry: bool = True
    needs_approver: bool = True

    def __post_init__(self) -> None:
        if self.max_number < 1 or self.max_length < 1:
            raise LimitError("延期的次数和长度都应不少于1。")


@dataclass(frozen=True)
class Limit:
    """A term of `number` units.

    starts: "next_day" leaves the start day out (default of working_day, natural_day, month); "moment" runs
    from the instant (all others), for a unit of days to the same time of day. after_hours: what is begun
    after the close of business or on a day off belongs to that day, or to the next working day's opening.
    ends: 24:00 or close of business, for next_day. rolls: natural_day and month move off a day not worked.
    warnings: shares of the term in (0, 1], or `Before`. LimitError otherwise.
    """

    number: int
    unit: Unit
    starts: Starts | None = None
    after_hours: AfterHours = "same_day"
    ends: Ends = "end_of_day"
    rolls: bool = True
    warnings: tuple[float | Before, ...] = ()
    extension: Extension | None = None
    pauses: bool = True

    def __post_init__(self) -> None:
        if self.unit not in get_args(Unit):
            raise LimitError(f"时限单位“{self.unit}”不存在。")
        if isinstance(self.number, bool) or not isinstance(self.number, int) or self.number < 1:
            raise LimitError("时限应为不少于1的整数。")
        if self.starts is None:
            object.__setattr__(self, "starts", "moment" if self.unit in SECONDS else "next_day")
        for name, value, kind in (
            ("起算方式", self.starts, Starts),
            ("下班后受理的处理方式", self.after_hours, AfterHours),
            ("截止方式", self.ends, Ends),
        ):
            if value not in get_args(kind):
                raise LimitError(f"{name}“{value}”不存在。")
        self._check_together()

    def _check_together(self) -> None:
        if self.starts == "next_day" and self.unit in SECONDS and self.unit != "urgent_working_day":
            raise LimitError("按小时、分钟计的时限只能从当时起算。")
        if self.after_hours == "next_working_day" and self.unit.startswith("urgent_"):
            raise LimitError("紧急时限夜间和节假日连续计算，不能推迟到下一工作日起算。")
        for warning in self.warnings:
            if not isinstance(warning, Before) and not 0 < warning <= 1:
                raise LimitError("预警比例应大于0且不大于1。")

    @property
    def runs(self) -> bool:
        """Whether it runs second by second from the moment, rather than being counted in days."""
        return self.unit in SECONDS and self.starts == "moment"


def due_at(
    limit: Limit,
    start: int,
    calendar: Calendar,
    pauses: Iterable[Pause] = (),
    extensions: Sequence[int] = (),
) -> Due:
    """When the limit begun at `start` ends, pauses and extensions (in the limit's unit) allowed for.

    LimitError: pauses where the limit allows none. CalendarError: past the years that the calendar knows.
    """
    begin = _begin(limit, start, calendar)
    halts = _halts(pauses, begin)
    if halts and not limit.pauses:
        raise LimitError("该时限不允许暂停。")
    number = limit.number + sum(extensions)
    if limit.runs:
        at = _advance(limit.unit, number * SECONDS[limit.unit], begin, halts, calendar)
        asked = (begin, at) if limit.unit in WORKING else None
    else:
        at, asked = _count(limit, number, begin, halts, calendar)
    provisional = begin != start and _is_provisional(start, begin, calendar)
    return Due(at, provisional or (asked is not None and _is_provisional(*asked, calendar)))


def _begin(limit: Limit, start: int, calendar: Calendar) -> int:
    return calendar.opening(start) if limit.after_hours == "next_working_day" else start


def _is_provisional(first: int, last: int | None, calendar: Calendar) -> bool:
    return calendar.is_provisional(_day(first), _day(first if last is None else last))


def _day(instant: int) -> int:
    return (instant + OFFSET) // DAY


def _halts(pauses: Iterable[Pause], begin: int) -> list[Pause]:
    """Pauses in order, cut off before `begin`, overlapping or adjoining ones made one."""
    halts: list[Pause] = []
    for pause in sorted(pauses, key=lambda pause: pause.start):
        if pause.end is not None and pause.end < pause.start:
            raise LimitError("暂停的结束不能早于开始。")
        start = max(pause.start, begin)
        if pause.end is not None and pause.end <= start:
            continue
        last = halts[-1] if halts else None
        if last and (last.end is None or start <= last.end):
            end = None if last.end is None or pause.end is None else max(last.end, pause.end)
            halts[-1] = last._replace(end=end)
        else:
            halts.append(Pause(start, pause.end, pause.reason))
    return halts


def _between(unit: Unit, first: int, last: int, calendar: Calendar) -> int:
    return calendar.worked(last) - calendar.worked(first) if unit in WORKING else last - first


def _after(unit: Unit, instant: int, seconds: int, calendar: Calendar) -> int:
    if not seconds:
        return instant
    return calendar.reached(calendar.worked(instant) + seconds) if unit in WORKING else instant + seconds


def _advance(unit: Unit, seconds: int, begin: int, halts: list[Pause], calendar: Calendar) -> int | None:
    """The first instant by which `seconds` have run outside the pauses; None if an open one stops them."""
    for halt in halts:
        available = _between(unit, begin, halt.start, calendar)
        if available >= seconds:
            break
        if halt.end is None:
            return None
        seconds, begin = seconds - available, halt.end
    return _after(unit, begin, seconds, calendar)


def _count(
    limit: Limit, number: int, begin: int, halts: list[Pause], calendar: Calendar
) -> tuple[int | None, tuple[int, int | None] | None]:
    """The `number`-th counted day's end, and the span over which the calendar was asked, if it was."""
    day, second = divmod(begin + OFFSET, DAY)
    mark = _mark(limit, second, calendar)
    working = limit.unit == "working_day"
    if limit.unit == "month":
        number = _months_after(day, number) - day
    for halt in halts:
        first = max(_day_marked_by(halt.start, mark), day)  # the last day whose mark came before the pause
        available = calendar.worked_days(first) - calendar.worked_days(day) if working else first - day
        if available >= number:
            break
        if halt.end is None:
            return None, (begin, None) if working else None
        number -= available
        day = max(day, _day_marked_from(halt.end, mark) - 1)
    if working:
        due = calendar.day_of_rank(calendar.worked_days(day) + number)
        at = due * DAY + mark(due) - OFFSET
        return at, (begin, at)
    end = (day + number) * DAY + mark(day + number) - OFFSET
    if not (limit.rolls and limit.unit in ROLLING):
        return end, None
    rolled = _roll(day + number, mark, halts, calendar)
    return rolled, (end, rolled)


def _mark(limit: Limit, second: int, calendar: Calendar) -> Mark:
    """The second of a day at which the limit ends there: the beginning's own, the close of business, or 24:00."""
    if limit.starts == "moment":
        return lambda _day: second
    if limit.ends == "close_of_business":
        return lambda day: calendar.hours_of(day).closes
    return lambda _day: DAY - 1


def _day_marked_by(instant: int, mark: Mark) -> int:
    """The last day whose mark has come by an instant."""
    day, second = divmod(instant + OFFSET, DAY)
    return day if second >= mark(day) else day - 1


def _day_marked_from(instant: int, mark: Mark) -> int:
    """The first day whose mark comes at an instant or after it."""
    day, second = divmod(instant + OFFSET, DAY)
    return day if second <= mark(day) else day + 1


def _roll(day: int, mark: Mark, halts: list[Pause], calendar: Calendar) -> int | None:
    """The mark of the first working day from `day` on at which the clock is running."""
    day = calendar.working_day_from(day)
    for halt in halts:
        if halt.start < day * DAY + mark(day) - OFFSET:
            if halt.end is None:
                return None
            day = calendar.working_day_from(max(day, _day_marked_from(halt.end, mark)))
    return day * DAY + mark(day) - OFFSET


def _months_after(day: int, number: int) -> int:
    """The same day of the month `number` months on, or that month's last (《民法典》 art. 202)."""
    start = day_of(day)
    year, month = divmod(start.year * 12 + start.month - 1 + number, 12)
    next_year, next_month = divmod(year * 12 + month + 1, 12)
    last = day_number(date(next_year, next_month + 1, 1)) - 1
    return min(day_number(date(year, month + 1, 1)) + start.day - 1, last)


def elapsed(unit: Unit, start: int, until: int, calendar: Calendar, pauses: Iterable[Pause] = ()) -> int:
    """Seconds run from `start` to `until` outside the pauses: working seconds for working units, else all.

    Exact inverse of `due_at` for units that run. LimitError if `until` comes before `start`.
    """
    if until < start:
        raise LimitError("截至时间不能早于开始时间。")
    total = _between(unit, start, until, calendar)
    for halt in _halts(pauses, start):
        if halt.start < until:
            end = until if halt.end is None else min(halt.end, until)
            total -= _between(unit, halt.start, end, calendar)
    return total


def warnings_at(
    limit: Limit, start: int, due: int, calendar: Calendar, pauses: Iterable[Pause] = ()
) -> tuple[int, ...]:
    """The instants of `limit.warnings`, in their order; never before the clock begins.

    A share is of the time between the beginning and `due` (extensions included), in the unit's own time, to
    the second. A warning so far ahead that it would come as the clock begins comes when half of that time has run.
    """
    begin = _begin(limit, start, calendar)
    halts = _halts(pauses, begin)

    def shared(share: float) -> int:
        run = round(elapsed(limit.unit, begin, due, calendar, halts) * share)
        at = _advance(limit.unit, run, begin, halts, calendar)
        return max(begin, due if at is None else min(at, due))

    def one(warning: float | Before) -> int:
        if not isinstance(warning, Before):
            return shared(warning)
        at = _ahead(warning, due, calendar)
        return min(at, due) if at > begin else shared(0.5)

    return tuple(one(warning) for warning in limit.warnings)


def _ahead(warning: Before, due: int, calendar: Calendar) -> int:
    if warning.unit == "working_day":
        return calendar.opening_of(calendar.working_days_before(_day(due), warning.number))
    if warning.unit == "natural_day":
        return calendar.opening_of(_day(due) - warning.number)
    seconds = warning.number * SECONDS[warning.unit]
    if warning.unit == "working_hour":
        return calendar.reached(calendar.worked(due) - seconds)
    return due - seconds
