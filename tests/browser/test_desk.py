"""The desk in a real browser: the keys, a step taken and refused, two officers at once, phone and paper."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from bihuan.kernel.cases.models import Case
from tests.browser.waiting import words_kept
from tests.desk.conftest import City

pytestmark = pytest.mark.browser


def test_keys_walk_the_list_and_open_a_case(open_as: Any, present: datetime) -> None:
    city = City(present)
    first, second = city.dispatched(title="路灯不亮"), city.dispatched(title="井盖松动")
    page = open_as("wang")
    page.goto(page.home + "/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("tr.at .c-number")).to_have_text(second.number, use_inner_text=True)
    expect(page.locator("tr.at input")).to_be_checked()
    expect(page.locator("#picked")).to_be_visible()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{first.number}")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#top-q")).to_be_focused()


def test_a_handler_signs_for_and_a_wrong_answer_keeps_its_words(open_as: Any, present: datetime) -> None:
    city = City(present)
    opened = city.dispatched()
    page = open_as("wang")
    page.goto(f"{page.home}/cases/{opened.number}")
    page.get_by_role("button", name="签收", exact=True).click()  # nothing is asked: one click
    page.get_by_text("“签收”已办好,本件现在是“办理中”。").wait_for()
    page.goto(f"{page.home}/cases/{opened.number}?step=ask_extension")
    page.get_by_label("延长几个工作日").fill("99")
    page.get_by_role("textbox", name="理由", exact=True).fill("需要向上级请示")
    page.get_by_role("button", name="申请延期").click()
    expect(page.locator(".refusal")).to_contain_text("应在 1 与 60 之间", use_inner_text=True)
    expect(page.get_by_role("textbox", name="理由", exact=True)).to_have_value("需要向上级请示")
    expect(page.get_by_label("延长几个工作日")).to_have_value("99")


def test_the_second_of_two_officers_reads_who_was_first(open_as: Any, present: datetime) -> None:
    city = City(present)
    opened = city.dispatched()
    wang, chen = open_as("wang"), open_as("chen")
    for page in (wang, chen):
        page.goto(f"{page.home}/cases/{opened.number}?step=sign_for")
    wang.get_by_role("button", name="签收", exact=True).click()
    wang.wait_for_url(f"**/cases/{opened.number}")
    chen.get_by_role("button", name="签收", exact=True).click()
    expect(chen.locator(".refusal")).to_contain_text("王建业已先一步办理", use_inner_text=True)
    assert Case.objects.count() == 0, "outside a scope nothing is read"


def test_a_unit_is_chosen_by_typing_and_a_draft_survives(open_as: Any, present: datetime) -> None:
    city = City(present)
    opened = city.opened()
    page = open_as("li")
    page.goto(f"{page.home}/cases/{opened.number}?step=dispatch")
    page.get_by_label("承办单位").press_sequentially("市场监督", delay=20)
    page.locator("datalist option[value*='371502_market']").wait_for(state="attached")
    value = page.locator("datalist option[value*='371502_market']").get_attribute("value")
    page.get_by_label("承办单位").fill(value)
    page.get_by_label("说明").fill("请尽快")
    words_kept(page, "请尽快")
    page.reload()
    expect(page.get_by_label("说明")).to_have_value("请尽快")
    expect(page.get_by_label("承办单位")).to_have_value(value)
    page.get_by_role("button", name="派单", exact=True).click()
    page.get_by_text("“派单”已办好,本件现在是“待签收”。").wait_for()


def test_no_page_is_wider_than_its_window(open_as: Any, present: datetime) -> None:
    city = City(present)
    opened = city.handling(title="很长的标题" * 20)
    page = open_as("wang")
    for width in (320, 375, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for path in (
            "/", "/?tab=unit", f"/cases/{opened.number}?step=answer", "/search?q=培训班", "/cases/none",
        ):  # fmt: skip
            page.goto(page.home + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)


def test_large_type_and_english(open_as: Any, present: datetime) -> None:
    City(present)
    page = open_as("wang")
    page.goto(page.home + "/")
    page.get_by_role("button", name="大字").click()
    expect(page.locator("body")).to_have_css("font-size", "20px")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_paper_shows_the_case_without_the_buttons(open_as: Any, present: datetime) -> None:
    city = City(present)
    opened = city.handling()
    page = open_as("wang")
    page.goto(f"{page.home}/cases/{opened.number}")
    page.emulate_media(media="print")
    expect(page.locator(".act")).to_be_hidden()
    expect(page.locator(".top")).to_be_hidden()
    expect(page.locator(".timeline")).to_be_visible()


def test_the_focus_is_where_one_goes_on(open_as: Any, present: datetime) -> None:
    city = City(present)
    opened = city.dispatched()
    page = open_as("wang")
    page.goto(f"{page.home}/cases/{opened.number}")
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_be_focused()
    page.locator(".offers").get_by_role("link", name="申请延期", exact=True).click()
    expect(page.locator("#field-days")).to_be_focused()
    page.keyboard.type("99")
    page.keyboard.press("Control+Enter")
    page.locator(".field-wrong").wait_for()
    expect(page.locator("#field-days")).to_be_focused()
    page.goto(page.home + "/?tab=unit")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{opened.number}")
    page.keyboard.press("u")
    page.wait_for_url("**/?tab=unit")
    page.keyboard.press("4")
    page.wait_for_url("**/search")
