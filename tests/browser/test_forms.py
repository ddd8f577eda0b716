"""A declared form on a telephone: filled in by keyboard alone, fields come and go on the device, words and rows are kept."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import expect

from bihuan.kernel.forms.services import form_publish
from tests.browser.axe import overflows, serious
from tests.browser.waiting import words_kept
from tests.kernel.forms.stall import USCC, text

pytestmark = pytest.mark.browser


def opened(open_as: Any, present: Any, **more: Any) -> Any:
    form_publish(
        code="test.stall", schema=text(), valid_from=date(2026, 1, 1), basis="集市管理办法第3条", now=present, by="test"
    )  # fmt: skip
    page = open_as("admin", width=360, audited=True, **more)
    page.goto(f"{page.home}/administration/forms/test.stall/1/try")
    return page


def field(page: Any, path: str) -> Any:
    return page.locator(f'[data-path="{path}"]')


def test_a_form_is_filled_in_by_keyboard_on_a_telephone(open_as: Any, present: Any) -> None:
    page = opened(open_as, present)
    assert serious(page) == []
    assert not overflows(page)
    keyboard = page.keyboard
    for path in ("uscc", "licence", "smoke", "shows", "helpers.0.guardian"):
        expect(field(page, path)).to_be_hidden()
    expect(field(page, "why")).to_be_visible()
    page.locator('[name="f.applicant.name"]').focus()
    keyboard.type("宋晓梅")
    keyboard.press("Tab")
    keyboard.type("138 1234 1234")
    keyboard.press("Tab")
    keyboard.press("Tab")
    expect(page.locator("[name='f.firm']:focus")).to_have_count(1)
    keyboard.press("Space")
    expect(field(page, "uscc")).to_be_visible()
    expect(page.locator('[name="f.uscc"]')).to_have_attribute("aria-required", "true")
    keyboard.press("Tab")
    expect(page.locator("[name='f.uscc']")).to_be_focused()  # what has just appeared comes next
    keyboard.press("Tab")
    keyboard.press("Space")
    expect(field(page, "licence")).to_be_visible()
    expect(field(page, "why")).to_be_hidden()
    page.locator('[name="f.fire"]').first.focus()
    keyboard.press("Space")
    expect(field(page, "smoke")).to_be_visible()
    page.locator('[name="f.helpers.0.name"]').focus()
    keyboard.type("甲")
    keyboard.press("Tab")
    keyboard.type("17")
    expect(field(page, "helpers.0.guardian")).to_be_visible()
    page.locator("button[data-most]").focus()
    keyboard.press("Enter")
    expect(page.locator("[name='f.helpers.1.name']")).to_be_focused()
    keyboard.type("乙")
    expect(field(page, "helpers.1.guardian")).to_be_hidden()
    assert serious(page) == []
    assert not overflows(page)

    words_kept(page, "乙")
    page.reload()
    expect(page.locator('[name="f.helpers.1.name"]')).to_have_value("乙")
    expect(field(page, "smoke")).to_be_visible()
    page.locator('[name="f.applicant.name"]').focus()
    keyboard.press("Enter")
    expect(page.locator(".refusal")).to_contain_text("请填写“统一社会信用代码”。")
    expect(page.locator(".refusal li")).to_have_count(6)
    expect(page.locator('[name="f.helpers.0.name"]')).to_have_value("甲")
    assert serious(page) == []
    assert not overflows(page)
    page.locator(".refusal a", has_text="油烟怎么处理").focus()
    keyboard.press("Enter")
    for name, words in (
        ("smoke", "装净化器"),
        ("helpers.0.guardian", "丙"),
        ("uscc", USCC),
        ("licence", "JY123456"),
    ):
        page.locator(f'[name="f.{name}"]').focus()
        keyboard.type(words)
    page.locator('[name="f.kind"]').first.focus()
    keyboard.press("Space")
    page.locator('[name="f.promise"]').focus()
    keyboard.press("Space")
    keyboard.press("Enter")
    expect(page.locator(".asked-said")).to_contain_text("17 岁")
    expect(page.locator(".asked-said")).to_contain_text("138****1234")
    assert serious(page) == []
    assert not overflows(page)


CONDITIONS: list[tuple[dict[str, Any], Any]] = [
    (schema, value)
    for schema in (
        {"const": "a"}, {"const": True}, {"const": 1}, {"enum": ["a", 1]}, {"minimum": 1}, {"maximum": 1}, {"exclusiveMinimum": 1},
        {"exclusiveMaximum": 1}, {"required": ["x"]}, {"properties": {"x": {"const": "a"}}, "required": ["x"]},
        {"contains": {"const": "a"}}, {"allOf": [{"minimum": 1}, {"maximum": 2}]}, {"anyOf": [{"const": "a"}, {"const": 2}]},
        {"not": {"const": "a"}}, {"not": {"required": ["x"]}}, {"properties": {"x": {"contains": {"not": {"const": "a"}}}}, "required": ["x"]},
    )
    for value in ("a", "b", 0, 1, 1.0, 2, True, False, [], ["a"], ["b", "a"], {}, {"x": "a"}, {"x": "b"}, {"x": ["a"]}, {"x": ["b"]})
]  # fmt: skip


def test_the_device_judges_conditions_as_the_server_does(open_as: Any, present: Any) -> None:
    from bihuan.kernel.forms.conditions import condition_check
    from bihuan.kernel.forms.rules import Condition

    page = opened(open_as, present)
    for schema in {str(schema): schema for schema, _ in CONDITIONS}.values():
        condition_check("$", schema)
    judged = page.evaluate(
        "(all) => all.map(([schema, value]) => forms.holds(schema, value))", [list(c) for c in CONDITIONS]
    )
    assert judged == [Condition(schema).met(value) for schema, value in CONDITIONS]


def test_without_a_script_the_form_is_asked_for_again(browse: Any, open_as: Any, present: Any) -> None:
    from tests.browser.conftest import _session_of

    opened(open_as, present)
    page = browse(width=360, height=740, language="en", java_script_enabled=False)
    cookies = {"sessionid": _session_of("admin"), "django_language": "en"}
    page.context.add_cookies([{"name": n, "value": v, "url": page.home} for n, v in cookies.items()])
    page.goto(f"{page.home}/administration/forms/test.stall/1/try")
    page.locator('[name="f.goods"][value="food"]').check()
    expect(field(page, "licence")).to_be_hidden()
    page.get_by_role("button", name="Update the form by what is filled in").click()
    expect(field(page, "licence")).to_be_visible()
    expect(page.locator('[name="f.goods"][value="food"]')).to_be_checked()
    page.locator('[name="f.helpers.0.name"]').fill("A")
    page.get_by_role("button", name="One more row (Helpers)").click()
    expect(page.locator('[name="f.helpers.1.name"]')).to_be_visible()
    page.locator('[name="f.helpers.1.name"]').press("Enter")
    expect(page.locator(".refusal")).to_contain_text("Fill in “Food licence”.")
