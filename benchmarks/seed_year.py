"""Seconds to seed a year of 151,404 orders with their whole histories, through the services of real orders."""

from __future__ import annotations

import resource

from benchmarks.database import django_ready, say
from benchmarks.loops import figure
from benchmarks.year import year_seed


def main() -> None:
    """Measure and print; the database stays for the benchmarks that follow."""
    django_ready()
    seconds, orders, moves, failures = year_seed()
    peak = (
        max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        / 1024
    )
    say(
        f"{orders:,} orders, {moves:,} moves, {failures} failures: {seconds:.0f} s, {moves / seconds:,.0f} moves/s, peak {peak:.0f} MB a process"
    )
    figure("seed_year_s", seconds, "s")
    figure("seed_year_peak_mb", peak, "MB")
    if failures:
        raise SystemExit(f"{failures} moves failed")


if __name__ == "__main__":
    main()
