"""A million cases that several benchmarks measure on: the year's own, multiplied in SQL in a copy of its database.

Closed ones come six times, open ones fourteen times, each copy with its text, order, parties and viewers; open ones with their clocks. The
copies have no entries, notices or score items: what is flat must not depend on those of other cases.
"""

from __future__ import annotations

import time
from typing import Any

from benchmarks.database import YEAR, analyze, connect_as, database_copy, exists, say, superuser_of

MILLION = "bench_million"
CLOSED_COPIES, OPEN_COPIES = 5, 13
STRIDE = 10_000_000
"""Added to the ids of the year once for each copy."""
REFERS = ("parent_id", "merged_into_id", "origin_id")
BELONGING = ("cases_text", "hotline_order", "case_viewer", "cases_party", "clocks_clock")
MARKER = "made for benchmarks, whole"


def million_ready() -> None:
    """The million, made now if it is not there whole; the connection is then the worker's to it."""
    if not _whole():
        begun = time.monotonic()
        say("multiplying the year …")
        database_copy(YEAR, MILLION)
        with superuser_of(MILLION) as server:
            _multiply(server)
        analyze(MILLION)
        with superuser_of(MILLION) as server:
            server.execute(f"comment on table cases_case is '{MARKER}'")
        say(f"… in {time.monotonic() - begun:.0f} s")
    connect_as("worker", MILLION)


def counts() -> tuple[int, int]:
    """How many cases there are, and how many of them are open."""
    from bihuan.kernel.cases.models import Case

    return Case.objects.count(), Case.objects.filter(closed_at=None).count()


def _whole() -> bool:
    if not exists(MILLION):
        return False
    with superuser_of(MILLION) as server:
        told = server.execute("select obj_description('cases_case'::regclass)").fetchone()
    return told == (MARKER,)


def _multiply(server: Any) -> None:
    server.execute("set session_replication_role = replica")
    server.execute("drop index cases_text_grams")
    server.execute(
        f"create temp table copied as select c.id, n.n, n.n * {STRIDE}::bigint as more from cases_case c,"
        f" lateral generate_series(1, case when c.closed_at is null then {OPEN_COPIES} else {CLOSED_COPIES} end) n(n)"
        " order by n.n, c.id"
    )
    _insert(server, "cases_case", "id", _case_value)
    for table in BELONGING:
        _insert(server, table, "case_id", _belonging_value)
    server.execute("create index cases_text_grams on cases_text using gin (grams)")
    server.execute(f"update cases_closed_daily set count = count * {CLOSED_COPIES + 1}")
    server.execute("reset session_replication_role")


def _insert(server: Any, table: str, key: str, value: Any) -> None:
    begun = time.monotonic()
    names = [
        name
        for (name,) in server.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped and attgenerated = ''"
            " order by attnum",
            [table],
        ).fetchall()
        if table == "cases_case" or name != "id"
    ]
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(value(name) for name in names)
    only = " and exists (select from cases_case o where o.id = old.case_id and o.closed_at is null)"
    server.execute(
        f"insert into {table} ({columns}) overriding system value select {values} from copied"
        f" join {table} old on old.{key} = copied.id {only if table == 'clocks_clock' else ''}"
    )
    say(f"{table:<16}{time.monotonic() - begun:>8.1f} s")


def _case_value(name: str) -> str:
    """What a copy has in a column of the case: what must be unique differs."""
    if name == "id":
        return "old.id + more"
    if name in ("number", "external_id"):
        return f"old.{name} || '-' || n"
    if name in REFERS:
        return f"case when n <= {CLOSED_COPIES} then old.{name} + more end"
    return f'old."{name}"'


def _belonging_value(name: str) -> str:
    return "old.case_id + more" if name == "case_id" else f'old."{name}"'
