"""A restaurant in the browser: one application at the window, three offices side by side, one refused and applied for again, one permit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import expect

from bihuan.kernel.bundles.models import Part
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.onewindow.demonstration.items import items_load
from bihuan.packs.onewindow.demonstration.themes import THEMES
from bihuan.packs.onewindow.themes.services import theme_add
from tests.browser.axe import overflows, serious
from tests.browser.cast import Cast

pytestmark = pytest.mark.browser
HEALTH, ENFORCEMENT = "371502_health_", "371502_enforcement_"


@pytest.fixture
def cast(open_as: Any, now: datetime, monkeypatch: pytest.MonkeyPatch, live: str) -> Cast:
    made = Cast(open_as, now)
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: made.now)
    with transaction.atomic(), kernel_writes():
        items_load(units=dict(Unit.objects.values_list("code", "pk")), now=now)
        theme_add(code="restaurant", given=THEMES["restaurant"], now=now, by="system")
    return made


def received(cast: Cast) -> str:
    """fang finds the theme by a word, ticks each material once, and sends the one form."""
    page = cast.at("fang", "/home")
    page.locator("#field-item").press_sequentially("面馆")
    page.get_by_role("link", name="开餐馆").click()
    page.locator("#field-subject").fill("水城面馆")
    page.locator("#field-name").fill("宋晓梅")
    page.locator("#field-id_number").fill("371502199001011226")
    page.locator("#field-phone").fill("19900000001")
    page.get_by_role("button", name="收件").click()
    expect(page.get_by_text("必要的材料还没有交齐").first).to_be_visible()
    expect(page.locator("#field-subject")).to_have_value("水城面馆")
    for box in page.locator("[name=present]").all():
        box.check()
    for day in page.locator("[name^=dated_]").all():
        day.fill("2026-02-01")
    page.get_by_role("button", name="收件").click()
    expect(page.get_by_text("各部分办得怎样")).to_be_visible()
    return str(page.url.rpartition("/")[2].partition("?")[0])


def part(number: str, code: str) -> str:
    """The number of a part's case."""
    with kernel_writes():
        return Part.objects.values_list("case__number", flat=True).get(bundle__case__number=number, code=code)


def test_one_application_three_offices_one_permit(cast: Cast) -> None:
    number = received(cast)
    page = cast.at("fang", f"/cases/{number}")
    expect(page.locator(".bundle-list li")).to_have_count(3)
    expect(page.locator(".bundle-bar")).to_have_count(3)
    expect(page.locator(".bundle-critical")).to_have_count(2)
    hygiene, sign = part(number, "卫生"), part(number, "招牌")
    cast.later(days=1)
    examined = {"advice": "grant", "opinion": "材料齐全,符合条件。"}
    cast.takes(f"{HEALTH}handler", hygiene, "审查意见", "待决定", **examined)
    cast.takes(
        f"{HEALTH}section_chief", hygiene, "不予", "不予", answer="检测报告已经过期,不符合条件。", remedy="六十日内可以申请行政复议,或六个月内起诉。",
    )  # fmt: skip
    page = cast.at("fang", f"/cases/{number}")
    expect(page.get_by_text("被前面的挡住")).to_be_visible()
    cast.takes("fang", number, "没有通过的重新申请", "并联审批中", reason="检测报告已重新出具")
    again = part(number, "卫生")
    assert again != hygiene
    for who, one in ((HEALTH, again), (ENFORCEMENT, sign)):
        cast.takes(f"{who}handler", one, "审查意见", "待决定", **examined)
        cast.takes(f"{who}section_chief", one, "准予", "已准予", answer="经审查,准予许可。")
    cast.later(days=2)
    food = part(number, "食品")
    cast.takes("wang", food, "审查意见", "待决定", **examined)
    cast.takes("chen", food, "准予", "已准予", answer="经审查,准予食品经营许可。")
    page = cast.takes("ren", number, "制发综合许可", "待出件")
    expect(page.get_by_text("聊综许〔2026〕00001号").first).to_be_visible()
    page = cast.at("tang", "/onewindow/themes")
    # The part that was applied for again and the sign took a day each, the food licence two: three days in all.
    expect(page.locator("tbody tr")).to_contain_text("水城面馆")
    expect(page.locator("tbody tr b")).to_have_text("0")


@pytest.mark.parametrize(("width", "language"), [(1280, "zh-CN"), (360, "en-GB")])
def test_the_pages_of_themes_are_fit_for_everybody(
    cast: Cast, open_as: Any, width: int, language: str
) -> None:
    number = received(cast)
    page = open_as("fang", width=width, language=language, audited=True)
    for address, there in (
        ("/public/guide", ".guides"), ("/onewindow/window?q=餐", ".window-found"), (f"/cases/{number}", ".bundle"),
        ("/onewindow/themes", ".figures"),
    ):  # fmt: skip
        page.goto(page.home + address)
        page.locator(there).first.wait_for()
        assert (serious(page), overflows(page)) == ([], False), address
    page.goto(page.home + "/onewindow/window?q=餐")
    page.locator(".window-found a").first.click()
    page.locator("#field-subject").wait_for()
    assert (serious(page), overflows(page)) == ([], False)
    page.goto(page.home + "/public/guide")
    page.locator(".guides a").first.click()
    page.locator(".bundle").wait_for()
    assert (serious(page), overflows(page)) == ([], False)
    page.locator("a[href^='/public/apply/theme/']").click()
    page.locator("#field-subject").press("Enter")
    page.locator("#file_1-wrong").wait_for()
    assert (serious(page), overflows(page)) == ([], False)
