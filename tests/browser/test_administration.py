"""Administration at both widths and in both languages: axe finds nothing serious, nothing overflows, a rule is set by keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from bihuan.kernel.policies.selectors import policy_rows
from tests.browser.axe import overflows, serious

pytestmark = pytest.mark.browser
PAGES = (
    "", "/policies", "/policies/of/hotline.handle", "/policies/of/hotline.handle/do/set", "/policies/import", "/calendar",
    "/calendar/of/2026", "/calendar/of/2027/do/publish", "/wording", "/wording/of/declined~en~/do/set", "/webhooks",
    "/webhooks/do/add", "/sent", "/numbering", "/numbering/of/hotline", "/forms", "/forms/do/publish", "/models", "/models/do/train", "/units", "/units/of/371502011", "/units/do/open",
    "/units/of/371502_market", "/units/of/371502_market/do/close", "/units/of/371502_market/do/change", "/people",
    "/people/do/new", "/people/do/passwords", "/people/import", "/roles", "/directory", "/directory/do/set", "/directory/import",
    "/directory?q=none", "/matters", "/matters/of/0103", "/hall_windows", "/hall_windows/do/add", "/../hotline/who",
)  # fmt: skip


@pytest.mark.parametrize(("width", "language"), [(360, "en"), (1280, "zh-hans")])
def test_administration_is_accessible(open_as: Any, width: int, language: str) -> None:
    page = open_as("admin", width=width, audited=True)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": page.home}])
    for path in PAGES:
        page.goto(f"{page.home}/administration{path}")
        expect(page.locator("h1"), path).to_have_count(1)
        assert serious(page) == [], path
        assert not overflows(page), path


def test_a_rule_is_looked_at_with_the_keyboard_alone_and_nothing_counts_yet(open_as: Any) -> None:
    page = open_as("admin", audited=True)
    before = len(policy_rows())
    page.goto(f"{page.home}/administration/policies/of/hotline.max_redos/do/set")
    page.locator("[name=value]").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("4")
    page.locator("[name=legal_basis]").focus()
    page.keyboard.type("试行办法第9条")
    page.keyboard.press("Enter")
    page.wait_for_selector("#effect")
    assert page.locator("#effect").inner_text().count("4 次") == 1
    expect(page.locator("[name=legal_basis]")).to_have_value("试行办法第9条")
    assert serious(page) == []
    assert len(policy_rows()) == before


def test_a_double_click_makes_an_account_once_and_its_password_is_shown(open_as: Any) -> None:
    page = open_as("admin")
    page.goto(f"{page.home}/administration/people/do/new")
    page.locator("[name=username]").fill("centre-two")
    page.locator("[name=name]").fill("双击人")
    page.locator("main .btn-primary").dblclick()
    expect(page.locator(".secret code")).to_have_count(1)


def test_a_menu_closes_on_escape_and_when_the_focus_leaves_it(open_as: Any) -> None:
    page = open_as("li")
    page.goto(f"{page.home}/search")
    menu, summary = page.locator(".user-menu"), page.locator(".user-menu summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(summary).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("#q").focus()
    expect(menu).not_to_have_attribute("open", "")


def test_an_empty_field_has_no_line_on_a_telephone(open_as: Any) -> None:
    page = open_as("admin", width=360)
    page.goto(f"{page.home}/administration/roles")
    cell = page.locator(".list td[data-label]").first
    expect(cell).to_be_visible()
    cell.evaluate("cell => cell.replaceChildren()")
    expect(cell).to_be_hidden()
