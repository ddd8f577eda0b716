"""The palette in a real browser: by keyboard alone, read aloud, at 1280 in Chinese and at 360 in English; then similar orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.axe import overflows, serious
from tests.desk.conftest import City

pytestmark = pytest.mark.browser

PLACE = {"matter": "0401", "place": "柳园街道兴华路8号"}


def test_anything_is_found_by_keyboard_alone(open_as: Any, present: datetime) -> None:
    city = City(present)
    opened, other = city.handling(**PLACE), city.dispatched(**PLACE, title="路灯不亮", text="路灯坏了三天。")
    page = open_as("wang", audited=True)
    page.goto(f"{page.home}/cases/{opened.number}")
    page.goto(f"{page.home}/cases/{other.number}")
    field, options = page.get_by_role("combobox"), page.get_by_role("option")
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    expect(options.filter(has_text="培训班不退费")).to_be_visible()  # looked at before this one
    expect(page.locator("#palette-said")).to_contain_text("上下键选")
    assert serious(page) == []
    field.fill("签收")
    expect(options).to_have_count(1)
    expect(field).to_have_attribute("aria-activedescendant", "palette-steps-1")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{other.number}?step=sign_for#act")

    page.keyboard.press("Control+k")
    field.fill(opened.number)
    expect(options.first).to_contain_text("培训班不退费")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{opened.number}")
    page.keyboard.press("Control+k")
    field.fill("留好凭证")
    expect(options.first).to_contain_text("退费先留好凭证")
    page.keyboard.press("Enter")
    page.wait_for_url("**ready=*")
    expect(page.get_by_label("答复内容")).to_have_value(
        "请保留合同、收据、付款记录和与商家的沟通记录。我们可以把您的诉求派给市场监管部门调解。"
    )
    page.keyboard.press("Control+k")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_on_a_phone_in_english_and_side_by_side(open_as: Any, present: datetime) -> None:
    city = City(present)
    first = city.dispatched(**PLACE)
    second = city.dispatched(**PLACE, title="要求退款", text="培训班一直没有开课,老板不接电话。")
    page = open_as("tang", width=360, language="en-GB", audited=True)
    page.goto(f"{page.home}/cases/{second.number}")
    page.locator(".user-menu summary").click()
    page.get_by_role("link", name="Find anything").click()
    expect(page.get_by_role("option").first).to_be_visible()
    page.get_by_role("combobox").fill("merge")
    expect(page.get_by_role("option").first).to_contain_text("Merge")
    assert serious(page) == []
    assert not overflows(page)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Similar orders").click()
    expect(page.get_by_role("heading", name="Similar orders")).to_be_visible()
    assert serious(page) == []
    assert not overflows(page)
    page.get_by_role("button", name=f"Merge into {first.number}").click()
    expect(page.get_by_text("Merged", exact=False).first).to_be_visible()
