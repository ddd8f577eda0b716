"""The monthly report: what it counts, that it comes out the same later, who may read it, and the files that are taken of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.sweeping import clocks_sweep
from bihuan.kernel.desk.report.parts import Change, Points, Rate, Section
from bihuan.kernel.desk.report.views import _report
from bihuan.kernel.desk.scores.tables import EVERYTHING, chosen_of
from bihuan.kernel.identity.models import Grant, Person, Unit
from bihuan.kernel.identity.scope import Scope, scope_within
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.scoring.account import account_open, supervised_call
from bihuan.kernel.scoring.decisions import decision_take, exclusion_ask, naming_ask
from bihuan.kernel.scoring.keeping import scores_keep
from bihuan.kernel.scoring.models import Month
from bihuan.kernel.scoring.months import months_close
from bihuan.lib.text import SHANGHAI
from bihuan.packs.hotline.models import Matter, Order, ReceivedMonth
from bihuan.packs.hotline.received import received_keep
from tests.desk.conftest import City
from tests.stories.cast import text_of

pytestmark = pytest.mark.django_db
APRIL = datetime(2026, 4, 4, 6, 30, tzinfo=SHANGHAI)
"""When March is closed."""


def _received(
    city: City, case: int, *, channel: str = "telephone", kind: str = "complaint", days: int = 0
) -> None:
    with kernel_writes():
        Order.objects.create(
            case_id=case, channel=channel, type=kind, arrived_at=city.now - timedelta(days=days), on_desk_at=None
        )  # fmt: skip


@pytest.fixture
def month(city: City) -> City:
    """March: three refunds in one township, two of them closed and one late; an enquiry; one order of February."""
    refund, road = Matter.objects.exclude(parent=None).order_by("code").values_list("code", flat=True)[:2]
    city.refund = refund  # type: ignore[attr-defined]
    place = Unit.objects.filter(kind="township").order_by("pk").values_list("pk", flat=True)[0]
    city.place = place  # type: ignore[attr-defined]
    more = {"matter": refund, "territory": place}
    city.orders = [city.closed(**more), city.closed(**more), city.handling(**more)]  # type: ignore[attr-defined]
    for one in city.orders:  # type: ignore[attr-defined]
        _received(city, one.case)
    enquiry = city.opened("办事时间", matter=road, facts={"type": "enquiry"})
    city.enquiry = enquiry.case  # type: ignore[attr-defined]
    _received(city, enquiry.case, channel="web", kind="enquiry")
    old = city.opened("旧件", matter=road, now=city.now - timedelta(days=20))
    _received(city, old.case, days=20)
    scores_keep(now=city.now + timedelta(hours=5))
    return city


def sections(
    now: datetime, *, unit: int | None = None, scope: Scope = EVERYTHING, of: str = "2026-03"
) -> dict[str, Section]:
    """The report's sections by their titles."""
    with scope_within(EVERYTHING):
        whose = Unit.objects.get(pk=unit) if unit else None
        made = _report("hotline", chosen_of({"month": of}, now), whose, [], scope, now)
    return {section.title: section for section in made.report.sections}


def test_cells_tell_their_figures_and_nothing_of_nothing() -> None:
    assert [str(one) for one in (Rate(1, 3), Rate(0, 0), Change(11, 10), Change(1, 0))] == [
        "33.3% (1 / 3)", "– (0 / 0)", "+10.0%", "–",
    ]  # fmt: skip
    assert str(Points(Rate(9, 10), Rate(4, 5))) == "+10.0" and str(Points(Rate(9, 10), Rate(0, 0))) == "–"


def test_what_came_is_counted_with_the_month_before(month: City) -> None:
    told = sections(month.now + timedelta(days=1))
    assert told["受理总量"].rows == (
        ("收到", 4, 1, Change(4, 1), 0, Change(4, 0)),
        ("其中导入的历史", 0, 0, Change(0, 0), 0, Change(0, 0)),
        ("到统计截止时未办结", 2, 1, Change(2, 1), 0, Change(2, 0)),
    )
    assert told["来源渠道"].rows[:2] == (
        ("电话", 3, Rate(3, 4), 1, Change(3, 1), 0, Change(3, 0)),
        ("网站", 1, Rate(1, 4), 0, Change(1, 0), 0, Change(1, 0)),
    )
    assert [row[:2] for row in told["诉求类型"].rows] == [("投诉", 3), ("咨询", 1)]
    assert told["每天收到"].columns[:2] == (("1", 0), ("2", 4))
    place = Unit.objects.get(pk=month.place).name  # type: ignore[attr-defined]
    (repeated,) = told["反复出现的问题"].rows
    assert repeated[1:] == (place, 3, 0, 0, 1)
    assert [row[1:3] for row in told["热点事项"].rows] == [(3, 0), (1, 1)]
    assert [row[1:3] for row in told["上升较快的事项"].rows] == [(3, 0)]


def test_rates_places_and_decisions_stand_with_their_figures(month: City) -> None:
    later = month.now + timedelta(days=1)
    told = sections(later)
    rates = {row[0]: row[1:] for row in told["各项比率"].rows}
    assert rates["满意率"] == (
        Rate(2, 2),
        Rate(0, 0),
        Points(Rate(2, 2), Rate(0, 0)),
        Rate(0, 0),
        Points(Rate(2, 2), Rate(0, 0)),
        0,
    )
    assert rates["退单率"][0] == Rate(0, 2) and rates["抽访按时率"][0] == Rate(0, 0)
    (row,) = told["排名:部门"].rows
    assert (row[0], row[2]) == ("件数不足", 3)
    for title in ("超期的件", "督办的件", "启动问责", "公开曝光", "剔除的件"):
        assert told[title].rows == (), title
    with kernel_writes():
        second = Person.objects.create(username="tao", name="陶敏")
        Grant.objects.create(person=second, unit_id=month.units["371502_12345"], role="supervisor")
    market, order = month.units["371502_market"], month.orders[0]  # type: ignore[attr-defined]
    with scope_within(EVERYTHING):
        asked = [
            exclusion_ask(number=order.number, category="litigation", words="已由法院立案", by=month.people["tang"], now=later),
            naming_ask(
                pack="hotline", unit=market, category="shirking", words="三次推诿,经核实无正当理由", by=month.people["tang"], now=later
            ),
        ]  # fmt: skip
        for one in asked:
            decision_take(decision=one.pk, granted=True, remark="", by=second.pk, now=later)
        account_open(matter="accountability", unit_id=market, reason="后三名", facts={}, key="b:1", now=later)
        month.move(month.orders[2].case, "supervise", "tang", after=26, reason="来电人多次反映")  # type: ignore[attr-defined]
        supervised_call(now=later + timedelta(hours=3))
    told = sections(later + timedelta(hours=4))
    name = Unit.objects.get(pk=market).name
    assert told["启动问责"].rows == ((name, "后三名", "2026-03-03 10:00", "未销号"),)
    assert told["公开曝光"].rows[0][:3] == (name, "推诿扯皮", "三次推诿,经核实无正当理由")
    assert told["剔除的件"].rows == (("已进入诉讼、仲裁", 1),)
    assert told["督办的件"].rows[0][0] == month.orders[2].number  # type: ignore[attr-defined]
    assert told["督办的件"].links == (f"/cases/{month.orders[2].number}",)  # type: ignore[attr-defined]
    rates = {row[0]: row[1:] for row in told["各项比率"].rows}
    assert (rates["满意率"][0], rates["满意率"][-1]) == (Rate(1, 1), 1)


def test_a_month_comes_out_the_same_whatever_happens_afterwards(month: City) -> None:
    """Closed, classed, sent on, left out, late: nothing that comes after the closing changes the report of the month."""
    clocks_sweep(now=APRIL)
    months_close(now=APRIL)
    with scope_within(EVERYTHING):
        assert Month.objects.count() == 1
    before, whose = sections(APRIL), sections(APRIL, unit=month.units["371502_market"])
    closed = int((APRIL - month.now).total_seconds()) // 3600
    order, enquiry = month.orders[2].case, month.enquiry  # type: ignore[attr-defined]
    month.move(order, "answer", "wang", after=closed + 30, outcome="done", answer="已经退费,来电人认可。")
    month.move(order, "approve_up", "sun", after=closed + 31)
    month.move(order, "approve", "zhao", after=closed + 32)
    month.move(
        enquiry, "dispatch", "li", after=closed + 34, unit=month.units["371502_market"], matter=month.refund
    )  # fmt: skip
    scores_keep(now=APRIL + timedelta(days=4))
    with scope_within(EVERYTHING):
        assert Case.objects.get(pk=enquiry).matter == month.refund  # type: ignore[attr-defined]
    assert sections(APRIL + timedelta(days=40)) == before
    assert sections(APRIL + timedelta(days=40), unit=month.units["371502_market"]) == whose
    assert whose["受理总量"].rows[0][1] == 3
    april = sections(APRIL + timedelta(days=40), of="2026-04")
    assert april["受理总量"].rows[0][:3] == ("收到", 0, 4)


def test_what_is_kept_of_a_closed_month_is_what_would_be_counted(month: City) -> None:
    """Kept for all units and for each; not before the closing, and not used for another closing than its own."""
    later, market = APRIL + timedelta(days=1), month.units["371502_market"]
    clocks_sweep(now=APRIL)
    months_close(now=APRIL)
    counted = (
        sections(later),
        sections(later, unit=market),
        sections(later, unit=month.units["371502_veterans"]),
    )
    assert received_keep(now=later) > 1
    with CaptureQueriesContext(connection) as asked:
        kept = (
            sections(later),
            sections(later, unit=market),
            sections(later, unit=month.units["371502_veterans"]),
        )
    assert kept == counted and counted[0]["受理总量"].rows[0][1:3] == (4, 1)
    assert not [q for q in asked if "hotline_order" in q["sql"]]
    with scope_within(EVERYTHING):
        assert not ReceivedMonth.objects.filter(month=APRIL.date().replace(day=1)).exists()
    _received(month, month.opened("补录", now=month.now + timedelta(days=1)).case)
    assert sections(later)["受理总量"].rows[0][1] == 4
    received_keep(now=later)
    assert sections(later)["受理总量"].rows[0][1] == 5
    with kernel_writes():
        Month.objects.update(closed_at=APRIL + timedelta(hours=1))
        ReceivedMonth.objects.update(counts=[])
    assert sections(later)["受理总量"].rows[0][1] == 5


def test_the_same_month_gives_the_same_paper(month: City, as_: Callable[..., Client]) -> None:
    months_close(now=APRIL)
    papers = [
        as_("tang", after=24 * days).get("/scores/report.pdf?month=2026-03").content for days in (40, 50)
    ]
    assert papers[0].startswith(b"%PDF") and papers[0] == papers[1]


def test_the_page_previews_what_the_files_hold(month: City, as_: Callable[..., Client]) -> None:
    tang = as_("tang", after=6)
    page = text_of(tang.get("/scores/report?month=2026-03"))
    for words in (
        "市民热线月报 2026-03",
        "全部单位,统计截至 2026-03-02 16:00",
        "日考核制度(试行)",
        "100.0% (2 / 2)",
        "反复出现的问题",
    ):
        assert words in page, words
    assert "/scores/report.pdf?month=2026-03" in page
    response = tang.get("/scores/report.xlsx?month=2026-03")
    assert response["Content-Disposition"] == 'attachment; filename="report-2026-03.xlsx"'
    book = load_workbook(BytesIO(b"".join(response.streaming_content)))
    assert book.sheetnames[:3] == ["说明", "受理总量", "每天收到"]
    rows = list(book["来源渠道"].iter_rows(values_only=True))
    assert rows[0][:5] == ("来源渠道", "本月", "占比", "占比:分子", "占比:分母")
    assert rows[1][:5] == ("电话", 3, 0.75, 3, 4)


def test_a_head_reads_the_own_unit_alone_and_others_nothing(month: City, as_: Callable[..., Client]) -> None:
    sun = as_("sun", after=6)
    page = text_of(sun.get("/scores/report?month=2026-03"))
    name = Unit.objects.get(code="371502_market").name
    assert f"{name},统计截至" in page and "网站" not in page
    assert sun.get("/scores/report?unit=371502_veterans").status_code == 404
    assert sun.get("/scores/report.pdf?unit=371502_market").status_code == 200
    tang = as_("tang", after=6)
    assert f"{name},统计截至" in text_of(tang.get("/scores/report?unit=371502_market"))
    assert tang.get("/scores/report?unit=nobody").status_code == 404
    assert text_of(as_("zhao", after=6).get("/scores/report")).count("市民热线月报")
    for who in ("wang", "qian", "admin", "audit"):
        for address in ("/scores/report", "/scores/report.pdf", "/scores/report.xlsx"):
            assert as_(who, after=6).get(address).status_code == 403, (who, address)


def test_an_empty_month_says_so(month: City, as_: Callable[..., Client]) -> None:
    page = text_of(as_("tang", after=6).get("/scores/report?month=2025-07"))
    for words in ("这段时间没有收到诉求", "没有超期未办结的件", "– (0 / 0)"):
        assert words in page
    assert "市民热线月报 2026-03" in text_of(as_("tang", after=6).get("/scores/report?month=x"))


def test_the_report_asks_the_same_number_of_times_for_any_number_of_rows(
    month: City, as_: Callable[..., Client], django_assert_max_num_queries: Any
) -> None:
    client = as_("tang", after=6)
    received_keep(now=month.now)
    for address in (
        "/scores/report",
        "/scores/report?unit=371502_market",
        "/scores/report.pdf",
        "/scores/report.xlsx",
    ):
        client.get(address)
        with django_assert_max_num_queries(30):
            assert client.get(address).status_code == 200
