"""How many orders came in a month, as they stood at its closing: counted now, or as it was kept when the month was over.

What was classed or sent on after the closing is read back from the ledger. A month that is closed is counted each night and
kept, for all units together and for each; what was kept up to another closing than the one asked for is not used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import Q

from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.scoring.monthly import months_closing
from bihuan.kernel.scoring.selectors import Span, month_before
from bihuan.lib.refusals import Refusal
from bihuan.packs.hotline.models import ReceivedMonth

KEPT_MONTHS = 26
"""So many months before the present one are kept: a report tells of a month of last year, and is asked for a year later."""
RECEIVED = """
    with came as materialized (
        select o.case_id, o.channel, o.type, c.matter, c.territory_id as place, c.unit_id as unit, c.imported,
            (o.arrived_at at time zone 'Asia/Shanghai')::date::text as day,
            c.closed_at is null or c.closed_at >= %(closed)s as open, c.moved_at >= %(closed)s as moved
        from hotline_order o join cases_case c on c.id = o.case_id
        where o.arrived_at >= %(since)s and o.arrived_at < %(until)s and c.opened_at < %(closed)s
    ), late as materialized (
        select distinct case_id from came join ledger_entry e using (case_id)
        where moved and e.kind in ('move', 'unit_succeeded') and e.at >= %(closed)s
            and convert_from(e.body, 'UTF8') ~ '"(unit|matter)":'
    ), told as (
        select case_id, e.seq, convert_from(e.body, 'UTF8')::jsonb -> 'data' as data
        from late join ledger_entry e using (case_id)
        where e.kind in ('opened', 'move', 'unit_succeeded') and e.at < %(closed)s
            and convert_from(e.body, 'UTF8') ~ '"(unit|matter)":'
    ), named as (
        select case_id, seq, (data ->> 'unit')::bigint as unit,
            nullif(coalesce(data -> 'fields' ->> 'matter', data ->> 'matter'), '') as matter
        from told
    ), before as (
        select case_id, (array_agg(unit order by seq desc) filter (where unit is not null))[1] as unit,
            (array_agg(matter order by seq desc) filter (where matter is not null))[1] as matter
        from named group by 1
    ), orders as (
        select c.channel, c.type, c.place, c.day, c.open, c.imported, coalesce(b.unit, c.unit) as unit,
            case when b.case_id is null then c.matter else coalesce(b.matter, '') end as matter
        from came c left join before b using (case_id)
    )
    select {unit}, day, channel, type, matter, place,
        count(*), count(*) filter (where open), count(*) filter (where imported)
    from orders where %(unit)s::bigint is null or unit = %(unit)s
    group by grouping sets ({sets}) order by 1 nulls first
"""
"""`late` are those whose unit or matter may have changed after the closing: `before` has both as of the last entry before it."""
ALL = {"unit": "null::bigint", "sets": "(day), (channel), (type), (matter, place)"}
EACH = {
    "unit": "unit",
    "sets": f"{ALL['sets']}, (unit, day), (unit, channel), (unit, type), (unit, matter, place)",
}
"""Of all units together, and of each besides."""


@dataclass(slots=True)
class Received:
    """The orders of a month, counted by day (2026-02-01), by codes of channel and type, and by code of the matter with the id of
    the place. `unclosed` of them were not closed at the closing, `open` tells them by matter and place; `imported` is history.
    """

    imported: int = 0
    unclosed: int = 0
    days: Counter[str] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    placed: Counter[tuple[str, int | None]] = field(default_factory=Counter)
    open: Counter[tuple[str, int | None]] = field(default_factory=Counter)

    @property
    def whole(self) -> int:
        return self.days.total()

    @property
    def matters(self) -> Counter[str]:
        """By code of the matter, "" where none was named."""
        found: Counter[str] = Counter()
        for (matter, _place), count in self.placed.items():
            found[matter] += count
        return found

    @property
    def places(self) -> Counter[int | None]:
        found: Counter[int | None] = Counter()
        for (_matter, place), count in self.placed.items():
            found[place] += count
        return found


def orders_received(spans: Sequence[Span], unit: int | None) -> list[Received]:
    """The orders that came in each of these months, of all units or of one that held them at the closing."""
    months = [day_of(span.since) for span in spans]
    rows = ReceivedMonth.objects.filter(Q(unit=None) | Q(unit=unit), month__in=months)
    kept = {(row.month, row.closed_at, row.unit_id): row.counts for row in rows}
    return [_received(span, month, unit, kept) for span, month in zip(spans, months, strict=True)]


def _received(span: Span, month: date, unit: int | None, kept: Mapping[Any, Any]) -> Received:
    if (month, span.closed, None) in kept:
        return _read(kept.get((month, span.closed, unit), ()))
    return _read(row[1:] for row in _counted(span, ALL, unit))


def received_keep(*, now: datetime) -> int:
    """Count the months that are closed anew and keep them; returns how many. The worker does so every night, and an import or a
    seed of history at its end.
    """
    kept, month = 0, day_of(now)
    with kernel_writes():
        for _ in range(KEPT_MONTHS):
            month = month_before(month)
            try:
                (span,) = months_closing(pack="hotline", months=[month], now=now)
            except Refusal:  # so early nobody had set how to score
                break
            if span.closed <= now:
                _keep(month, span)
                kept += 1
    return kept


def _keep(month: date, span: Span) -> None:
    """What nobody counted is kept too: that nothing came."""
    rows = groupby(_counted(span, EACH, None), key=itemgetter(0))
    counts: dict[int | None, list[Any]] = {None: []} | {unit: [row[1:] for row in of] for unit, of in rows}
    ReceivedMonth.objects.filter(month=month).delete()
    ReceivedMonth.objects.bulk_create(
        ReceivedMonth(month=month, unit_id=unit, closed_at=span.closed, counts=of)
        for unit, of in counts.items()
    )


def _counted(span: Span, of: Mapping[str, str], unit: int | None) -> list[tuple[Any, ...]]:
    given = {"since": span.since, "until": span.until, "closed": span.closed, "unit": unit}
    with connection.cursor() as cursor:
        cursor.execute(RECEIVED.format_map(of), given)
        return cursor.fetchall()


def _read(rows: Iterable[Sequence[Any]]) -> Received:
    """Each row tells of one of day, channel, type, and matter with place; the others are None."""
    found = Received()
    for day, channel, kind, matter, place, count, open_, imported in rows:
        if day is not None:
            found.days[day] = count
            found.unclosed += open_
            found.imported += imported
        elif channel is not None:
            found.channels[channel] = count
        elif kind is not None:
            found.types[kind] = count
        else:
            found.placed[matter, place], found.open[matter, place] = count, open_
    return found
