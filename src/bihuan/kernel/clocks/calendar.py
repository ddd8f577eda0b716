"""The working calendar: which days are worked, within which hours, and which years are only provisional.

Instants are whole seconds since 1970-01-01T00:00:00Z (epoch seconds, `int`); days are whole days since
1970-01-01 as lived in Beijing. The zone is Asia/Shanghai, which has kept +08:00 without summer time since
1992; the calendar begins in 2004. Sources of days: the yearly notices of the State Council's General Office
(节假日安排), where a make-up day (调休) is a working day; for a year not yet announced, weekends and
《全国年节及纪念日放假办法》 (2024年修订, in force 2025-01-01).
"""

import csv
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

DAY = 86_400
HOUR = 3_600
OFFSET = 8 * HOUR
BEIJING = timezone(timedelta(seconds=OFFSET), "Asia/Shanghai")
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
DAYS_FILE = Path(__file__).with_name("calendar_days.csv")


class CalendarError(ValueError):
    """The calendar is badly made, or is asked about a day that it does not know."""


class Shift(NamedTuple):
    """A stretch of work, in seconds after midnight; the end is exclusive."""

    start: int
    end: int


def shifts_parse(text: str) -> tuple[Shift, ...]:
    """`"08:30-12:00,14:00-17:30"` as shifts in order. CalendarError names the shift that is wrong."""
    shifts = []
    for part in text.split(","):
        try:
            start, end = (_seconds(clock) for clock in part.strip().split("-"))
        except ValueError:
            raise CalendarError(f"班次“{part.strip()}”应写作“08:30-12:00”。") from None
        shifts.append(Shift(start, end))
    _shifts_check(shifts)
    return tuple(shifts)


def _seconds(clock: str) -> int:
    hour, minute = (int(part) for part in clock.split(":"))
    if not (0 <= minute < 60 and 0 <= hour * 60 + minute <= 24 * 60):
        raise ValueError(clock)
    return hour * HOUR + minute * 60


def _shifts_check(shifts: Iterable[Shift]) -> None:
    last = 0
    for shift in shifts:
        if not last <= shift.start < shift.end <= DAY:
            raise CalendarError("班次应先后有序、互不重叠，且都在一天之内。")
        last = shift.end
    if not last:
        raise CalendarError("工作日至少应有一个班次。")


OFFICE_HOURS = shifts_parse("08:30-12:00,14:00-17:30")

# (正月初一, 清明, 端午, 中秋): the dates that need a table.
_FESTIVALS: dict[int, tuple[date, date, date, date]] = {
    2027: (date(2027, 2, 6), date(2027, 4, 5), date(2027, 6, 9), date(2027, 9, 15)),
    2028: (date(2028, 1, 26), date(2028, 4, 4), date(2028, 5, 28), date(2028, 10, 3)),
    2029: (date(2029, 2, 13), date(2029, 4, 4), date(2029, 6, 16), date(2029, 9, 22)),
    2030: (date(2030, 2, 3), date(2030, 4, 5), date(2030, 6, 5), date(2030, 9, 12)),
}


def legal_holidays(year: int) -> dict[date, str]:
    """The legal days off of a year (2027-2030) with their names, 13 unless two fall together.

    Source: 《全国年节及纪念日放假办法》 (2024年修订) art. 2: 元旦 1, 春节 4 (除夕 to 初三), 清明 1, 劳动节 2,
    端午 1, 中秋 1, 国庆 3. A day that is two festivals at once is one day here (中秋 of 2028 is October 3).
    CalendarError outside the table.
    """
    if year not in _FESTIVALS:
        raise CalendarError(f"{year}年的法定节日日期尚未录入，无法推定该年日历。")
    spring, qingming, dragon_boat, mid_autumn = _FESTIVALS[year]
    days = {date(year, 1, 1): "元旦", qingming: "清明节", dragon_boat: "端午节", mid_autumn: "中秋节"}
    days |= {spring + timedelta(days=n): "春节" for n in range(-1, 3)}
    days |= {date(year, 5, n): "劳动节" for n in (1, 2)}
    days |= {date(year, 10, n): "国庆节" for n in (1, 2, 3)}
    return days


def epoch(moment: datetime) -> int:
    """The whole second of an aware datetime; a naive one is a ValueError."""
    if moment.tzinfo is None:
        raise ValueError("时间必须带时区。")
    return int(moment.timestamp() // 1)


def moment(instant: int) -> datetime:
    """The datetime of epoch seconds, in Beijing time."""
    return datetime.fromtimestamp(instant, BEIJING)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH_ORDINAL


def day_of(number: int) -> date:
    """The date of a day number."""
    return date.fromordinal(number + EPOCH_ORDINAL)


class Hours(NamedTuple):
    """The hours of worked days from `day` (number) on, until the next: `rank` working days and `before` working seconds
    of the calendar come before it, and one of its days holds `seconds`.
    """

    day: int
    shifts: tuple[Shift, ...]
    rank: int
    before: int
    seconds: int

    @property
    def opens(self) -> int:
        return self.shifts[0].start

    @property
    def closes(self) -> int:
        return self.shifts[-1].end


@dataclass(frozen=True)
class Calendar:
    """An immutable calendar over whole, successive years; make it with `Calendar.build`.

    `working` holds one byte a day from January 1 of `first_year`: 1 worked, 0 not. `shifts` are the hours of a worked
    day, `later` other hours from a day (number) on, in order. Running totals make every question below O(1) in days. A
    day outside the years is a CalendarError, never a guess.
    """

    first_year: int
    working: bytes
    provisional: frozenset[int]
    shifts: tuple[Shift, ...]
    later: tuple[tuple[int, tuple[Shift, ...]], ...] = ()
    first_day: int = field(init=False, repr=False, compare=False)
    last_year: int = field(init=False, compare=False)
    totals: list[int] = field(init=False, repr=False, compare=False)
    doubts: list[int] = field(init=False, repr=False, compare=False)
    ranks: list[int] = field(init=False, repr=False, compare=False)
    hours: tuple[Hours, ...] = field(init=False, repr=False, compare=False)
    since: list[int] = field(init=False, repr=False, compare=False)
    worked_before: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        first_day = day_number(date(self.first_year, 1, 1))
        derived: dict[str, Any] = {
            "first_day": first_day,
            "last_year": day_of(first_day + len(self.working) - 1).year,
            "totals": _running(self.working),
            "doubts": _running(
                day_of(first_day + index).year in self.provisional for index in range(len(self.working))
            ),
            "ranks": [first_day + index for index, works in enumerate(self.working) if works],
        }
        derived["hours"] = _hours_in_order(self, derived["totals"], first_day)
        derived["since"] = [hours.day for hours in derived["hours"]]
        derived["worked_before"] = [hours.before for hours in derived["hours"]]
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    @classmethod
    def build(
        cls,
        deviations: Mapping[date, bool],
        *,
        published: Iterable[int],
        provisional: Iterable[int] = (),
        shifts: tuple[Shift, ...] = OFFICE_HOURS,
        later: Mapping[date, tuple[Shift, ...]] | None = None,
    ) -> "Calendar":
        """A calendar from {date: is_working} where it differs from Monday-Friday.

        Provisional years start from weekends and `legal_holidays`; entries of `deviations` within them win.
        `shifts` are worked until `later` names others from a day on.
        CalendarError: a gap between years, a year both published and provisional, a deviation outside all
        years.
        """
        announced, presumed = frozenset(published), frozenset(provisional)
        years = sorted(announced | presumed)
        if announced & presumed:
            raise CalendarError(f"{min(announced & presumed)}年不能既已公布又为暂定。")
        if not years or years != list(range(years[0], years[-1] + 1)):
            raise CalendarError("工作日历的年份应当连续。")
        known = {day: False for year in presumed for day in legal_holidays(year)} | dict(deviations)
        stray = [day for day in known if not years[0] <= day.year <= years[-1]]
        if stray:
            raise CalendarError(f"{min(stray)}不在工作日历的年份之内。")
        first, last = date(years[0], 1, 1).toordinal(), date(years[-1], 12, 31).toordinal()
        days = (date.fromordinal(ordinal) for ordinal in range(first, last + 1))
        working = bytes(known.get(day, day.weekday() < 5) for day in days)
        others = tuple((day_number(day), hours) for day, hours in sorted((later or {}).items()))
        return cls(years[0], working, presumed, shifts, others)

    def _index(self, day: int) -> int:
        index = day - self.first_day
        if 0 <= index < len(self.working):
            return index
        raise CalendarError(
            f"{day_of(day)}不在工作日历之内（{self.first_year}年至{self.last_year}年）；请先补充该年日历。"
        )

    def is_working(self, day: int) -> bool:
        """Whether a day (number) is worked."""
        return self.working[self._index(day)] == 1

    def worked_days(self, day: int) -> int:
        """Working days from the calendar's first day through `day`: the rank of `day` if it is worked."""
        return self.totals[self._index(day) + 1]

    def day_of_rank(self, rank: int) -> int:
        """The `rank`-th working day, counted from 1."""
        if 1 <= rank <= len(self.ranks):
            return self.ranks[rank - 1]
        raise CalendarError(
            f"期限超出工作日历（{self.first_year}年至{self.last_year}年）；请先补充后续年份日历。"
        )

    def working_day_from(self, day: int) -> int:
        """The first working day on or after `day`."""
        return self.day_of_rank(self.worked_days(day) + (not self.is_working(day)))

    def is_provisional(self, first: int, last: int) -> bool:
        """Whether any day from `first` to `last` (day numbers, both included) lies in a provisional year."""
        if not self.provisional:
            return False
        return self.doubts[self._index(last) + 1] > self.doubts[self._index(first)]

    def hours_of(self, day: int) -> Hours:
        """The hours that are kept on a day (number) if it is worked."""
        return self.hours[bisect_right(self.since, day, lo=1) - 1]

    def worked(self, instant: int) -> int:
        """Working seconds from the calendar's first day to an instant."""
        day, second = divmod(instant + OFFSET, DAY)
        index, hours = self._index(day), self.hours_of(day)
        total = hours.before + (self.totals[index] - hours.rank) * hours.seconds
        if self.working[index]:
            for start, end in hours.shifts:
                if second <= start:
                    break
                total += min(second, end) - start
        return total

    def reached(self, worked: int) -> int:
        """The first instant at which `worked` (≥ 1) working seconds are complete; the inverse of `worked`."""
        hours = self.hours[bisect_left(self.worked_before, worked, lo=1) - 1]
        full_days, rest = divmod(worked - hours.before - 1, hours.seconds)
        rest += 1
        second = 0
        for start, end in hours.shifts:
            second = start + rest
            if second <= end:
                break
            rest -= end - start
        return self.day_of_rank(hours.rank + full_days + 1) * DAY + second - OFFSET

    def opening(self, instant: int) -> int:
        """`instant` itself before the close of a working day, otherwise the next working day's opening."""
        day, second = divmod(instant + OFFSET, DAY)
        if self.is_working(day) and second <= self.hours_of(day).closes:
            return instant
        return self.opening_of(self.working_day_from(day + 1))

    def opening_of(self, day: int) -> int:
        """When a day (number) would open."""
        return day * DAY + self.hours_of(day).opens - OFFSET

    def working_days_before(self, day: int, number: int) -> int:
        """The `number`-th working day before `day`, which itself is not counted."""
        return self.day_of_rank(bisect_left(self.ranks, day) - number + 1)


def _hours_in_order(calendar: Calendar, totals: list[int], first_day: int) -> tuple[Hours, ...]:
    """The hours of each stretch of days; those named for a day before the calendar hold from its first day."""
    named = [(first_day, calendar.shifts)]
    for day, shifts in calendar.later:
        named = [*(one for one in named if one[0] < max(day, first_day)), (max(day, first_day), shifts)]
    found: list[Hours] = []
    for day, shifts in named:
        _shifts_check(shifts)
        rank, before = totals[min(day - first_day, len(calendar.working))], 0
        if found:
            before = found[-1].before + (rank - found[-1].rank) * found[-1].seconds
        found.append(Hours(day, shifts, rank, before, sum(end - start for start, end in shifts)))
    return tuple(found)


def _running(flags: Iterable[int]) -> list[int]:
    totals = [0]
    for flag in flags:
        totals.append(totals[-1] + flag)
    return totals


def calendar_days_read(path: Path = DAYS_FILE) -> dict[date, tuple[bool, str]]:
    """The committed official days: {date: (is_working, name)}; CalendarError names a bad line."""
    days = {}
    with path.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                works = {"off": False, "work": True}[row["kind"]]
                days[date.fromisoformat(row["date"])] = (works, row["name"])
            except (KeyError, ValueError):
                raise CalendarError(f"{path.name}第{line}行应为“日期,off或work,名称”。") from None
    return days


@lru_cache(maxsize=8)
def official_calendar(shifts: tuple[Shift, ...] = OFFICE_HOURS) -> Calendar:
    """The committed years as published, then the years of the festival table as provisional."""
    days = calendar_days_read()
    published = {day.year for day in days}
    return Calendar.build(
        {day: works for day, (works, _) in days.items()},
        published=published,
        provisional=[year for year in _FESTIVALS if year > max(published)],
        shifts=shifts,
    )
