"""Due times in bulk: the arithmetic of `rules.due_at` (without pauses and extensions) on whole arrays."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bihuan.kernel.clocks.calendar import DAY, OFFSET, Calendar, CalendarError
from bihuan.kernel.clocks.rules import ROLLING, SECONDS, Limit, LimitError

Instants = NDArray[np.int64]


class _Tables(NamedTuple):
    working: NDArray[np.bool_]
    totals: Instants
    ranks: Instants
    doubts: Instants


@lru_cache(maxsize=8)
def _tables(calendar: Calendar) -> _Tables:
    return _Tables(
        np.frombuffer(calendar.working, dtype=np.bool_),
        np.array(calendar.totals, dtype=np.int64),
        np.array(calendar.ranks, dtype=np.int64),
        np.array(calendar.doubts, dtype=np.int64),
    )


def due_dates_bulk(starts: Instants, limit: Limit, calendar: Calendar) -> Instants:
    """`due_at(limit, start, calendar).at` for every start: int64 epoch seconds, shape (n,) in and out.

    Every unit but month (LimitError). CalendarError if any start or due time is outside the calendar: none is
    guessed.
    """
    if limit.unit == "month":
        raise LimitError("按月计的时限不能批量计算。")
    starts = np.asarray(starts, dtype=np.int64)
    begins = _openings(starts, calendar) if limit.after_hours == "next_working_day" else starts
    if limit.unit == "working_hour":
        return _worked_off(begins, limit.number * SECONDS["working_hour"], calendar)
    if limit.runs:
        return begins + limit.number * SECONDS[limit.unit]
    return _counted(begins, limit, calendar)


def provisional_bulk(first: Instants, last: Instants, calendar: Calendar) -> NDArray[np.bool_]:
    """Whether each span of instants touches a provisional year: for working units, from start to due time."""
    doubts = _tables(calendar).doubts
    ends, begins = _indexes(_days(last), calendar), _indexes(_days(first), calendar)
    return np.asarray(doubts[ends + 1] > doubts[begins])


def _days(instants: Instants) -> Instants:
    return (instants + OFFSET) // DAY


def _indexes(days: Instants, calendar: Calendar) -> Instants:
    indexes = days - calendar.first_day
    if indexes.size and not (indexes.min() >= 0 and indexes.max() < len(calendar.working)):
        raise CalendarError(f"有时间不在工作日历之内（{calendar.first_year}年至{calendar.last_year}年）。")
    return indexes


def _ranked(ranks: Instants, calendar: Calendar) -> Instants:
    """The days of ranks counted from 0."""
    if ranks.size and ranks.max() >= len(calendar.ranks):
        raise CalendarError(f"有期限超出工作日历（{calendar.first_year}年至{calendar.last_year}年）。")
    return _tables(calendar).ranks[ranks]


def _openings(starts: Instants, calendar: Calendar) -> Instants:
    tables, local = _tables(calendar), starts + OFFSET
    days = local // DAY
    indexes = _indexes(days, calendar)
    late = ~tables.working[indexes] | (local - days * DAY > calendar.closes)
    openings = starts.copy()
    openings[late] = _ranked(tables.totals[indexes[late] + 1], calendar) * DAY + calendar.opens - OFFSET
    return openings


def _worked_off(begins: Instants, seconds: int, calendar: Calendar) -> Instants:
    tables, local = _tables(calendar), begins + OFFSET
    days = local // DAY
    clock = local - days * DAY
    indexes = _indexes(days, calendar)
    today = np.zeros_like(clock)
    for start, end in calendar.shifts:
        today += np.clip(clock, start, end) - start
    today *= tables.working[indexes]
    last = tables.totals[indexes] * calendar.day_seconds + today + (seconds - 1)
    ranks = last // calendar.day_seconds
    rest = last - ranks * calendar.day_seconds + 1
    second = rest + calendar.shifts[0].start
    for before, after in zip(calendar.shifts, calendar.shifts[1:], strict=False):
        second += (second > before.end) * (after.start - before.end)
    return _ranked(ranks, calendar) * DAY + second - OFFSET


def _counted(begins: Instants, limit: Limit, calendar: Calendar) -> Instants:
    tables, local = _tables(calendar), begins + OFFSET
    days = local // DAY
    if limit.unit == "working_day":
        dues = _ranked(tables.totals[_indexes(days, calendar) + 1] + (limit.number - 1), calendar)
    else:
        dues = days + limit.number
        if limit.rolls and limit.unit in ROLLING:
            dues = _ranked(tables.totals[_indexes(dues, calendar)], calendar)
    if limit.starts == "moment":
        return dues * DAY + (local - days * DAY) - OFFSET
    return dues * DAY + (calendar.closes if limit.ends == "close_of_business" else DAY - 1) - OFFSET
