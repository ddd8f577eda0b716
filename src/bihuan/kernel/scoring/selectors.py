"""Reading scores: counts by unit, class of unit, matter and place between two moments; rankings; the orders behind a figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from bihuan.kernel.clocks.rulebook import Rulebook, rulebook
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.pack import packs
from bihuan.kernel.scoring.indicators import indicators_counted, labels
from bihuan.kernel.scoring.ranking import LISTS, Card, Count, Placed, card_read, ranked
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import SHANGHAI

BY = {
    "unit": "i.unit_id::text",
    "kind": "u.kind",
    "matter": "i.matter",
    "place": "coalesce(i.place_id::text, '')",
}
EXCLUDED = """
    exists (select 1 from scoring_decision d where d.case_id = i.case_id and d.kind = 'exclusion' and d.granted
        and d.decided_at < %(closed)s)
"""
ITEMS = """
    select i.unit_id, i.matter, i.place_id, i.measure, (i.outcome = 'good')::int as good, (i.outcome = 'bad')::int as bad,
        (i.outcome = 'out')::int as out
    from scoring_item i where i.pack = %(pack)s and i.at >= %(items_since)s and i.at < %(until)s
        and (%(unit)s::bigint is null or i.unit_id = %(unit)s)
"""
DAYS = f"""
    select d.unit_id, '' as matter, null::bigint as place_id, d.measure, d.good, d.bad, d.out from scoring_daily d
    where d.pack = %(pack)s and d.day >= %(first)s and d.day < %(last)s
        and (%(unit)s::bigint is null or d.unit_id = %(unit)s)
    union all {ITEMS}
"""
"""Whole days as they were summed up, and the items of the last one that is not over."""
COUNTS = """
    select {key}, i.measure, sum(i.good), sum(i.bad), sum(i.out) from (
        {items}
        union all
        select i.unit_id, i.matter, i.place_id, i.measure, -(i.outcome = 'good')::int, -(i.outcome = 'bad')::int,
            (i.outcome <> 'out')::int
        from scoring_decision x join scoring_item i on i.case_id = x.case_id
        where x.kind = 'exclusion' and x.granted and x.decided_at < %(closed)s
            and i.pack = %(pack)s and i.at >= %(since)s and i.at < %(until)s
            and (%(unit)s::bigint is null or i.unit_id = %(unit)s)
    ) i join identity_unit u on u.id = i.unit_id
    group by 1, 2 having sum(i.good) + sum(i.bad) + sum(i.out) > 0
"""
"""What a decision left out is no longer good or bad."""
ORDERS = """
    select pair >> 40, count(*) from (
        select distinct (i.unit_id << 40) + i.case_id as pair from scoring_item i
        where i.pack = %(pack)s and i.at >= %(since)s and i.at < %(until)s and i.case_id is not null
    ) pairs group by 1
"""
"""Unit and case in one number: pairs of a whole month are sorted in half the time."""
BEHIND = f"""
    select c.number, c.title, c.workflow, c.state, i.at, i.outcome, i.why, i.seq, {EXCLUDED} as excluded
    from scoring_item i left join cases_case c on c.id = i.case_id
    where i.pack = %(pack)s and i.unit_id = %(unit)s and i.measure = %(measure)s and i.at >= %(since)s and i.at < %(until)s
        and (%(outcome)s = '' or %(outcome)s = case when {EXCLUDED} then 'out' else i.outcome end)
    order by i.at desc, i.seq desc limit %(most)s offset %(offset)s
"""


@dataclass(frozen=True, slots=True)
class Span:
    """The time that is scored: from the midnight `since` to before `until`; decisions count that were taken before `closed`."""

    since: datetime
    until: datetime
    closed: datetime


def month_span(month: date, *, closed: datetime) -> Span:
    """A calendar month in Shanghai."""
    return Span(_midnight(month), _midnight(next_month(month)), closed)


def day_span(day: date, *, closed: datetime) -> Span:
    """A day in Shanghai."""
    return Span(_midnight(day), _midnight(day + timedelta(days=1)), closed)


def next_month(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def month_before(month: date) -> date:
    return (month.replace(day=1) - timedelta(days=1)).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def card_in_force(*, pack: str, on: date, book: Rulebook | None = None) -> Card:
    """The card of a pack on a day. Refusal when nobody set one. `book` saves reading the rules again."""
    scoring = packs()[pack].scoring
    if scoring is None:
        raise Refusal("policy_missing", f"“{packs()[pack].label}”不考核。")
    row = (book or rulebook()).rule(scoring.card, region=settings.REGION, on=on)
    return card_read(row.value, rule=row.pk, known=labels())


def counted(
    *, pack: str, span: Span, by: str = "unit", unit: int | None = None
) -> dict[str, dict[str, Count]]:
    """Counts by measure for each unit, class of unit, matter or place (`by`), within the present scope."""
    summed = by in ("unit", "kind")
    first, last = day_of(span.since), day_of(span.until)
    items_since = _midnight(last) if summed else span.since
    given = _given(pack, span, unit=unit, first=first, last=last, items_since=items_since)
    found: dict[str, dict[str, Count]] = {}
    with connection.cursor() as cursor:
        cursor.execute(COUNTS.format(key=BY[by], items=DAYS if summed else ITEMS), given)
        for key, measure, *counts in cursor.fetchall():
            found.setdefault(key, {})[measure] = Count(*counts)
    return found


def ranking(*, pack: str, span: Span, card: Card) -> dict[str, list[Placed]]:
    """Both lists, ranked, of the units that the present scope sees: call it within everything."""
    counts = counted(pack=pack, span=span)
    for key, told in indicators_counted(span.since, span.until, card).items():
        counts.setdefault(key, {}).update(told)
    with connection.cursor() as cursor:
        cursor.execute(ORDERS, _given(pack, span))
        orders: dict[int, int] = dict(cursor.fetchall())
        cursor.execute(
            "select id, kind from identity_unit where id = any(%s)", [[int(key) for key in counts]]
        )
        kinds: dict[int, str] = dict(cursor.fetchall())
    return {
        name: ranked(
            {
                int(key): (told, orders.get(int(key), 0))
                for key, told in counts.items()
                if kinds[int(key)] in of
            },
            card,
        )
        for name, of in LISTS.items()
    }


def orders_behind(
    *, pack: str, span: Span, unit: int, measure: str, outcome: str = "", most: int = 50, offset: int = 0
) -> list[dict[str, Any]]:
    """What a figure is made of, the latest first, within the present scope; a case outside it has no number."""
    given = {"unit": unit, "measure": measure, "outcome": outcome, "most": most, "offset": offset}
    with connection.cursor() as cursor:
        cursor.execute(BEHIND, _given(pack, span, **given))
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _given(pack: str, span: Span, **more: Any) -> Mapping[str, Any]:
    return {
        "pack": pack,
        "since": span.since,
        "until": span.until,
        "closed": span.closed,
        "unit": None,
        **more,
    }
