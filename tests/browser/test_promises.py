"""A visitor without an account clicks 宋女士's refund through, on a phone and at a desk."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from bihuan.kernel.desk.promises.stories import stories
from tests.browser.axe import overflows, serious

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "language"), [(360, "zh-CN"), (1280, "en")])
def test_a_visitor_clicks_the_refund_through(open_as: Any, width: int, language: str) -> None:
    page = open_as("", width=width, language=language, audited=True)
    page.goto(page.home + "/promises")
    assert serious(page) == []
    assert not overflows(page)
    page.locator("a.figure[href='/promises/refund']").click()
    page.locator("#next form button").click()
    expect(page.locator(".seconds")).to_have_text(re.compile(r"^\d+\.\d{3} "))
    scenes = len(stories()["refund"].scenes)
    for place in range(scenes if width == 360 else 3):  # whole on the telephone, its beginning at the desk
        page.locator(f"button[name=next][value='{place}']").click()
        page.locator(f"button[name=next]:not([value='{place}'])").wait_for()
    if width == 360:
        expect(page.locator(".scene-refused")).to_have_count(3)
    assert serious(page) == []
    assert not overflows(page)
