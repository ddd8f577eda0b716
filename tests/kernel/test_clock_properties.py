"""Clocks against naive oracles that walk day by day or second by second; words; extensions."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.kernel.clocks.bulk import due_dates_bulk
from bihuan.kernel.clocks.calendar import DAY, OFFSET, Calendar, day_number, official_calendar, shifts_parse
from bihuan.kernel.clocks.extensions import extension_refusal
from bihuan.kernel.clocks.rules import (
    Before,
    Extension,
    Limit,
    LimitError,
    Pause,
    Unit,
    due_at,
    elapsed,
    warnings_at,
)
from bihuan.kernel.clocks.words import Remaining, in_words, remaining

OFFICIAL = official_calendar()
CALENDARS = (
    OFFICIAL,
    official_calendar(shifts_parse("09:00-12:00,13:30-18:00")),
    official_calendar(shifts_parse("00:00-24:00")),
    official_calendar(shifts_parse("08:00-10:00,10:30-12:00,14:00-16:00,19:00-20:30")),
    replace(
        OFFICIAL,
        later=(
            (day_number(date(2025, 9, 22)), shifts_parse("09:00-12:00,13:00-17:00")),
            (day_number(date(2025, 10, 9)), shifts_parse("07:30-13:00")),
        ),
    ),
)
MONDAY = 1757865600  # 2025-09-15 00:00, Beijing; National Day and make-up Sunday 09-28 lie ahead
EARLIEST, LATEST = 1072915200, 1830268800  # 2004 to 2027
calendars = st.sampled_from(CALENDARS)
starts = st.integers(EARLIEST, LATEST)
near_starts = st.integers(MONDAY, MONDAY + 30 * DAY)


@st.composite
def pause_lists(draw: st.DrawFn, closed: bool = False) -> list[Pause]:
    pauses = []
    for _ in range(draw(st.integers(0, 4))):
        start = MONDAY + draw(st.integers(-2 * DAY, 40 * DAY))
        length = draw(st.one_of(st.integers(0, 6 * 3600), st.integers(0, 12 * DAY)))
        lasting = not closed and draw(st.integers(0, 9)) == 0
        pauses.append(Pause(start, None if lasting else start + length))
    return pauses


def paused(instant: int, pauses: list[Pause]) -> bool:
    return any(pause.start <= instant and (pause.end is None or instant < pause.end) for pause in pauses)


def works(instant: int, calendar: Calendar) -> bool:
    day, second = divmod(instant + OFFSET, DAY)
    return calendar.is_working(day) and any(
        start <= second < end for start, end in calendar.hours_of(day).shifts
    )


def walk(limit: Limit, start: int, calendar: Calendar, pauses: list[Pause]) -> int | None:
    """Minute by minute, for limits that run; start and pauses must lie on whole minutes."""
    minutes = limit.number * {"minute": 1, "urgent_working_day": 1440}.get(limit.unit, 60)
    now = start
    while now < start + 120 * DAY:
        counts = works(now, calendar) if limit.unit == "working_hour" else True
        minutes -= counts and not paused(now, pauses)
        now += 60
        if minutes == 0:
            return now
    return None


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(("minute", "hour", "urgent_hour", "urgent_working_day", "working_hour")),
    st.integers(1, 50),
    near_starts,
    calendars,
    pause_lists(),
)
def test_running_limits_as_a_walk_says(
    unit: Unit, number: int, start: int, calendar: Calendar, pauses: list[Pause]
) -> None:
    def whole(instant: int) -> int:
        return instant // 60 * 60

    stops = [Pause(whole(p.start), None if p.end is None else whole(p.end)) for p in pauses]
    limit = Limit(number, unit)
    assert due_at(limit, whole(start), calendar, stops).at == walk(limit, whole(start), calendar, stops)


@settings(max_examples=300, deadline=None)
@given(
    st.integers(1, 40),
    near_starts,
    calendars,
    pause_lists(),
    st.sampled_from(("working_day", "natural_day", "urgent_working_day")),
    st.sampled_from(("end_of_day", "close_of_business", "moment")),
)
def test_day_limits_as_a_walk_says(
    number: int, start: int, calendar: Calendar, pauses: list[Pause], unit: Unit, end: str
) -> None:
    day, second = divmod(start + OFFSET, DAY)
    if end == "moment":
        if unit == "urgent_working_day":
            return
        limit = Limit(number, unit, starts="moment")
    else:
        limit = Limit(number, unit, starts="next_day", ends=end)  # type: ignore[arg-type]
    expected, left = None, number
    for later in range(day + 1, day + 200):
        mark = {"moment": second, "close_of_business": calendar.hours_of(later).closes}.get(end, DAY - 1)
        instant = later * DAY + mark - OFFSET
        stopped = paused(instant - 1, pauses) and paused(instant, pauses)  # a pause begun at the mark is late
        working = calendar.is_working(later)
        left -= not stopped and (working or unit != "working_day") and left > 0
        if left == 0 and not stopped and (working or unit != "natural_day"):
            expected = instant
            break
    assert due_at(limit, start, calendar, pauses).at == expected


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 400), near_starts, calendars, pause_lists(closed=True))
def test_elapsed_is_the_exact_inverse(
    number: int, start: int, calendar: Calendar, pauses: list[Pause]
) -> None:
    for unit in ("working_hour", "hour"):
        due = due_at(Limit(number, unit), start, calendar, pauses).at  # type: ignore[arg-type]
        assert due is not None
        assert elapsed(unit, start, due, calendar, pauses) == number * 3600  # type: ignore[arg-type]
        assert elapsed(unit, start, due - 1, calendar, pauses) == number * 3600 - 1  # type: ignore[arg-type]


@settings(max_examples=200, deadline=None)
@given(near_starts, calendars, pause_lists(closed=True), st.floats(0.01, 1))
def test_a_share_warns_when_that_share_has_run(
    start: int, calendar: Calendar, pauses: list[Pause], share: float
) -> None:
    limit = Limit(5, "working_day", warnings=(share, Before(1)))
    due = due_at(limit, start, calendar, pauses).at
    assert due is not None
    at, ahead = warnings_at(limit, start, due, calendar, pauses)
    total = elapsed("working_day", start, due, calendar, pauses)
    assert elapsed("working_day", start, at, calendar, pauses) == round(total * share)
    assert start <= at <= due
    assert start <= ahead < due


@settings(max_examples=200, deadline=None)
@given(
    st.lists(starts, min_size=1, max_size=30),
    st.integers(1, 60),
    calendars,
    st.sampled_from(
        ("minute", "hour", "working_hour", "working_day", "urgent_hour", "urgent_working_day", "natural_day")
    ),
    st.sampled_from(("same_day", "next_working_day")),
    st.sampled_from(("end_of_day", "close_of_business")),
    st.sampled_from((None, "moment")),
    st.booleans(),
)
def test_bulk_is_the_scalar_path(
    many: list[int],
    number: int,
    calendar: Calendar,
    unit: Unit,
    after: str,
    ends: str,
    begin: str | None,
    rolls: bool,
) -> None:
    late = "same_day" if unit.startswith("urgent") else after
    limit = Limit(number, unit, begin, late, ends, rolls)  # type: ignore[arg-type]
    array = np.array(many, dtype=np.int64)
    expected = [due_at(limit, start, calendar).at for start in many]
    assert due_dates_bulk(array, limit, calendar).tolist() == expected
    assert array.tolist() == many


def test_bulk_refuses_months() -> None:
    with pytest.raises(LimitError, match="按月"):
        due_dates_bulk(np.array([MONDAY]), Limit(1, "month"), OFFICIAL)


@pytest.mark.parametrize(
    ("left", "chinese", "english"),
    [
        (
            Remaining(2 * 25200 + 10800, False, True, 25200),
            "还剩 2 个工作日 3 小时",
            "2 working days 3 h left",
        ),
        (Remaining(25200 + 600, True, True, 25200), "已超 1 个工作日", "overdue by 1 working day"),
        (Remaining(0, True, True, 25200), "已超时", "overdue"),
        (Remaining(0, paused=True), "计时已暂停", "clock paused"),
        (3 * DAY + 3599, "还剩 3 天 1 小时", "3 days 1 h left"),
        (7261, "还剩 2 小时 2 分钟", "2 h 2 min left"),
        (1, "还剩 1 分钟", "1 min left"),
        (0, "即将到期", "due now"),
        (-7319, "已超 2 小时 1 分钟", "overdue by 2 h 1 min"),
    ],
)
def test_words(left: Remaining | int, chinese: str, english: str) -> None:
    assert in_words(left) == chinese
    assert in_words(left, "en") == english


def test_remaining_counts_working_time() -> None:
    limit = Limit(2, "working_day", ends="close_of_business")
    monday_afternoon = MONDAY + 14 * 3600 + 1800
    due = due_at(limit, monday_afternoon, OFFICIAL).at
    assert due is not None
    assert in_words(remaining(limit, due, monday_afternoon, OFFICIAL)) == "还剩 2 个工作日 3 小时"
    assert in_words(remaining(limit, due, due + DAY, OFFICIAL)) == "已超 1 个工作日"
    assert remaining(limit, None, due, OFFICIAL).paused
    assert remaining(Limit(2, "hour"), 500, 400, OFFICIAL) == Remaining(100)


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({}, None, None),
        ({"now": 1000}, None, None),
        ({"due": None}, None, None),
        ({"limit": Limit(5, "working_day")}, "extension_not_allowed", "该时限不允许延期。"),
        ({"reason": "  "}, "extension_reason_missing", "申请延期应当说明理由。"),
        ({"days": 0}, "extension_length_invalid", "延期长度应不少于1。"),
        ({"days": 11}, "extension_too_long", "每次延期不得超过10个工作日。"),
        ({"granted_so_far": 1}, "extension_used_up", "延期不得超过1次。"),
        ({"now": 1001}, "extension_after_expiry", "期限已过，延期应当在到期前申请。"),
        ({"approver": None}, "extension_approver_missing", "延期应当经负责人批准。"),
        ({"approver": "周"}, "extension_self_approved", "申请人不能批准自己的延期。"),
    ],
)
def test_extension(change: dict[str, object], code: str | None, message: str | None) -> None:
    asked: dict[str, object] = {
        "limit": Limit(5, "working_day", extension=Extension(1, 10)),
        "due": 1000,
        "now": 900,
        "granted_so_far": 0,
        "days": 10,
        "reason": "等待鉴定",
        "approver": "王",
        "by": "周",
    }
    refusal = extension_refusal(**(asked | change))  # type: ignore[arg-type]
    assert (refusal and refusal.code, refusal and refusal.message) == (code, message)


def test_a_local_day_off_wins_over_the_presumed_year() -> None:
    calendar = Calendar.build({date(2027, 3, 1): False}, published=(2026,), provisional=(2027,))
    friday = due_at(Limit(1, "working_day"), 1803715200, calendar)  # 2027-02-27 08:00, Saturday
    assert friday == (1803916799 + DAY, True)
