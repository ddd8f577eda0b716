"""Measures, scores and rankings as pure functions: exact on examples, and invariant for any life of a case."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.kernel.pack import packs
from bihuan.kernel.scoring.measures import MEASURES, Event, Signed, items_of, sample_items
from bihuan.kernel.scoring.ranking import Card, Count, card_read, light_of, ranked, score_of
from bihuan.lib.text import SHANGHAI

RULES = packs()["hotline"].scoring
assert RULES is not None
START = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
CARD = Card(
    "日考核",
    "试行",
    {"on_time": 60, "satisfaction": 40},
    least=2,
    lights={"red": 50, "yellow": 70, "blue": 90},
)


def opened(**more: Any) -> Event:
    data = {"unit": 1, "matter": "fees", "territory": 9, "facts": {"type": "complaint"}, **more}
    return Event(1, START, "opened", data)


def move(seq: int, step: str, *, hours: float | None = None, **data: Any) -> Event:
    at = START + timedelta(hours=seq if hours is None else hours)
    return Event(seq, at, "move", {"step": step, "from": "a", "to": "b", **data})


def stopped(kind: str) -> dict[str, Any]:
    return {"clocks": [{"kind": kind, "basis": "promised", "stopped": True}]}


def told(events: list[Event]) -> list[tuple[str, int, str]]:
    assert RULES is not None
    return [(item.measure, item.unit, item.outcome) for item in items_of(events, RULES)]


def test_a_good_order_counts_once_for_each_measure_for_the_unit_that_held_it() -> None:
    grade = {"fields": {"grade": "4", "contacted": True, "resolved": True, "understood": False}}
    life = [
        opened(), move(2, "dispatch", unit=7), move(3, "sign_for", **stopped("sign")), move(4, "approve", **stopped("handle")),
        move(5, "evaluate", **grade),
    ]  # fmt: skip
    assert sorted(told(life)) == [
        ("on_time", 7, "good"), ("redone", 7, "good"), ("resolution", 7, "good"), ("response", 7, "good"),
        ("returned", 7, "good"), ("satisfaction", 7, "good"), ("signing", 7, "good"), ("understanding", 7, "bad"),
    ]  # fmt: skip


def test_a_breach_counts_when_it_is_and_the_late_answer_does_not_count_again() -> None:
    breach = Event(3, START + timedelta(hours=3), "breach", {"kind": "handle", "basis": "promised"})
    law = Event(4, START + timedelta(hours=4), "breach", {"kind": "handle", "basis": "statutory"})
    late = [opened(), move(2, "dispatch", unit=7), breach, law, move(5, "approve", **stopped("handle"))]
    assert told(late) == [("on_time", 7, "bad"), ("returned", 7, "good")]
    again = [*late, move(6, "redo", fields={"grade": "1"}), move(7, "approve", **stopped("handle"))]
    assert [one for one in told(again) if one[0] == "on_time"] == [
        ("on_time", 7, "bad"),
        ("on_time", 7, "good"),
    ]


def test_returns_and_redos_are_the_units_that_held_it() -> None:
    life = [
        opened(), move(2, "dispatch", unit=7), move(3, "return"), move(4, "accept_return", unit=8),
        move(5, "approve", **stopped("handle")), move(6, "redo_after_review"), move(7, "approve", **stopped("handle")),
        move(8, "close_unreached"),
    ]  # fmt: skip
    found = told(life)
    assert [one for one in found if one[0] == "returned"] == [("returned", 7, "bad"), ("returned", 8, "good")]
    assert [one for one in found if one[0] == "redone"] == [("redone", 8, "bad"), ("redone", 8, "good")]
    assert [one for one in found if one[0] == "satisfaction"] == [("satisfaction", 8, "out")]


def test_history_and_types_apart_are_not_evaluated() -> None:
    said = move(2, "evaluate", fields={"grade": "1"})
    assert told([opened(imported=True), said]) == []
    enquiry = told([opened(facts={"type": "enquiry"}), said])
    assert {outcome for measure, _, outcome in enquiry if measure != "redone"} == {"out"}


def test_a_sample_counts_when_signed_in_time_or_when_it_is_overdue() -> None:
    due, late = START + timedelta(hours=8), START + timedelta(hours=9)
    samples = [Signed(1, 7, due, START), Signed(2, 7, due, late), Signed(3, 8, due, None)]
    assert [(i.seq, i.outcome) for i in sample_items(samples, until=due)] == [(1, "good")]
    assert [(i.seq, i.outcome) for i in sample_items(samples, until=late)] == [
        (1, "good"),
        (2, "bad"),
        (3, "bad"),
    ]


STEPS = [
    "dispatch",
    "sign_for",
    "approve",
    "evaluate",
    "redo",
    "return",
    "accept_return",
    "close_unreached",
    "urge",
]
LIVES = st.lists(
    st.tuples(st.sampled_from([*STEPS, "breach"]), st.integers(1, 4), st.sampled_from("12345"), st.booleans(), st.integers(0, 9)),
    max_size=25,
)  # fmt: skip


def lived(parts: list[Any]) -> list[Event]:
    events, at = [opened()], START
    for seq, (step, unit, grade, flag, hours) in enumerate(parts, 2):
        at += timedelta(hours=hours)
        if step == "breach":
            events.append(
                Event(seq, at, "breach", {"kind": "handle" if flag else "sign", "basis": "promised"})
            )
            continue
        more: dict[str, Any] = {"unit": unit} if step in ("dispatch", "accept_return") else {}
        if step in ("approve", "sign_for"):
            more |= stopped("handle" if step == "approve" else "sign")
        if step in ("evaluate", "redo"):
            more |= {"fields": {"grade": grade, "contacted": flag}}
        events.append(Event(seq, at, "move", {"step": step, "from": "a", "to": "b", **more}))
    return events


@given(LIVES, st.integers(0, 250))
def test_any_closing_time_computed_anew_is_what_was_counted_then(parts: list[Any], hours: int) -> None:
    assert RULES is not None
    events, until = lived(parts), START + timedelta(hours=hours)
    whole = [item for item in items_of(events, RULES) if item.at < until]
    assert whole == items_of([event for event in events if event.at < until], RULES)
    assert {item.measure for item in whole} <= set(MEASURES)
    keys = [(item.seq, item.measure) for item in whole]
    assert len(keys) == len(set(keys))


COUNTS = st.dictionaries(
    st.sampled_from(["on_time", "satisfaction"]), st.builds(Count, *[st.integers(0, 40)] * 3)
)


@given(
    st.dictionaries(st.integers(1, 12), st.tuples(COUNTS, st.integers(0, 6)), max_size=12), st.integers(0, 20)
)
def test_a_ranking_is_in_order_and_names_no_more_than_the_last(units: Any, shrink: int) -> None:
    card = Card("日考核", "试行", CARD.weights, least=2, shrink=shrink, lights=CARD.lights)
    rows = ranked(units, card)
    assert {row.unit for row in rows} == set(units)
    placed = [row for row in rows if row.place is not None]
    assert all(row.orders >= 2 and row.score is not None for row in placed)
    scores = [row.score for row in placed]
    assert scores == sorted(scores, reverse=True)  # type: ignore[type-var]
    assert all(0 <= (row.score or 0) <= 10_000 for row in placed)
    last = [row for row in placed if row.bottom]
    assert not last or (len(placed) > 3 and min(scores) in {row.score for row in last})
    assert ranked(dict(reversed(units.items())), card) == rows


def test_the_score_is_the_weighted_mean_of_what_was_counted() -> None:
    counts = {"on_time": Count(9, 1), "satisfaction": Count(3, 1)}
    assert score_of(counts, {}, CARD) == 8400  # 60 × 0.9 + 40 × 0.75
    assert score_of({"on_time": Count(9, 1)}, {}, CARD) == 9000  # 0 / 0 is no rate: its weight is left out
    assert score_of({}, {}, CARD) is None
    small = Card("日考核", "试行", {"on_time": 100}, shrink=10)
    assert (
        score_of({"on_time": Count(1, 1)}, {"on_time": Count(90, 10)}, small) == 8333
    )  # (1 + 10 × 0.9) / 12
    assert [light_of(score, CARD) for score in (4999, 5000, 6999, 8999, 9000)] == [
        "red",
        "yellow",
        "yellow",
        "blue",
        "",
    ]


def test_the_last_three_share_places_and_a_short_list_has_none() -> None:
    def list_of(*good: int) -> dict[int, Any]:
        return {n: ({"on_time": Count(one, 100 - one)}, 5) for n, one in enumerate(good, 1)}

    rows = ranked(list_of(90, 80, 70, 70, 60, 50), CARD)
    assert [(row.unit, row.place) for row in rows] == [(1, 1), (2, 2), (3, 3), (4, 3), (5, 5), (6, 6)]
    assert [row.unit for row in rows if row.bottom] == [3, 4, 5, 6]
    assert not any(row.bottom for row in ranked(list_of(10, 20, 30), CARD))
    few = ranked({**list_of(90, 80, 70, 60), 9: ({"on_time": Count(0, 1)}, 1)}, CARD)
    assert (few[-1].unit, few[-1].place, few[-1].bottom) == (9, None, False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"weights": {}}, {"weights": {"on_time": 99}}, {"weights": {"praise": 100}}, {"weights": {"on_time": True}},
        {"name": " "}, {"lights": {"red": 90, "yellow": 80, "blue": 100}}, {"months": 0}, {"public": "yes"}, {"least": "ten"},
    ],
)  # fmt: skip
def test_a_card_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        card_read({"name": "日考核", "version": "试行", "weights": {"on_time": 100}, **wrong})


def test_a_callers_own_form_is_asked_for_the_grade_alone() -> None:
    said = Event(
        2, START, "move", {"step": "evaluate", "from": "a", "to": "b", "fields": {"grade": "5"}}, "reporter"
    )
    assert [one for one in told([opened(), said]) if one[0] != "redone"] == [("satisfaction", 1, "good")]
