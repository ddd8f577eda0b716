"""A year of the working calendar as a list of days: read from what was pasted, judged, laid out as twelve months."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from bihuan.kernel.administration.importing import BLANK, file_rows, json_read, json_rows
from bihuan.kernel.clocks.calendar import CalendarError, legal_holidays
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import FieldError

Days = dict[date, tuple[bool, str]]
"""{date: (is it worked, name)}, of the days that differ from their weekday."""
KINDS = {"off": False, "休": False, "放假": False, "work": True, "班": True, "上班": True, "调休": True}
OFF_DAY = {"true": "off", "是": "off", "1": "off", "false": "work", "否": "work", "0": "work"}
LONGEST_NAME = 40
FIXED = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))
"""Days off of every year, whatever the moon says (month, day)."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day on the sheet: `kind` is work, weekend, off (a holiday) or made_up (worked on a weekend)."""

    date: date
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month: the empty places before its first day, and its days."""

    number: int
    before: range
    days: tuple[Day, ...]


def days_read(text: str, year: int) -> tuple[Days, list[str]]:
    """The days of a pasted list and every fault with its line. A line is `2027-01-01,off,元旦` (comma, tab or blank); a
    stretch is `2027-02-05~2027-02-11,off,春节`; `off` may be 休 or 放假, `work` 班, 上班 or 调休; a heading is left out.
    """
    lines = (
        (number, [part for part in re.split(r"[,,\t ]+", line.strip(), maxsplit=2) if part])
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not (number == 1 and line.lower().startswith(("date", "日期")))
    )
    return _days_gathered(lines, year)


def days_of_file(data: bytes, year: int) -> tuple[Days, list[str]]:
    """The days of a file and every fault with its line: CSV or Excel with the columns date, kind (off or work) or
    isOffDay, name; JSON as a list of such rows, or {"year": 2027, "days": [such rows]}. Refusal when it is none of these.
    """
    if data.lstrip(BLANK)[:1] == b"{":
        found = json_read(data)
        told = str(found.get("year", year))
        if told != str(year):
            message = _("文件是 %(told)s 年的,要公布的是 %(year)s 年。") % {"told": told[:20], "year": year}
            raise Refusal("year", message, field="file")
        rows = json_rows(found.get("days"))
    else:
        rows = file_rows(data)
    named = rows[0][1] if rows else {}
    if "date" not in named or not {"kind", "isOffDay"} & named.keys():
        message = _("缺少列:文件要有 date、kind(放假或上班)和 name 三列,或 date、isOffDay 和 name。")
        raise Refusal("mapping", message, field="file")
    return _days_gathered(((line, _parts(values)) for line, values in rows), year)


def _parts(values: Mapping[str, str]) -> list[str]:
    day = values.get("date", "").removesuffix(" 00:00:00")
    off = values.get("isOffDay", "").lower()
    return [day, values.get("kind") or OFF_DAY.get(off, off), values.get("name", "")]


def _days_gathered(lines: Iterable[tuple[int, list[str]]], year: int) -> tuple[Days, list[str]]:
    days: Days = {}
    faults = []
    for number, parts in lines:
        try:
            for day, what in _line_read(parts, year):
                if day in days:
                    raise FieldError("days", "duplicate", _("%s 列了两次。") % day)
                days[day] = what
        except FieldError as fault:
            faults.append(_("第 %(line)s 行:%(fault)s") % {"line": number, "fault": fault.message})
    return days, faults


def _line_read(parts: list[str], year: int) -> Iterator[tuple[date, tuple[bool, str]]]:
    if len(parts) < 2 or parts[1] not in KINDS:
        raise FieldError("days", "pattern", _("应写作“2027-01-01,放假,元旦”。"))
    works, name = KINDS[parts[1]], (parts[2] if len(parts) > 2 else "").strip()
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise FieldError("days", "too_long", _("名称不能超过 40 个字,也不能含控制字符。"))
    first, _tilde, last = parts[0].replace("至", "~").partition("~")
    start, end = _day_read(first), _day_read(last or first)
    if end < start or (end - start).days > 31:
        raise FieldError("days", "dates", _("一段不能倒过来,也不能超过一个月。"))
    for place in range((end - start).days + 1):
        day = start + timedelta(days=place)
        if day.year != year:
            raise FieldError("days", "year", _("%(day)s 不在 %(year)s 年之内。") % {"day": day, "year": year})
        if works and day.weekday() < 5:
            raise FieldError("days", "weekday", _("%s 本来就是工作日,不用列为上班。") % day)
        yield day, (works, name)


def _day_read(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FieldError("days", "date", _("“%s”不是日期,应写作 2027-01-01。") % text[:20]) from None


def days_written(days: Mapping[date, tuple[bool, str]], work: str = "work", off: str = "off") -> str:
    """The list as it can be pasted again; `work` and `off` are two of `KINDS`."""
    return "\n".join(f"{day},{work if works else off},{name}" for day, (works, name) in sorted(days.items()))


def legal_days(year: int) -> dict[date, str]:
    """The legal days off that are known beforehand: all of a year with a table of festivals, else the fixed ones."""
    try:
        return legal_holidays(year)
    except CalendarError:
        return {date(year, month, day): "" for month, day in FIXED}


def legal_days_missing(days: Mapping[date, tuple[bool, str]], year: int) -> list[date]:
    """Legal days off on a weekday that a list does not free: usually a mistake."""
    return sorted(day for day in legal_days(year) if day.weekday() < 5 and days.get(day, (True, ""))[0])


def months_of(year: int, days: Mapping[date, tuple[bool, str]]) -> list[Month]:
    """The year as twelve months."""
    return [_month(year, number, days) for number in range(1, 13)]


def _month(year: int, number: int, days: Mapping[date, tuple[bool, str]]) -> Month:
    first, length = monthrange(year, number)
    all_days = (date(year, number, day) for day in range(1, length + 1))
    return Month(number, range(first), tuple(_day(day, days) for day in all_days))


def _day(day: date, days: Mapping[date, tuple[bool, str]]) -> Day:
    usual = day.weekday() < 5
    works, name = days.get(day, (usual, ""))
    if works:
        return Day(day, "work" if usual else "made_up", name)
    return Day(day, "off" if day in days else "weekend", name)
