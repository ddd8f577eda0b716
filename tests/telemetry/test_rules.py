"""Limits with hysteresis: what is an episode, whatever the order and the batches in which readings come."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.telemetry.rules import (
    Found,
    Kept,
    Limit,
    Point,
    episodes_found,
    episodes_reconciled,
    is_night,
    is_standing,
)

BEGIN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
LIMIT = Limit(bound=100, clear=90, readings=3, calm=2)


def points(values: list[float]) -> list[Point]:
    return [Point(BEGIN + timedelta(minutes=place), value) for place, value in enumerate(values)]


def at(minute: int) -> datetime:
    return BEGIN + timedelta(minutes=minute)


def test_three_readings_beyond_the_limit_begin_an_episode_and_two_calm_ones_end_it() -> None:
    found = episodes_found(points([100, 101, 102, 105, 95, 90, 101, 90, 89, 101]), LIMIT)
    assert found == [Found(at(1), at(3), 105, at(8), 100)]


def test_at_the_limit_is_within_and_a_value_that_trembles_gives_one_episode() -> None:
    assert episodes_found(points([100, 100, 100, 100]), LIMIT) == []
    trembling = [101, 101, 101] + [99, 101] * 20
    assert [one.ended_at for one in episodes_found(points(trembling), LIMIT)] == [None]


def test_less_is_worse_where_the_metric_says_so() -> None:
    limit = Limit(bound=100, clear=150, readings=2, calm=2, below=True)
    assert episodes_found(points([99, 40, 120, 150, 151]), limit) == [Found(at(0), at(1), 40, at(4), 100)]


def test_at_night_another_limit_holds() -> None:
    noise = Limit(bound=70, clear=68, readings=1, calm=1, night_bound=55, night_clear=53)
    evening = datetime(2026, 3, 2, 13, 59, tzinfo=UTC)  # 21:59 in Beijing
    night = evening + timedelta(minutes=1)
    assert (is_night(evening), is_night(night), is_night(night + timedelta(hours=8))) == (False, True, False)
    assert episodes_found([Point(evening, 60)], noise) == []
    assert episodes_found([Point(night, 60)], noise) == [Found(night, night, 60, None, 55)]


values = st.lists(st.integers(80, 110).map(float), max_size=60)
limits = st.builds(
    lambda readings, calm, gap: Limit(100, 100 - gap, readings, calm), st.integers(1, 4), st.integers(1, 4), st.integers(0, 10)
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(values, limits)
def test_an_episode_begins_and_ends_as_the_limit_says(given_: list[float], limit: Limit) -> None:
    told = points(given_)
    found = episodes_found(told, limit)
    for one, following in zip(found, [*found[1:], None], strict=False):
        assert one.began_at is not None and one.confirmed_at is not None
        run = [p for p in told if one.began_at <= p.at <= one.confirmed_at]
        assert len(run) == limit.readings and all(map(limit.is_beyond, run))
        if one.ended_at is not None:
            last = [p for p in told if p.at <= one.ended_at][-limit.calm :]
            assert len(last) == limit.calm and all(map(limit.is_calm, last))
        else:
            assert following is None
        assert following is None or (
            one.ended_at is not None and following.began_at is not None and one.ended_at < following.began_at
        )


class Store:
    """What `services.readings_take` does, without a database."""

    def __init__(self, limit: Limit) -> None:
        self.limit, self.points, self.kept, self.begun = limit, dict[datetime, float](), list[Kept](), 0

    def take(self, batch: list[Point]) -> None:
        fresh = [point for point in batch if point.at not in self.points]
        self.points |= {point.at: point.value for point in fresh}
        if not fresh:
            return
        first = min(point.at for point in fresh)
        told = [Point(moment, self.points[moment]) for moment in sorted(self.points)]
        before = [point for point in told if point.at < first][-self.limit.memory :]
        window = before + [point for point in told if point.at >= first]
        begin = window[0].at
        kept = [one for one in self.kept if one.ended_at is None or one.ended_at > begin]
        standing = is_standing(kept, begin, first)
        for change in episodes_reconciled(
            kept, episodes_found(window, self.limit, standing=standing), self.limit
        ):
            if change.id:
                self.kept = [change if one.id == change.id else one for one in self.kept]
            else:
                self.begun += 1
                self.kept.append(replace(change, id=self.begun))
            self.kept.sort(key=lambda one: one.began_at)


def test_one_batch_may_end_an_episode_and_begin_the_next() -> None:
    store, told = Store(Limit(bound=100, clear=100, readings=1, calm=1)), points([80, 101, 80, 101])
    for batch in (told[:2], told[2:]):
        store.take(batch)
    assert [(one.id, one.began_at, one.ended_at) for one in store.kept] == [
        (1, at(1), at(2)),
        (2, at(3), None),
    ]


@settings(max_examples=60, deadline=None)
@given(values, limits, st.data())
def test_batches_in_order_give_what_all_at_once_gives(
    given_: list[float], limit: Limit, data: st.DataObject
) -> None:
    told, store = points(given_), Store(limit)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(told)), max_size=6)))
    for begin, end in zip([0, *cuts], [*cuts, len(told)], strict=True):
        store.take(told[begin:end])
    whole = [(one.began_at, one.confirmed_at, one.ended_at, one.worst) for one in episodes_found(told, limit)]
    assert [(one.began_at, one.confirmed_at, one.ended_at, one.worst) for one in store.kept] == whole


@settings(max_examples=60, deadline=None)
@given(values, limits, st.data())
def test_in_any_order_no_time_has_two_episodes_and_a_replay_begins_none(
    given_: list[float], limit: Limit, data: st.DataObject
) -> None:
    told, store = points(given_), Store(limit)
    shuffled = data.draw(st.permutations(told))
    size = data.draw(st.integers(1, 10))
    for begin in range(0, len(shuffled), size):
        store.take(shuffled[begin : begin + size])
    for one, following in zip(store.kept, store.kept[1:], strict=False):
        assert one.ended_at is not None and one.ended_at <= following.began_at
    assert sum(one.ended_at is None for one in store.kept) <= 1
    for one in episodes_found(told, limit):
        assert one.began_at is not None
        assert any(
            k.began_at <= (one.ended_at or told[-1].at) and (k.ended_at is None or k.ended_at > one.began_at)
            for k in store.kept
        )
    before = (list(store.kept), store.begun)
    store.take(told)
    assert (store.kept, store.begun) == before
