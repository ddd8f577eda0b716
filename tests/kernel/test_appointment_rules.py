"""Hours, slots and what is free, on any day with any changes."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.kernel.appointments.rules import (
    ALL,
    REST,
    WORKING,
    Changed,
    changed_read,
    hours_of_day,
    may_change,
    slots_free,
    slots_of,
)
from bihuan.kernel.clocks.calendar import BEIJING, OFFICE_HOURS, Shift, shifts_parse

ANY_PACE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Of a machine that is busy with others."""
DAY = date(2026, 3, 2)
MINUTE = timedelta(minutes=1)
SHIFTS = (
    st.tuples(st.integers(0, 1_439), st.integers(1, 1_440))
    .filter(lambda p: p[0] < p[1])
    .map(lambda p: Shift(p[0] * 60, p[1] * 60))
)
CHANGES = st.builds(
    Changed,
    first=st.dates(DAY - 2 * timedelta(days=1), DAY + 2 * timedelta(days=1)),
    last=st.none() | st.dates(DAY, DAY + timedelta(days=2)),
    on=st.sampled_from([WORKING, REST, ALL]),
    shifts=st.lists(SHIFTS, max_size=2).map(tuple),
    closed=st.booleans(),
)


def changed(text: str, *, on: str = WORKING, closed: bool = False, last: date | None = None) -> Changed:
    return Changed(date(2026, 3, 1), last, on, shifts_parse(text), closed)


def clocks(shifts: list[Shift]) -> str:
    return ",".join(
        f"{s.start // 3600:02}:{s.start % 3600 // 60:02}-{s.end // 3600:02}:{s.end % 3600 // 60:02}"
        for s in shifts
    )


def test_service_at_noon_on_days_off_and_closures() -> None:
    def hours(*changes: Changed, working: bool = True) -> str:
        return clocks(hours_of_day(DAY, working=working, office=OFFICE_HOURS, changes=changes))

    assert hours() == "08:30-12:00,14:00-17:30"
    assert hours(working=False) == ""
    assert hours(changed("12:00-14:00")) == "08:30-17:30"
    assert hours(changed("09:00-12:00", on=REST), working=False) == "09:00-12:00"
    assert hours(changed("09:00-12:00", on=REST)) == "08:30-12:00,14:00-17:30"
    assert (
        hours(changed("17:30-20:00"), changed("10:00-11:00", on=ALL, closed=True))
        == "08:30-10:00,11:00-12:00,14:00-20:00"
    )
    assert hours(changed("00:00-24:00", on=ALL, closed=True)) == ""
    assert hours(changed("12:00-14:00", last=date(2026, 3, 1))) == "08:30-12:00,14:00-17:30"
    one_day = Changed(DAY, DAY, WORKING, ())
    days = (DAY - timedelta(days=1), DAY, DAY + timedelta(days=1))
    assert [one_day.holds(day, working=True) for day in days] == [False, True, False]


def test_slots_of_a_morning() -> None:
    morning = [Shift(8 * 3600 + 1800, 12 * 3600)]
    assert [f"{s.begin:%H:%M}" for s in slots_of(DAY, morning, minutes=60, buffer=15)] == [
        "08:30",
        "09:45",
        "11:00",
    ]
    assert slots_of(DAY, morning, minutes=240, buffer=0) == []
    assert slots_of(DAY, morning, minutes=210, buffer=0)[0].end == datetime(2026, 3, 2, 12, tzinfo=BEIJING)


@ANY_PACE
@given(st.booleans(), st.lists(CHANGES, max_size=5))
def test_hours_are_in_order_apart_and_never_in_what_is_closed(working: bool, changes: list[Changed]) -> None:
    found = hours_of_day(DAY, working=working, office=OFFICE_HOURS, changes=changes)
    assert all(shift.start < shift.end for shift in found)
    assert all(one.end <= two.start for one, two in zip(found, found[1:], strict=False))
    here = [c for c in changes if c.holds(DAY, working=working)]
    closed = [s for c in here if c.closed for s in c.shifts]
    open_ = [s for c in here if not c.closed for s in c.shifts] + (list(OFFICE_HOURS) if working else [])
    for second in range(0, 86_400, 1_800):
        within = any(s.start <= second < s.end for s in open_) and not any(
            s.start <= second < s.end for s in closed
        )
        assert any(s.start <= second < s.end for s in found) is within


@ANY_PACE
@given(st.lists(SHIFTS, max_size=4), st.integers(5, 120), st.integers(0, 30), st.data())
def test_what_is_free_touches_nothing_held_and_has_not_begun(
    shifts: list[Shift], minutes: int, buffer: int, data: st.DataObject
) -> None:
    united = hours_of_day(DAY, working=False, office=(), changes=[Changed(DAY, None, ALL, tuple(shifts))])
    slots = slots_of(DAY, united, minutes=minutes, buffer=buffer)
    assert all(
        two.begin - one.end >= buffer * MINUTE or one.end <= two.begin
        for one, two in zip(slots, slots[1:], strict=False)
    )
    assert all(slot.end - slot.begin == minutes * MINUTE for slot in slots)
    taken = data.draw(st.lists(st.sampled_from(slots), max_size=3)) if slots else []
    held = [(slot.begin, slot.end + buffer * MINUTE) for slot in taken]
    now = datetime(2026, 3, 2, data.draw(st.integers(0, 23)), tzinfo=BEIJING)
    free = slots_free(slots, held, now)
    assert set(free) <= set(slots) and not set(free) & set(taken)
    for slot in set(slots) - set(free):
        assert slot.begin <= now or any(slot.begin < end and begin < slot.end for begin, end in held)


def test_until_when_it_may_be_changed() -> None:
    begin = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
    assert may_change(begin, begin - 60 * MINUTE, 60) and not may_change(begin, begin - 59 * MINUTE, 60)


def test_a_change_is_read_from_its_row() -> None:
    row = {"first": "2026-03-01", "last": None, "on": "rest", "shifts": [[32_400, 43_200]], "closed": False}
    assert changed_read(row) == Changed(date(2026, 3, 1), None, REST, (Shift(32_400, 43_200),))
