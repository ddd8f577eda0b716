"""wang on a phone and chen at a desk, in a real browser."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.axe import overflows, serious
from tests.desk.conftest import City
from tests.lib.test_sniffing import picture

pytestmark = pytest.mark.browser


@pytest.mark.service_worker
def test_wang_signs_for_with_one_tap_on_a_phone(open_as: Any, present: datetime) -> None:
    city = City(present)
    opened = city.dispatched(title="路灯不亮")
    page = open_as("wang", width=360)
    page.goto(page.home + "/home")
    page.wait_for_url("**/mine")
    page.get_by_role("button", name="签收", exact=True).click()
    page.get_by_text("“签收”已办好,本件现在是“办理中”。").wait_for()
    page.get_by_role("link", name="回访自查", exact=True).click()
    page.wait_for_url(f"**/cases/{opened.number}?step=self_call_back#act")


@pytest.mark.service_worker
def test_wang_photographs_calls_back_and_answers_on_a_phone(open_as: Any, present: datetime) -> None:
    city = City(present)
    opened = city.dispatched(title="路灯不亮")
    page = open_as("wang", width=360)
    page.goto(page.home + "/mine")
    page.get_by_role("button", name="签收", exact=True).click()
    page.get_by_text("“签收”已办好").wait_for()
    page.get_by_role("link", name="拍照").click()
    for kind, count in (("处理前", 2), ("处理后", 1)):
        page.get_by_role("radio", name=kind).check()
        for shade in range(count):
            photo = picture("JPEG", size=(2400, 1200 + len(kind) + 10 * shade + count))
            page.get_by_label("现在拍").set_input_files(
                {"name": "image.jpg", "mimeType": "image/jpeg", "buffer": photo}
            )
            page.get_by_text(f"将上传 {shade + 1} 个").wait_for()
        page.get_by_role("button", name="上传").click()
        page.get_by_text(f"已添加 {count} 个附件。").wait_for()
    for side, count in enumerate((2, 1)):
        expect(page.locator(".photo-side").nth(side).locator("img")).to_have_count(count)
    expect(page.locator(".photo-side")).to_have_count(2)
    shown = page.locator(".photo-side img").first
    assert shown.evaluate("async i => (await i.decode(), i.naturalWidth)") == 480
    whole = "async a => { const i = new Image(); i.src = a.href; await i.decode(); return i.naturalWidth }"
    assert page.locator(".photo-side a").first.evaluate(whole) == 2000
    page.locator(".unmask summary").click()
    page.get_by_role("button", name="打电话核实情况").click()
    expect(page.get_by_role("link", name="拨打")).to_have_attribute("href", "tel:19900000001")
    page.get_by_role("link", name="回访自查").first.click()
    page.get_by_role("button", name="已接通,来电人认可").click()
    page.get_by_text("“回访自查”已办好").wait_for()
    page.get_by_role("link", name="答复", exact=True).click()
    page.get_by_label("办理结果").select_option("done")
    page.get_by_label("答复内容").fill("路灯已于今日修好,来电人认可。")
    page.get_by_role("button", name="答复", exact=True).click()
    page.get_by_text("“答复”已办好,本件现在是“审核中”。").wait_for()
    page.goto(page.home + "/mine")
    page.get_by_text("现在没有等您办的工单。").wait_for()
    sun = open_as("sun")
    sun.goto(sun.home + "/queue")
    expect(sun.get_by_text(opened.number, exact=True)).to_have_count(1)
    expect(sun.locator(".photo-side img")).to_have_count(3)


def test_wang_signs_for_several_at_once(open_as: Any, present: datetime) -> None:
    city = City(present)
    for _ in range(3):
        city.dispatched()
    page = open_as("wang", width=360)
    page.goto(page.home + "/mine")
    for box in page.get_by_role("checkbox").all()[:2]:
        box.check()
    page.get_by_role("button", name="办理勾选的:签收").click()
    page.get_by_text("已办好 2 件。").wait_for()
    expect(page.get_by_role("button", name="签收", exact=True)).to_have_count(1)


def test_chen_hands_out(open_as: Any, present: datetime) -> None:
    city = City(present)
    city.dispatched(title="井盖松动")
    page = open_as("chen")
    page.goto(page.home + "/home")
    page.wait_for_url("**/unit")
    page.get_by_role("checkbox").check()
    page.get_by_label("把勾选的交给").select_option("wang")
    page.get_by_role("button", name="交办").click()
    page.get_by_text("已把 1 件交给王建业。").wait_for()
    page.get_by_role("link", name="王建业").click()
    page.get_by_role("link", name="井盖松动").wait_for()


def test_nothing_serious_and_nothing_too_wide(open_as: Any, present: datetime) -> None:
    city = City(present)
    city.dispatched(title="很长的标题" * 20, place="很长的地点" * 20, urgent=True)
    city.dispatched()
    city.handling()
    for width, language in ((360, "en-US"), (1280, "zh-CN")):
        for who, paths in (("wang", ("/mine",)), ("chen", ("/unit", "/unit?handler=wang"))):
            page = open_as(who, width=width, language=language, audited=True)
            for path in paths:
                page.goto(page.home + path)
                assert serious(page) == [], (path, width)
                assert not overflows(page), (path, width)
