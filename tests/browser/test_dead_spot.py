"""Where there is no network: pages that were seen are there, what is written waits and is sent once, by whoever wrote it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.cases.models import Case
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from tests.browser.axe import overflows, serious
from tests.browser.test_citizen import picture
from tests.desk.conftest import City

pytestmark = [pytest.mark.browser, pytest.mark.service_worker]
ANSWER = "路灯已于今日修好,来电人认可。"
KEPT = """async (paths) => {
    const missing = async () => (await Promise.all(paths.map(async (p) => ((await caches.match(p)) ? "" : p)))).filter(Boolean);
    for (let tries = 0; tries < 200 && (await missing()).length; tries += 1) await new Promise((done) => setTimeout(done, 100));
    return missing();
}"""
FORM = """async ([path, action]) => {
    for (let tries = 0; tries < 200; tries += 1) {
        const page = await caches.match(path);
        if (page && (await page.text()).includes(action)) return true;
        await new Promise((done) => setTimeout(done, 100));
    }
    return false;
}"""
"""The page that is kept holds the form: not as it was before the step could be taken."""
HELD = """async () => (await Promise.all((await caches.keys()).filter((n) => /^kept:[1-9]/.test(n))
    .map(async (n) => (await (await caches.open(n)).keys()).length))).reduce((a, b) => a + b, 0)"""
SENT = ".card-sent"


def kept(page: Any, *paths: str) -> None:
    """The service worker has kept these, and goes on."""
    assert page.evaluate(KEPT, ["/offline", "/waiting", *paths]) == []


def in_a_dead_spot(page: Any, number: str, step: str = "answer") -> None:
    """The case was seen; now there is no network, and the step's form is opened."""
    page.goto(f"{page.home}/cases/{number}")
    address = f"/cases/{number}?step={step}"
    kept(page, address)
    assert page.evaluate(FORM, [address, f"/steps/{step}"])
    page.context.set_offline(True)
    page.goto(page.home + address)


def answers_in(page: Any, text: str = ANSWER) -> None:
    page.get_by_label("办理结果").select_option("done")
    page.get_by_label("答复内容").fill(text)
    page.get_by_role("button", name="答复", exact=True).click()


def leaves(page: Any) -> None:
    page.locator(".user-menu summary").click()
    page.get_by_role("button", name="退出登录").click()


def logs_in(page: Any, username: str) -> None:
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(settings.DEMONSTRATION_PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login" not in url)


def steps_of(number: str) -> list[str]:
    with kernel_writes():
        case = Case.objects.get(number=number).pk
        told = [
            json.loads(bytes(e.body))["data"]
            for e in LedgerEntry.objects.filter(case_id=case).order_by("seq")
        ]
    return [data["step"] for data in told if "step" in data]


def test_wang_answers_with_a_photograph_in_a_dead_spot(open_as: Any, present: datetime) -> None:
    number = City(present).handling(title="路灯不亮").number
    page = open_as("wang", width=360)
    in_a_dead_spot(page, number)
    expect(page.locator("#waiting-note")).to_contain_text("没有网络,这是")
    page.get_by_role("radio", name="处理后").check()
    page.locator("#upload-file").set_input_files([picture()])
    page.get_by_role("button", name="上传").click()
    page.get_by_text("已存在本机").wait_for()
    answers_in(page)
    expect(page.locator("#waiting-note")).to_contain_text("2 项等待发送")
    page.goto(page.home + "/waiting")
    expect(page.locator("#waiting-list .card-order")).to_have_count(2)
    page.get_by_label("答复内容").fill(ANSWER + "请放心。")
    page.get_by_role("button", name="保存修改").last.click()
    assert steps_of(number)[-1] == "self_call_back"
    page.context.set_offline(False)
    expect(page.locator(SENT)).to_have_count(2)
    assert steps_of(number)[-2:] == ["self_call_back", "answer"]
    with kernel_writes():
        assert Attachment.objects.get(case__number=number).kind == "after"
    page.goto(f"{page.home}/cases/{number}")
    expect(page.locator(".answer")).to_contain_text(ANSWER + "请放心。", use_inner_text=True)


def test_an_answer_whose_receipt_was_lost_is_given_once(open_as: Any, present: datetime) -> None:
    number = City(present).handling().number
    page = open_as("wang")
    page.goto(f"{page.home}/cases/{number}?step=answer")
    cut: list[int] = []

    def done_and_cut(route: Any) -> None:
        cut.append(route.fetch().status)
        route.abort("connectionreset")

    page.route("**/steps/answer", done_and_cut, times=1)
    answers_in(page)
    expect(page.locator("#waiting-note")).to_contain_text("1 项")
    assert cut == [200]
    assert steps_of(number)[-1] == "answer"
    page.goto(page.home + "/waiting")
    expect(page.locator(SENT)).to_have_count(1)
    assert steps_of(number).count("answer") == 1


def test_a_case_that_moved_meanwhile_shows_who_did_what_and_keeps_the_words(
    open_as: Any, present: datetime
) -> None:
    city = City(present)
    opened = city.handling()
    page = open_as("wang", width=360)
    in_a_dead_spot(page, opened.number)
    answers_in(page)
    page.get_by_text("已存在本机").wait_for()
    city.move(opened.case, "ask_extension", "wang", after=2, days=3, reason="需要向上级请示并等候批复")
    page.goto(page.home + "/waiting")
    page.context.set_offline(False)
    refused = page.locator(".card-refused")
    expect(refused.locator(".refusal")).to_contain_text("王建业已先一步办理“申请延期”")
    expect(refused.get_by_label("答复内容")).to_have_value(ANSWER)
    assert "answer" not in steps_of(opened.number)
    page.get_by_role("button", name="看过了,按现在的情况再送一次").click()
    expect(page.locator(SENT)).to_have_count(1)
    assert steps_of(opened.number).count("answer") == 1


def test_an_ended_session_is_told_and_what_waits_goes_after_the_log_in(
    open_as: Any, present: datetime
) -> None:
    number = City(present).handling().number
    page = open_as("wang", width=360)
    in_a_dead_spot(page, number)
    answers_in(page)
    page.get_by_text("已存在本机").wait_for()
    page.goto(page.home + "/waiting")
    Session.objects.all().delete()
    page.context.set_offline(False)
    page.get_by_role("link", name="登录后送出").click()
    assert "answer" not in steps_of(number)
    logs_in(page, "wang")
    page.goto(page.home + "/waiting")
    expect(page.locator(SENT)).to_have_count(1)
    assert steps_of(number).count("answer") == 1


def test_what_one_account_wrote_is_not_shown_to_or_sent_by_another(open_as: Any, present: datetime) -> None:
    number = City(present).handling().number
    page = open_as("wang", width=360)
    in_a_dead_spot(page, number)
    answers_in(page)
    page.get_by_text("已存在本机").wait_for()
    assert page.evaluate(HELD) > 2
    leaves(page)
    page.get_by_role("heading", name="没有网络").wait_for()
    assert page.evaluate(HELD) == 0
    page.goto(f"{page.home}/cases/{number}")
    page.get_by_role("heading", name="没有网络").wait_for()
    Session.objects.all().delete()  # it ended by its own time
    page.context.set_offline(False)
    page.goto(page.home + "/login")
    logs_in(page, "chen")  # of the same bureau: might answer it too
    page.goto(page.home + "/waiting")
    page.get_by_text("没有等待发送的。").wait_for()
    assert ANSWER not in page.content()
    assert "answer" not in steps_of(number)
    page.goto(page.home + "/unit")
    leaves(page)
    logs_in(page, "wang")
    page.goto(page.home + "/waiting")
    expect(page.locator(SENT)).to_have_count(1)
    assert steps_of(number).count("answer") == 1


def test_wang_signs_for_in_a_dead_spot_and_takes_it_back(open_as: Any, present: datetime) -> None:
    city = City(present)
    first, second = city.dispatched(title="路灯不亮"), city.dispatched(title="井盖松动")
    page = open_as("wang", width=360)
    page.goto(page.home + "/mine")
    kept(page, "/mine")
    page.context.set_offline(True)
    page.goto(page.home + "/home")  # where the app begins
    for kept_now in (1, 2):
        page.get_by_role("button", name="签收", exact=True).and_(page.locator(":enabled")).first.click()
        expect(page.get_by_text("已存在本机")).to_have_count(kept_now)
    page.goto(page.home + "/waiting")
    taken_back = page.locator(".card-order", has_text=second.number)
    taken_back.get_by_role("button", name="撤回").click()
    taken_back.get_by_role("button", name="再点一次就撤回").click()
    expect(page.locator(".card-order")).to_have_count(1)
    page.context.set_offline(False)
    expect(page.locator(SENT)).to_have_count(1)
    page.goto(page.home + "/mine")
    kept(page, "/mine")
    page.context.set_offline(True)
    leaves(page)
    page.get_by_role("heading", name="没有网络").wait_for()
    page.context.set_offline(False)
    page.goto(page.home + "/mine")
    page.wait_for_url("**/login")  # what could not be done without a network
    assert steps_of(first.number)[-1] == "sign_for"
    assert "sign_for" not in steps_of(second.number)


@pytest.mark.parametrize(("width", "language"), [(360, "en-US"), (1280, "zh-CN")])
def test_what_waits_is_clean_and_fits(open_as: Any, present: datetime, width: int, language: str) -> None:
    number = City(present).handling().number
    page = open_as("wang", width=width, language=language, audited=True)
    page.goto(f"{page.home}/cases/{number}?step=answer")
    kept(page)
    page.context.set_offline(True)
    page.locator("#field-outcome").select_option("done")
    page.locator("#field-answer").fill(ANSWER * 20)
    page.locator("#step-form .btn-primary").click()
    page.locator("#step-form .offline a").wait_for()
    assert serious(page) == []
    for path in ("/waiting", "/offline"):
        page.goto(page.home + path)
        page.locator(".card-order, .offline-ways").first.wait_for()
        assert serious(page) == [], path
        assert not overflows(page), path
        page.evaluate("document.documentElement.classList.add('large-type')")
        assert not overflows(page), path
