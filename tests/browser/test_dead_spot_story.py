"""From a report written where there is no network, by a handler in a cellar, to an evaluation on a train: each once."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from bihuan.kernel.cases.models import Case
from bihuan.kernel.ledger.services import kernel_writes
from tests.browser.test_citizen import MARKET, picture
from tests.browser.test_dead_spot import ANSWER, SENT, answers_in, in_a_dead_spot, kept, steps_of
from tests.browser.test_hotline_story import step

pytestmark = [pytest.mark.browser, pytest.mark.service_worker]


def writes_a_report(phone: Any, text: str) -> None:
    phone.locator("#field-text").fill(text)
    phone.locator("#field-place").fill("柳园南路66号")
    phone.locator("#field-territory").select_option("柳园街道")
    phone.locator("#field-photographs").set_input_files([picture()])
    phone.get_by_role("button", name="提交").click()


def receipts(phone: Any) -> list[tuple[str, str]]:
    """Number and code of each report that was delivered, as the page of what waits shows them."""
    shown = phone.locator(".receipt:visible").all()
    return [
        (one.locator("[data-part=number]").inner_text(), one.locator("[data-part=code]").inner_text())
        for one in shown
    ]


def orders() -> int:
    with kernel_writes():
        return Case.objects.count()


def test_a_report_an_answer_and_an_evaluation_each_without_a_network(
    telephone: Any, open_as: Any, present: datetime
) -> None:
    phone = telephone()
    phone.goto(phone.home + "/public/report")
    kept(phone, "/public/report")
    phone.context.set_offline(True)
    for text in ("路灯不亮,晚上看不见。", "消费退费纠纷:交了5200元,培训班没有开课,不退费。"):
        phone.goto(phone.home + "/public/report")
        writes_a_report(phone, text)
        phone.get_by_text("已存在本机").wait_for()
    assert orders() == 0
    phone.goto(phone.home + "/waiting")
    phone.context.set_offline(False)
    expect(phone.locator(SENT)).to_have_count(2)
    assert orders() == 2
    (number, code) = receipts(phone)[1]
    assert re.fullmatch(r"RX\d{13}", number)
    phone.get_by_role("button", name="知道了").first.click()
    expect(phone.locator(SENT)).to_have_count(1)
    phone.get_by_role("link", name="打开那一页").click()
    phone.get_by_text("请抄下来,或者拍一张照").wait_for()
    assert (phone.locator(".ticket-big").first.inner_text(), phone.locator(".ticket-code").inner_text()) == (
        number,
        code,
    )
    with kernel_writes():
        coordinating = Case.objects.get(number=number).state == "coordinating"
    if coordinating:
        zhou = open_as("zhou")
        zhou.goto(f"{zhou.home}/cases/{number}")
        step(zhou, "派单", "待签收", unit=MARKET, matter="0401", remark="消费纠纷")
    wang = open_as("wang", width=360)
    wang.goto(f"{wang.home}/cases/{number}")
    step(wang, "签收", "办理中")
    step(wang, "回访自查", "办理中", reached="yes", note="已联系来电人,表示认可")
    in_a_dead_spot(wang, number)
    answers_in(wang)
    wang.get_by_text("已存在本机").wait_for()
    wang.context.set_offline(False)
    expect(wang.locator("#waiting-note")).to_contain_text("1 项已送达")
    for username, label, done in (("sun", "审核通过,报上一级", "审核中"), ("zhao", "审核通过", "待回访")):
        page = open_as(username)
        page.goto(f"{page.home}/cases/{number}")
        step(page, label, done)
    phone.goto(f"{phone.home}/public/cases/{number}")
    expect(phone.locator(".answer")).to_contain_text(ANSWER, use_inner_text=True)
    phone.context.set_offline(True)
    phone.get_by_label("非常满意").check()
    phone.get_by_role("button", name="提交评价").click()
    phone.get_by_text("已存在本机").wait_for()
    phone.context.set_offline(False)
    expect(phone.locator("#waiting-note")).to_contain_text("2 项已送达")
    assert [steps_of(number).count(one) for one in ("answer", "evaluate")] == [1, 1]


def test_a_report_whose_receipt_was_lost_is_one_order_and_its_code_is_told(
    telephone: Any, present: datetime
) -> None:
    phone = telephone()
    phone.goto(phone.home + "/public/report")

    def done_and_cut(route: Any) -> None:
        assert route.fetch().status == 200
        phone.context.clear_cookies()  # what came with the answer is lost as well
        route.abort("connectionreset")

    phone.route("**/public/report", done_and_cut, times=1)
    writes_a_report(phone, "路灯不亮,晚上看不见。")
    expect(phone.locator("#waiting-note")).to_contain_text("1 项")
    assert orders() == 1
    phone.goto(phone.home + "/waiting")
    expect(phone.locator(SENT)).to_have_count(1)
    assert orders() == 1
    (number, code) = receipts(phone)[0]
    with kernel_writes():
        assert Case.objects.get().number == number
    phone.goto(phone.home + "/public/follow")
    phone.locator("#field-number").fill(number)
    phone.locator("#field-code").fill(code)
    phone.get_by_role("button", name="查看").click()
    phone.get_by_text("路灯不亮,晚上看不见。").first.wait_for()
