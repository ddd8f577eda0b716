"""The sweep finds clocks whose warning or end has come; recomputation follows a newly published calendar."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from bihuan.kernel.cases.store import cases_lock, cases_write, running_read, writer_cursor
from bihuan.kernel.clocks.calendar import Calendar
from bihuan.kernel.clocks.running import clock_recompute
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.text import SHANGHAI

DUE = """
    select c.id from cases_case c where c.id in (
        select case_id from clocks_clock where next_at <= %s order by next_at limit %s)
    order by c.id for no key update of c skip locked
"""

REACHED = """
    c.stopped_at is null and (c.provisional or (c.started_at < %(next)s and coalesce(c.due_at >= %(first)s, true)))
"""
"""The running clocks that rest on a provisional calendar, or run in the year from `first` to `next` (if given)."""


def clocks_sweep(*, now: datetime, batch: int = 500) -> int:
    """Write all warnings and breaches that have come by `now`, a batch a transaction. Returns how many.

    Each is written exactly once, whoever sweeps at the same time and whatever is killed: the level of the clock and
    the entry are one transaction. Messages go out from the outbox, at least once.
    """
    total = 0
    while True:
        found = _sweep_batch(now, batch)
        total += found
        if not found:
            return total


def _sweep_batch(now: datetime, batch: int) -> int:
    with writer_cursor() as cursor:
        cursor.execute(DUE, [now, batch], prepare=True)
        drafts, _ = cases_lock(cursor, [row[0] for row in cursor.fetchall()], now=now)
        found = sum(draft.sweep(now) for draft in drafts.values())
        cases_write(cursor, drafts.values())
    return found


def clocks_recompute(*, now: datetime, by: int | str, year: int | None = None, batch: int = 500) -> int:
    """Recompute the running clocks that rested on a provisional calendar, and those that `year` reaches when it is given,
    each with an entry. Returns how many due times moved.
    """
    moved, after = 0, 0
    while True:
        with kernel_writes(), connection.cursor() as cursor:
            cursor.execute(
                f"select distinct case_id from clocks_clock c where {REACHED} and case_id > %(after)s"
                " order by case_id limit %(batch)s",
                {**_bounds(year), "after": after, "batch": batch},
            )
            ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return moved
        moved += _recompute_batch(ids, now, by)
        after = ids[-1]


def _recompute_batch(ids: list[int], now: datetime, by: int | str) -> int:
    moved = 0
    with writer_cursor() as cursor:
        drafts, _ = cases_lock(cursor, ids, now=now)
        for draft in drafts.values():
            for key in [k for k, c in draft.clocks.items() if c.stopped_at is None]:
                before = draft.clocks[key]
                after = clock_recompute(before, now, draft.book.calendar)
                if after == before:
                    continue
                draft.clock_put(after)
                data = {"kind": key[0], "basis": key[1], "from": before.due_at, "to": after.due_at}
                draft.enter(kind="clock_recomputed", at=now, by=by, data=data)
                moved += before.due_at != after.due_at
            draft.settle()
        cases_write(cursor, drafts.values())
    return moved


class Move(NamedTuple):
    """A due time that would move; `rule` is the policy row that its limit came from."""

    kind: str
    rule: int | None
    before: datetime
    after: datetime


class Moves(NamedTuple):
    """What another calendar would do: how many running clocks were looked at, and which due times would move."""

    seen: int
    found: list[Move]


def clocks_moved(*, calendar: Calendar, year: int, now: datetime) -> Moves:
    """What `clocks_recompute` of a year would move under this calendar; nothing is written. Reads as the kernel."""
    found, seen = [], 0
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(f"select to_jsonb(c) from clocks_clock c where {REACHED} order by c.id", _bounds(year))
        for (value,) in cursor:
            seen += 1
            before = running_read(json.loads(value) if isinstance(value, str) else value)
            after = clock_recompute(before, now, calendar)
            if before.due_at and after.due_at and after.due_at != before.due_at:
                found.append(Move(before.kind, before.rule, before.due_at, after.due_at))
    return Moves(seen, found)


def _bounds(year: int | None) -> dict[str, Any]:
    if year is None:
        return {"first": None, "next": None}
    return {
        "first": datetime(year, 1, 1, tzinfo=SHANGHAI),
        "next": datetime(year + 1, 1, 1, tzinfo=SHANGHAI),
    }
