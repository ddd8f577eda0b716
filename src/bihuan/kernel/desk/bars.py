"""Bars drawn without a library: sizes as whole numbers for SVG, the figures themselves as text beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LONG, HIGH, STEP, WIDE = 100, 60, 24, 9


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a list of bars: `size` of 100."""

    label: str
    value: int
    address: str
    size: int


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a chart: its left edge, its top and its height, in the drawing's own units (60 high)."""

    x: int
    y: int
    height: int
    value: int


def bars(rows: Sequence[tuple[str, int, str]]) -> list[Bar]:
    """Label, value and address of each line; the largest is drawn full."""
    largest = max((value for _, value, _ in rows), default=0) or 1
    return [
        Bar(label, value, address, max(1, LONG * value // largest) if value else 0)
        for label, value, address in rows
    ]


def columns(values: Sequence[int], largest: int) -> list[Column]:
    """A column for each value; one that is not zero is seen."""
    heights = [max(1, HIGH * value // largest) if value else 0 for value in values]
    return [
        Column(place * STEP, HIGH - height, height, value)
        for place, (value, height) in enumerate(zip(values, heights, strict=True))
    ]
