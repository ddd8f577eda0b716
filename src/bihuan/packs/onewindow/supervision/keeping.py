"""Cards kept in line with the ledger: what came since is read, each card is found once and what was said on it stays."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.db import connection

from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.onewindow.applying.reasoning import LEAST
from bihuan.packs.onewindow.supervision.models import Card
from bihuan.packs.onewindow.supervision.rules import KINDS, REASONED, Entry, Found, cards_of

BATCH = 1_000
WAITING = """
    select c.id, c.seq, coalesce(r.seq, 0), c.facts from cases_case c left join onewindow_card_read r on r.case_id = c.id
    where c.pack = 'onewindow' and not c.imported and r.seq is distinct from c.seq order by c.id limit %s
"""
ENTRIES = """
    select e.case_id, e.seq, e.at, e.kind, convert_from(e.body, 'UTF8')::jsonb,
        coalesce((select length(btrim(p.text)) from ledger_private p where p.stream = e.stream and p.seq = e.seq and p.name = 'answer'), 0)
    from ledger_entry e where e.case_id = any(%s) and e.kind = any(%s) order by e.case_id, e.seq
"""
"""A reason that was erased has no words left: it is read when it is given, not years later."""
READ = """
    insert into onewindow_card_read (case_id, seq)
    select * from unnest(%s::bigint[], %s::int[]) on conflict (case_id) do update set seq = excluded.seq
"""
LOCK = "select pg_advisory_xact_lock(hashtext('onewindow_card'))"


def cards_keep(*, now: datetime) -> int:
    """Find the cards that came since the last time. Returns how many are new."""
    total = 0
    while True:
        seen, new = _batch(now)
        total += new
        if not seen:
            return total


def _batch(now: datetime) -> tuple[int, int]:
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(LOCK)
        cursor.execute(WAITING, [BATCH])
        waiting = {case: (seq, read, _plain(facts)) for case, seq, read, facts in cursor.fetchall()}
        if not waiting:
            return 0, 0
        rows = [
            _row(case, one)
            for case, entries in _entries(cursor, list(waiting))
            for one in cards_of(entries, waiting[case][2])
            if one.seq > waiting[case][1]
        ]
        Card.objects.bulk_create(rows)
        cursor.execute(READ, [list(waiting), [row[0] for row in waiting.values()]])
    return len(waiting), len(rows)


def _entries(cursor: Any, cases: Sequence[int]) -> Iterator[tuple[int, list[Entry]]]:
    cursor.execute(ENTRIES, [cases, list(KINDS)])
    for case, rows in groupby(cursor.fetchall(), key=itemgetter(0)):
        yield case, [_entry(*row[1:]) for row in rows]


def _entry(seq: int, at: datetime, kind: str, body: Any, words: int) -> Entry:
    told = _plain(body)
    refuses = kind == "move" and told["data"]["step"] in REASONED
    least = rulebook().value(LEAST, region=settings.REGION, on=day_of(at), default=0) if refuses else 0
    return Entry(seq, at, kind, told["data"], told["by"], words, int(least))


def _row(case: int, one: Found) -> Card:
    return Card(
        case_id=case, seq=one.seq, rule=one.rule, colour=one.colour, unit_id=one.unit, stage=one.stage, at=one.at, clock=one.clock,
        due_at=one.due_at, person_id=one.by if one.by and one.by > 0 else None,
    )  # fmt: skip


def _plain(value: Any) -> Any:
    """JSON as the driver gives it: read already, or not."""
    return json.loads(value) if isinstance(value, str) else value
