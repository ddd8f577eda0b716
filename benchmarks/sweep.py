"""The sweep for warnings and breaches: idle among many running clocks, and with 10,000 due at once."""

from __future__ import annotations

from datetime import timedelta
from statistics import median
from time import perf_counter

from benchmarks.database import analyze, connect_as, django_ready, say, scratch
from benchmarks.loops import NOW, cases_open, city, figure

NAME = "bench_sweep"
DUE = 10_000


def main() -> None:
    """Measure and print."""
    django_ready()
    from bihuan.kernel.cases.moving import Move, case_move_many
    from bihuan.kernel.cases.sweeping import clocks_sweep

    with scratch(NAME):
        connect_as("worker", NAME)
        units, people = city()
        ids = cases_open(DUE, units, people)
        data = {"unit": units["371502_market"]}
        for start in range(0, DUE, 500):
            case_move_many(
                moves=[Move(c, "dispatch", people["li"], NOW, None, data) for c in ids[start : start + 500]]
            )
        analyze(NAME)
        idle = []
        for _ in range(50):
            begun = perf_counter()
            clocks_sweep(now=NOW)
            idle.append((perf_counter() - begun) * 1000)
        later = NOW + timedelta(
            hours=5, minutes=30
        )  # 80 % of four working hours to sign for: every case warns
        begun = perf_counter()
        found = clocks_sweep(now=later)
        seconds = perf_counter() - begun
        again = clocks_sweep(now=later)
    if (found, again) != (DUE, 0):
        raise SystemExit(f"{found} and then {again} were swept, not {DUE} and 0")
    say(f"idle {median(idle):.2f} ms among {DUE * 3:,} clocks; {DUE:,} due in {seconds:.2f} s, each once")
    figure("sweep_ms", median(idle), "ms")
    figure("sweep_10k_due_s", seconds, "s")


if __name__ == "__main__":
    main()
