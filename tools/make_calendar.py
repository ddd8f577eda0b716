"""Makes and checks src/bihuan/kernel/clocks/calendar_days.csv (2004-2026) from the package chinesecalendar.

Columns: date, kind (off or work), name. A row is a named holiday (weekends included) or a make-up working
day; every other day follows Monday-Friday. Run: .venv/bin/python tools/make_calendar.py
"""

import csv
import sys
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
from chinese_calendar.constants import holidays, workdays

TARGET = Path(__file__).parents[1] / "src/bihuan/kernel/clocks/calendar_days.csv"
CHINESE = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday}
FULL = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}


def rows() -> list[tuple[date, str, str]]:
    """Every official day off and make-up day, by date."""
    found = [(day, "off", name) for day, name in holidays.items()]
    found += [(day, "work", name) for day, name in workdays.items()]
    return sorted((day, kind, FULL.get(CHINESE[name], CHINESE[name])) for day, kind, name in found)


def check(days: list[tuple[date, str, str]]) -> None:
    """Stops if the rows and Monday-Friday together disagree with the package on any day."""
    works = {day: kind == "work" for day, kind, _ in days}
    day, last = date(min(works).year, 1, 1), date(max(works).year, 12, 31)
    while day <= last:
        if works.get(day, day.weekday() < 5) != chinese_calendar.is_workday(day):
            sys.exit(f"{day}: the rows do not give the package's answer")
        day += timedelta(days=1)


def main() -> None:
    """Checks, then writes the file."""
    days = rows()
    check(days)
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["date", "kind", "name"])
        writer.writerows((day.isoformat(), kind, name) for day, kind, name in days)
    print(f"{TARGET}: {len(days)} days, {days[0][0].year}-{days[-1][0].year}")


if __name__ == "__main__":
    main()
