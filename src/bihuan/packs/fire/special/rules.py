"""Article 14 of 住建部令第51号: is a project special, by which row, and why. Pure (rules.md C1).

Every threshold is strictly greater than. Of several rows that hold, the strictest is the reason: the smallest threshold,
then the lowest number; rows 7-10 ask for no area.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import itemgetter

from bihuan.packs.fire.special.reasons import reason_made
from bihuan.packs.fire.special.uses import Use

CONTAINED_ROWS = frozenset(range(1, 7))
CONTAINING, OTHER_PUBLIC, HOME = 11, 12, 7


@dataclass(frozen=True, slots=True)
class Limits:
    """The thresholds in force: m² by row, height of a class-one home and of other public buildings in m."""

    areas: Mapping[int, Decimal]
    home_height: Decimal
    public_area: Decimal
    public_height: Decimal


def limits_of(value: Mapping[str, int]) -> Limits:
    """The thresholds from the policy `fire.special`: keys "1" to "6", "7_height", "12" and "12_height"."""
    return Limits(
        {row: Decimal(value[str(row)]) for row in CONTAINED_ROWS},
        *(Decimal(value[key]) for key in ("7_height", "12", "12_height")),
    )


NATIONAL = {
    "1": 20_000,
    "2": 15_000,
    "3": 10_000,
    "4": 2_500,
    "5": 1_000,
    "6": 500,
    "7_height": 54,
    "12": 40_000,
    "12_height": 50,
}
"""As the regulation has them: m², and m for heights (54 m: GB 50016, class-one dwellings)."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part that a project contains: its use and area in m²."""

    use: Use
    area: Decimal


@dataclass(frozen=True, slots=True)
class Project:
    """A project as it is declared: area in m², height in m, None where it was not given; `single`: the area of its largest
    building where it has several."""

    use: Use
    area: Decimal | None = None
    height: Decimal | None = None
    contains: Sequence[Part] = field(default=())
    single: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Is it special, by which row (None: by none), and the reason in Chinese (`reasons.reason_told` tells it in other languages)."""

    special: bool
    row: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class _Match:
    threshold: Decimal
    row: int
    why: str


def classify(project: Project, *, limits: Limits) -> Verdict:
    """Judge a project. An area or height that was not given exceeds nothing, and the reason says so."""
    matches = [*_own(project, limits), *_contained(project, limits)]
    if not matches and project.use.kind == "public":
        matches += _other_public(project, limits)
    if not matches:
        return Verdict(False, None, _why_not(project, limits))
    found = min(matches, key=lambda match: (match.threshold, match.row))
    return Verdict(
        True, found.row, _noted(reason_made("special", row=found.row, why=found.why), project.use.doubt)
    )


def is_crowded(project: Project) -> bool:
    """Is it, or does it contain, a place of rows 1-6? They are crowded places by《消防法》art. 73."""
    return any(
        CONTAINED_ROWS & set(use.rows) for use in (project.use, *(part.use for part in project.contains))
    )


def _own(project: Project, limits: Limits) -> list[_Match]:
    use = project.use
    matches = []
    for row in use.rows:
        if row in CONTAINED_ROWS:
            if _over(project.area, limits.areas[row]):
                matches.append(_by_area(row, use, project.area, limits.areas[row]))
        elif row != HOME:
            matches.append(_Match(Decimal(0), row, reason_made("any_area", use=use.word)))
        elif _over(project.height, limits.home_height):
            matches.append(_by_height(Decimal(0), row, project, limits.home_height))
        elif use.class_one and project.height is None:
            matches.append(_Match(Decimal(0), row, reason_made("class_one", use=use.word)))
    return matches


def _contained(project: Project, limits: Limits) -> list[_Match]:
    """Row 11: a part of any of rows 1-6, by its own area and threshold."""
    return [
        _Match(
            limits.areas[row],
            CONTAINING,
            _noted(
                reason_made(
                    "contains", row=row, why=_by_area(row, part.use, part.area, limits.areas[row]).why
                ),
                part.use.doubt,
            ),
        )
        for part in project.contains
        for row in part.use.rows
        if row in CONTAINED_ROWS and part.area > limits.areas[row]
    ]


def _other_public(project: Project, limits: Limits) -> list[_Match]:
    """Row 12: a public building that no other row has taken, each building by itself."""
    area = project.area if project.single is None else project.single
    if _over(area, limits.public_area):
        return [_by_area(OTHER_PUBLIC, project.use, area, limits.public_area)]
    if _over(project.height, limits.public_height):
        return [_by_height(limits.public_area, OTHER_PUBLIC, project, limits.public_height)]
    return []


def _by_area(row: int, use: Use, area: Decimal | None, threshold: Decimal) -> _Match:
    why = reason_made("large", use=use.word, area=measure_told(area), limit=measure_told(threshold))
    return _Match(threshold, row, why)


def _by_height(threshold: Decimal, row: int, project: Project, limit: Decimal) -> _Match:
    why = reason_made(
        "high", use=project.use.word, height=measure_told(project.height), limit=measure_told(limit)
    )
    return _Match(threshold, row, why)


def _why_not(project: Project, limits: Limits) -> str:
    use = project.use
    if use.kind == "excluded":
        return reason_made("excluded", use=use.word)
    why = use.word
    judged = [(project.area, limits.areas[row]) for row in use.rows if row in CONTAINED_ROWS]
    if use.kind == "public":
        judged.append((project.area if project.single is None else project.single, limits.public_area))
    area, limit = min(judged, key=itemgetter(1), default=(None, None))
    if area is not None:
        why = reason_made("not_large", why=why, area=measure_told(area), limit=measure_told(limit))
    ceiling = {"home": limits.home_height, "public": limits.public_height}.get(use.kind)
    if ceiling and project.height is None:
        why = reason_made("no_height", why=why, limit=measure_told(ceiling))
    elif ceiling:
        why = reason_made("low", why=why, height=measure_told(project.height), limit=measure_told(ceiling))
    return _noted(reason_made("not_special", why=why), use.doubt)


def _over(value: Decimal | None, threshold: Decimal) -> bool:
    return value is not None and value > threshold


def measure_told(value: Decimal | None) -> str:
    """A measure as people write it: no zeros behind the point."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _noted(reason: str, doubt: str) -> str:
    return reason_made("doubtful", why=reason, doubt=doubt) if doubt else reason
