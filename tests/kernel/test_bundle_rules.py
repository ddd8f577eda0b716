"""Networks: what is none is refused in words; the longest chain against every chain walked one by one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.kernel.bundles.rules import (
    Happened,
    Outcome,
    PartPlan,
    Span,
    forecast,
    network_check,
    network_plan,
    outcome_of,
    parts_held,
    parts_ready,
    spans_ended,
)
from bihuan.lib.text import FieldError

PROJECT = (
    PartPlan("plan", 10),
    PartPlan("energy", 15),
    PartPlan("environment", 30, ("plan",)),
    PartPlan("safety", 20),
    PartPlan("build", 5, ("environment", "safety")),
)


@pytest.mark.parametrize(
    ("parts", "rule", "words"),
    [
        ((), "required", "至少要有一个部分。"),
        ((PartPlan("a", 1), PartPlan("a", 2)), "part_twice", "“a”写了两次。"),
        ((PartPlan("a", 0),), "range", "“a”的天数应为 1 至 365 个工作日。"),
        ((PartPlan("a", 366),), "range", "“a”的天数应为 1 至 365 个工作日。"),
        ((PartPlan("a", 1, ("a",)),), "part_itself", "“a”不能排在它自己之后。"),
        ((PartPlan("a", 1, ("b",)),), "part_unknown", "“a”排在“b”之后,但没有“b”。"),
        (
            (PartPlan("a", 1, ("c",)), PartPlan("b", 1, ("a",)), PartPlan("c", 1, ("b",))),
            "part_circle",
            "先后成了一个圈:a → b → c → a。",
        ),
        (tuple(PartPlan(str(n), 1) for n in range(21)), "too_many", "最多 20 个部分。"),
    ],
)  # fmt: skip
def test_what_is_no_network_is_refused_in_words(parts: tuple[PartPlan, ...], rule: str, words: str) -> None:
    with pytest.raises(FieldError) as refused:
        network_check(parts)
    assert (refused.value.field, refused.value.rule, refused.value.message) == ("parts", rule, words)


def test_as_many_parts_and_days_as_may_be() -> None:
    network_check([PartPlan(str(n), 365) for n in range(20)])


def test_serial_and_parallel_days_and_the_longest_chain() -> None:
    network_check(PROJECT)
    plan = network_plan(PROJECT)
    assert (plan.serial, plan.parallel, plan.saved) == (80, 45, 35)
    assert plan.critical == ("plan", "environment", "build")
    assert plan.spans == {
        "plan": Span(0, 10), "energy": Span(0, 15), "environment": Span(10, 40), "safety": Span(0, 20), "build": Span(40, 45),
    }  # fmt: skip


def test_what_can_begin_and_what_is_held_up() -> None:
    assert parts_ready(PROJECT, done=(), begun=()) == ["plan", "energy", "safety"]
    assert parts_ready(PROJECT, done=("plan",), begun=("plan", "energy", "safety")) == ["environment"]
    assert (
        parts_ready(PROJECT, done=("environment",), begun=("plan", "energy", "safety", "environment")) == []
    )
    assert parts_held(PROJECT, ["plan"]) == ["environment", "build"]
    assert parts_held(PROJECT, ["energy"]) == []


def test_what_the_events_come_to_and_when_it_will_be_done() -> None:
    assert outcome_of({}) is None
    assert outcome_of({"plan": Happened(3)}) is None
    happened = {"plan": Happened(3, 13), "energy": Happened(3, 20), "environment": Happened(13)}
    assert outcome_of(happened) == Outcome(serial=27, elapsed=17)
    assert Outcome(27, 17).saved == 10
    ahead = forecast(PROJECT, happened, today=50)
    assert ahead["environment"] == Span(13, 50)  # late: today at the earliest
    assert ahead["safety"] == Span(50, 70)
    assert ahead["build"] == Span(70, 75)


@st.composite
def networks(draw: st.DrawFn) -> tuple[PartPlan, ...]:
    """Networks of up to seven parts, in an order that is not that of what precedes."""
    size = draw(st.integers(1, 7))
    parts = [
        PartPlan(
            str(n),
            draw(st.integers(1, 30)),
            tuple(str(before) for before in range(n) if draw(st.booleans())),
        )
        for n in range(size)
    ]
    return tuple(draw(st.permutations(parts)))


def chains(parts: tuple[PartPlan, ...], code: str) -> Iterator[tuple[str, ...]]:
    """Every chain that ends with a part, walked one by one."""
    (part,) = (part for part in parts if part.code == code)
    yield (code,)
    for before in part.after:
        for chain in chains(parts, before):
            yield (*chain, code)


@given(networks())
def test_the_longest_chain_is_the_longest_of_all(parts: tuple[PartPlan, ...]) -> None:
    network_check(parts)
    days = {part.code: part.days for part in parts}
    lengths = {c: sum(days[code] for code in c) for part in parts for c in chains(parts, part.code)}
    plan = network_plan(parts)
    assert plan.parallel == max(lengths.values())
    assert lengths[plan.critical] == plan.parallel
    assert plan.serial == sum(days.values()) >= plan.parallel


@given(networks(), st.data())
def test_days_saved_are_what_the_events_say(parts: tuple[PartPlan, ...], data: st.DataObject) -> None:
    """Whatever opens when the last before it ended has saved what was done side by side, and its plan is what happened."""
    ends = {part.code: data.draw(st.integers(0, 40)) for part in parts}
    took = tuple(PartPlan(part.code, ends[part.code], part.after) for part in parts)
    begin, plan = data.draw(st.integers(0, 100)), network_plan(took)
    happened = {code: Happened(begin + s.begin, begin + s.end) for code, s in plan.spans.items()}
    outcome = outcome_of(happened)
    assert outcome == Outcome(sum(ends.values()), plan.parallel)
    assert outcome is not None and outcome.saved == plan.saved >= 0
    assert forecast(parts, happened, today=begin) == spans_ended(happened)
