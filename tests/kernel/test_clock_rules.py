"""The working calendar, limits, pauses, warnings: vectors, naive oracles, and independent tables."""

import json
import math
from datetime import date, datetime, timedelta
from pathlib import Path

import chinese_calendar
import numpy as np
import pytest

from bihuan.kernel.clocks.bulk import due_dates_bulk, provisional_bulk
from bihuan.kernel.clocks.calendar import (
    BEIJING,
    Calendar,
    CalendarError,
    calendar_days_read,
    day_number,
    epoch,
    legal_holidays,
    moment,
    official_calendar,
    shifts_parse,
)
from bihuan.kernel.clocks.rules import Before, Due, Limit, LimitError, Pause, due_at, elapsed, warnings_at

OFFICIAL = official_calendar()
LONG_LUNCH = official_calendar(shifts_parse("08:30-12:00,14:30-18:00"))
PUBLISHED = Path(__file__).parents[3] / "shared/data/calendar"


def at(text: str) -> int:
    return epoch(datetime.fromisoformat(text).replace(tzinfo=BEIJING))


def due(limit: Limit, start: str, calendar: Calendar = OFFICIAL, pauses: tuple[Pause, ...] = ()) -> str:
    found = due_at(limit, at(start), calendar, pauses).when
    return "paused" if found is None else found.strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("start", "number", "last"),
    [
        ("2022-01-28", 5, "2022-02-09"),
        ("2022-01-29", 1, "2022-01-30"),
        ("2022-01-30", 5, "2022-02-11"),
        ("2022-02-05", 5, "2022-02-11"),
        ("2022-09-30", 5, "2022-10-12"),
        ("2023-01-18", 7, "2023-02-01"),
        ("2023-01-18", 15, "2023-02-13"),
        ("2026-02-13", 5, "2026-02-27"),
        ("2026-09-30", 15, "2026-10-27"),
        ("2025-09-28", 7, "2025-10-14"),
    ],
)
def test_working_day_vectors(start: str, number: int, last: str) -> None:
    assert due(Limit(number, "working_day"), f"{start} 10:15") == f"{last} 23:59:59"
    closing = Limit(number, "working_day", ends="close_of_business")
    assert due(closing, f"{start} 10:15") == f"{last} 17:30:00"
    bulk = due_dates_bulk(np.array([at(f"{start} 10:15")]), closing, OFFICIAL)
    assert bulk.tolist() == [at(f"{last} 17:30")]


@pytest.mark.parametrize(
    ("year", "days"),
    [(2020, 249), (2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)],
)
def test_working_days_a_year(year: int, days: int) -> None:
    before = OFFICIAL.worked_days(day_number(date(year - 1, 12, 31)))
    assert OFFICIAL.worked_days(day_number(date(year, 12, 31))) - before == days


def test_every_day_as_chinesecalendar_says() -> None:
    day = date(2004, 1, 1)
    while day <= date(2026, 12, 31):
        assert OFFICIAL.is_working(day_number(day)) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published calendars are not here")
def test_every_published_day() -> None:
    days = [day for file in PUBLISHED.glob("*.json") for day in json.loads(file.read_text("utf-8"))["days"]]
    assert len(days) == 678
    for day in days:
        number = day_number(date.fromisoformat(day["date"]))
        assert OFFICIAL.is_working(number) != day["isOffDay"], day


def test_committed_days_only_where_they_matter() -> None:
    days = calendar_days_read()
    assert len(days) == 771
    assert days[date(2022, 1, 29)] == (True, "春节")
    assert all(day.weekday() >= 5 for day, (works, _) in days.items() if works)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2025-09-01 08:30", 7, "2025-09-01 18:00:00"),
        ("2025-09-01 08:30", 14, "2025-09-02 18:00:00"),
        ("2025-09-01 06:00", 3, "2025-09-01 11:30:00"),
        ("2025-09-01 12:30", 1, "2025-09-01 15:30:00"),
        ("2025-09-30 17:30", 1, "2025-10-09 09:00:00"),
    ],
)
def test_split_shifts(start: str, hours: int, end: str) -> None:
    assert due(Limit(hours, "working_hour"), start, LONG_LUNCH) == end


@pytest.mark.parametrize(
    ("limit", "start", "end"),
    [
        (Limit(30, "minute"), "2026-10-01 23:45:10", "2026-10-02 00:15:10"),
        (Limit(24, "hour"), "2026-10-01 09:00", "2026-10-02 09:00:00"),
        (Limit(3, "urgent_hour"), "2026-10-01 23:00", "2026-10-02 02:00:00"),
        (Limit(2, "urgent_working_day"), "2026-10-01 23:00", "2026-10-03 23:00:00"),
        (Limit(2, "urgent_working_day", starts="next_day"), "2026-10-01 23:00", "2026-10-03 23:59:59"),
        (Limit(15, "natural_day"), "2026-09-16 09:00", "2026-10-08 23:59:59"),
        (Limit(15, "natural_day", rolls=False), "2026-09-16 09:00", "2026-10-01 23:59:59"),
        (Limit(4, "natural_day", starts="moment"), "2026-09-10 09:05", "2026-09-14 09:05:00"),
        (Limit(1, "month", rolls=False), "2025-01-31 09:00", "2025-02-28 23:59:59"),
        (Limit(13, "month", ends="close_of_business"), "2024-12-15 09:00", "2026-01-15 17:30:00"),
        (Limit(1, "month"), "2026-09-01 09:00", "2026-10-08 23:59:59"),
        (Limit(2, "working_day", starts="moment"), "2025-09-30 10:20", "2025-10-10 10:20:00"),
        (Limit(5, "working_day", after_hours="next_working_day"), "2022-02-05 09:00", "2022-02-14 23:59:59"),
        (
            Limit(1, "working_day", after_hours="next_working_day"),
            "2026-09-10 17:30:00",
            "2026-09-11 23:59:59",
        ),
        (
            Limit(1, "working_day", after_hours="next_working_day"),
            "2026-09-10 17:30:01",
            "2026-09-14 23:59:59",
        ),
        (Limit(2, "hour", after_hours="next_working_day"), "2026-09-10 20:00", "2026-09-11 10:30:00"),
    ],
)
def test_every_unit_and_setting(limit: Limit, start: str, end: str) -> None:
    assert due(limit, start) == end


@pytest.mark.parametrize(
    ("pause", "end"),
    [
        (("2025-10-01 00:00", "2025-10-08 23:00"), "2025-10-14"),  # over National Day: nothing gained
        (("2025-09-29 09:00", "2025-09-29 16:00"), "2025-10-14"),  # within one day
        (("2025-09-30 10:00", "2025-10-09 09:00"), "2025-10-15"),  # only September 30 stood still at its end
        (("2025-09-28 10:00", "2025-10-10 09:00"), "2025-10-17"),  # begun on the start day
        (("2025-10-14 09:00", "2025-10-20 09:00"), "2025-10-20"),  # on the last day: that day is still owed
        (("2025-10-15 09:00", None), "2025-10-14"),  # after the end
        (("2025-10-14 09:00", None), "paused"),
    ],
)
def test_pauses_of_working_days(pause: tuple[str, str | None], end: str) -> None:
    stop = Pause(at(pause[0]), None if pause[1] is None else at(pause[1]), "检验")
    found = due(Limit(7, "working_day"), "2025-09-28 09:00", OFFICIAL, (stop,))
    assert found == (end if end == "paused" else f"{end} 23:59:59")


def test_pauses_of_other_units() -> None:
    halts = (
        Pause(at("2025-09-30 16:00"), at("2025-10-09 10:00")),
        Pause(at("2025-10-09 09:00"), at("2025-10-09 11:00")),
    )
    assert due(Limit(4, "working_hour"), "2025-09-30 15:00", OFFICIAL, halts) == "2025-10-09 16:00:00"
    assert due(Limit(4, "hour"), "2025-09-30 15:00", OFFICIAL, halts) == "2025-10-09 14:00:00"
    month = due(Limit(1, "month", rolls=False), "2025-09-15 09:00", OFFICIAL, halts)
    assert month == "2025-10-24 23:59:59"
    open_roll = (Pause(at("2025-10-02 09:00"), None),)
    assert due(Limit(2, "natural_day"), "2025-09-29 09:00", OFFICIAL, open_roll) == "paused"
    with pytest.raises(LimitError, match="不允许暂停"):
        due_at(Limit(4, "hour", pauses=False), at("2025-09-30 15:00"), OFFICIAL, halts)
    with pytest.raises(LimitError, match="暂停的结束不能早于开始"):
        due_at(Limit(4, "hour"), 0, OFFICIAL, (Pause(10, 5),))


@pytest.mark.parametrize("limit", [Limit(4, "working_hour"), Limit(4, "hour"), Limit(3, "natural_day")])
def test_a_pause_begun_at_the_due_second_is_too_late(limit: Limit) -> None:
    start = at("2025-09-30 08:30")
    end = due_at(limit, start, OFFICIAL).at
    assert end is not None
    assert due_at(limit, start, OFFICIAL, (Pause(end, None),)).at == end
    assert due_at(limit, start, OFFICIAL, (Pause(end - 1, None),)).at is None


def test_extensions_lengthen_the_number() -> None:
    start = at("2025-09-28 09:00")
    assert due_at(Limit(2, "working_day"), start, OFFICIAL, extensions=(3, 2)) == due_at(
        Limit(7, "working_day"), start, OFFICIAL
    )


def test_unpublished_years_are_flagged() -> None:
    five = Limit(5, "working_day")
    assert due_at(five, at("2026-12-24 09:00"), OFFICIAL) == Due(at("2026-12-31 23:59:59"), False)
    late = due_at(five, at("2026-12-28 09:00"), OFFICIAL)
    assert late == Due(at("2027-01-05 23:59:59"), True)  # January 1, 2027 is a legal day off
    assert due_at(Limit(72, "hour"), at("2026-12-31 09:00"), OFFICIAL).provisional is False
    assert due_at(Limit(3, "natural_day"), at("2026-12-30 09:00"), OFFICIAL).provisional is True
    starts = np.array([at("2026-12-24 09:00"), at("2026-12-28 09:00")])
    flags = provisional_bulk(starts, due_dates_bulk(starts, five, OFFICIAL), OFFICIAL)
    assert flags.tolist() == [False, True]


def test_unknown_years_are_refused() -> None:
    with pytest.raises(CalendarError, match="超出工作日历（2004年至2030年）"):
        due_at(Limit(5, "working_day"), at("2030-12-28 09:00"), OFFICIAL)
    with pytest.raises(CalendarError, match="1999-05-04不在工作日历之内"):
        due_at(Limit(5, "working_day"), at("1999-05-04 09:00"), OFFICIAL)
    with pytest.raises(CalendarError):
        due_dates_bulk(np.array([at("2030-12-28 09:00")]), Limit(5, "working_day"), OFFICIAL)
    with pytest.raises(CalendarError):
        due_dates_bulk(np.array([at("1999-05-04 09:00")]), Limit(5, "working_day"), OFFICIAL)
    with pytest.raises(CalendarError, match="2031年的法定节日"):
        legal_holidays(2031)


@pytest.mark.parametrize("year", [2027, 2028, 2029, 2030])
def test_festival_table_by_astronomy(year: int) -> None:
    days = legal_holidays(year)
    named = {name: min(day for day in days if days[day] == name) for name in set(days.values())}
    assert sum(name == "春节" for name in days.values()) == 4
    assert len(days) == (12 if year == 2028 else 13)
    new_years_day = named["春节"] + timedelta(days=1)
    assert date(year, 1, 21) <= new_years_day <= date(year, 2, 20)
    moons = {_new_moon(year, k) for k in range(14)}
    assert new_years_day in moons
    assert named["端午节"] - timedelta(days=4) in moons
    mid_autumn = named.get("中秋节", date(2028, 10, 3))
    assert mid_autumn - timedelta(days=14) in moons
    midnight = epoch(datetime.combine(named["清明节"], datetime.min.time(), BEIJING))
    assert _sun(midnight) < 15 <= _sun(midnight + 86_400)


def _new_moon(year: int, number: int) -> date:
    """The Beijing date of a new moon, by Meeus' mean lunation and its largest terms (minutes of error)."""
    k = math.floor((year - 2000) * 12.3685) + number
    t = k / 1236.85
    sun = math.radians(2.5534 + 29.10535670 * k)
    moon = math.radians(201.5643 + 385.81693528 * k + 0.0107582 * t * t)
    node = math.radians(160.7108 + 390.67050284 * k)
    day = 2451550.09766 + 29.530588861 * k - 0.40720 * math.sin(moon) + 0.17241 * math.sin(sun)
    day += 0.01608 * math.sin(2 * moon) + 0.01039 * math.sin(2 * node) + 0.00739 * math.sin(moon - sun)
    day += -0.00514 * math.sin(moon + sun) + 0.00208 * math.sin(2 * sun)
    return moment(round((day - 2440587.5) * 86_400) - 70).date()


def _sun(instant: int) -> float:
    """The sun's apparent longitude in degrees (to about 0.01)."""
    n = instant / 86_400 + 2440587.5 - 2451545.0
    g = math.radians(357.528 + 0.9856003 * n)
    return (280.460 + 0.9856474 * n + 1.915 * math.sin(g) + 0.020 * math.sin(2 * g) - 0.0057) % 360


@pytest.mark.parametrize(
    ("warning", "expected"),
    [
        (0.8, "2025-10-13 11:18:00"),
        (Before(1), "2025-10-13 08:30:00"),
        (Before(3), "2025-10-10 08:30:00"),
        (Before(2, "working_hour"), "2025-10-14 15:30:00"),
        (Before(2, "hour"), "2025-10-14 15:30:00"),
        (Before(2, "natural_day"), "2025-10-12 08:30:00"),
        (Before(30), "2025-10-09 17:30:00"),  # half of the eight days' working time
        (1, "2025-10-14 17:30:00"),
    ],
)
def test_warnings(warning: float | Before, expected: str) -> None:
    limit = Limit(7, "working_day", ends="close_of_business", warnings=(warning,))
    start = at("2025-09-28 08:30")
    found = warnings_at(limit, start, at("2025-10-14 17:30"), OFFICIAL)
    assert [str(moment(one))[:19] for one in found] == [expected]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Limit(0, "hour"), "不少于1的整数"),
        (lambda: Limit(True, "hour"), "不少于1的整数"),
        (lambda: Limit(1, "week"), "单位“week”不存在"),  # type: ignore[arg-type]
        (lambda: Limit(1, "hour", starts="next_day"), "只能从当时起算"),
        (lambda: Limit(1, "urgent_hour", after_hours="next_working_day"), "紧急时限"),
        (lambda: Limit(1, "month", ends="noon"), "截止方式“noon”不存在"),  # type: ignore[arg-type]
        (lambda: Limit(1, "hour", warnings=(1.2,)), "预警比例"),
        (lambda: Before(0), "提前预警"),
        (lambda: shifts_parse("08:30-12:00,11:00-17:30"), "互不重叠"),
        (lambda: shifts_parse("8点-12点"), "应写作"),
        (lambda: Calendar.build({}, published=(2020, 2022)), "年份应当连续"),
        (lambda: Calendar.build({}, published=(2027,), provisional=(2027,)), "不能既已公布又为暂定"),
        (lambda: Calendar.build({date(2019, 1, 1): False}, published=(2020,)), "2019-01-01不在"),
        (lambda: epoch(datetime(2025, 1, 1)), "必须带时区"),
        (lambda: elapsed("hour", 2, 1, OFFICIAL), "不能早于开始时间"),
    ],
)
def test_nonsense_is_refused(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]
