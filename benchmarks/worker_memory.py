"""Peak memory of a worker that carries the seeded year's waiting jobs out, two at a time, as `up` runs it."""

from __future__ import annotations

import resource
import time

from benchmarks.database import YEAR, connect_as, django_ready, say
from benchmarks.loops import figure


def main() -> None:
    """Measure and print; a year that was measured before has no jobs left, and the figure is that of an idle worker."""
    from benchmarks.year import year_ready

    django_ready()
    year_ready()
    connect_as("worker", YEAR)
    from django.core.management import call_command

    waiting, begun = _waiting(), time.perf_counter()
    call_command("procrastinate", "worker", "--concurrency", "2", "--one-shot")
    spent = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(f"{waiting - _waiting():,} jobs in {spent:.0f} s, peak {peak:.0f} MB")
    figure("worker_peak_mb", peak, "MB")


def _waiting() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs where status = 'todo'")
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    main()
