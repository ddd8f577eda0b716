"""Article 14 of 住建部令第51号: is a project special, by which row, and why. Pure (rules.md C1).

Every threshold is strictly greater than. Of several rows that hold, the strictest is the reason: the smallest threshold,
then the lowest number; rows 7-10 ask for no area.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bihuan.packs.fire.special.uses import Use

ITEMS = "一二三四五六七八九十"
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
    """A project as it is declared: area in m², height in m, None where it was not given."""

    use: Use
    area: Decimal | None = None
    height: Decimal | None = None
    contains: Sequence[Part] = field(default=())


@dataclass(frozen=True, slots=True)
class Verdict:
    """Is it special, by which row (None: by none), and the reason in words."""

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
    return Verdict(True, found.row, _noted(f"第14条第{_item(found.row)}项:{found.why}", project.use.doubt))


def _own(project: Project, limits: Limits) -> list[_Match]:
    use = project.use
    matches = []
    for row in use.rows:
        if row in CONTAINED_ROWS:
            if _over(project.area, limits.areas[row]):
                matches.append(_by_area(row, use, project.area, limits.areas[row]))
        elif row != HOME:
            matches.append(_Match(Decimal(0), row, f"{use.word},不论面积"))
        elif _over(project.height, limits.home_height):
            why = f"{use.word}高 {_told(project.height)} 米,超过 {_told(limits.home_height)} 米"
            matches.append(_Match(Decimal(0), row, why))
        elif use.class_one and project.height is None:
            matches.append(_Match(Decimal(0), row, f"{use.word}(按所写,未填高度)"))
    return matches


def _contained(project: Project, limits: Limits) -> list[_Match]:
    """Row 11: a part of any of rows 1-6, by its own area and threshold."""
    return [
        _Match(
            limits.areas[row],
            CONTAINING,
            _noted(
                f"设有{_by_area(row, part.use, part.area, limits.areas[row]).why}(第{_item(row)}项)",
                part.use.doubt,
            ),
        )
        for part in project.contains
        for row in part.use.rows
        if row in CONTAINED_ROWS and part.area > limits.areas[row]
    ]


def _other_public(project: Project, limits: Limits) -> list[_Match]:
    """Row 12: a public building that no other row has taken."""
    word = project.use.word
    if _over(project.area, limits.public_area):
        return [_by_area(OTHER_PUBLIC, project.use, project.area, limits.public_area)]
    if _over(project.height, limits.public_height):
        why = f"{word}高 {_told(project.height)} 米,超过 {_told(limits.public_height)} 米"
        return [_Match(limits.public_area, OTHER_PUBLIC, why)]
    return []


def _by_area(row: int, use: Use, area: Decimal | None, threshold: Decimal) -> _Match:
    return _Match(threshold, row, f"{use.word} {_told(area)} 平方米,大于 {_told(threshold)} 平方米")


def _why_not(project: Project, limits: Limits) -> str:
    use = project.use
    if use.kind == "excluded":
        return f"{use.word}:不适用本规定(第41条)"
    parts = [f"{use.word}"]
    listed = [limits.areas[row] for row in use.rows if row in CONTAINED_ROWS]
    if listed and project.area is not None:
        parts.append(f"{_told(project.area)} 平方米,不大于 {_told(min(listed))} 平方米")
    ceiling = {"home": limits.home_height, "public": limits.public_height}.get(use.kind)
    if ceiling and project.height is None:
        parts.append(f"未填高度,按不超过 {_told(ceiling)} 米")
    elif ceiling:
        parts.append(f"高 {_told(project.height)} 米,不超过 {_told(ceiling)} 米")
    return _noted(",".join(["不属于特殊建设工程:" + parts[0], *parts[1:]]), use.doubt)


def _over(value: Decimal | None, threshold: Decimal) -> bool:
    return value is not None and value > threshold


def _told(value: Decimal | None) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _item(row: int) -> str:
    return ITEMS[row - 1] if row <= len(ITEMS) else "十" + ITEMS[row - 11]


def _noted(reason: str, doubt: str) -> str:
    return f"{reason}({doubt},从严)" if doubt else reason
