"""The seeded year that several benchmarks measure on: made once in a run, in the database `bench_bihuan`."""

from __future__ import annotations

import time
from datetime import datetime

from benchmarks.database import YEAR, analyze, connect_as, create, exists, say

ORDERS = 151_404
NOW = datetime.fromisoformat("2026-11-20T10:00:00+08:00")
"""A Friday morning; the year ends at the midnight before it."""
UNTIL = NOW.replace(hour=0)


def year_seed(*, jobs: int = 2) -> tuple[float, int, int, int]:
    """Make the database anew and seed the year: seconds of the seeding, orders, moves, failures."""
    from bihuan.site.management.commands.seed import YEAR_DAYS, seed_load

    create(YEAR)
    begun = time.perf_counter()
    tally = seed_load(count=ORDERS, days=YEAR_DAYS, until=UNTIL, seed=1, jobs=jobs, now=NOW, tell=say)
    seconds = time.perf_counter() - begun
    analyze(YEAR)
    if tally is None:
        raise SystemExit("the year was there already")
    return seconds, tally.orders, tally.moves, sum(tally.failures.values())


def year_ready() -> None:
    """The seeded year, made now if it is not there whole; the connection is then the worker's to it."""
    if not _whole():
        say("seeding the year …")
        year_seed()
    connect_as("worker", YEAR)


def _whole() -> bool:
    from bihuan.packs.hotline.demonstration.loading import runs_known

    if not exists(YEAR):
        return False
    connect_as("worker", YEAR)
    done, _ = runs_known()
    return any(run.orders == ORDERS and run.until == UNTIL for run in done)
