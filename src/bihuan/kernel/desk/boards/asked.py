"""What a board is asked for, and what a mark on it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import Http404

from bihuan.kernel.desk.lists.worklist import period_begin
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.manifest import Board, Chart
from bihuan.kernel.pack import packs

SPANS = (7, 1, 30)
"""Days that a board may look back, today among them; the first is usual."""
WEEKS = 8
"""Usual is the mean of the same weekday in so many weeks before."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose cases, of which pack, at what moment, over how many days up to it."""

    pack: str
    scope: Scope
    now: datetime
    days: int = SPANS[0]

    @property
    def midnight(self) -> datetime:
        return period_begin("today", self.now)

    @property
    def since(self) -> datetime:
        return self.midnight - timedelta(days=self.days - 1)

    @property
    def usual_days(self) -> list[date]:
        """The same weekdays before today, the latest first."""
        return [(self.midnight - timedelta(weeks=n)).date() for n in range(1, WEEKS + 1)]

    @property
    def values(self) -> dict[str, Any]:
        """What every statement of a board is given."""
        return {
            "pack": self.pack,
            "now": self.now,
            "midnight": self.midnight,
            "since": self.since,
            "units": list(self.scope.units),
        }


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark: its series, the code of what it stands for ("-": none), and where a flow goes to."""

    series: str
    key: str = ""
    to: str = ""

    @property
    def params(self) -> dict[str, str]:
        """As it stands in an address."""
        named = {"mark": self.series, "key": self.key, "to": self.to}
        return {name: value for name, value in named.items() if value}


def mark_read(query: Mapping[str, str]) -> Mark:
    """The mark that an address names."""
    return Mark(query.get("mark", "")[:20], query.get("key", "")[:40], query.get("to", "")[:40])


def days_read(query: Mapping[str, str]) -> int:
    """The span that an address names, the usual one where it names none."""
    return next((days for days in SPANS if query.get("days") == str(days)), SPANS[0])


def boards() -> dict[str, tuple[str, Board]]:
    """Every board by its code, with the name of its pack."""
    return {board.code: (name, board) for name, pack in packs().items() for board in pack.boards}


def board_of(code: str) -> tuple[str, Board]:
    """A board with the name of its pack; 404 without one."""
    if code not in boards():
        raise Http404
    return boards()[code]


def chart_of(board: Board, code: str) -> Chart:
    """A chart of a board; 404 without one."""
    found = next((chart for chart in board.charts if chart.code == code), None)
    if found is None:
        raise Http404
    return found
