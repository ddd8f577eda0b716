"""Reading scores: counts by unit, class of unit, matter and place between two moments; rankings; the orders behind a figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.pack import packs
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
COUNTS = """
    with excluded as materialized (
        select case_id from scoring_decision where kind = 'exclusion' and granted and decided_at < %(closed)s
    )
    select {key}, i.measure,
        count(*) filter (where i.outcome = 'good' and x.case_id is null),
        count(*) filter (where i.outcome = 'bad' and x.case_id is null),
        count(*) filter (where i.outcome = 'out' or x.case_id is not null)
    from scoring_item i join identity_unit u on u.id = i.unit_id left join excluded x on x.case_id = i.case_id
    where i.pack = %(pack)s and i.at >= %(since)s and i.at < %(until)s
        and (%(unit)s::bigint is null or i.unit_id = %(unit)s)
    group by 1, 2
"""
ORDERS = """
    select i.unit_id, count(distinct i.case_id) from scoring_item i
    where i.pack = %(pack)s and i.at >= %(since)s and i.at < %(until)s group by 1
"""
BEHIND = f"""
    select c.number, c.title, c.workflow, c.state, i.at, i.outcome, i.why, i.seq, {EXCLUDED} as excluded
    from scoring_item i left join cases_case c on c.id = i.case_id
    where i.pack = %(pack)s and i.unit_id = %(unit)s and i.measure = %(measure)s and i.at >= %(since)s and i.at < %(until)s
        and (%(outcome)s = '' or %(outcome)s = case when {EXCLUDED} then 'out' else i.outcome end)
    order by i.at desc, i.seq desc limit %(most)s offset %(offset)s
"""


@dataclass(frozen=True, slots=True)
class Span:
    """The time that is scored: from `since` to before `until`; decisions count that were taken before `closed`."""

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


def card_in_force(*, pack: str, on: date) -> Card:
    """The card of a pack on a day. Refusal when nobody set one."""
    scoring = packs()[pack].scoring
    if scoring is None:
        raise Refusal("policy_missing", f"“{packs()[pack].label}”不考核。")
    row = rulebook().rule(scoring.card, region=settings.REGION, on=on)
    return card_read(row.value, rule=row.pk)


def counted(
    *, pack: str, span: Span, by: str = "unit", unit: int | None = None
) -> dict[str, dict[str, Count]]:
    """Counts by measure for each unit, class of unit, matter or place (`by`), within the present scope."""
    found: dict[str, dict[str, Count]] = {}
    with connection.cursor() as cursor:
        cursor.execute(COUNTS.format(key=BY[by]), _given(pack, span, unit=unit))
        for key, measure, good, bad, out in cursor.fetchall():
            found.setdefault(key, {})[measure] = Count(good, bad, out)
    return found


def ranking(*, pack: str, span: Span, card: Card) -> dict[str, list[Placed]]:
    """Both lists, ranked, of the units that the present scope sees: call it within everything."""
    counts = counted(pack=pack, span=span)
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
