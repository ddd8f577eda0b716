"""Writing the calendar, and what a newly published year changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from bihuan.kernel.clocks.calendar import calendar_days_read
from bihuan.kernel.clocks.models import CalendarDay, CalendarYear
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import Refusal

STREAM = "calendar"
PROVISIONAL = "周末和《全国年节及纪念日放假办法》的法定节假日,待国务院办公厅公布后重算"


def calendar_load(*, now: datetime, by: int | str = "system", until: int) -> None:
    """Enter the published years that come with the product, and the years after them to `until` as provisional."""
    days = calendar_days_read()
    published = sorted({day.year for day in days})
    with kernel_writes():
        if CalendarYear.objects.exists():
            return
        CalendarYear.objects.bulk_create(
            [
                CalendarYear(year=y, published=True, source="国务院办公厅节假日安排的通知", changed_at=now)
                for y in published
            ]
            + [
                CalendarYear(year=y, published=False, source=PROVISIONAL, changed_at=now)
                for y in range(published[-1] + 1, until + 1)
            ]
        )
        CalendarDay.objects.bulk_create(
            [CalendarDay(date=day, working=working, name=name) for day, (working, name) in days.items()]
        )
        data = {"published": published, "provisional_until": until, "days": len(days)}
        register_append(stream=STREAM, kind="calendar_loaded", at=now, by=by, data=data)


def calendar_year_publish(
    *, year: int, days: Mapping[date, tuple[bool, str]], source: str, now: datetime, by: int | str
) -> None:
    """Enter a year as published: the days that differ from their weekday, {date: (working, name)}.

    Clocks that were computed provisionally over it are recomputed by `cases.clocks_recompute`, with an entry each.
    """
    if any(day.year != year for day in days):
        raise Refusal("year", f"日期都应当在 {year} 年之内。", field="days")
    if not days:
        raise Refusal("days", "公布的日历不能没有节假日。", field="days")
    with kernel_writes():
        CalendarYear.objects.update_or_create(
            year=year, defaults={"published": True, "source": source, "changed_at": now}
        )
        CalendarDay.objects.filter(date__year=year).delete()
        CalendarDay.objects.bulk_create(
            [
                CalendarDay(date=day, working=working, name=name)
                for day, (working, name) in sorted(days.items())
            ]
        )
        data = {
            "year": year,
            "source": source,
            "off": [day for day, (working, _) in sorted(days.items()) if not working],
            "working": [day for day, (working, _) in sorted(days.items()) if working],
        }
        register_append(stream=STREAM, kind="calendar_published", at=now, by=by, data=data)
