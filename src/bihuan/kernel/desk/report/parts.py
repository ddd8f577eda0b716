"""What a report is made of: sections with a table, and bars or columns drawn of its figures; on the page, on paper, in a workbook.

A cell is text, a whole number, or one of the values below, which tell the figures that they are made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

NOTHING = "–"
DRAWN = 10
"""So many of a table are drawn."""


class Rate(NamedTuple):
    """A share with what it is a share of."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        """0-1; None for 0 / 0."""
        return self.part / self.whole if self.whole else None

    def __str__(self) -> str:
        share = NOTHING if self.share is None else f"{100 * self.share:.1f}%"
        return f"{share} ({self.part} / {self.whole})"


class Change(NamedTuple):
    """How a number stands to an earlier one, as a share of it."""

    now: int
    before: int

    @property
    def share(self) -> float | None:
        """The growth, 0.1 for a tenth more; None where there was nothing before."""
        return (self.now - self.before) / self.before if self.before else None

    def __str__(self) -> str:
        return NOTHING if self.share is None else f"{100 * self.share:+z.1f}%"


class Points(NamedTuple):
    """How a rate stands to an earlier one, in hundredths."""

    now: Rate
    before: Rate

    @property
    def share(self) -> float | None:
        """The difference of the shares; None where one of them is none."""
        if self.now.share is None or self.before.share is None:
            return None
        return self.now.share - self.before.share

    def __str__(self) -> str:
        return NOTHING if self.share is None else f"{100 * self.share:+z.1f}"


Cell = str | int | Rate | Change | Points


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report: a title, what is to be known of it, a table, and what is drawn of it.

    `bars` lie, a line each; `columns` stand side by side, as days do. `links` are addresses of the rows' first cells, where they
    have any. `empty` is said where there is no row. `wide` columns take the room that is left on paper.
    """

    title: str
    note: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    bars: tuple[tuple[str, int], ...] = ()
    columns: tuple[tuple[str, int], ...] = ()
    links: tuple[str, ...] = ()
    empty: str = ""
    wide: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report: whose it is and of what time, by which rule, up to when, and its sections."""

    title: str
    subtitle: str
    rule: str
    name: str
    sections: tuple[Section, ...]


def counts_section(
    title: str, counts: Sequence[tuple[str, int, int, int]], *, heads: Sequence[str], share: str, empty: str
) -> Section:
    """A table of (name, this month, month before, same month last year) with shares of all and growth, and bars of the first.

    `heads`: of the names, this month, month before, the growth on it, last year, the growth on it; `share` heads the shares.
    """
    whole = sum(now for _, now, _, _ in counts)
    rows = tuple(
        (name, now, Rate(now, whole), before, Change(now, before), year, Change(now, year))
        for name, now, before, year in counts
    )
    bars = tuple((name, now) for name, now, _, _ in counts[:DRAWN] if now)
    return Section(
        title,
        head=(*heads[:2], share, *heads[2:]),
        rows=rows,
        bars=bars if len(bars) > 1 else (),
        empty=empty,
    )
