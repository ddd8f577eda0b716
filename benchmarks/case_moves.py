"""Steps a second, committed, entry, clocks and notices included: one writer, four writers, and batches of 500."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from benchmarks.database import connect_as, django_ready, say, scratch
from benchmarks.loops import NOW, cases_open, city, figure, in_processes, steps

NAME = "bench_moves"
EACH, BATCHED = 150, 3000
Steps = list[tuple[str, int, dict[str, Any]]]


def moves_one_by_one(ids: list[int], plan: Steps) -> int:
    """Take each case round the loop; how many steps were taken."""
    from bihuan.kernel.cases.moving import case_move

    for case in ids:
        for step, by, data in plan:
            case_move(case_id=case, step=step, by=by, now=NOW, data=data)
    return len(ids) * len(plan)


def moves_in_batches(ids: list[int], plan: Steps) -> int:
    """Take all cases round the loop, 500 a transaction."""
    from bihuan.kernel.cases.moving import Move, case_move_many

    for step, by, data in plan:
        for start in range(0, len(ids), 500):
            moves = [Move(case, step, by, NOW, None, data) for case in ids[start : start + 500]]
            for result in case_move_many(moves=moves):
                if isinstance(result, Exception):
                    raise result
    return len(ids) * len(plan)


def commits_per_s() -> float:
    """The limit for a single writer: commits of one small row."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("create table bench_commit (n int)")
        begun = perf_counter()
        for n in range(500):
            cursor.execute("insert into bench_commit values (%s)", [n])
        return 500 / (perf_counter() - begun)


def main() -> None:
    """Measure and print."""
    django_ready()
    with scratch(NAME):
        connect_as("owner", NAME)
        limit = round(commits_per_s())
        connect_as("app", NAME)
        units, people = city()
        plan = steps(units, people)
        ids = cases_open(EACH * 5 + 2 * BATCHED, units, people)
        taken, seconds = in_processes(NAME, moves_one_by_one, [(ids[:EACH], plan)])
        single = sum(taken) / seconds
        parts = [(ids[EACH * k : EACH * (k + 1)], plan) for k in range(1, 5)]
        taken, seconds = in_processes(NAME, moves_one_by_one, parts)
        four = sum(taken) / seconds
        rest = ids[EACH * 5 :]
        taken, seconds = in_processes(
            NAME, moves_in_batches, [(rest[:BATCHED], plan), (rest[BATCHED:], plan)]
        )
        batch = sum(taken) / seconds
    for name, value in (("one writer", single), ("four writers", four), ("batches, two writers", batch)):
        say(f"{name:<24}{value:>10,.0f} steps/s")
    figure("case_moves_per_s", four, "1/s", "commits of one row, one writer", limit)
    figure("case_moves_per_s_1", single, "1/s", "commits of one row, one writer", limit)
    figure("case_moves_per_s_batch", batch, "1/s")


if __name__ == "__main__":
    main()
