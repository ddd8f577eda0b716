"""What a workflow must not contradict itself in: each problem is a sentence, and the first one refuses to build it."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bihuan.kernel.workflow.model import Step, Workflow

TAKEN_IN = "take_in"
"""The duty of whoever opened the case: no step is it, and a step may be kept apart from it."""


def problems(workflow: Workflow, *, stations: Collection[str], actors: Collection[str]) -> Iterator[str]:
    """All contradictions, those of names before those of ways, which rest on them."""
    yield from _of_codes(workflow)
    yield from _of_states(workflow, stations)
    for step in workflow.steps:
        yield from _of_names(workflow, step, actors)
        yield from _of_rules(workflow, step)
    yield from _of_ways(workflow)


def _of_codes(workflow: Workflow) -> Iterator[str]:
    if not workflow.states:
        yield "it has no states."
    if len(workflow.state) != len(workflow.states):
        yield "two states have the same code."
    if len(workflow.by_code) != len(workflow.steps):
        yield "two steps have the same code."
    if workflow.merging and not set(workflow.merging.steps()) <= set(workflow.by_code):
        yield "merging names an unknown step."
    if not set(workflow.mended) <= set(workflow.by_code):
        yield "what goes on by itself once it is mended names an unknown step."
    if workflow.joint and workflow.joint.state not in workflow.state:
        yield f"an assisting case begins in the unknown state {workflow.joint.state!r}."


def _of_states(workflow: Workflow, stations: Collection[str]) -> Iterator[str]:
    for state in workflow.states:
        if state.station not in stations:
            yield f"state {state.code!r} names the unknown station {state.station!r}."
        if state.waits_for and state.waits_for not in workflow.roles:
            yield f"state {state.code!r} waits for the undeclared role {state.waits_for!r}."
    yield from (
        f"words are given to the unknown station {one!r}." for one in workflow.stations if one not in stations
    )


def _of_names(workflow: Workflow, step: Step, actors: Collection[str]) -> Iterator[str]:
    if not step.by:
        yield f"step {step.code!r} can be taken by nobody."
    for role in step.by:
        if role not in actors and role not in workflow.roles:
            yield f"step {step.code!r} names the undeclared role {role!r}."
    for name in (*step.sources, *(() if step.target == "same" else (step.target,))):
        if name not in workflow.state:
            yield f"step {step.code!r} names the unknown state {name!r}."


def _of_rules(workflow: Workflow, step: Step) -> Iterator[str]:
    duties = {TAKEN_IN, *(other.duty for other in workflow.steps)}
    known = {"opened_by", *(e.what for other in workflow.steps for e in other.does if e.verb == "remember")}
    for guard in step.when:
        if not inspect.getdoc(guard):
            yield f"guard {guard.__name__!r} of step {step.code!r} lacks its sentence."
    for duty in step.apart_from:
        if duty not in duties:
            yield f"step {step.code!r} is kept apart from the duty {duty!r}, which no step is."
    asked = {ask.name: ask for ask in step.asks}
    if len(asked) != len(step.asks):
        yield f"step {step.code!r} asks for the same field twice."
    for effect in step.does:
        fields = {"hold": effect.what, "split": effect.what, "keep": effect.extra, "renew": effect.extra}
        fields |= {"request": effect.extra, "carry": effect.extra}
        wanted = fields.get(effect.verb, "")
        if wanted and wanted not in known and not (wanted in asked and asked[wanted].required):
            yield f"step {step.code!r} uses the field {wanted!r}, which it does not require."


def _of_ways(workflow: Workflow) -> Iterator[str]:
    ways: dict[str, set[str]] = {state.code: set() for state in workflow.states}
    for step in workflow.steps:
        for source in step.sources:
            if workflow.state[source].final:
                yield f"the final state {source!r} can be left by step {step.code!r}."
            ways[source].add(source if step.target == "same" else step.target)
    reached = _reachable(ways, {workflow.initial.code})
    closable = _reachable(_reversed(ways), {state.code for state in workflow.states if state.final})
    for state in workflow.states:
        if state.code not in reached:
            yield f"state {state.code!r} cannot be reached."
        if state.code not in closable:
            yield f"a case in state {state.code!r} can never be closed."


def _reversed(ways: dict[str, set[str]]) -> dict[str, set[str]]:
    backward: dict[str, set[str]] = {code: set() for code in ways}
    for source, targets in ways.items():
        for target in targets:
            backward[target].add(source)
    return backward


def _reachable(ways: dict[str, set[str]], begin: Iterable[str]) -> set[str]:
    seen, rest = set(begin), list(begin)
    while rest:
        for target in ways[rest.pop()] - seen:
            seen.add(target)
            rest.append(target)
    return seen
