"""A year of the calendar on the screen: read from a pasted list, its effect shown, clocks moved with an entry each."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bihuan.kernel.administration.services import calendar_change
from bihuan.kernel.administration.year import days_read, days_written, legal_days_missing, months_of
from bihuan.kernel.cases.sweeping import clocks_recompute
from bihuan.kernel.clocks.models import CalendarDay, CalendarYear, Clock
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.selectors import register_entries
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import NotPermitted, Refusal
from tests.administration.conftest import City, Log

pytestmark = pytest.mark.django_db
LIST = "日期\t类别\t名称\n2027-01-01~2027-01-04\toff\t元旦\n2027-01-09,班,元旦\n2027-02-05 至".replace(
    " 至", "至2027-02-11 休 春节"
)
FORM = {"year": "2027", "source": "国务院办公厅关于2027年部分节假日安排的通知", "days": LIST}
PUBLISH = "/administration/calendar/do/publish"


def handling(case: int) -> Clock:
    """The clock of handling as the kernel sees it."""
    with kernel_writes():
        return Clock.objects.get(case_id=case, kind="handle", basis="promised")


def test_a_pasted_list_is_read_with_its_faults() -> None:
    days, faults = days_read(LIST, 2027)
    assert faults == []
    assert days[date(2027, 1, 9)] == (True, "元旦")
    assert [d for d, (works, name) in days.items() if name == "春节"] == [
        date(2027, 2, n) for n in range(5, 12)
    ]
    assert days_read(days_written(days), 2027) == (days, [])
    bad = "2027-01-01,off,元旦\n2027-01-01,off,x\n2026-12-31,off\n2027-01-05,work\n明天,off\n2027-02-30,off\n2027-03-02\n2027-03-09~2027-03-01,off"
    _days, faults = days_read(bad, 2027)
    assert [fault.partition(":")[0] for fault in faults] == [f"第 {n} 行" for n in range(2, 9)]
    assert faults[2] == "第 4 行:2027-01-05 本来就是工作日,不用列为上班。"


def test_a_year_is_laid_out_as_twelve_months() -> None:
    days, _faults = days_read(LIST, 2027)
    months = months_of(2027, days)
    assert len(months) == 12
    assert sum(len(month.days) for month in months) == 365
    january = months[0]
    assert len(january.before) == 4  # 2027-01-01 is a Friday
    assert [day.kind for day in january.days[:10]] == [
        "off", "off", "off", "off", "work", "work", "work", "work", "made_up", "weekend",
    ]  # fmt: skip
    assert date(2027, 5, 3) not in legal_days_missing(days, 2027)
    assert legal_days_missing(days, 2027)[0] == date(2027, 4, 5)


def test_a_year_is_published_after_its_effect_was_seen(as_: Log, city: City, nothing_changed: Any) -> None:
    city.now = datetime(2026, 12, 30, 10, tzinfo=city.now.tzinfo)
    opened = city.dispatched()
    case, clock = opened.case, handling(opened.case)
    admin, before = as_("admin"), nothing_changed()
    seen = admin.post(PUBLISH, FORM)
    assert nothing_changed() == before
    effect = seen.context["effect"]
    assert effect.lines[0] == "看了 4 个在走的时限:3 个到期时间会变,其中 0 个提前、3 个推后。"
    assert [row for row in effect.tables[1].rows if row[0] == "办理时限"] == [
        ("办理时限", "2027-01-07 23:59", "2027-01-08 23:59")
    ]
    assert {row[0] for row in effect.tables[1].rows} == {"办理时限", "退单时限", "异议期限"}
    assert "2027-04-05 是法定节假日,名单里却要上班。" in effect.cautions
    answer = admin.post(PUBLISH, {**FORM, "confirm": seen.context["seal"]})
    assert answer.status_code == 302
    year = CalendarYear.objects.get(year=2027)
    assert (year.published, year.source) == (True, FORM["source"])
    assert CalendarDay.objects.filter(date__year=2027).count() == 12
    assert clocks_recompute(now=city.now, by=city.people["admin"], year=2027) == 3
    assert handling(case).due_at == clock.due_at + timedelta(days=1)
    with kernel_writes():
        assert LedgerEntry.objects.filter(case_id=case, kind="clock_recomputed").count() >= 1
    page = admin.get("/administration/calendar/of/2027")
    assert page.context["history"][0].what == "公布年度日历"
    assert page.context["history"][0].who == "系统管理员"
    assert page.context["published"]
    entries = as_("wang").get(f"/cases/{opened.number}").context["page"].told
    told = [one for one in entries if one.kind == "clock_recomputed"]
    assert {(one.label, one.who) for one in told} == {("按新日历重算时限", "系统管理员")}
    assert ["办理时限 · 承诺", "2027-01-07 23:59 → 2027-01-08 23:59"] in [
        [said.value for said in one.fields] for one in told
    ]


def test_a_correction_of_a_published_year_moves_clocks_too(city: City) -> None:
    case = city.dispatched().case
    clock = handling(case)
    days = {row.date: (row.working, row.name) for row in CalendarDay.objects.filter(date__year=2026)}
    days[date(2026, 3, 4)] = (False, "临时放假")
    calendar_change(
        year=2026, days=days, source="更正", now=city.now + timedelta(hours=1), by=city.people["admin"]
    )
    assert not clock.provisional
    assert clocks_recompute(now=city.now, by="system") == 0
    assert clocks_recompute(now=city.now, by="system", year=2026) >= 1
    assert handling(case).due_at == clock.due_at + timedelta(days=1)  # a day off on the Wednesday


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"year": "2031"}, "year"),
        ({"year": "1999"}, "year"),
        ({"year": "明年"}, "year"),
        ({"source": " "}, "source"),
        ({"source": "长" * 301}, "source"),
        ({"days": ""}, "days"),
        ({"days": "2026-01-01,off,元旦"}, "days"),
        ({"days": "2027-01-05,work,x"}, "days"),
        ({"days": "hello"}, "days"),
        ({"days": "2027-01-01,off,元\x07旦"}, "days"),
    ],
)
def test_a_senseless_year_is_refused(
    as_: Log, nothing_changed: Any, changed: dict[str, str], field: str
) -> None:
    admin, before = as_("admin"), nothing_changed()
    data = {**FORM, **changed}
    if changed.get("year") == "2031":
        data["days"] = "2031-01-01,off,元旦"
    answer = admin.post(PUBLISH, data)
    assert answer.status_code == 422
    assert {name for name, _label, _text in answer.context["form"].problems} == {field}
    assert nothing_changed() == before


def test_only_the_system_administrator_publishes(city: City, nothing_changed: Any) -> None:
    before = nothing_changed()
    days = {date(2027, 1, 1): (False, "元旦")}
    for who in ("security", "audit", "tang", "wang"):
        with pytest.raises(NotPermitted):
            calendar_change(year=2027, days=days, source="通知", now=city.now, by=city.people[who])
    with pytest.raises(Refusal, match="中间不能空着一年"):
        calendar_change(
            year=2040, days={date(2040, 1, 1): (False, "元旦")}, source="通知", now=city.now, by="operator"
        )
    assert nothing_changed() == before
    with kernel_writes():
        assert register_entries(stream="calendar", match={"year": 2027}) == []
