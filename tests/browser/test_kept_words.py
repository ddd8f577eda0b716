"""Words that were typed: an ended session, a lost network, the back button, a double click and two tabs lose none of them
and do nothing twice."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from bihuan.kernel.cases.models import Case
from bihuan.kernel.ledger.services import kernel_writes
from tests.desk.conftest import City
from tests.desk.test_turns import reviewed

pytestmark = pytest.mark.browser
REASON = "需要向上级请示并等候批复"


def _asks_for_extension(page: Any, number: str) -> None:
    page.goto(f"{page.home}/cases/{number}?step=ask_extension")
    page.get_by_label("延长几个工作日").fill("3")
    page.get_by_role("textbox", name="理由", exact=True).fill(REASON)


@pytest.fixture
def handled(open_as: Any, present: datetime) -> tuple[Any, str]:
    opened = City(present).handling()
    page = open_as("wang")
    _asks_for_extension(page, opened.number)
    return page, opened.number


def test_an_ended_session_leads_back_to_the_words(handled: tuple[Any, str]) -> None:
    page, number = handled
    with kernel_writes():
        before = Case.objects.get(number=number).version
    Session.objects.all().delete()
    page.get_by_role("button", name="申请延期").click()
    page.wait_for_url("**/login?next=**")
    expect(page.locator("main")).to_contain_text("写的内容还在", use_inner_text=True)
    with kernel_writes():
        assert Case.objects.get(number=number).version == before
    page.get_by_label("用户名").fill("wang")
    page.get_by_label("密码").fill("Bihuan-2026")
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"**/cases/{number}?step=ask_extension")
    expect(page.get_by_role("textbox", name="理由", exact=True)).to_have_value(REASON)
    page.get_by_role("button", name="申请延期").click()
    page.get_by_text("“申请延期”已办好").wait_for()
    page.goto(f"{page.home}/cases/{number}")
    assert page.evaluate("Object.keys(sessionStorage).filter(k => k.startsWith('draft:')).length") == 0


def test_words_that_come_back_into_a_closed_form_open_it(open_as: Any, present: datetime) -> None:
    reviewed(City(present))
    page = open_as("zhao")
    page.goto(page.home + "/queue")
    page.locator("summary", has_text="审核不通过,重办").click()
    page.get_by_label("理由").fill(REASON)
    page.reload()
    expect(page.get_by_label("理由")).to_be_visible()
    expect(page.get_by_label("理由")).to_have_value(REASON)
    expect(page.locator(".draft")).to_have_text(
        re.compile(r"^这是 \d\d:\d\d 写下、还没有提交的内容。 清空重填$")
    )
    page.get_by_role("button", name="清空重填").click()
    page.locator("summary", has_text="审核不通过,重办").click()
    expect(page.get_by_label("理由")).to_have_value("")
    expect(page.locator(".draft")).to_have_count(0)


def test_a_lost_network_sends_nothing_and_keeps_the_words(open_as: Any, present: datetime) -> None:
    """At the desk; what a telephone writes waits to be sent (test_dead_spot.py)."""
    number = reviewed(City(present)).number
    page = open_as("zhao")
    page.goto(page.home + "/queue")
    page.locator("summary", has_text="审核不通过,重办").click()
    page.get_by_label("理由").fill(REASON)
    page.context.set_offline(True)
    page.get_by_role("button", name="审核不通过,重办").click()
    expect(page.locator(".offline")).to_contain_text("网络断开", use_inner_text=True)
    expect(page.get_by_label("理由")).to_have_value(REASON)
    page.context.set_offline(False)
    page.get_by_role("button", name="审核不通过,重办").click()
    page.get_by_text("都办完了。").wait_for()
    expect(page.locator(".offline")).to_have_count(0)
    with kernel_writes():
        assert Case.objects.get(number=number).state == "handling"


def test_the_back_button_shows_an_empty_form_after_the_words_were_taken(handled: tuple[Any, str]) -> None:
    page, number = handled
    page.get_by_role("button", name="申请延期").dblclick()
    page.get_by_text("“申请延期”已办好").wait_for()
    page.goto(f"{page.home}/cases/{number}?step=self_call_back")
    expect(page.get_by_label("回访情况")).to_have_value("")


def test_of_two_tabs_one_wins_and_the_other_keeps_its_words(handled: tuple[Any, str]) -> None:
    page, number = handled
    second = page.context.new_page()
    second.home = page.home
    _asks_for_extension(second, number)
    page.get_by_role("button", name="申请延期").click()
    page.get_by_text("“申请延期”已办好").wait_for()
    second.get_by_role("button", name="申请延期").click()
    second.locator(".refusal").wait_for()
    expect(second.locator(".refusal")).to_contain_text(REASON, use_inner_text=True)
