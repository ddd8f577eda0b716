"""The loop of an application, rule by rule: from the counter to the evaluation and what follows a bad one."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from bihuan.kernel.cases.models import Case
from bihuan.kernel.clocks.models import Clock
from bihuan.kernel.identity.services import grant_add
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.notices.models import Notice
from bihuan.kernel.numbering.models import NumberCounter
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.lib.text import SHANGHAI, FieldError
from bihuan.packs.onewindow.applying.services import applications_by_the_clock, case_code_take
from bihuan.packs.onewindow.catalogue.codes import CASE_NUMBER
from bihuan.packs.onewindow.catalogue.services import item_set, item_use
from bihuan.packs.onewindow.models import Application, Item
from bihuan.packs.onewindow.rules import special_is_left, special_is_the_items
from tests.packs.onewindow.conftest import APPROVAL, FOOD, HEALTH, MARKET, Window
from tests.packs.onewindow.test_codes import ORGAN

pytestmark = pytest.mark.django_db


def state_now() -> tuple[Any, ...]:
    with kernel_writes():
        return (
            LedgerEntry.objects.count(), Notice.objects.count(), list(Case.objects.order_by("pk").values_list()),
            list(Application.objects.order_by("pk").values_list()), list(Clock.objects.order_by("pk").values_list()),
            list(NumberCounter.objects.order_by("pk").values_list()),
        )  # fmt: skip


def refused(
    act: Any, match: str, why: type[Exception] | tuple[type[Exception], ...] = (Refusal, FieldError)
) -> None:
    before = state_now()
    with pytest.raises(why, match=match):
        act()
    assert state_now() == before


def clock(case: int, kind: str, basis: str = "promised") -> Clock:
    with kernel_writes():
        return Clock.objects.get(case_id=case, kind=kind, basis=basis)


def due(case: int, kind: str, basis: str = "promised") -> date:
    at = clock(case, kind, basis).due_at
    assert at
    return at.astimezone(SHANGHAI).date()


def dues(case: int) -> tuple[date, date]:
    return due(case, "handle"), due(case, "handle", "statutory")


def at(window: Window, case: int) -> tuple[str, str]:
    row = window.case(case)
    return row.state, next(code for code, pk in window.units.items() if pk == row.unit_id)


def test_complete_materials_are_accepted_on_the_spot_with_a_case_code_and_the_items_own_limits(
    window: Window,
) -> None:
    taken = window.accepted()
    assert at(window, taken.case) == ("examining", MARKET)
    assert taken.number == "BJ2026030200001"
    assert taken.case_code == f"{FOOD}202603020001"
    assert (due(taken.case, "handle"), due(taken.case, "handle", "statutory")) == (
        date(2026, 3, 9),
        date(2026, 3, 30),
    )
    assert window.case(taken.case).facts["accepted"] == "complete"
    assert window.accepted().case_code == f"{FOOD}202603020002"
    window.later(days=1)
    assert window.accepted().case_code == f"{FOOD}202603030001"
    assert ledger_verify().faults == ()


def test_the_serial_of_a_day_ends_at_9999_and_nothing_is_taken_in(window: Window) -> None:
    with kernel_writes():
        NumberCounter.objects.create(scope=CASE_NUMBER.scope(on=date(2026, 3, 2), item=FOOD), value=9999)
    refused(window.accepted, "已用完")
    window.later(days=1)
    assert window.accepted().case_code == f"{FOOD}202603030001"


def test_an_item_without_a_national_code_has_no_case_code(window: Window) -> None:
    item = window.item_of("鲁食-2026/07", scheme="opaque")
    taken = window.accepted(item=item)
    assert (taken.case_code, window.case(taken.case).state) == ("", "examining")
    assert case_code_take(case=taken.case, now=window.now) == ""


def test_where_nothing_is_promised_the_items_own_law_is_the_promise(window: Window) -> None:
    item = window.item_of("3715020000000009", scheme="opaque", promised_days="", statutory_days="10")
    assert dues(window.take("1", "3", "4", item=item).case) == (date(2026, 3, 16), date(2026, 3, 16))


@pytest.mark.parametrize(
    ("typed", "match"),
    [
        ({"id_number": "371502199001011227"}, "校验码不符"),
        ({"applicant": "organisation", "id_number": "91371502MA3C000000"}, "GB 32100|GB 11714"),
        ({"name": "宋"}, "不能少于2个字"),
        ({"phone": "123456"}, "电话号码|手机号码"),
        ({"applicant": "ghost"}, "请选自然人"),
        ({"outcome": "grant"}, "请选怎么办"),
    ],
)
def test_a_wrong_form_is_refused_with_the_rule(window: Window, typed: dict[str, str], match: str) -> None:
    refused(lambda: window.accepted(**typed), match)


def test_only_a_window_clerk_takes_in_and_only_for_an_item_with_an_approver(window: Window) -> None:
    refused(lambda: window.accepted(item=Item(pk=999_999)), "没有这个事项")
    refused(lambda: window.accepted(by="wang"), "窗口受理人员", NotPermitted)
    refused(lambda: window.take("1", "3", "9"), "没有第 9 项")
    item_set(item=window.item.pk, given={}, unit=None, now=window.now, by="system")
    refused(window.accepted, "还没有审批单位")
    item_use(item=window.item.pk, active=False, now=window.now, by="system")
    refused(window.accepted, "已停用")


def test_a_commitment_only_where_the_item_allows_it(window: Window) -> None:
    refused(lambda: window.take("1", outcome="accept_commitment", signed="on"), "不适用告知承诺")
    item = window.item_of(FOOD[:-1] + "4", unit=HEALTH, name="公共场所卫生许可", commitment=True)
    refused(lambda: window.take("1", outcome="accept_commitment", item=item), "签承诺书")
    taken = window.take("1", outcome="accept_commitment", item=item, signed="on")
    assert at(window, taken.case) == ("examining", HEALTH)
    window.move(taken.case, "examine", "371502_health_handler", advice="grant", opinion="已承诺。")
    window.move(taken.case, "grant", "371502_health_section_chief", answer="按承诺准予。")
    assert window.case(taken.case).facts["outcome"] == "granted"


def test_three_people_take_in_examine_and_decide(window: Window) -> None:
    for role in ("handler", "section_chief"):
        grant_add(
            person=window.people["fang"], unit=window.units[MARKET], role=role, now=window.now, by="system"
        )
    grant_add(
        person=window.people["wang"],
        unit=window.units[MARKET],
        role="section_chief",
        now=window.now,
        by="system",
    )
    taken = window.accepted()
    opinion = {"advice": "grant", "opinion": "材料齐全,符合条件。"}
    refused(lambda: window.move(taken.case, "examine", "fang", **opinion), "不能再办“审查意见”", NotPermitted)
    window.move(taken.case, "examine", "wang", **opinion)
    for person in ("fang", "wang"):
        refused(
            lambda p=person: window.move(taken.case, "grant", p, answer="准予食品经营许可。"),
            "不能再办“准予”",
            NotPermitted,
        )  # type: ignore[misc]
    window.move(taken.case, "grant", "chen", answer="准予食品经营许可。")
    assert at(window, taken.case) == ("certifying", APPROVAL)
    assert due(taken.case, "serve") == date(2026, 3, 16)


def test_a_special_procedure_stops_both_clocks_for_the_time_told(window: Window) -> None:
    taken = window.accepted()
    told = {"answer": "需鉴定,预计八天,不计入期限。"}
    refused(
        lambda: window.move(
            taken.case, "begin_special", "wang", ground="hearing", until="2026-03-10", **told
        ),
        "不能停钟",
    )
    refused(
        lambda: window.move(
            taken.case, "begin_special", "wang", ground="appraisal", until="2026-03-13", **told
        ),
        "超过目录里写明",
    )
    refused(
        lambda: window.move(taken.case, "begin_special", "wang", ground="leave", until="2026-03-10", **told),
        "只能是",
    )
    window.move(taken.case, "begin_special", "wang", ground="appraisal", until="2026-03-10", **told)
    assert due(taken.case, "special") == date(2026, 3, 10)
    window.later(days=7)
    window.move(taken.case, "end_special", "wang", result="鉴定合格。")
    assert dues(taken.case) == (date(2026, 3, 13), date(2026, 4, 3))
    offered = [
        SimpleNamespace(case=SimpleNamespace(facts={"special": known}, data={}))
        for known in ({}, {"hearing": 9}, None)
    ]
    assert [special_is_the_items(one) for one in offered] == [False, True, True]
    used = window.case(taken.case).facts
    more = [
        used,
        {**used, "special_times": {"appraisal": 2}},
        {**used, "special": {**used["special"], "hearing": 9}},
    ]
    left = [special_is_left(SimpleNamespace(case=SimpleNamespace(facts=one, data={}))) for one in more]
    assert left == [False, True, True]
    refused(
        lambda: window.move(
            taken.case, "begin_special", "wang", ground="appraisal", until="2026-03-19", **told
        ),
        "已经用过",
    )


def test_the_clocks_run_again_after_the_told_day_whether_or_not_anybody_ends_it(window: Window) -> None:
    item = window.item_of(FOOD[:-1] + "5", special="鉴定 | 10 | 2次")
    taken = window.accepted(item=item)
    told = {"ground": "appraisal", "answer": "需鉴定,不计入期限。"}
    window.move(taken.case, "begin_special", "wang", until="2026-03-10", **told)
    ends = dues(taken.case)
    assert ends == (date(2026, 3, 17), date(2026, 4, 8))
    window.now = datetime(2026, 3, 10, 23, 59, tzinfo=SHANGHAI)
    assert applications_by_the_clock(now=window.now) == 0
    window.later(minutes=1)
    assert applications_by_the_clock(now=window.now) == 1
    assert (window.case(taken.case).state, dues(taken.case)) == ("examining", ends)
    assert clock(taken.case, "special").stopped_at
    window.later(hours=10)
    window.move(taken.case, "begin_special", "wang", until="2026-03-12", **told)
    window.later(days=20)
    assert (applications_by_the_clock(now=window.now), dues(taken.case)) == (
        1,
        (date(2026, 3, 19), date(2026, 4, 10)),
    )
    refused(lambda: window.move(taken.case, "begin_special", "wang", until="2026-04-02", **told), "已经用过")


def test_an_extension_is_granted_by_the_head_and_lengthens_the_law_too(window: Window) -> None:
    taken = window.accepted()
    refused(
        lambda: window.move(taken.case, "ask_extension", "wang", days=11, reason="情况复杂,需要核实"), "10"
    )
    window.move(taken.case, "ask_extension", "wang", days=10, reason="情况复杂,需要核实")
    refused(
        lambda: window.move(taken.case, "grant_extension", "chen", answer="情况复杂"), "权限", NotPermitted
    )
    window.move(taken.case, "grant_extension", "sun", answer="现场情况复杂,需要再核实。")
    assert (due(taken.case, "handle"), due(taken.case, "handle", "statutory")) == (
        date(2026, 3, 23),
        date(2026, 4, 14),
    )
    with kernel_writes():
        assert Notice.objects.filter(case_id=taken.case, template="application_extended").exists()


def test_the_approver_answers_the_window_inside_the_case(window: Window) -> None:
    taken = window.take("1", outcome="keep")
    window.move(taken.case, "ask_approver", "fang", question="摊位只有六平方米,要平面图吗?")
    assert at(window, taken.case) == ("asked", MARKET)
    window.move(taken.case, "answer_desk", "wang", reply="要,手绘标明尺寸就行。")
    assert at(window, taken.case) == ("received", APPROVAL)


def test_another_units_approver_can_do_nothing(window: Window) -> None:
    taken = window.accepted()
    refused(
        lambda: window.move(taken.case, "examine", "qian", advice="grant", opinion="不是我的件。"),
        "没有这一件",
        NotFound,
    )


@pytest.mark.parametrize(
    ("step", "data", "outcome"),
    [
        ("decline", {"ground": "not_needed", "answer": "经营预包装食品只需备案,不需要许可。"}, "declined"),
        (
            "not_ours",
            {"organ": "东昌府区卫生健康局", "answer": "卫生许可请向东昌府区卫生健康局申请。"},
            "not_ours",
        ),
        ("withdraw", {"reason": "申请人改日再办"}, "withdrawn"),
    ],
)
def test_every_way_out_leads_to_the_evaluation(
    window: Window, step: str, data: dict[str, str], outcome: str
) -> None:
    taken = window.take("1", outcome="keep")
    window.move(taken.case, step, "fang", **data)
    row = window.case(taken.case)
    assert (row.state, row.facts["outcome"]) == ("evaluating", outcome)
    with kernel_writes():
        running = Clock.objects.filter(case_id=taken.case, stopped_at=None).values_list("kind", flat=True)
        assert list(running) == ["evaluate"]
        told = Notice.objects.filter(case_id=taken.case, template="application_withdrawn", channel="sms")
        assert told.count() == (step == "withdraw")  # nobody withdraws it behind the applicant's back


def test_applications_for_one_item_are_told_apart_in_a_list(window: Window) -> None:
    firm = {"applicant": "organisation", "name": "聊城市某某有限公司", "id_number": ORGAN}
    wide = window.item_of("鲁食-2026/08", scheme="opaque", name="食" * 200)
    titles = [
        window.case(taken.case).title
        for taken in (window.accepted(), window.accepted(**firm), window.accepted(item=wide, **firm))
    ]
    assert titles == [
        "食品经营许可(新办):宋**",
        "食品经营许可(新办):聊城市某某有限公司",
        f"{'食' * 190}:聊城市某某有限公司",
    ]


def test_a_refusal_tells_reasons_and_remedies(window: Window) -> None:
    taken = window.accepted()
    window.move(taken.case, "examine", "wang", advice="refuse", opinion="场所不符合要求。")
    refused(
        lambda: window.move(taken.case, "refuse", "chen", answer="场所面积和布局不符合规定的要求。"), "复议"
    )
    window.move(
        taken.case,
        "refuse",
        "chen",
        answer="场所面积和布局不符合规定的要求。",
        remedy="六十日内申请行政复议,或六个月内起诉。",
    )
    assert at(window, taken.case) == ("delivering", APPROVAL)
    assert window.case(taken.case).facts["outcome"] == "refused"


def test_taking_in_is_one_transaction(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_move: Any) -> None:
        raise Refusal("broken", "中途断了")

    monkeypatch.setattr("bihuan.packs.onewindow.applying.services.case_code_take", broken)
    refused(window.accepted, "中途断了")
