"""A sample can be drawn again by anybody from its list and its seed, and depends on nothing else."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.kernel.review.sampling import count_of, drawn, list_digest

NUMBERS = st.lists(st.text("0123456789RX", min_size=1, max_size=12), max_size=60)


@given(NUMBERS, st.text(max_size=20), st.integers(0, 70), st.randoms())
def test_a_draw_is_made_again_from_list_and_seed_in_any_order(numbers, seed, count, shuffle) -> None:  # type: ignore[no-untyped-def]
    again = list(numbers)
    shuffle.shuffle(again)
    first = drawn(numbers, seed=seed, count=count)
    assert first == drawn(again, seed=seed, count=count)
    assert len(first) == len(set(first)) == min(count, len(set(numbers)))
    assert set(first) <= set(numbers)
    assert list_digest(numbers) == list_digest(again)


@given(NUMBERS, st.text(max_size=20), st.integers(0, 60))
def test_more_are_drawn_by_adding_to_those_already_drawn(numbers, seed, count) -> None:  # type: ignore[no-untyped-def]
    assert drawn(numbers, seed=seed, count=count + 1)[:count] == drawn(numbers, seed=seed, count=count)


def test_the_way_in_words_gives_the_same_by_hand() -> None:
    numbers, seed = [f"RX2026030200{n:03}" for n in range(20)], "ab" * 32
    by_hand = sorted(numbers, key=lambda n: hashlib.sha256(f"{seed}\n{n}".encode()).hexdigest())[:2]
    assert drawn(numbers, seed=seed, count=2) == by_hand == ["RX2026030200002", "RX2026030200007"]
    assert list_digest(numbers) == hashlib.sha256("\n".join(numbers).encode()).hexdigest()


@pytest.mark.parametrize(
    ("size", "up", "nearest", "down"),
    [(0, 0, 0, 0), (1, 1, 0, 0), (3, 1, 0, 0), (5, 1, 1, 0), (10, 1, 1, 1), (14, 2, 1, 1), (15, 2, 2, 1), (20, 2, 2, 2)],
)  # fmt: skip
def test_a_tenth_of_three_is_counted_as_the_policy_says(size: int, up: int, nearest: int, down: int) -> None:
    assert [count_of(size, percent=10, rounding=how) for how in ("up", "nearest", "down")] == [
        up,
        nearest,
        down,
    ]


@given(st.integers(0, 500), st.integers(0, 100))
def test_never_more_than_there_are_and_all_at_a_hundred(size: int, percent: int) -> None:
    for how in ("up", "nearest", "down"):
        assert 0 <= count_of(size, percent=percent, rounding=how) <= size
        assert count_of(size, percent=100, rounding=how) == size
    with pytest.raises(ValueError, match="sideways"):
        count_of(size, percent=percent, rounding="sideways")
