"""A site's life as pure rules: its stages, what may follow when, coverage, and days without accident.

建筑法 art. 7-10 (permit before the start, a stop is told), 生产安全事故报告和调查处理条例 art. 3 (grades of accidents).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

UNDER_CONSTRUCTION = ("building", "stopped")


@dataclass(frozen=True, slots=True)
class Turn:
    """What may happen to a site: from which stages, and to which ("": it stays)."""

    code: str
    label: str
    sources: tuple[str, ...]
    target: str


EVENTS = (
    Turn("started", "开工", ("permitted",), "building"),
    Turn("stopped", "停工", ("building",), "stopped"),
    Turn("resumed", "复工", ("stopped",), "building"),
    Turn("accepted", "竣工验收合格", ("building",), "accepted"),
)


def grade_of(deaths: int, injured: int) -> str:
    """The grade of an accident by 条例 art. 3: ≥ 30 deaths or ≥ 100 badly injured, ≥ 10 or ≥ 50, ≥ 3 or ≥ 10, else the least."""
    for grade, least_deaths, least_injured in (("gravest", 30, 100), ("major", 10, 50), ("larger", 3, 10)):
        if deaths >= least_deaths or injured >= least_injured:
            return grade
    return "minor"


def turns_open(stage: str) -> list[Turn]:
    """What may happen next."""
    return [turn for turn in EVENTS if stage in turn.sources]


def turn_fault(stage: str, code: str, on: date, *, last: date, today: date) -> str:
    """Why this may not happen then, as a word for machines: "state", "too_early", "future_date", or "" when it may."""
    if code not in {turn.code for turn in turns_open(stage)}:
        return "state"
    if on < last:
        return "too_early"
    return "future_date" if on > today else ""


def days_without(accidents: Iterable[date], *, since: date | None, until: date) -> int | None:
    """Whole days since the last accident, or since the beginning; None for what has not begun."""
    if since is None or until < since:
        return None
    return (until - max([since, *(one for one in accidents if one <= until)])).days
