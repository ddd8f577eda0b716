"""A case as it stands: its row, and counts of all that a step may change."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection

from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import Fault, streams_walk

SNAPSHOT = """
    select to_jsonb(c) as "row",
        (select count(*) from ledger_entry e where e.case_id = c.id) as entries,
        (select count(*) from ledger_private p where p.stream = 'case:' || c.id) as texts,
        (select coalesce(jsonb_agg(to_jsonb(k) order by k.id), '[]') from clocks_clock k where k.case_id = c.id) as clocks,
        (select count(*) from notices_notice n where n.case_id = c.id) as notices,
        (select count(*) from case_viewer v where v.case_id = c.id) as viewers,
        (select count(*) from cases_case k where k.parent_id = c.id) as children
    from cases_case c where c.id = %s
"""


def snapshot(case: int) -> dict[str, Any]:
    """All that a move may change: the row, counts of entries, texts, notices, viewers and children, and the clocks."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(SNAPSHOT, [case])
        names = [column.name for column in cursor.description]
        (values,) = cursor.fetchall()
    return {n: loaded(v) for n, v in zip(names, values, strict=True)}


def loaded(value: Any) -> Any:
    """jsonb comes as text from Django's cursor."""
    return json.loads(value) if isinstance(value, str) else value


def case_row(case: int) -> dict[str, Any]:
    return dict(snapshot(case)["row"])


def stream_faults(case: int) -> tuple[Fault, ...]:
    """Verify the stream of one case against the head in its row."""
    stream = f"case:{case}"
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(
            "select stream, seq, body, hash from ledger_entry where stream = %s order by seq", [stream]
        )
        entries = [(s, n, bytes(body), bytes(hash_)) for s, n, body, hash_ in cursor.fetchall()]
        cursor.execute("select seq, head from cases_case where id = %s", [case])
        seq, head = cursor.fetchone()
    return streams_walk(entries, {stream: (seq, bytes(head))}).faults
