"""What a meeting should speak of, drawn from live cases: the same cases at the same moment give the same agenda."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from bihuan.kernel.meetings.models import Decision, Item, Meeting
from bihuan.kernel.pack import packs

DAYS = 30
EACH = 5
"""So many points of each kind: a meeting that speaks of everything decides nothing."""
TROUBLED = """
    select u.id, u.name, count(*) filter (where c.closed_at is null and c.due_at < %(now)s) as late,
        sum(c.redo_count) as redone, sum(c.return_count) as returned
    from cases_case c join identity_unit u on u.id = c.unit_id
    where c.opened_at >= %(since)s and not c.imported and u.kind not in ('centre', 'desk')
    group by u.id, u.name
    having count(*) filter (where c.closed_at is null and c.due_at < %(now)s) + sum(c.redo_count) + sum(c.return_count) > 0
    order by count(*) filter (where c.closed_at is null and c.due_at < %(now)s) + sum(c.redo_count) + sum(c.return_count) desc, u.id
    limit %(each)s
"""
DISPUTED = """
    select c.id, c.number, c.title, c.unit_id, c.return_count, coalesce((c.progress ->> 'objections')::int, 0) as objections
    from cases_case c
    where c.closed_at is null and not c.imported
        and (c.return_count > 1 or coalesce((c.progress ->> 'objections')::int, 0) > 0)
    order by c.return_count + coalesce((c.progress ->> 'objections')::int, 0) desc, c.id limit %(each)s
"""
OVERDUE = """
    select c.id, c.number, c.title, c.unit_id, c.due_at from cases_case c
    where c.closed_at is null and not c.imported and c.due_at < %(now)s order by c.due_at, c.id limit %(each)s
"""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A point that the cases themselves put on the agenda: why (`source` of `Item.Source`), and the figures behind it."""

    source: str
    title: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    case: int | None = None
    unit: int | None = None


def agenda_drawn(*, now: datetime, kind: str = "") -> list[Proposed]:
    """Earlier decisions that are not struck off, units with most problems in 30 days, disputed duty, what is longest overdue; of a
    morning meeting, after the earlier decisions, what the packs would have it learn.

    At most five of each kind but the first, the worst first. A problem is an open case past its time, a redo or a return.
    """
    if kind == Meeting.Kind.MORNING:
        return [*_earlier(), *_learnt(now)]
    values = {"now": now, "since": now - timedelta(days=DAYS), "each": EACH}
    return [*_earlier(), *_troubled(values), *_disputed(values), *_overdue(values, now)]


def _earlier() -> list[Proposed]:
    open_ = Decision.objects.filter(case__closed_at=None, case__isnull=False).order_by("due", "pk")
    return [
        Proposed(
            str(Item.Source.EARLIER),
            one.text[:200],
            {"due": one.due.isoformat(), "number": one.case.number},
            one.case_id,
            one.unit_id,
        )
        for one in open_.select_related("case")
        if one.case is not None
    ]


def _learnt(now: datetime) -> list[Proposed]:
    points = [point for pack in packs().values() if pack.learns for point in pack.learns(now)]
    return [
        Proposed(str(Item.Source.LEARN), point.title[:200], {**point.figures, "address": point.address})
        for point in points
    ]


def _troubled(values: Mapping[str, Any]) -> list[Proposed]:
    return [
        Proposed(
            str(Item.Source.TROUBLED),
            name,
            {"late": late, "redone": int(redone), "returned": int(returned)},
            unit=unit,
        )
        for unit, name, late, redone, returned in _rows(TROUBLED, values)
    ]


def _disputed(values: Mapping[str, Any]) -> list[Proposed]:
    return [
        Proposed(
            str(Item.Source.DISPUTED),
            f"{number} {title}"[:200],
            {"number": number, "returned": returned, "objections": objections},
            case,
            unit,
        )
        for case, number, title, unit, returned, objections in _rows(DISPUTED, values)
    ]


def _overdue(values: Mapping[str, Any], now: datetime) -> list[Proposed]:
    return [
        Proposed(
            str(Item.Source.OVERDUE),
            f"{number} {title}"[:200],
            {"number": number, "days": (now - due).days},
            case,
            unit,
        )
        for case, number, title, unit, due in _rows(OVERDUE, values)
    ]


def _rows(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
