"""The worklist with about 30,000 open cases among 151,404 orders: closed ones of the seeded year, spread over the whole table,
are opened again in a copy of its database. Otherwise as `worklist` measures.
"""

from __future__ import annotations

from benchmarks import worklist
from benchmarks.database import OPEN_YEAR, YEAR, connect_as, django_ready, drop, say, sessions_end
from benchmarks.loops import figure
from benchmarks.worklist import DISTRICT, PEOPLE, asked, free_port, p95, serve, session_of, wait_for

AGAIN = 28_000
STATES = ("handling",) * 12 + ("reviewing",) * 3 + ("calling_back",) * 3 + ("dispatched", "objecting")
"""Where they are, in these shares."""
OPENED = """
    with closed as (
        select id, row_number() over (order by id) as place, count(*) over () as count
        from cases_case where state = 'closed' and parent_id is null and not imported
    ), again as (
        select id, row_number() over (order by id) as place from closed where place %% greatest(count / %(again)s, 1) = 0 limit %(again)s
    )
    update cases_case c set closed_at = null, state = (%(states)s::text[])[1 + again.place %% cardinality(%(states)s::text[])],
        due_at = now() + make_interval(hours => again.place::int %% 200 - 20),
        warn_at = now() + make_interval(hours => again.place::int %% 200 - 40)
    from again where again.id = c.id
"""


def main() -> None:
    """Measure and print; the value is the worst p95 in milliseconds."""
    from benchmarks.year import year_ready

    django_ready()
    year_ready()
    try:
        say(f"{_copied():,} open")
        sessions = {name: session_of(name, OPEN_YEAR) for name in PEOPLE}
        port = free_port()
        server = serve(port, OPEN_YEAR)
        try:
            wait_for(port, sessions["wang"])
            ours = {name: asked(port, session) for name, session in sessions.items()}
            district = asked(port, sessions["tang"], DISTRICT, requests=worklist.REQUESTS // 4)
        finally:
            server.terminate()
            server.wait(20)
    finally:
        drop(OPEN_YEAR)
    for name, role in PEOPLE.items():
        say(
            f"{role:<12}{p95(ours[name]):>8.1f} ms p95{sorted(ours[name])[len(ours[name]) // 2]:>8.1f} ms median"
        )
    figure("open_worklist_p95_ms", max(map(p95, ours.values())), "ms")
    figure("open_supervisor_p95_ms", p95(district), "ms")


def _copied() -> int:
    """Copy the year and open cases again; returns how many are open then."""
    from django.db import connection

    from bihuan.site.backup import superuser
    from bihuan.site.postgres import database_url
    from bihuan.site.postgres_files import layout_find

    drop(OPEN_YEAR)
    sessions_end(YEAR)
    with superuser(layout_find()) as server:
        owner = database_url("owner")["USER"]
        server.execute(f'create database "{OPEN_YEAR}" template "{YEAR}" owner "{owner}"')
    connect_as("owner", OPEN_YEAR)
    with connection.cursor() as cursor:
        cursor.execute(OPENED, {"again": AGAIN, "states": list(STATES)})
        cursor.execute("vacuum analyze cases_case")
        cursor.execute("select count(*) from cases_case where closed_at is null")
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    main()
