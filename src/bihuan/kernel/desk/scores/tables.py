"""Scores as pages show them: both lists of a month or a day, a unit's own figures, and tables by class, matter and place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext

from bihuan.kernel.desk.pack_words import matter_name
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import Scope, day_of, scope_within
from bihuan.kernel.scoring.indicators import indicators, indicators_counted, labels, measures_of
from bihuan.kernel.scoring.measures import MEASURES, TURNED
from bihuan.kernel.scoring.models import Decision
from bihuan.kernel.scoring.ranking import Card, Count, Placed
from bihuan.kernel.scoring.reading import scored_packs
from bihuan.kernel.scoring.selectors import Span, counted, day_span, month_before, month_span, ranking
from bihuan.kernel.scoring.words import LABELS, LIGHT_NAMES, LIST_NAMES
from bihuan.kernel.sentences import named

EVERYTHING = Scope(0, (), (), True)
"""Rates of units hold nothing of any one order."""
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The time that a page is about: a month, or a day of it; `query` is the part of an address that says so."""

    span: Span
    month: date
    day: date | None
    query: str

    @property
    def title(self) -> str:
        return f"{self.day:%Y-%m-%d}" if self.day else f"{self.month:%Y-%m}"


def chosen_of(params: Mapping[str, str], now: datetime) -> Chosen:
    """The month or day that an address names; this month where it names none."""
    today = day_of(now)
    try:
        if params.get("day"):
            day = date.fromisoformat(params["day"])
            if not 2000 <= day.year < 2100:
                raise ValueError
            return Chosen(day_span(day, closed=now), day.replace(day=1), day, f"day={day}")
        month = date.fromisoformat(f"{params['month']}-01") if params.get("month") else today.replace(day=1)
    except (ValueError, OverflowError):
        month = today.replace(day=1)
    if not 2000 <= month.year < 2100:
        month = today.replace(day=1)
    return Chosen(month_span(month, closed=now), month, None, f"month={month:%Y-%m}")


def months_offered(now: datetime, count: int = 13) -> list[date]:
    """The last months, this one first."""
    found = [day_of(now).replace(day=1)]
    while len(found) < count:
        found.append(month_before(found[-1]))
    return found


def days_offered(chosen: Chosen, now: datetime) -> list[date]:
    """The days of the month up to today."""
    last = min(day_of(now), (chosen.month + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    return [chosen.month + timedelta(days=n) for n in range((last - chosen.month).days + 1)]


def pack_scored() -> str:
    """The pack whose cases are scored: the first that is."""
    return next(iter(scored_packs()))


def lists_ranked(*, pack: str, span: Span, card: Card) -> dict[str, list[Placed]]:
    """Both lists over all units."""
    with scope_within(EVERYTHING):
        return ranking(pack=pack, span=span, card=card)


def list_ranked_told(
    rows: list[Placed], card: Card, scope: Scope, unit: int | None = None
) -> tuple[list[Placed], int]:
    """The rows of a list that may be told (of one `unit` alone: its own, or all where rankings are shown), and how many are not."""
    whole = card.public or (scope.everything and unit is None)
    mine = [row for row in rows if whole or (row.unit == unit if unit else row.unit in scope.units)]
    return mine, len(rows) - len(mine)


def list_shown(name: str, rows: list[Placed], card: Card, scope: Scope, query: str) -> dict[str, Any]:
    """One list in words: whole for the centre, or when the card says that rankings are shown; else the own units alone."""
    mine, hidden = list_ranked_told(rows, card, scope)
    names = units_named(row.unit for row in mine)
    placed, words = sum(1 for row in rows if row.place is not None), labels()
    return {
        "name": LIST_NAMES[name],
        "placed": placed,
        "hidden": hidden,
        "rows": [_row(row, names, card, placed, query, scope) for row in mine],
        "measures": [words[measure] for measure in measures_of(card)],
    }


def _row(
    row: Placed, names: Mapping[int, Unit], card: Card, placed: int, query: str, scope: Scope
) -> dict[str, Any]:
    unit = names[row.unit]
    opens, words = scope.everything or row.unit in scope.units, labels()
    return {
        "name": named(unit),
        "address": f"{reverse('unit_scores', args=[unit.code])}?{query}" if opens else "",
        "place": f"{row.place} / {placed}" if row.place else NOTHING,
        "few": row.place is None,
        "bottom": row.bottom,
        "light": row.light,
        "light_name": LIGHT_NAMES.get(row.light, ""),
        "score": score_told(row.score),
        "orders": row.orders,
        "cells": [(words[m], rate_told(m, row.counts.get(m, Count()))) for m in measures_of(card)],
    }


def units_named(ids: Any) -> dict[int, Unit]:
    """Units by their ids."""
    return {unit.pk: unit for unit in Unit.objects.filter(pk__in=list(ids))}


def score_told(score: int | None) -> str:
    """Hundredths of a point as people write a score: 87.25."""
    return NOTHING if score is None else f"{score // 100}.{score % 100:02d}"


def rate_told(measure: str, count: Count) -> str:
    """A rate with what it is of: 95.0% (19 / 20); what is the better the less is told as the share of the bad."""
    if not count.n:
        return f"{NOTHING} (0 / 0)"
    part = count.bad if measure in TURNED else count.good
    return f"{100 * part / count.n:.1f}% ({part} / {count.n})"


def unit_figures(*, pack: str, span: Span, unit: Unit, card: Card, query: str) -> list[dict[str, Any]]:
    """Every measure of a unit with its counts, each leading to the orders behind it, within the present scope; and the indicators
    that the card weighs."""
    counts = counted(pack=pack, span=span, unit=unit.pk).get(str(unit.pk), {})
    with scope_within(EVERYTHING):
        counts |= indicators_counted(span.since, span.until, card).get(str(unit.pk), {})
    found, words = [], labels()
    for measure in measures_of(card):
        count = counts.get(measure, Count())
        address = _behind(unit, measure)
        found.append(
            {
                "label": words[measure],
                "rate": rate_told(measure, count),
                "cells": [
                    (label, value, f"{address}{query}&outcome={outcome}" if value else "")
                    for outcome, label, value in (
                        ("good", gettext("达标"), count.good),
                        ("bad", gettext("不达标"), count.bad),
                        ("out", gettext("不计"), count.out),
                    )
                ],
            }
        )
    return found


def _behind(unit: Unit, measure: str) -> str:
    """Where the orders or other things behind a figure are seen: an address that goes on with parameters."""
    known = indicators()
    if measure in known:
        return f"{reverse(known[measure].view)}?unit={unit.code}&"
    return f"{reverse('scores_behind', args=[unit.code, measure])}?"


def table_by(*, pack: str, span: Span, by: str) -> list[dict[str, Any]]:
    """Rates by class of unit, matter or place, the most counted first, within the present scope."""
    found = counted(pack=pack, span=span, by=by)
    names = _names(by, list(found))
    rows = [
        {
            "name": names.get(key) or gettext("未定"),
            "n": sum(count.n for count in counts.values()),
            "cells": [(LABELS[m], rate_told(m, counts.get(m, Count()))) for m in MEASURES],
        }
        for key, counts in found.items()
    ]
    return sorted(rows, key=lambda row: (-row["n"], str(row["name"])))


def _names(by: str, keys: list[str]) -> dict[str, Any]:
    if by == "kind":
        return {value: label for value, label in Unit.Kind.choices}  # noqa: C416  lazy labels
    if by == "matter":
        return {key: matter_name(pack_scored(), key) for key in keys if key}
    return {str(pk): named(unit) for pk, unit in units_named(int(key) for key in keys if key).items()}


def named_publicly(now: datetime) -> list[dict[str, Any]]:
    """The units that are named by a decision and not withdrawn, the latest first."""
    with scope_within(EVERYTHING):
        rows = Decision.objects.filter(kind="naming", granted=True).filter(
            Q(withdrawn_at=None) | Q(withdrawn_at__gt=now)
        )
        return [
            {"unit": named(row.unit), "category": row.category, "words": row.words, "at": row.decided_at}
            for row in rows.select_related("unit").order_by("-decided_at")[:50]
        ]
