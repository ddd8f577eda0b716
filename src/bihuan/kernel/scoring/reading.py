"""Reading the ledger for scoring: the entries of cases up to a moment, and the heads' samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection
from orjson import loads
from psycopg import Cursor

from bihuan.kernel.manifest import Scoring
from bihuan.kernel.pack import packs
from bihuan.kernel.review.services import STREAM as SAMPLES
from bihuan.kernel.scoring.measures import Event, Item, Signed, items_of, sample_items

ENTRIES = """
    select case_id, seq, at, kind, body from ledger_entry
    where case_id = any(%s) and kind in ('opened', 'move', 'breach') and at < %s
    order by case_id, seq
"""
CASES = 2_000
"""Of so many cases at once the entries are held in memory."""
SIGNED = """
    select d ->> 'sample', d ->> 'unit_id', d ->> 'due_at', (
        select min(s.at) from ledger_entry s where s.stream = %(stream)s and s.kind = 'signed' and s.at < %(until)s
        and convert_from(s.body, 'UTF8')::jsonb -> 'data' -> 'sample' = d -> 'sample')
    from (
        select convert_from(e.body, 'UTF8')::jsonb -> 'data' as d from ledger_entry e
        where e.stream = %(stream)s and e.kind = 'drawn' and e.at < %(until)s and e.at >= %(since)s
    ) drawn
    where d ->> 'scheme' = %(scheme)s and jsonb_array_length(d -> 'drawn') > 0
"""


def scored_packs() -> dict[str, Scoring]:
    """The packs that are scored."""
    return {name: pack.scoring for name, pack in packs().items() if pack.scoring}


def cases_counted(
    cases: Sequence[int], rules: Scoring, *, until: datetime
) -> Iterator[tuple[int, list[Item]]]:
    """Each of these cases that the ledger knows, with its items of the entries before `until`. Reads as the kernel."""
    connection.ensure_connection()
    with Cursor(connection.connection) as cursor:  # not Django's: it reads binary
        for begin in range(0, len(cases), CASES):
            cursor.execute(ENTRIES, [list(cases[begin : begin + CASES]), until], binary=True)
            for case, rows in groupby(cursor.fetchall(), key=itemgetter(0)):
                yield case, items_of(map(_event, rows), rules)


def _event(row: tuple[Any, ...]) -> Event:
    _case, seq, at, kind, body = row
    value = loads(body)
    return Event(seq, at, kind, value["data"], value["by"])


def samples_counted(scheme: str, *, since: datetime, until: datetime) -> list[Item]:
    """The items of the samples drawn from `since`, as of `until`. Reads as the kernel."""
    given = {"stream": SAMPLES, "scheme": scheme, "since": since, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(SIGNED, given)
        found = [
            Signed(int(sample), int(unit), datetime.fromisoformat(due), signed)
            for sample, unit, due, signed in cursor.fetchall()
        ]
    return sample_items(found, until=until)
