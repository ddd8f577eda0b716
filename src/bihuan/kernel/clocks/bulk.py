"""Due times in bulk: the arithmetic of `rules.due_at` (without pauses and extensions) on whole arrays."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bihuan.kernel.clocks.calendar import DAY, OFFSET, Calendar, CalendarError, Hours
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


def _of_hours(days: Instants, calendar: Calendar) -> list[tuple[Hours, NDArray[np.bool_]]]:
    """The hours of each stretch of the calendar with the days that lie in it."""
    places = np.searchsorted(np.array(calendar.since[1:], dtype=np.int64), days, side="right")
    return [(hours, places == place) for place, hours in enumerate(calendar.hours)]


def _closes(days: Instants, calendar: Calendar) -> Instants:
    """When each day closes, in seconds after midnight."""
    closes = np.empty_like(days)
    for hours, held in _of_hours(days, calendar):
        closes[held] = hours.closes
    return closes


def _openings(starts: Instants, calendar: Calendar) -> Instants:
    tables, local = _tables(calendar), starts + OFFSET
    days = local // DAY
    indexes = _indexes(days, calendar)
    late = ~tables.working[indexes] | (local - days * DAY > _closes(days, calendar))
    openings = starts.copy()
    next_days = _ranked(tables.totals[indexes[late] + 1], calendar)
    opens = np.empty_like(next_days)
    for hours, held in _of_hours(next_days, calendar):
        opens[held] = hours.opens
    openings[late] = next_days * DAY + opens - OFFSET
    return openings


def _worked_off(begins: Instants, seconds: int, calendar: Calendar) -> Instants:
    tables, local = _tables(calendar), begins + OFFSET
    days = local // DAY
    clock = local - days * DAY
    indexes = _indexes(days, calendar)
    last = np.empty_like(begins)
    for hours, held in _of_hours(days, calendar):
        today = sum(np.clip(clock[held], start, end) - start for start, end in hours.shifts)
        today = today * tables.working[indexes[held]]
        ranks = tables.totals[indexes[held]] - hours.rank
        last[held] = hours.before + ranks * hours.seconds + today + (seconds - 1)
    return _reached(last, calendar)


def _reached(last: Instants, calendar: Calendar) -> Instants:
    """When so many working seconds and one more are complete."""
    places = np.searchsorted(np.array(calendar.worked_before[1:], dtype=np.int64), last, side="right")
    found = np.empty_like(last)
    for place, hours in enumerate(calendar.hours):
        held = places == place
        ranks = (last[held] - hours.before) // hours.seconds
        second = last[held] - hours.before - ranks * hours.seconds + 1 + hours.opens
        for before, after in zip(hours.shifts, hours.shifts[1:], strict=False):
            second += (second > before.end) * (after.start - before.end)
        found[held] = _ranked(hours.rank + ranks, calendar) * DAY + second - OFFSET
    return found


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
    return dues * DAY + (_closes(dues, calendar) if limit.ends == "close_of_business" else DAY - 1) - OFFSET
