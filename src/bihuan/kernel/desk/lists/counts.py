"""Counts above a worklist: open states exactly; closed ones from the daily roll-up and what closed since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from bihuan.kernel.desk.lists.wanted import Wanted
from bihuan.kernel.desk.lists.worklist import (
    ANSWERED,
    BURNING,
    Lent,
    Part,
    condition_of,
    filters_of,
    own_units,
    period_begin,
)
from bihuan.kernel.desk.words import state_label
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import workflows

BEGINNING = date(1990, 1, 1)


@dataclass(frozen=True, slots=True)
class StateCount:
    code: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one tab: every open state that has cases, nearly due, overdue, closed."""

    states: list[StateCount]
    near: int
    late: int
    urgent: int
    closed: int
    open: int


def cases_counted(
    *, scope: Scope, tab: str, now: datetime, lent: Lent | None = None, closed: int | None = None
) -> Counts:
    """How many cases a tab holds, by state in the workflow's order; what is known already is not asked again."""
    part = condition_of(scope, tab, now=now, lent=lent)
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.workflow, c.state, count(*), count(*) filter (where c.due_at <= %(now)s),"
            " count(*) filter (where c.warn_at <= %(now)s and c.due_at > %(now)s), count(*) filter (where c.urgent)"
            f" from cases_case c where c.closed_at is null and {part.sql} group by 1, 2",
            {**part.values, "now": now},
        )
        rows = cursor.fetchall()
    found: dict[tuple[str, str], int] = {}
    for workflow, state, count, *_ in rows:
        key = (state, state_label(workflow, state))
        found[key] = found.get(key, 0) + count
    order = {state.code: place for w in workflows().values() for place, state in enumerate(w.states)}
    states = sorted(found, key=lambda key: order.get(key[0], len(order)))
    return Counts(
        [StateCount(code, label, found[code, label]) for code, label in states],
        near=sum(row[4] for row in rows),
        late=sum(row[3] for row in rows),
        urgent=sum(row[5] for row in rows),
        closed=closed_counted(scope=scope) if closed is None else closed,
        open=sum(row[2] for row in rows),
    )


def waiting_counted(
    *, scope: Scope, now: datetime, lent: Lent | None = None, but: str = ""
) -> dict[str, int]:
    """How many open cases the first two tabs hold (what waits for me, what my unit holds) without the tab `but`, and the closed
    ones.
    """
    tabs = {tab: condition_of(scope, tab, now=now, lent=lent) for tab in ("mine", "unit") if tab != but}
    closed = _closed(scope)
    counts = [
        f"(select count(*) from cases_case c where c.closed_at is null and {part.sql})"
        for part in tabs.values()
    ]
    values = {name: value for part in (*tabs.values(), closed) for name, value in part.values.items()}
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join([*counts, f'({closed.sql})'])}", values)
        return dict(zip((*tabs, "closed"), cursor.fetchone(), strict=True))


def listed_counted(*, scope: Scope, wanted: Wanted, now: datetime, lent: Lent | None = None) -> int:
    """How many open cases the list of this address holds, from its beginning."""
    part = _open_of(scope, wanted, now, lent)
    with connection.cursor() as cursor:
        cursor.execute(
            f"select count(*) from cases_case c where c.closed_at is null and {part.sql}", part.values
        )
        return int(cursor.fetchone()[0])


def marks_counted(*, scope: Scope, wanted: Wanted, now: datetime, lent: Lent | None = None) -> dict[str, int]:
    """Of the open cases of this address, how many there are ("open") and how many bear each mark of `BURNING`."""
    part = _open_of(scope, wanted, now, lent)
    each = ", ".join(f"count(*) filter (where {sql})" for sql in BURNING.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"select count(*), {each} from cases_case c where c.closed_at is null and {part.sql}", part.values
        )
        return dict(zip(("open", *BURNING), cursor.fetchone(), strict=True))


def _open_of(scope: Scope, wanted: Wanted, now: datetime, lent: Lent | None) -> Part:
    part, filters = (
        condition_of(scope, wanted.tab, now=now, lent=lent),
        filters_of(wanted, scope=scope, now=now),
    )
    return Part(part.sql + filters.sql, part.values | filters.values)


def ended_counted(*, scope: Scope, period: str, now: datetime) -> dict[str, int]:
    """Cases of the person's units closed today or this month: "ended", "in_time" and "late" by the promised limit,
    "untimed" without one, "redone".
    """
    since = period_begin(period, now)
    each = ", ".join(f"count(*) filter (where {sql})" for sql in ANSWERED.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"select count(*), {each}, count(*) filter (where {BURNING['redone']})"
            " from cases_case c where c.closed_at >= %(since)s and c.unit_id = any(%(units)s)",
            {"since": since, "units": own_units(scope)},
        )
        return dict(zip(("ended", *ANSWERED, "redone"), cursor.fetchone(), strict=True))


def closed_counted(*, scope: Scope) -> int:
    """Closed cases of the person's units (or of all, for whoever sees everything): roll-up, and live after its last day."""
    part = _closed(scope)
    with connection.cursor() as cursor:
        cursor.execute(part.sql, part.values)
        return int(cursor.fetchone()[0])


def _closed(scope: Scope) -> Part:
    units = None if scope.everything else own_units(scope)
    only = "" if units is None else " and unit_id = any(%(units)s)"
    return Part(
        "with rolled as (select coalesce(max(day), %(beginning)s) as last, coalesce(sum(count), 0) as count"
        f" from cases_closed_daily where true{only})"
        " select count + (select count(*) from cases_case where closed_at is not null and closed_at >="
        f" ((select last from rolled) + 1)::timestamp at time zone 'Asia/Shanghai'{only}) from rolled",
        {"units": units, "beginning": BEGINNING},
    )


ROLL_UP = """
    insert into cases_closed_daily (day, pack, unit_id, state, count)
    select (closed_at at time zone 'Asia/Shanghai')::date, pack, unit_id, state, count(*) from cases_case
    where closed_at >= %(first)s::timestamp at time zone 'Asia/Shanghai'
      and closed_at < (%(last)s::date + 1)::timestamp at time zone 'Asia/Shanghai'
    group by 1, 2, 3, 4
"""


def closed_roll_up(*, last: date, first: date = BEGINNING) -> None:
    """Count the cases closed on each day from `first` to `last` (whole days that are over, by Shanghai's clock) anew.

    The worker does so every night for all days; an import or a seed of closed history does so at its end.
    """
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(
            "lock table cases_closed_daily in share row exclusive mode"
        )  # one at a time; readers go on
        cursor.execute("delete from cases_closed_daily where day between %s and %s", [first, last])
        cursor.execute(ROLL_UP, {"first": first, "last": last})
