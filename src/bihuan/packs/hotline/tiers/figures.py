"""How fast and how right what the superior centre handed down reached its unit: two times, from there and from here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

PROMISED_SECONDS = 2
"""S1: 2秒之内自动派至有关部门."""
FIGURES = """
    with orders as materialized (
        select o.case_id, o.automatic, l.arrived_at,
            extract(epoch from o.on_desk_at - l.appeared_at)::float8 as from_above,
            extract(epoch from o.on_desk_at - o.arrived_at)::float8 as from_arrival
        from exchange_link l join hotline_order o on o.case_id = l.case_id
        where l.arrived_at >= %(since)s and l.arrived_at < %(until)s
    ), wrong as (
        select distinct e.case_id from ledger_entry e join orders o on o.case_id = e.case_id
        where e.kind = 'move' and convert_from(e.body, 'UTF8')::jsonb -> 'data' ->> 'step' in ('accept_return', 'rule')
            and convert_from(e.body, 'UTF8')::jsonb -> 'data' ? 'unit'
    )
    select count(*), count(*) filter (where from_arrival <= %(promised)s), count(*) filter (where automatic),
        count(*) filter (where automatic and case_id in (select case_id from wrong)),
        percentile_cont(array[0.5, 0.99]) within group (order by from_above),
        percentile_cont(array[0.5, 0.99]) within group (order by from_arrival)
    from orders
"""


@dataclass(frozen=True, slots=True)
class AboveFigures:
    """Of the notices that arrived in a stretch of time: how many, how many on their unit's desk within 2 seconds of arrival,
    sent by the robot with nobody in between, and of those wrongly. Times in seconds until the unit's desk, from the notice's
    appearance above (a centre that was down or cut off counts) and from its arrival here; of those that have reached it.
    """

    orders: int
    quick: int
    automatic: int
    wrong_automatic: int
    from_above_median_s: float | None
    from_above_p99_s: float | None
    from_arrival_median_s: float | None
    from_arrival_p99_s: float | None


def above_figures(*, since: datetime, until: datetime) -> AboveFigures:
    """The figures over notices that arrived from `since` until before `until`, within the scope that is set."""
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, {"since": since, "until": until, "promised": PROMISED_SECONDS})
        orders, quick, automatic, wrong, above, arrival = cursor.fetchone()
    return AboveFigures(orders, quick, automatic, wrong, *(above or (None, None)), *(arrival or (None, None)))
