"""When a metric is beyond its limit: pure. An episode begins after so many readings in a row beyond the limit, and ends after so
many within a nearer one, so that a value that trembles at the limit gives one episode and not many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

NIGHT_BEGINS, NIGHT_ENDS = 22, 6
"""Hours of a night, by the clock of Beijing (GB 12523: 22:00 to 6:00)."""
BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Metric:
    """What a kind of device measures: `least` and `most` are what its sensor can say at all; `below`: less is worse.

    `policy` is the code of the rule that holds its limit ("": it has none).
    """

    code: str
    label: str
    unit: str
    least: float
    most: float
    below: bool = False
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of device, and what it measures."""

    code: str
    label: str
    metrics: tuple[Metric, ...]

    def metric(self, code: str) -> Metric | None:
        return next((one for one in self.metrics if one.code == code), None)


@dataclass(frozen=True, slots=True)
class Limit:
    """Beyond `bound` for `readings` in a row an episode begins; at `clear` or better for `calm` in a row it ends.

    At night `night_bound` and `night_clear` hold instead, where they are given. `rule` is the id of the policy row.
    """

    bound: float
    clear: float
    readings: int
    calm: int
    below: bool = False
    night_bound: float | None = None
    night_clear: float | None = None
    rule: int = 0

    def bound_at(self, at: datetime) -> float:
        """The bound by the hour."""
        return self.bound if self.night_bound is None or not is_night(at) else self.night_bound

    def is_beyond(self, point: Point) -> bool:
        """Strictly beyond: at the limit is within."""
        bound = self.bound_at(point.at)
        return point.value < bound if self.below else point.value > bound

    def is_calm(self, point: Point) -> bool:
        """At the nearer limit or better."""
        clear = self.clear if self.night_clear is None or not is_night(point.at) else self.night_clear
        return point.value >= clear if self.below else point.value <= clear

    def worse(self, one: float, other: float) -> float:
        """The worse of two values."""
        return min(one, other) if self.below else max(one, other)

    @property
    def memory(self) -> int:
        """So many readings before a moment tell all of the counting that matters at it."""
        return max(self.readings, self.calm)


class Point(NamedTuple):
    """A value at a moment."""

    at: datetime
    value: float


@dataclass(slots=True)
class Found:
    """An episode among readings. `began_at` is its first reading beyond the limit, None when it stood before them all;
    `confirmed_at` the reading that made it one, `ended_at` the one that ended it, None while it stands.
    """

    began_at: datetime | None
    confirmed_at: datetime | None
    worst: float | None
    ended_at: datetime | None = None
    bound: float = 0


@dataclass(slots=True)
class _Run:
    points: list[Point] = field(default_factory=list)
    calm: int = 0


def is_night(at: datetime) -> bool:
    """Is it night in Beijing?"""
    hour = at.astimezone(BEIJING).hour
    return hour >= NIGHT_BEGINS or hour < NIGHT_ENDS


def episodes_found(points: Iterable[Point], limit: Limit, *, standing: bool = False) -> list[Found]:
    """The episodes among readings in the order of their time; with `standing` the first was there before them."""
    found = [Found(None, None, None)] if standing else []
    run = _Run()
    for point in points:
        if found and found[-1].ended_at is None:
            _go_on(found[-1], point, run, limit)
        elif _begins(point, run, limit):
            worst = run.points[0].value
            for one in run.points:
                worst = limit.worse(worst, one.value)
            found.append(Found(run.points[0].at, point.at, worst, bound=limit.bound_at(point.at)))
            run = _Run()
    return found


def _begins(point: Point, run: _Run, limit: Limit) -> bool:
    run.points = [*run.points, point] if limit.is_beyond(point) else []
    return len(run.points) >= limit.readings


def _go_on(episode: Found, point: Point, run: _Run, limit: Limit) -> None:
    episode.worst = point.value if episode.worst is None else limit.worse(episode.worst, point.value)
    run.calm = run.calm + 1 if limit.is_calm(point) else 0
    if run.calm >= limit.calm:
        episode.ended_at = point.at
        run.points, run.calm = [], 0


@dataclass(frozen=True, slots=True)
class Kept:
    """An episode as it is kept: `id` 0 for one that is new."""

    id: int
    began_at: datetime
    confirmed_at: datetime
    ended_at: datetime | None
    worst: float
    bound: float = 0


def episodes_reconciled(kept: Sequence[Kept], found: Sequence[Found], limit: Limit) -> list[Kept]:
    """What changes in what is kept by what was found now: new ones, and kept ones that grew, got worse or ended.

    What was once told is not taken back: a late reading may add an episode or lengthen one, and never makes a second one of the
    same time.
    """
    changed, known = [], list(kept)
    for one in found:
        place = next((n for n in reversed(range(len(known))) if _overlap(known[n], one)), None)
        if place is None:
            if one.began_at is not None and one.confirmed_at is not None and one.worst is not None:
                changed.append(Kept(0, one.began_at, one.confirmed_at, one.ended_at, one.worst, one.bound))
            continue
        last = known[place]
        worst = last.worst if one.worst is None else limit.worse(last.worst, one.worst)
        ended = max(last.ended_at, one.ended_at) if last.ended_at and one.ended_at else one.ended_at
        began = min(last.began_at, one.began_at or last.began_at)
        if place and (over := known[place - 1].ended_at):
            began = max(began, over)  # the time of the one before stays its own
        row = known[place] = Kept(last.id, began, last.confirmed_at, ended, worst, last.bound)
        changed += [row] if row != last else []
    return changed


def is_standing(kept: Iterable[Kept], begin: datetime, first: datetime) -> bool:
    """Does one of these that began before a stretch of readings (`begin`) still stand at the `first` that is new in it?"""
    return any(one.began_at < begin and (one.ended_at is None or one.ended_at > first) for one in kept)


def _overlap(kept: Kept, found: Found) -> bool:
    """Do they share a time? One that stood before the readings has no beginning among them."""
    before = found.ended_at is not None and found.ended_at <= kept.began_at
    after = None not in (found.began_at, kept.ended_at) and kept.ended_at <= found.began_at  # type: ignore[operator]
    return not before and not after
