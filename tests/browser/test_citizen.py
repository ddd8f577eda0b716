"""A citizen with a telephone: reports with a photograph, follows, answers, has it done again, is content, reports it again."""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.axe import overflows, serious
from tests.browser.test_hotline_story import step

pytestmark = pytest.mark.browser
MARKET = "东昌府区市场监督管理局 · 371502_market"
ANSWER = "经调解,商家已退还全部费用,来电人表示认可。"
PAGES = ("/public", "/public/report", "/public/follow", "/login")


def picture(colour: str = "red") -> dict[str, Any]:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def reported(page: Any, **more: str) -> tuple[str, str]:
    """Fill the form in and send it; the number and the code."""
    page.goto(page.home + "/public")
    page.get_by_role("link", name="我要反映").click()
    page.locator("#field-text").fill(more.get("text", "柳园南路66号培训班交了5200元,没有开课,不退费。"))
    page.locator("#field-place").fill("柳园南路66号")
    page.locator("#field-territory").select_option("柳园街道")
    page.locator("#field-phone").fill("19900000001")
    page.locator("#field-photographs").set_input_files([picture()])
    page.get_by_role("button", name="提交").click()
    page.get_by_text("请抄下来,或者拍一张照").wait_for()
    return page.locator(".ticket-big").first.inner_text(), page.locator(".ticket-code").inner_text()


def answered(open_as: Any, number: str) -> None:
    """wang answers, sun and zhao review."""
    address = f"/cases/{number}"
    wang = open_as("wang")
    wang.goto(wang.home + address)
    step(wang, "回访自查", "办理中", reached="yes", note="已联系来电人,表示认可")
    step(wang, "答复", "审核中", outcome="done", answer=ANSWER)
    for username, label, done in (("sun", "审核通过,报上一级", "审核中"), ("zhao", "审核通过", "待回访")):
        page = open_as(username)
        page.goto(page.home + address)
        step(page, label, done)


@pytest.mark.service_worker
def test_a_citizen_on_a_telephone(telephone: Any, open_as: Any, present: datetime) -> None:
    phone = telephone()
    number, code = reported(phone)
    assert re.fullmatch(r"RX\d{13}", number)
    address = f"/cases/{number}"
    seat = open_as("tang")
    seat.goto(seat.home + address)
    if seat.get_by_text("待协调").first.is_visible():
        zhou = open_as("zhou")
        zhou.goto(zhou.home + address)
        step(zhou, "派单", "待签收", unit=MARKET, matter="0401", remark="消费纠纷")
    wang = open_as("wang")
    wang.goto(wang.home + address)
    step(wang, "签收", "办理中")
    wang.locator("#field-question").fill("请问合同是哪一天签的?")
    wang.get_by_role("button", name="发出问题").click()
    wang.get_by_text("问题已发出").wait_for()
    # Another day, another telephone: number and code open the page.
    phone = telephone()
    phone.goto(phone.home + "/login")
    phone.get_by_role("link", name="市民:反映问题、查进展").click()
    phone.get_by_role("link", name="查进展、回答、评价").click()
    phone.locator("#field-number").fill(number.lower())
    phone.locator("#field-code").fill(code.lower())
    phone.get_by_role("button", name="查看").click()
    phone.get_by_text("承办单位正在办。").wait_for()
    phone.get_by_text("请问合同是哪一天签的?").first.wait_for()
    phone.locator("#field-words").fill("去年九月一日,照片在这里。")
    phone.locator("#field-photographs").set_input_files([picture()])
    phone.get_by_role("button", name="发送").click()
    phone.get_by_text("已发给承办单位。").wait_for()
    wang.goto(wang.home + address)
    expect(wang.locator("#talk")).to_contain_text("去年九月一日", use_inner_text=True)
    answered(open_as, number)
    phone.goto(f"{phone.home}/public{address}")
    expect(phone.locator(".answer")).to_contain_text(ANSWER, use_inner_text=True)
    phone.get_by_label("不满意", exact=True).check()
    phone.locator("#field-why").fill("钱还没有到账")
    phone.get_by_role("button", name="提交评价").click()
    phone.get_by_text("已退回重新办理").wait_for()
    answered(open_as, number)
    phone.goto(f"{phone.home}/public{address}")
    phone.get_by_label("非常满意").check()
    phone.get_by_role("button", name="提交评价").click()
    phone.get_by_text("谢谢您的评价").wait_for()
    phone.get_by_role("link", name="再次反映").click()
    phone.locator("#field-text").fill("商家又反悔了。")
    phone.get_by_role("button", name="提交").dblclick()
    phone.get_by_text("请抄下来,或者拍一张照").wait_for()
    new = phone.locator(".ticket-big").first.inner_text()
    assert new != number
    phone.get_by_role("link", name="看进展").click()
    expect(phone.locator("main")).to_contain_text(number, use_inner_text=True)
    assert not overflows(phone)


@pytest.mark.parametrize(("width", "language"), [(360, "en"), (1280, "zh-CN")])
def test_public_pages_are_clean_and_fit(telephone: Any, width: int, language: str) -> None:
    page = telephone(width=width, language=language, bypass_csp=True)
    for path in PAGES:
        page.goto(page.home + path)
        assert serious(page) == [], path
        assert not overflows(page), path
    page.goto(page.home + "/public/report")
    page.locator("main .btn-primary").click()
    page.locator(".refusal").wait_for()
    assert serious(page) == []
    assert not overflows(page)


def test_large_type_and_400_percent(telephone: Any) -> None:
    page = telephone(width=320, height=256)  # 1280 at 400 %
    for path in PAGES:
        page.goto(page.home + path)
        assert not overflows(page), path
    page.goto(page.home + "/public/report")
    expect(page.locator("body")).to_have_css("font-size", "16px")
    page.get_by_role("button", name="大字").click()
    expect(page.locator("body")).to_have_css("font-size", "20px")
    for path in PAGES:
        page.goto(page.home + path)
        assert not overflows(page), path


def test_a_point_is_picked_on_the_map(telephone: Any) -> None:
    page = telephone(
        geolocation={"latitude": 36.45, "longitude": 115.985}, permissions=["geolocation"], bypass_csp=True
    )
    page.goto(page.home + "/public/report")
    page.get_by_role("button", name="在地图上点").click()
    page.locator("path.leaflet-interactive").first.wait_for()
    assert serious(page) == []
    page.get_by_role("button", name="用我现在的位置").click()
    page.get_by_text("已经点好:").wait_for()
    expect(page.locator("[name=point]")).to_have_value("115.985000,36.450000")
    page.locator("#field-text").fill("路灯不亮。")
    page.get_by_role("button", name="提交").click()
    page.get_by_text("请抄下来,或者拍一张照").wait_for()


def test_the_keyboard_alone_reports(telephone: Any) -> None:
    page = telephone(width=1280, height=800)
    page.goto(page.home + "/public/report")
    page.locator("#field-text").focus()
    page.keyboard.type("路灯不亮。")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "field-place":
            break
    page.keyboard.type("柳园南路66号")
    page.keyboard.press("Enter")
    page.get_by_text("请抄下来,或者拍一张照").wait_for()


def test_without_scripts_everything_is_there(telephone: Any) -> None:
    page = telephone(java_script_enabled=False)
    page.goto(page.home + "/public/report")
    expect(page.locator("[data-map]")).to_be_hidden()
    expect(page.locator("[data-voice=field-text]")).to_be_hidden()
    page.locator("#field-text").fill("路灯不亮。")
    page.locator("#field-place").fill("柳园南路66号")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("请抄下来,或者拍一张照")).to_be_visible()
