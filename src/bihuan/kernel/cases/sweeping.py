"""The sweep finds clocks whose warning or end has come; recomputation follows a newly published calendar."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from bihuan.kernel.cases.store import cases_lock, cases_write, writer_cursor
from bihuan.kernel.clocks.running import clock_recompute

DUE = """
    select c.id from cases_case c where c.id in (
        select case_id from clocks_clock where next_at <= %s order by next_at limit %s)
    order by c.id for no key update of c skip locked
"""


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


def clocks_recompute(*, now: datetime, by: int | str, batch: int = 500) -> int:
    """Recompute the running clocks that rested on a provisional calendar, each with an entry. Returns how many moved."""
    moved, after = 0, 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "select distinct case_id from clocks_clock where provisional and stopped_at is null and case_id > %s"
                " order by case_id limit %s",
                [after, batch],
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
            for key in [k for k, c in draft.clocks.items() if c.provisional]:
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
