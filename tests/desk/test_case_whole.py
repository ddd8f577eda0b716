"""The case page says how its clocks come about, who has which part, and what the pack knows of it; the API says so too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.test import Client

from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.desk.case.clock_words import sums_told
from tests.desk.conftest import City
from tests.stories.cast import Town, text_of, town  # noqa: F401  a fixture

As = Callable[..., Client]
BEGUN = datetime(2026, 3, 2, 2, tzinfo=UTC)


def clock(**more: object) -> Clock:
    values = {"kind": "handle", "limit": {"number": 5, "unit": "working_day"}, "started_at": BEGUN}
    return Clock(**{**values, **more})  # type: ignore[arg-type]


def test_the_arithmetic_of_a_clock_is_told_in_its_order() -> None:
    day = 86_400
    begin = int(BEGUN.timestamp())
    told = sums_told(
        clock(
            pauses=[[begin + day, begin + 2 * day], [begin + 3 * day, None]],
            extensions=[2],
            due_at=BEGUN + timedelta(days=10),
            stopped_at=BEGUN + timedelta(days=9),
        )
    )
    assert told == [
        "2026-03-02 10:00 起算 5 个工作日。",
        "2026-03-03 10:00 至 2026-03-04 10:00 暂停,不计时。",
        "自 2026-03-05 10:00 起暂停,暂停期间不计时。",
        "经批准延长 2 个工作日。",
        "得出 2026-03-12 10:00 到期。",
        "2026-03-11 10:00 停止计时。",
    ]
    fixed = sums_told(clock(limit={"fixed": "2026-03-09T17:00:00+08:00"}, due_at=BEGUN))
    assert fixed == ["2026-03-02 10:00 起,到期时间由上级指定。", "得出 2026-03-02 10:00 到期。"]


def test_a_clock_shows_its_sum_and_its_rule(city: City, as_: As) -> None:
    opened = city.handling()
    body = text_of(as_("wang", after=2).get(f"/cases/{opened.number}"))
    assert "2026-03-02 11:00 起算 5 个工作日。" in body
    assert "怎么算的" in body and "hotline.handle" in body


def test_lead_assisting_and_viewing_units_are_told_with_their_state(town: Town) -> None:
    number = town.handling()
    veterans = town.unit("371502_veterans")
    town.takes("wang", number, "assist", units=[veterans], request="请核实退役军人身份。")
    page = town.as_("tang").get(f"/cases/{number}").context["page"]
    told = [(unit.role, unit.name, unit.state) for unit in page.units]
    assert told[:2] == [("主办", "东昌府区市场监督管理局", ""), ("协办", "东昌府区退役军人事务局", "待签收")]
    child = town.as_("qian").get(f"/cases/{page.units[1].number}").context["page"]
    assert [(unit.role, unit.name) for unit in child.units][:1] == [("协办", "东昌府区退役军人事务局")]


def test_type_and_channel_are_told_on_the_page_on_paper_and_in_the_api(town: Town) -> None:
    number = town.handling()
    body = town.page("wang", number)
    assert "诉求类型" in body and "投诉" in body and "来源" in body and "电话" in body
    case = town.as_("wang").get(f"/api/cases/{number}").json()
    assert case["facts"] == [
        {"name": "type", "label": "诉求类型", "value": "投诉"},
        {"name": "channel", "label": "来源", "value": "电话"},
    ]
    english = town.as_("wang").get(f"/api/cases/{number}", headers={"Accept-Language": "en"}).json()
    assert english["facts"][0]["label"] == "Type of message"
    assert case["merged_into"] is None


def test_a_merged_case_names_what_it_was_merged_into(town: Town) -> None:
    first, second = town.open(), town.open()
    town.takes("tang", second, "merge", case=first)
    assert town.as_("tang").get(f"/api/cases/{second}").json()["merged_into"] == first


def test_the_second_officer_reads_in_english_too_who_did_what(town: Town) -> None:
    number = town.open()
    version = town.case(number).version
    assert town.post("wang", number, "sign_for", version).status_code == 302
    answer = town.as_("chen").post(
        f"/api/cases/{number}/steps/sign_for", {"version": version}, "application/json",
        headers={"Accept-Language": "en"},
    )  # fmt: skip
    assert answer.status_code == 409
    assert answer.json()["detail"] == (
        "“王建业” took the step “Sign for” first; the case is now “In handling”."
        " Reload the page and try again; what you typed has not taken effect."
    )
