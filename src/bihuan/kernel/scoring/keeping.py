"""Keeping the items in line with the ledger: what is new is counted, and everything can be counted again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from orjson import dumps

from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.manifest import Scoring
from bihuan.kernel.scoring.measures import Item
from bihuan.kernel.scoring.reading import cases_counted, samples_counted, scored_packs
from bihuan.lib.hashing import digest

BATCH = 2_000
ALONE = "select pg_advisory_xact_lock(hashtext('scoring_item'))"
"""Only one writes items at a time: their sums of a day are rows that several would wait for."""
SAMPLES_BACK = timedelta(days=62)
"""Samples are looked at again for so long: their terms are days."""
WAITING = """
    select c.id, c.seq from cases_case c left join scoring_read r on r.case_id = c.id
    where c.pack = %s and c.id > %s and not c.imported and r.seq is distinct from c.seq order by c.id limit %s
"""
KEPT = """
    insert into scoring_item (case_id, seq, pack, measure, unit_id, matter, place_id, at, outcome, why)
    select case_id, seq, pack, measure, unit_id, matter, place_id, at, outcome, why
    from json_to_recordset(%s::json) as x(case_id bigint, seq int, pack text, measure text, unit_id bigint,
        matter text, place_id bigint, at timestamptz, outcome text, why text)
    on conflict (case_id, seq, measure) do update set
        unit_id = excluded.unit_id, at = excluded.at, outcome = excluded.outcome
"""
READ = """
    insert into scoring_read (case_id, seq)
    select * from unnest(%s::bigint[], %s::int[]) on conflict (case_id) do update set seq = excluded.seq
"""
STORED = """
    select case_id, seq, measure, unit_id, matter, place_id, at, outcome, why from scoring_item
    where pack = %s and at >= %s and at < %s
"""
Row = tuple[int | None, int, str, int, str, int | None, datetime, str, str]


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A closing time computed again: the items before it, how many were missing, wrong or too many, and their digest."""

    items: int
    missing: int
    surplus: int
    digest: str

    @property
    def changed(self) -> int:
        return self.missing + self.surplus


def scores_keep(*, now: datetime, batch: int = BATCH) -> int:
    """Count what came to the ledger since the last time. Returns how many cases were counted again."""
    total = 0
    for name, rules in scored_packs().items():
        last = 0
        while found := _batch_keep(name, rules, now, batch, after=last):
            total, last = total + len(found), found[-1]
        if rules.sample:
            with kernel_writes():
                _put(
                    name,
                    [
                        (None, item)
                        for item in samples_counted(rules.sample, since=now - SAMPLES_BACK, until=now)
                    ],
                )
    return total


def _batch_keep(pack: str, rules: Scoring, now: datetime, batch: int, *, after: int) -> list[int]:
    """Count the next cases after this id that are waiting; their ids in order."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(ALONE)
        cursor.execute(WAITING, [pack, after, batch])
        seqs = dict(cursor.fetchall())
        if not seqs:
            return []
        found = cases_counted(list(seqs), rules, until=datetime.max.replace(tzinfo=now.tzinfo, year=2999))
        pairs = [(case, item) for case, items in found for item in items]
        cursor.execute("delete from scoring_item where case_id = any(%s)", [list(seqs)])
        _put(pack, pairs)
        cursor.execute(READ, [list(seqs), list(seqs.values())])
    return list(seqs)


def _put(pack: str, pairs: Iterable[tuple[int | None, Item]]) -> None:
    rows = [
        {
            "case_id": case, "seq": item.seq, "pack": pack, "measure": item.measure, "unit_id": item.unit,
            "matter": item.matter, "place_id": item.place, "at": item.at, "outcome": item.outcome, "why": item.why,
        }
        for case, item in pairs
    ]  # fmt: skip
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(ALONE)
            cursor.execute(KEPT, [dumps(rows).decode()])


def scores_recompute(
    *, pack: str, since: datetime, until: datetime, now: datetime, mend: bool = True
) -> Recomputed:
    """Count everything between `since` and the closing time `until` again from the ledger alone, and mend what differs.

    On a ledger that did not change nothing is changed, whatever the closing time; one that lies ahead is `now`.
    """
    rules, until = scored_packs()[pack], min(until, now)
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(
            "select id from cases_case where pack = %s and not imported and opened_at < %s and moved_at >= %s"
            " union select case_id from scoring_item where pack = %s and case_id is not null and at >= %s and at < %s",
            [pack, until, since, pack, since, until],
        )
        cases = [case for (case,) in cursor.fetchall()]
        again = _counted(cases, rules, since, until)
        cursor.execute(STORED, [pack, since, until])
        stored: set[Row] = {_plain(row) for row in cursor.fetchall()}
        missing, surplus = again - stored, stored - again
        if mend and (missing or surplus):
            _mend(cursor, pack, missing, surplus)
    return Recomputed(len(again), len(missing), len(surplus), rows_digest(again))


def _counted(cases: Sequence[int], rules: Scoring, since: datetime, until: datetime) -> set[Row]:
    found: set[Row] = set()
    for case, items in cases_counted(cases, rules, until=until):
        found.update(_row(case, item) for item in items if since <= item.at < until)
    if rules.sample:
        samples = samples_counted(rules.sample, since=since - SAMPLES_BACK, until=until)
        found.update(_row(None, item) for item in samples if since <= item.at < until)
    return found


def _row(case: int | None, item: Item) -> Row:
    return (case, item.seq, item.measure, item.unit, item.matter, item.place, item.at, item.outcome, item.why)


def _plain(row: tuple[Any, ...]) -> Row:
    case, seq, measure, unit, matter, place, at, outcome, why = row
    return (case, seq, measure, unit, matter, place, at, outcome, why)


def _mend(cursor: Any, pack: str, missing: set[Row], surplus: set[Row]) -> None:
    cursor.execute(ALONE)
    for case, seq, measure, *_rest in surplus:
        cursor.execute(
            "delete from scoring_item where case_id is not distinct from %s and seq = %s and measure = %s",
            [case, seq, measure],
        )
    _put(pack, [(row[0], Item(*row[1:])) for row in missing])


def rows_digest(rows: Iterable[Row]) -> str:
    """The SHA-256 (hex) of the items in order: two runs with the same result have the same."""
    told = sorted(
        f"{case} {seq} {measure} {unit} {matter} {place} {at.timestamp()} {outcome} {why}"
        for case, seq, measure, unit, matter, place, at, outcome, why in rows
    )
    return digest("\n".join(told).encode()).hex()
