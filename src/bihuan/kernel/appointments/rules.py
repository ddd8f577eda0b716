"""When a resource serves, which slots that gives, and what may be done to a booking. Pure.

Times are seconds after midnight in China (`Shift`), slots are aware datetimes. Source: 国务院关于在线政务服务 and the cities' rules
on 延时服务: service at noon and on days off, announced by dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from bihuan.kernel.clocks.calendar import BEIJING, Shift

WORKING, REST, ALL = "working", "rest", "all"
BOOKED, ARRIVED, MISSED, CANCELLED = "booked", "arrived", "missed", "cancelled"
DEFAULTS: Mapping[str, int] = {
    "appointments.ahead_days": 14,
    "appointments.cancel_minutes": 60,
    "appointments.late_minutes": 15,
    "appointments.most_open": 3,
    "appointments.most_missed": 3,
    "appointments.missed_days": 90,
    "appointments.keep_days": 90,
}
"""What holds where no policy says otherwise."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Hours that are added (延时服务) or taken away (停办) from `first` to `last` (None: until further notice), on working days, days off,
    or all days.
    """

    first: date
    last: date | None
    on: str
    shifts: tuple[Shift, ...]
    closed: bool = False

    def holds(self, day: date, *, working: bool) -> bool:
        """Does it concern this day?"""
        within = self.first <= day and (self.last is None or day <= self.last)
        return within and self.on in (ALL, WORKING if working else REST)


class Slot(NamedTuple):
    """A stretch of time that can be booked."""

    begin: datetime
    end: datetime


def hours_of_day(
    day: date, *, working: bool, office: Sequence[Shift], changes: Iterable[Changed]
) -> list[Shift]:
    """The hours of a day, in order and apart: office hours of a working day and what is added, without what is taken away."""
    found = [*office] if working else []
    closed: list[Shift] = []
    for change in changes:
        if change.holds(day, working=working):
            (closed if change.closed else found).extend(change.shifts)
    open_ = _united(found)
    for gone in closed:
        open_ = [part for shift in open_ for part in _without(shift, gone)]
    return open_


def slots_of(day: date, shifts: Iterable[Shift], *, minutes: int, buffer: int) -> list[Slot]:
    """The slots of a day: each of `minutes`, `buffer` minutes apart, from the beginning of each stretch and within it."""
    midnight = datetime.combine(day, time(), BEIJING)
    found = []
    for shift in shifts:
        begin = shift.start
        while begin + minutes * 60 <= shift.end:
            start = midnight + timedelta(seconds=begin)
            found.append(Slot(start, start + timedelta(minutes=minutes)))
            begin += (minutes + buffer) * 60
    return found


def slots_free(slots: Iterable[Slot], held: Sequence[tuple[datetime, datetime]], now: datetime) -> list[Slot]:
    """Those that have not begun and touch nothing that is held."""
    return [
        slot
        for slot in slots
        if slot.begin > now and not any(slot.begin < end and begin < slot.end for begin, end in held)
    ]


def may_change(begin: datetime, now: datetime, minutes: int) -> bool:
    """May it still be moved or cancelled: so many minutes before it begins?"""
    return now <= begin - timedelta(minutes=minutes)


def changed_read(row: Mapping[str, Any]) -> Changed:
    """A row of the table of changes as a value; dates as ISO, shifts as [[start, end], …]."""
    last = row["last"]
    return Changed(
        first=date.fromisoformat(row["first"]),
        last=date.fromisoformat(last) if last else None,
        on=row["on"],
        shifts=tuple(Shift(start, end) for start, end in row["shifts"]),
        closed=row["closed"],
    )


def _united(shifts: Iterable[Shift]) -> list[Shift]:
    found: list[Shift] = []
    for shift in sorted(shifts):
        if found and shift.start <= found[-1].end:
            found[-1] = Shift(found[-1].start, max(found[-1].end, shift.end))
        else:
            found.append(shift)
    return found


def _without(shift: Shift, gone: Shift) -> list[Shift]:
    if gone.end <= shift.start or shift.end <= gone.start:
        return [shift]
    parts = (Shift(shift.start, gone.start), Shift(gone.end, shift.end))
    return [part for part in parts if part.start < part.end]
