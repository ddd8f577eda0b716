"""The calling rule: who is next, what each right is worth, and that nobody starves."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.lib.text import SHANGHAI
from bihuan.packs.onewindow.hall.comparison import compared, day_made
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
from bihuan.packs.onewindow.hall.simulation import FIRST_COME, Coming, Post, by_rule, day_played

TERMS = terms_default()
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
MOST, LONG = timedelta(minutes=TERMS.of("most")), timedelta(minutes=TERMS.of("long"))


def minutes(turn: datetime) -> float:
    return (NINE - turn).total_seconds() / 60


@pytest.mark.parametrize(
    ("group", "priority", "booked", "head"),
    [
        ("A", "", None, 0),
        ("A", "old", None, 15),
        ("A", "disabled", None, 20),
        ("E", "", None, 25),
        ("E", "old", None, 25),
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
    called = [next_called(waiting, frozenset("A"), window, long_ago=NINE - LONG) for window in (1, 7)]
    assert [one.id if one else 0 for one in called] == [2, 4]
    assert next_called(waiting, frozenset("C"), 1, long_ago=NINE - LONG) is None


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
        gone=st.booleans(),
    ),
    max_size=60,
)
PAUSES = st.lists(st.tuples(st.integers(0, 4 * 3600), st.integers(60, 1800)), max_size=3).map(
    lambda found: tuple(sorted(found))
)
WINDOWS = st.lists(
    st.builds(
        Post,
        skills=st.frozensets(st.sampled_from("ABCDE"), min_size=1),
        opens=st.floats(0, 7200),
        shuts=st.floats(7200, 4 * 3600),
        pauses=PAUSES,
    ),
    max_size=4,
)


@given(PEOPLE, WINDOWS)
def test_nobody_is_passed_by_who_came_more_than_the_bound_later(
    people: list[Coming], windows: list[Post]
) -> None:
    """The bound, over any day: at a window that serves both, who is called first came at most `most` minutes later; and once somebody has
    waited `long` minutes, nobody who came later goes first but by law. And everybody is called whom any window serves.
    """
    everywhere = Post(frozenset("ABCDE"), 0, 1e9)
    found = day_played(people, [everywhere, *windows], by_rule(TERMS)).people
    called = sorted((one.coming.at + one.waited, n) for n, one in enumerate(found) if one.waited is not None)
    assert len(called) == len(people)
    if (
        windows
    ):  # several windows at once may begin people of the same moment in any order: the next test has one
        return
    for place, (when, n) in enumerate(called):
        for _later, passed in called[place + 1 :]:
            assert people[n].at <= people[passed].at + MOST.total_seconds() + 1e-5
            if people[passed].at <= when - LONG.total_seconds() - 1e-5:
                assert people[n].priority or people[n].at <= people[passed].at


@given(
    st.lists(
        st.tuples(
            st.integers(0, 300),
            st.sampled_from("ABE"),
            st.sampled_from(["", "", *HEAD_STARTS]),
            st.none() | st.integers(0, 300),
        ),
        max_size=40,
    ),
    st.frozensets(st.sampled_from("ABE"), min_size=1),
    st.integers(0, 400),
)
def test_no_call_passes_over_anybody_by_more_than_the_bound(
    people: list[tuple[int, str, str, int | None]], skills: frozenset[str], minute: int
) -> None:
    """Everybody waits, windows call at one moment until nobody is left."""
    taken = [NINE + timedelta(minutes=at) for at, *_rest in people]
    long_ago = NINE + timedelta(minutes=minute) - LONG
    waiting = []
    for n, (_at, group, priority, booked) in enumerate(people):
        at = None if booked is None else NINE + timedelta(minutes=booked)
        turn = turn_of(TERMS, group, taken=taken[n], priority=priority, booked=at)
        waiting.append(Waiting(turn, n, group, kept=turn if priority else taken[n]))
    while one := next_called(waiting, skills, long_ago=long_ago):
        waiting.remove(one)
        passed = [other for other in waiting if other.group in skills and taken[other.id] < taken[one.id]]
        assert all(taken[one.id] <= taken[other.id] + MOST for other in passed)
        assert people[one.id][2] or not [other for other in passed if taken[other.id] <= long_ago]
    assert not [other for other in waiting if other.group in skills]


def test_who_has_waited_an_hour_is_passed_by_law_alone() -> None:
    """In minutes after nine: (taken, turn, by law)."""
    rows = [(0, 0, False), (5, -20, False), (10, -10, True), (70, 45, False)]

    def order(minute: int) -> list[int]:
        at = [NINE + timedelta(minutes=one) for one in range(71)]
        waiting = [
            Waiting(NINE + timedelta(minutes=turn), n, "A", kept=NINE + timedelta(minutes=turn) if law else at[taken])
            for n, (taken, turn, law) in enumerate(rows)
        ]  # fmt: skip
        called = []
        while one := next_called(waiting, frozenset("A"), long_ago=NINE + timedelta(minutes=minute) - LONG):
            called.append(one.id)
            waiting.remove(one)
        return called

    assert [order(minute) for minute in (49, 50, 59, 60, 71)] == [
        [1, 2, 0, 3],
        [2, 1, 0, 3],
        [2, 1, 0, 3],
        [2, 0, 1, 3],
        [2, 0, 1, 3],
    ]


def test_a_day_of_tickets_is_the_same_for_the_same_seed() -> None:
    assert day_made(seed=7, tickets=300) == day_made(seed=7, tickets=300) != day_made(seed=8, tickets=300)
    coming, posts = day_made(seed=7, tickets=300)
    found = day_played(coming, posts, FIRST_COME).people
    assert len(found) == 300
    assert all(one.waited is not None and one.waited >= 0 for one in found)


def test_a_window_pauses_when_it_is_free_and_is_idle_only_while_it_has_nobody() -> None:
    """In seconds: served from 0 to 100, the pause that was due at 50 until 160, then the second, who waited 155; C waits for nobody."""
    coming = [Coming(0, "A", 100), Coming(5, "A", 40), Coming(10, "C", 30)]
    found = day_played(coming, [Post(frozenset("A"), 0, 1e9, ((50, 60),))], FIRST_COME, until=300)
    assert [one.waited for one in found.people] == [0, 155, None]
    assert (found.idle, found.unlike) == (0, 0)
    found = day_played([*coming, Coming(250, "A", 10)], [Post(frozenset("A"), 0, 1e9)], FIRST_COME, until=300)
    assert (found.people[3].waited, found.idle, found.unlike) == (0, 110, 110)


@pytest.mark.parametrize("narrow", [Post(frozenset("A"), 0, 60), Post(frozenset("A"), 0, 1e9, ((60, 600),))])
def test_whom_a_window_that_shuts_or_pauses_does_not_take_another_takes(narrow: Post) -> None:
    """In seconds: both windows are idle; the one that serves fewest groups would be first."""
    found = day_played([Coming(60, "A", 30)], [narrow, Post(frozenset("AB"), 0, 1e9)], FIRST_COME).people
    assert [one.waited for one in found] == [0]


def test_the_rule_helps_whom_it_is_for_and_costs_the_others_less_than_the_bound() -> None:
    """Over three days: the mean is shorter than first come, first served; every figure is better than with a line for each group."""
    found = compared(seed=20260302, tickets=2000, days=3)
    ours, first, lines = (found.figures["all"][rule] for rule in ("ours", "first", "lines"))
    assert ours.mean < first.mean < lines.mean
    assert (ours.p95 < lines.p95, ours.longest < lines.longest) == (True, True)
    for part in ("priority", "booked", "quick"):
        row = found.figures[part]
        assert row["ours"].mean < row["first"].mean, part
    row = found.figures["others"]
    assert row["ours"].longest < row["first"].longest + TERMS.of("most") / 2
    assert {one.left for row in found.figures.values() for one in row.values()} == {0}
    assert found.unlike["first"] < found.unlike["lines"] < found.idle["lines"]
