"""Several officers at once, each with a connection of its own, on committed cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from threading import Barrier
from typing import Any

import pytest
from django.db import transaction

from bihuan.kernel.cases.moving import Move, case_move, case_move_many
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.policies.services import policy_set
from bihuan.lib.refusals import Conflict, Refusal
from tests import snapshots
from tests.committed import cases_emptied, together
from tests.walks import Taken, World

PAIRS = 200


@pytest.fixture
def world(django_db_setup: None, django_db_blocker: Any, now: datetime) -> Iterator[World]:
    with django_db_blocker.unblock(), cases_emptied():
        yield World("hotline", now)


def at_the_market_bureau(world: World) -> int:
    case = world.open("lead")
    with transaction.atomic():
        world.take(case, Taken("dispatch", "li", {"unit": world.unit["371502_market"]}))
    return case


def test_of_two_officers_exactly_one_wins_and_the_other_reads_who_did(world: World) -> None:
    # Both saw version 2; they begin each case at the same moment.
    names = {"wang": "王建业", "chen": "陈立新"}
    with transaction.atomic():
        cases = [at_the_market_bureau(world) for _ in range(PAIRS)]
    begin = Barrier(2)

    def sign_all(by: str) -> list[Any]:
        results: list[Any] = []
        for case in cases:
            begin.wait(10)
            try:
                moved = case_move(
                    case_id=case, step="sign_for", by=world.person[by], now=world.now, version=2
                )
                results.append(moved)
            except Refusal as refusal:
                results.append(refusal)
        return results

    both = dict(zip(names, together(*(lambda by=by: sign_all(by) for by in names)), strict=True))
    assert all(isinstance(results, list) for results in both.values()), both
    for index, case in enumerate(cases):
        (winner,) = [by for by in names if not isinstance(both[by][index], Exception)]
        (loser,) = names.keys() - {winner}
        assert (both[winner][index].state, both[winner][index].version) == ("handling", 3)
        assert isinstance(both[loser][index], Conflict)
        assert both[loser][index].message.startswith(f"{names[winner]}已先一步办理“签收”,本件现在是“办理中”")
        after = snapshots.snapshot(case)
        assert (after["row"]["version"], after["entries"]) == (3, 3)
    assert ledger_verify().faults == ()


def test_without_a_version_the_second_is_judged_on_what_the_first_left(world: World) -> None:
    """The one who waits sees the clocks, too, as the first left them."""
    for _ in range(20):
        case = at_the_market_bureau(world)

        def move(step: str, by: str, case: int = case) -> Any:
            return case_move(case_id=case, step=step, by=world.person[by], now=world.now)

        signed, urged = together(lambda: move("sign_for", "wang"), lambda: move("urge", "tang"))
        assert {signed.version, urged.version} == {3, 4}
        after = snapshots.snapshot(case)
        running = [c for c in after["clocks"] if not c["stopped_at"] and c["basis"] != "term"]
        assert {c["kind"] for c in running} == {"handle"}
        assert after["row"]["due_at"] == min(c["due_at"] for c in running)
        assert after["row"]["urge_count"] == 1


def test_batches_that_overlap_in_another_order_never_wait_for_each_other(world: World) -> None:
    cases = [at_the_market_bureau(world) for _ in range(30)]

    def batch(order: list[int], by: str) -> list[Any]:
        moves = [Move(case, "urge", world.person[by], world.now) for case in order]
        return [result for _ in range(5) for result in case_move_many(moves=moves)]

    works = [
        (cases, "li"),
        (cases[::-1], "tang"),
        (cases[15:] + cases[:15], "li"),
        (cases[::2] + cases[1::2], "tang"),
    ]
    results = together(*(lambda w=w: batch(*w) for w in works))
    assert [type(result) for result in results] == [list] * 4
    assert not [r for result in results for r in result if isinstance(r, Exception)]
    assert {snapshots.case_row(case)["urge_count"] for case in cases} == {20}
    assert ledger_verify().faults == ()


def test_whoever_has_the_last_policy_has_all_before_it(world: World) -> None:
    """Rows are added one at a time, so that no row with a smaller id appears after a rule book was read."""

    def add(number: int) -> Any:
        with transaction.atomic():
            row = policy_set(
                code="test.raced",
                value=number,
                legal_basis="测试",
                valid_from=date(2026, 1, number),
                now=world.now,
                by="system",
            )
            return row.pk, len(rulebook().rules["test.raced"])

    results = together(*(lambda n=n: add(n) for n in range(1, 9)))
    assert [seen for _, seen in sorted(results)] == list(range(1, 9))
    assert len(rulebook().rules["test.raced"]) == 8


def test_a_refused_move_leaves_no_lock_behind(world: World) -> None:
    case = at_the_market_bureau(world)

    def refused() -> Any:
        return case_move(case_id=case, step="sign_for", by=world.person["qian"], now=world.now)

    results = together(
        *[refused] * 4,
        lambda: case_move(case_id=case, step="sign_for", by=world.person["wang"], now=world.now),
    )
    assert [isinstance(result, Refusal) for result in results] == [True] * 4 + [False]
    assert snapshots.case_row(case)["state"] == "handling"
