"""A month as it is reported: counted up to its closing, so that it comes out the same whenever it is asked for again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from bihuan.kernel.clocks.rulebook import Rulebook, rulebook
from bihuan.kernel.scoring.models import Account, Decision, Month
from bihuan.kernel.scoring.ranking import Card, Count, Placed, counts_sum
from bihuan.kernel.scoring.selectors import Span, card_in_force, counted, month_before, month_span, ranking

LATE = """
    select distinct on (i.case_id) c.number, c.matter, i.unit_id, i.at, c.closed_at is null or c.closed_at >= %(closed)s
    from scoring_item i join cases_case c on c.id = i.case_id
    where i.pack = %(pack)s and i.measure = 'on_time' and i.outcome = 'bad' and i.at >= %(since)s and i.at < %(until)s
        and (%(unit)s::bigint is null or i.unit_id = %(unit)s)
        and not exists (select 1 from scoring_decision d where d.case_id = i.case_id and d.kind = 'exclusion'
            and d.granted and d.decided_at < %(closed)s)
    order by i.case_id, i.at
"""


@dataclass(frozen=True, slots=True)
class Months:
    """A month with the one before it and the same month of last year, each up to its own closing; and the month's card."""

    month: date
    this: Span
    before: Span
    year: Span
    card: Card

    @property
    def spans(self) -> tuple[Span, Span, Span]:
        return self.this, self.before, self.year


@dataclass(frozen=True, slots=True)
class Late:
    """An order that went past its promise in the month: whose it was then, when, and whether it was open at the closing."""

    number: str
    matter: str
    unit: int
    at: datetime
    open: bool


def months_reported(*, pack: str, month: date, now: datetime) -> Months:
    """The three months that a report of `month` tells of. Call it within everything."""
    month = month.replace(day=1)
    three = (month, month_before(month), month.replace(year=month.year - 1))
    book = rulebook()
    this, before, year = months_closing(pack=pack, months=three, now=now, book=book)
    return Months(month, this, before, year, card_in_force(pack=pack, on=month, book=book))


def months_closing(
    *, pack: str, months: Sequence[date], now: datetime, book: Rulebook | None = None
) -> list[Span]:
    """Each of these months (their first days) up to its closing, or to `now` while that is to come. Within everything."""
    closed = dict(Month.objects.filter(pack=pack, month__in=months).values_list("month", "closed_at"))
    book = book or rulebook()
    days = (card_in_force(pack=pack, on=one, book=book).close_days for one in months)
    return [_closing(one, closed.get(one), wait, now) for one, wait in zip(months, days, strict=True)]


def _closing(month: date, closed: datetime | None, days: int, now: datetime) -> Span:
    """A month up to when it was closed, or will be so many days after its end; `now` at the latest."""
    span = month_span(month, closed=now)
    return Span(span.since, min(span.until, now), min(closed or span.until + timedelta(days=days), now))


def month_ranked(*, pack: str, months: Months) -> tuple[Card, dict[str, list[Placed]]]:
    """The card and both lists: as they were written down when the month was closed, else as they stand. Within everything."""
    card = months.card
    row = Month.objects.filter(pack=pack, month=months.month).first()
    if row is None:
        return card, ranking(pack=pack, span=months.this, card=card)
    told = row.ranked["card"]
    lists = {name: [_placed(one) for one in rows] for name, rows in row.ranked["lists"].items()}
    return replace(card, name=told["name"], version=told["version"], rule=told["rule"]), lists


def _placed(one: dict[str, Any]) -> Placed:
    counts = {measure: Count(*numbers) for measure, numbers in one["counts"].items()}
    return Placed(one["unit"], counts, one["orders"], one["score"], one["place"], one["bottom"], one["light"])


def months_counted(*, pack: str, months: Months, unit: int | None) -> list[dict[str, Count]]:
    """Every measure's counts in each of the three months, of all units or of one. Within everything."""
    return [counts_sum(counted(pack=pack, span=span, by="kind", unit=unit).values()) for span in months.spans]


def orders_late(*, pack: str, span: Span, unit: int | None) -> list[Late]:
    """The orders that went past their promise in the span, those open at its closing first, then the longest late."""
    given = {
        "pack": pack, "since": span.since, "until": span.until, "closed": span.closed, "unit": unit,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(LATE, given)
        found = [Late(*row) for row in cursor.fetchall()]
    return sorted(found, key=lambda one: (not one.open, one.at, one.number))


def accounts_of(*, span: Span, unit: int | None) -> Sequence[Account]:
    """Who was called to account, and which orders came under supervision, in the span."""
    rows = Account.objects.filter(at__gte=span.since, at__lt=span.until)
    rows = rows.filter(unit=unit) if unit else rows
    return list(rows.select_related("unit", "origin", "case").order_by("at", "pk"))


def decisions_of(*, pack: str, span: Span, unit: int | None) -> Sequence[Decision]:
    """What was left out and who was named by decisions that were taken in the span."""
    rows = Decision.objects.filter(
        pack=pack, granted=True, decided_at__gte=span.since, decided_at__lt=span.until
    )
    rows = rows.filter(unit=unit) if unit else rows
    return list(rows.select_related("unit").order_by("decided_at", "pk"))
