"""The calling rule: who is next, what each right is worth, and that nobody starves."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.lib.text import SHANGHAI
from bihuan.packs.onewindow.hall.rules import (
    GROUPS,
    HEAD_STARTS,
    Waiting,
    group_of,
    groups_read,
    may_skip,
    next_called,
    priority_by_birth,
    terms_default,
    turn_of,
    turn_of_return,
)
from bihuan.packs.onewindow.hall.simulation import (
    Coming,
    Post,
    by_rule,
    compared,
    day_made,
    day_played,
    first_come,
)

TERMS = terms_default()
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
MOST = timedelta(minutes=TERMS.of("most"))


def minutes(turn: datetime) -> float:
    return (NINE - turn).total_seconds() / 60


@pytest.mark.parametrize(
    ("group", "priority", "booked", "head"),
    [
        ("A", "", None, 0),
        ("A", "old", None, 15),
        ("A", "disabled", None, 20),
        ("E", "", None, 10),
        ("E", "old", None, 15),
        ("A", "", 0, 25),
        ("A", "", 10, 15),
        ("A", "", 40, 0),
        ("A", "", -15, 25),
        ("A", "", -16, 0),
        ("A", "disabled", 10, 20),
    ],
)
def test_the_largest_right_counts_alone(group: str, priority: str, booked: int | None, head: int) -> None:
    """`booked` is minutes after nine, when the ticket is taken: early, punctual, late, too late."""
    at = None if booked is None else NINE + timedelta(minutes=booked)
    assert minutes(turn_of(TERMS, group, taken=NINE, priority=priority, booked=at)) == head


def test_no_right_is_worth_more_than_the_bound() -> None:
    generous = type(TERMS)(TERMS.numbers, {"old": 500}, TERMS.groups)
    assert minutes(turn_of(generous, "A", taken=NINE, priority="old")) == 30
    assert turn_of_return(TERMS, NINE) == NINE - timedelta(minutes=10)


def test_a_window_calls_what_it_serves_and_what_was_sent_to_it() -> None:
    waiting = [
        Waiting(NINE, 1, "D"),
        Waiting(NINE + timedelta(minutes=1), 2, "A"),
        Waiting(NINE + timedelta(minutes=1), 3, "A"),
        Waiting(NINE, 4, "D", window=7),
        Waiting(NINE - timedelta(minutes=9), 5, "A", window=8),
    ]
    called = [next_called(waiting, frozenset("A"), window=1), next_called(waiting, frozenset("A"), window=7)]
    assert [one.id if one else 0 for one in called] == [2, 4]
    assert next_called(waiting, frozenset("C"), window=1) is None


def test_items_find_their_group_by_their_words() -> None:
    assert [
        group_of(words, GROUPS).code for words in ("食品经营许可(新办)", "不动产登记", "出生医学证明")
    ] == ["B", "B", "A"]
    read = groups_read([{"code": "A", "name": "综合", "minutes": 9, "words": ["证明"]}])
    assert (read[0].minutes, read[0].head_start, read[0].words, group_of("出生医学证明", read).name) == (
        9,
        0,
        ("证明",),
        "综合",
    )


def test_three_calls_before_a_number_is_skipped_and_sixty_years_before_it_is_let_ahead() -> None:
    assert [may_skip(TERMS, calls) for calls in (1, 2, 3, 4)] == [False, False, True, True]
    today = date(2026, 3, 2)
    assert [priority_by_birth(TERMS, born, today) for born in (date(1966, 3, 2), date(1966, 3, 3))] == [
        "old",
        "",
    ]


PEOPLE = st.lists(
    st.builds(
        Coming,
        at=st.floats(0, 4 * 3600),
        group=st.sampled_from("ABCDE"),
        service=st.floats(30, 1800),
        priority=st.sampled_from(["", *HEAD_STARTS]),
        booked=st.none() | st.floats(0, 4 * 3600),
    ),
    max_size=60,
)
WINDOWS = st.lists(
    st.builds(
        Post,
        skills=st.frozensets(st.sampled_from("ABCDE"), min_size=1),
        opens=st.floats(0, 7200),
        shuts=st.just(1e9),
    ),
    max_size=4,
)


@given(PEOPLE, WINDOWS)
def test_nobody_is_passed_by_who_came_more_than_the_bound_later(
    people: list[Coming], windows: list[Post]
) -> None:
    """The bound, over any day: at a window that serves both, who is called first came at most `most` minutes later. And everybody is called
    whom any window serves.
    """
    everywhere = Post(frozenset("ABCDE"), 0, 1e9)
    found = day_played(people, [everywhere, *windows], by_rule(TERMS))
    called = sorted((one.coming.at + one.waited, n) for n, one in enumerate(found) if one.waited is not None)
    assert len(called) == len(people)
    if (
        windows
    ):  # several windows at once may begin people of the same moment in any order: the next test has one
        return
    for place, (_when, n) in enumerate(called):
        for _later, passed in called[place + 1 :]:
            assert people[n].at <= people[passed].at + MOST.total_seconds() + 1e-6


@given(st.lists(st.tuples(st.integers(0, 300), st.sampled_from("ABC"), st.sampled_from(["", *HEAD_STARTS])), max_size=40),
       st.frozensets(st.sampled_from("ABC"), min_size=1))  # fmt: skip
def test_no_call_passes_over_anybody_by_more_than_the_bound(
    people: list[tuple[int, str, str]], skills: frozenset[str]
) -> None:
    taken = [NINE + timedelta(minutes=at) for at, _group, _priority in people]
    waiting = [
        Waiting(turn_of(TERMS, group, taken=at, priority=priority), n, group)
        for n, (at, (_minutes, group, priority)) in enumerate(zip(taken, people, strict=True))
    ]
    while one := next_called(waiting, skills):
        waiting.remove(one)
        assert all(taken[one.id] <= taken[other.id] + MOST for other in waiting if other.group in skills)
    assert not [other for other in waiting if other.group in skills]


def test_a_day_of_tickets_is_the_same_for_the_same_seed() -> None:
    assert day_made(seed=7, tickets=300) == day_made(seed=7, tickets=300) != day_made(seed=8, tickets=300)
    coming, posts = day_made(seed=7, tickets=300)
    found = day_played(coming, posts, first_come)
    assert len(found) == 300
    assert all(one.waited is not None and one.waited >= 0 for one in found)


def test_the_rule_helps_whom_it_is_for_and_costs_the_others_less_than_the_bound() -> None:
    figures = compared(seed=20260302, tickets=2000)
    for part in ("priority", "booked", "quick"):
        ours, plain = figures[part]
        assert ours.mean < plain.mean, part
    ours, plain = figures["others"]
    assert ours.longest < plain.longest + TERMS.of("most")
    assert [one.left for pair in figures.values() for one in pair] == [0] * 10
