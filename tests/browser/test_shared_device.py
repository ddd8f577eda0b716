"""A device that several citizens use: what one wrote is cleared with a button, and a page for everybody keeps nothing at all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import overflows, serious

pytestmark = [pytest.mark.browser, pytest.mark.service_worker]
WORDS = "小区门口的路灯坏了,晚上看不见路。"
KEPT = """async () => ({
  entries: await outbox.of(0).then((found) => found.length),
  drafts: Object.keys(sessionStorage).filter((name) => name.startsWith("draft:")).length,
  pages: (await caches.keys()).filter((name) => name === "kept:0").length,
})"""


def kept(page: Page) -> dict[str, int]:
    found: dict[str, int] = page.evaluate(KEPT)
    return found


def test_what_was_written_without_a_network_is_cleared_before_the_next_visitor(
    open_as: Any, present: datetime
) -> None:
    page = open_as("", width=360, height=740, audited=True)
    page.goto(page.home + "/public/report")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.fill("#field-text", WORDS)
    page.context.set_offline(True)
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.locator(".offline")).to_be_visible()
    assert kept(page)["entries"] == 1
    page.context.set_offline(False)
    page.goto(page.home + "/public/report")
    assert serious(page) == [] and not overflows(page)
    page.get_by_role("button", name="清除本机保留的内容").click()
    page.wait_for_url("**/public")
    expect(page.locator(".notice-success")).to_contain_text("本机保留的内容已清除")
    assert kept(page)["entries"] == 0


def test_a_page_for_everybody_keeps_nothing(open_as: Any, present: datetime) -> None:
    page = open_as("", audited=True)
    page.goto(page.home + "/public/report?shared=1")
    page.fill("#field-text", WORDS)
    page.fill("#field-place", "柳园南路66号")
    page.fill("#field-reporter", "宋晓梅")
    assert serious(page) == [] and not overflows(page)
    page.get_by_role("button", name="提交", exact=True).click()
    number = page.locator(".ticket-big").first.inner_text()
    assert number.startswith("RX")
    assert kept(page) == {"entries": 0, "drafts": 0, "pages": 0}
    page.get_by_role("link", name="抄好了,交给下一位").click()
    expect(page.locator("#field-text")).to_have_value("")
    expect(page.locator("#field-reporter")).to_have_value("")
    page.goto(page.home + f"/public/received?number={number}")
    page.wait_for_url("**/public/follow?**")
