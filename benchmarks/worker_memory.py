"""Peak memory of a worker that carries the seeded year's waiting jobs out for a minute, two at a time, as `up` runs it."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress

from benchmarks.database import YEAR, connect_as, django_ready, say
from benchmarks.loops import figure
from benchmarks.worklist import memory_peak

SECONDS = 60


def main() -> None:
    """Measure and print."""
    from benchmarks.year import year_ready

    django_ready()
    year_ready()
    waiting = _waiting()
    worker = subprocess.Popen([sys.executable, "-c", "from benchmarks.worker_memory import work; work()"])
    try:
        with suppress(subprocess.TimeoutExpired):
            worker.wait(SECONDS)
        peak = memory_peak(worker.pid)
    finally:
        worker.terminate()
        worker.wait(20)
    say(f"{waiting - _waiting():,} of {waiting:,} jobs, peak {peak:.0f} MB")
    figure("worker_peak_mb", peak, "MB")


def work() -> None:
    """The worker, on the year's database."""
    django_ready()
    connect_as("worker", YEAR)
    from django.core.management import call_command

    call_command("procrastinate", "worker", "--concurrency", "2")


def _waiting() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs where status = 'todo'")
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    main()
