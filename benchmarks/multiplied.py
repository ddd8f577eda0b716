"""Registers with 150,000 rows each: a copy of the seeded year in which the demonstration's cases of a pack, and what belongs to them,
are multiplied in SQL. Keys and foreign keys of copies follow; closed copies are spread over a year, open ones over twenty days.
The copies have no entries, texts or notices.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any, NamedTuple

from benchmarks.database import YEAR, analyze, connect_as, database_copy, exists, say, superuser_of
from benchmarks.year import UNTIL

MULTIPLIED = "bench_multiplied"
STRIDE, MOST = 10_000_000, 150_000
"""Copies lie so far apart; those of a row with few further, so that what came at the same time stands together as it does when it grows."""
MARKER = "multiplied for benchmarks, whole"
CASES = """case when closed_at is null then case when pack = 'hotline' then 0 else 150 end
    when workflow like 'application/%' then 11000 when workflow like 'commitment/%' then 75000 when workflow like 'rectification/%' then 75000
    when workflow like 'theme%' then 1000 when workflow like 'legacy/%' then 1000 when pack = 'fire' then 2000 else 0 end"""
"""Some 14,000 open ones besides the year's; of closed ones 150,000 of each sort that has a list of its own."""
ROWS: dict[str, str] = {
    "cases_case": CASES, "fire_project": "1050", "fire_site": "2460", "fire_draw": "150000", "onewindow_ticket": "7200",
    "onewindow_lesson": "150000", "fire_method": "150000", "fire_ruling": "150000", "fire_visit": "75000",
}  # fmt: skip
"""How many copies a row has, in SQL; a row of another table has as many as its case, or as what it belongs to."""
TABLES = (
    "cases_case", "case_viewer", "cases_party", "clocks_clock", "bundles_bundle", "bundles_part", "certificates_certificate",
    "certificates_change", "onewindow_application", "onewindow_theme_application", "onewindow_commitment", "onewindow_card",
    "onewindow_card_read", "onewindow_change", "onewindow_lesson", "onewindow_ticket", "fire_project", "fire_single_work",
    "fire_project_case", "fire_precheck", "fire_legacy_project", "fire_evaluation", "fire_draw", "fire_drawn", "fire_finding", "fire_site",
    "fire_site_event", "fire_site_inspection", "fire_worker", "fire_hazard", "fire_visit", "fire_question", "fire_blockage", "fire_ruling",
    "fire_method", "fire_expert_review",
)  # fmt: skip
ONLY = {
    "onewindow_ticket": "old.state not in ('called', 'serving') and (old.holder_key = '' or old.ended_at is not null)",
    "clocks_clock": "exists (select from cases_case c where c.id = old.case_id and c.closed_at is null)",
}
"""Rows that are copied, where not all are."""

NUMBERED = ("cases_case.external_id", "onewindow_ticket.number")
"""Texts that are unique together with another column; those that are by themselves are found."""


class Column(NamedTuple):
    """A column: its type, the longest text, whether it is the key, is unique by itself, may be empty; the table that it refers to."""

    name: str
    kind: str
    longest: int
    key: bool
    unique: bool
    nullable: bool
    refers: str | None


def multiplied_ready() -> None:
    """The copy, made now if it is not there whole; the connection is then the worker's to it."""
    if not _whole():
        begun = time.monotonic()
        say("multiplying registers …")
        database_copy(YEAR, MULTIPLIED)
        with superuser_of(MULTIPLIED) as server:
            server.execute("set session_replication_role = replica")
            for table in TABLES:
                _multiply(server, table)
        _rolled_up()
        analyze(MULTIPLIED)
        with superuser_of(MULTIPLIED) as server:
            server.execute(f"comment on table cases_case is '{MARKER}'")
        say(f"… in {time.monotonic() - begun:.0f} s")
    connect_as("worker", MULTIPLIED)


def _rolled_up() -> None:
    """Closed cases are counted by day, as every night."""
    from bihuan.kernel.desk.lists.counts import closed_roll_up

    connect_as("worker", MULTIPLIED)
    closed_roll_up(last=UNTIL.date() - timedelta(days=1))


def _whole() -> bool:
    if not exists(MULTIPLIED):
        return False
    with superuser_of(MULTIPLIED) as server:
        return server.execute("select obj_description('cases_case'::regclass)").fetchone() == (MARKER,)


COLUMNS = """
    select a.attname, format_type(a.atttypid, null), greatest(a.atttypmod - 4, 0),
        exists (select from pg_index i where i.indrelid = a.attrelid and i.indisprimary and i.indkey::text = a.attnum::text),
        exists (select from pg_index i where i.indrelid = a.attrelid and i.indisunique and i.indkey::text = a.attnum::text),
        not a.attnotnull, (select f.confrelid::regclass::text from pg_constraint f where f.conrelid = a.attrelid and f.contype = 'f' and f.conkey = array[a.attnum] limit 1)
    from pg_attribute a where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum
"""


def _multiply(server: Any, table: str) -> None:
    begun = time.monotonic()
    columns = [Column(*row) for row in server.execute(COLUMNS, [table]).fetchall()]
    known = TABLES[: TABLES.index(table) + 1]
    followed = [one for one in columns if one.refers in known]
    key = next((one.name for one in columns if one.key), "case_id")
    first = min(
        (one for one in followed if one.refers != table),
        key=lambda one: (one.nullable, not one.unique, one.name != "case_id"),
        default=None,
    )
    if first and table not in ROWS:
        belongs = f"join copied_{first.refers} first on first.id = old.{first.name}"
        copies, spread = "first.copies", "first.spread"
    else:
        belongs, copies = "", ROWS[table]
        spread = "case when closed_at is null then 20 else 365 end" if table == "cases_case" else "365"
    server.execute(
        f"create temp table copied_{table} as select old.ctid as row, old.{key} as id, ({copies})::bigint as copies, {spread} as spread"
        f" from {table} old {belongs} where {ONLY.get(table, 'true')}"
    )
    joins = " ".join(
        f"left join copied_{one.refers} r{n} on r{n}.id = old.{one.name}" for n, one in enumerate(followed)
    )
    values = ", ".join(
        _value(one, followed.index(one) if one in followed else None, table) for one in columns
    )
    names = ", ".join(f'"{one.name}"' for one in columns)
    done = server.execute(
        f"insert into {table} ({names}) overriding system value select {values} from copied_{table} k join {table} old on old.ctid = k.row"
        f" {joins} cross join lateral generate_series(1, k.copies) n order by n"
    )
    say(f"{table:<28}{done.rowcount:>10,}{time.monotonic() - begun:>8.1f} s")


def _value(column: Column, parent: int | None, table: str) -> str:
    """What copy `n` has in a column: what must be unique differs, what refers to a copied row refers to a copy."""
    old = f'old."{column.name}"'
    if parent is not None and column.unique and column.nullable:
        return f"case when n <= r{parent}.copies then {old} + n * {_apart(f'r{parent}')} end"
    if parent is not None:
        return f"case when coalesce(r{parent}.copies, 0) = 0 then {old} else {old} + ((n - 1) % r{parent}.copies + 1) * {_apart(f'r{parent}')} end"
    if column.key:
        return f"{old} + n * {_apart('k')}"
    if column.refers:
        return "null" if column.unique and column.nullable else old
    if (column.unique or f"{table}.{column.name}" in NUMBERED) and column.kind in (
        "character varying",
        "text",
    ):
        return f"right({old} || '~' || n, {column.longest or 1000})"
    if column.kind == "date":
        return f"{old} - (n % k.spread)::int"
    if column.kind == "timestamp with time zone":
        return f"{old} - make_interval(days => (n % k.spread)::int, secs => n % 20000)"
    return old


def _apart(copied: str) -> str:
    """By how much the ids of two copies of a row differ."""
    return f"({STRIDE} * greatest({MOST} / greatest({copied}.copies, 1), 1))"
