"""Reading cards: filtered, and counted by unit, as the present scope sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import day_of
from bihuan.packs.onewindow.supervision.models import Card
from bihuan.packs.onewindow.supervision.rules import CODES, RED, YELLOW, score
from bihuan.packs.onewindow.supervision.services import WITHDRAWN
from bihuan.packs.onewindow.supervision.words import STANDINGS

DAYS = 30
FILTERS = ("colour", "rule", "unit", "stage", "standing", "item", "person")


@dataclass(frozen=True, slots=True)
class OfUnit:
    """A unit's cards that count (those withdrawn apart), the red ones still to be explained and those to be decided (`open`), and its
    score: a hundred less their points."""

    unit: Unit
    yellow: int
    red: int
    withdrawn: int
    open: int
    score: int


def filters_read(asked: Mapping[str, str]) -> dict[str, str]:
    """The filters in an address, those that are none left out."""
    found = {name: str(asked.get(name, ""))[:80] for name in FILTERS}
    known: dict[str, tuple[str, ...]] = {
        "colour": (YELLOW, RED), "rule": CODES, "standing": tuple(STANDINGS),
    }  # fmt: skip
    return {
        name: value for name, value in found.items() if value and (name not in known or value in known[name])
    }


def cards_listed(filters: Mapping[str, str], *, since: datetime) -> QuerySet[Card]:
    """The cards since a day that the filters leave, newest first."""
    where = {
        "colour": "colour", "rule": "rule", "unit": "unit__code", "stage": "stage", "standing": "standing",
        "item": "case__application__version__item__code", "person": "person__username",
    }  # fmt: skip
    rows = Card.objects.filter(at__gte=since, **{where[name]: value for name, value in filters.items()})
    return rows.select_related("case", "unit", "person", "case__application__version__item").order_by(
        "-at", "-pk"
    )


def units_counted(rows: QuerySet[Card], *, now: datetime) -> list[OfUnit]:
    """These cards by unit, the lowest score first."""
    standing = ~Q(standing=WITHDRAWN)
    counted = (
        rows.select_related(None)
        .order_by()
        .values("unit")
        .annotate(
            yellow=Count("pk", filter=standing & Q(colour=YELLOW)),
            red=Count("pk", filter=standing & Q(colour=RED)),
            withdrawn=Count("pk", filter=Q(standing=WITHDRAWN)),
            open=Count("pk", filter=Q(standing="objected") | Q(standing="open", colour=RED)),
        )
    )
    units = Unit.objects.in_bulk([row["unit"] for row in counted])
    yellow, red = points(now)
    found = [
        OfUnit(
            units[row["unit"]], row["yellow"], row["red"], row["withdrawn"], row["open"],
            score(row["yellow"], row["red"], points_yellow=yellow, points_red=red),
        )
        for row in counted
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.score, one.unit.code))


def points(now: datetime) -> tuple[int, int]:
    """How many points a yellow and a red card take, by the policies of today."""
    book, on = rulebook(), day_of(now)
    yellow, red = (
        int(book.value(f"onewindow.card_{colour}", region=settings.REGION, on=on, default=0))
        for colour in (YELLOW, RED)
    )
    return yellow, red


def since_of(now: datetime) -> datetime:
    """The first moment that the page looks at."""
    return now - timedelta(days=DAYS)
