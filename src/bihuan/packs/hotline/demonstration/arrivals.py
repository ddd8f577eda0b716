"""When the generated orders come in: a made-up curve of days and hours like a northern city's hotline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")
RAINY_MONTHS = (6, 7, 8, 9)

_WEEKDAYS = (1.16, 1.10, 1.07, 1.05, 1.03, 0.83, 0.76)
_MONTHS = (1.02, 0.80, 0.94, 0.92, 0.96, 1.04, 1.16, 1.14, 1.00, 0.93, 1.12, 1.10)
_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (5, 3), *((10, day) for day in range(1, 8))})
_HOURS = (
    0.4, 0.25, 0.2, 0.15, 0.2, 0.5, 1.5, 3.5, 7.5, 9.5, 9.0, 7.0,
    4.5, 5.0, 7.0, 7.5, 7.2, 6.5, 5.5, 5.5, 5.0, 3.5, 2.0, 1.0,
)  # fmt: skip
_HOURS_CUMULATED = tuple(accumulate(_HOURS))


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the period: its orders and whether heavy rain fell."""

    date: date
    count: int
    rain: bool


def days(*, count: int, start: date, end: date, rng: Random) -> Iterator[Day]:
    """The days from `start` to `end`, both included, whose counts add up to exactly `count`."""
    dates = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    rains = [day.month in RAINY_MONTHS and rng.random() < 0.2 for day in dates]
    weights = [_weight(day, rain=rain, rng=rng) for day, rain in zip(dates, rains, strict=True)]
    whole, done, passed = sum(weights), 0, 0.0
    for day, rain, weight in zip(dates, rains, weights, strict=True):
        passed += weight
        due = count if day == end else round(count * passed / whole)
        yield Day(day, due - done, rain)
        done = due


def _weight(day: date, *, rain: bool, rng: Random) -> float:
    weight = _WEEKDAYS[day.weekday()] * _MONTHS[day.month - 1] * rng.uniform(0.9, 1.1)
    if (day.month, day.day) in _HOLIDAYS:
        weight *= 0.6
    return weight * 1.15 if rain else weight


def times(*, day: date, count: int, rng: Random) -> list[datetime]:
    """`count` moments of the day in rising order, Asia/Shanghai, busiest before and after noon."""
    hours = rng.choices(range(24), cum_weights=_HOURS_CUMULATED, k=count)
    seconds = sorted(hour * 3600 + int(rng.random() * 3600) for hour in hours)
    return [
        datetime(day.year, day.month, day.day, s // 3600, s // 60 % 60, s % 60, tzinfo=LOCAL) for s in seconds
    ]
