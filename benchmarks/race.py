"""Two officers decide the same case at the same time, 10,000 times: exactly one must win, and nothing may be lost."""

from __future__ import annotations

from benchmarks.database import connect_as, django_ready, say, scratch
from benchmarks.loops import NOW, cases_open, city, figure, in_processes

NAME = "bench_race"
PAIRS = 10_000


def decide(ids: list[int], by: int, unit: int) -> list[int]:
    """Send each case to `unit`, on the version that both officers saw; the cases that this officer won."""
    from bihuan.kernel.cases.moving import case_move
    from bihuan.lib.refusals import Conflict

    won = []
    for case in ids:
        try:
            case_move(case_id=case, step="dispatch", by=by, now=NOW, version=1, data={"unit": unit})
            won.append(case)
        except Conflict:
            continue
    return won


def main() -> None:
    """Measure and print how many decisions were lost (neither, or both, won)."""
    django_ready()
    from bihuan.kernel.ledger.verify import ledger_verify

    with scratch(NAME):
        connect_as("app", NAME)
        units, people = city()
        ids = cases_open(PAIRS, units, people)
        officers = [
            (ids, people["li"], units["371502_market"]),
            (ids, people["tang"], units["371502_education"]),
        ]
        (first, second), seconds = in_processes(NAME, decide, officers)
        lost = PAIRS - len(set(first) ^ set(second))
        connect_as("worker", NAME)
        faults = len(ledger_verify().faults)
    say(
        f"{PAIRS:,} pairs in {seconds:.1f} s: {len(first):,} and {len(second):,} won, {lost} lost, {faults} faults"
    )
    figure("race_lost", lost + faults, "of 10,000 pairs")


if __name__ == "__main__":
    main()
