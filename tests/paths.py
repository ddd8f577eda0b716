"""The states that a case can come to by allowed steps, and the way from each of them to the end, found on real cases."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from django.db import transaction

from bihuan.kernel.workflow.model import SYSTEM, Step
from bihuan.lib.refusals import NotPermitted, Refusal
from bihuan.lib.text import FieldError
from tests.snapshots import case_row
from tests.walks import Path, Taken, Undone, World

TRIES = 200
"""So many steps are tried before a case counts as one that cannot be closed."""


def paths_found(world: World) -> dict[tuple[str, str], Path]:
    """For each kind of opening and each state that a case can come to: a path of allowed steps that leads there.

    A breadth-first search over real cases. Two cases count as being at the same place when they are in the same state
    and the same steps that leave it are open to the same people.
    """
    found: dict[tuple[str, str], Path] = {}
    seen: set[tuple[str, str, frozenset[tuple[str, tuple[str, ...]]]]] = set()
    waiting: deque[tuple[str, Path, dict[Step, list[str]]]] = deque()
    wanted = {state.code for state in world.workflow.states}

    def come_to(kind: str, path: Path, case: int) -> None:
        row = case_row(case)
        found.setdefault((kind, row["state"]), path)
        steps = world.open_steps(case, row)
        leaving = frozenset((s.code, tuple(p)) for s, p in steps.items() if s.target != "same")
        place = (kind, row["state"], leaving)
        if place not in seen:
            seen.add(place)
            waiting.append((kind, path, steps))

    for kind in world.openings():
        with _undone():
            come_to(kind, (), world.open(kind))
    while waiting and {state for _, state in found} != wanted:
        kind, path, steps = waiting.popleft()
        with _undone():
            case = world.arrive(kind, path)
            for step, people in steps.items():
                first_way(
                    world, case, step, people, lambda way, k=kind, p=path, c=case: come_to(k, (*p, way), c)
                )
    return found


@contextmanager
def _undone() -> Iterator[None]:
    """Nothing of the block stays."""
    with suppress(Undone), transaction.atomic():
        yield
        raise Undone


def first_way(
    world: World, case: int, step: Step, people: list[str], there: Callable[[Taken], None] = lambda way: None
) -> Taken | None:
    """The first of these people, and data, with which the step is allowed and somebody may go on; the case stays where it is.

    `there` is called while the step is taken.
    """
    for by in people:
        permitted = False
        for data in world.variants(step):
            taken = Taken(step.code, by, data)
            goes_on = False
            try:
                with transaction.atomic():
                    world.take(case, taken)
                    goes_on = not stranded(world, case_row(case))
                    if goes_on:
                        there(taken)
                    raise Undone
            except Undone:
                if goes_on:
                    return taken
            except NotPermitted:
                break
            except (Refusal, FieldError):
                permitted = bool(by)
        if permitted:  # the guards said no: they say so to the next person too
            return None
    return None


def stranded(world: World, row: Mapping[str, Any]) -> bool:
    """Is the case open and nobody in the city may bring it out of its state?"""
    leaving = [step for step in world.workflow.leaving[row["state"]] if step.target != "same"]
    return not world.workflow.state[row["state"]].final and not any(
        world.fitting(step, row) for step in leaving
    )


def closing_path(world: World, case: int) -> Path | None:
    """Allowed steps that bring the case to a final state, the shortest way over states first; walks them."""
    return _closing(world, case, distances(world), frozenset(), iter(range(TRIES)))


def _closing(
    world: World, case: int, distance: Mapping[str, int], seen: frozenset[str], tries: Iterator[int]
) -> Path | None:
    row = case_row(case)
    if world.workflow.state[row["state"]].final:
        return ()
    leaving = [s for s in world.workflow.leaving[row["state"]] if s.code not in seen]
    open_steps = world.open_steps(case, row)
    for step in sorted(leaving, key=lambda s: distance[world.workflow.target_of(s, row["state"]).code]):
        people = open_steps.get(step, [])
        taken = first_way(world, case, step, people) if next(tries, None) is not None else None
        if taken is None:
            continue
        try:
            with transaction.atomic():
                world.take(case, taken)
                more = _closing(world, case, distance, seen | {step.code}, tries)
                if more is None:
                    raise Undone
                return (taken, *more)
        except Undone:
            continue
    return None


def distances(world: World) -> dict[str, int]:
    """How many steps each state is from a final one; one that only the system takes counts as ten: it has its own conditions."""
    far = 1000
    distance = {state.code: 0 if state.final else far for state in world.workflow.states}
    for _ in world.workflow.states:
        for state in world.workflow.states:
            for step in world.workflow.leaving[state.code]:
                cost = 10 if step.by == (SYSTEM,) else 1
                beyond = distance[world.workflow.target_of(step, state.code).code] + cost
                distance[state.code] = min(distance[state.code], beyond)
    return distance
