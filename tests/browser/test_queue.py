"""The head signs in a real browser: five in a row by the keyboard alone, and the head's page at both widths."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.scope import Scope, scope_apply
from tests.browser.axe import overflows, serious
from tests.browser.waiting import keys_count
from tests.desk.conftest import City
from tests.desk.test_queue import answered

pytestmark = pytest.mark.browser


def states(numbers: list[str]) -> list[tuple[str, int]]:
    from django.db import transaction

    with transaction.atomic():
        scope_apply(Scope(0, (), (), True))
        found = Case.objects.filter(number__in=numbers).order_by("number")
        return [(case.state, case.progress.get("level", 0)) for case in found]


def test_the_head_signs_five_in_a_row_by_keyboard_alone(open_as: Any, present: datetime) -> None:
    city = City(present)
    numbers = [answered(city, title=f"第 {n} 件").number for n in range(5)]
    page = open_as("sun")
    page.goto(page.home + "/home")
    page.wait_for_url("**/head")
    while page.evaluate("document.activeElement.getAttribute('href')") != "/queue":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for number in numbers:
        keys_count(page, number)
        page.keyboard.press("1")
        page.locator(".notice-success").filter(has_text=number).wait_for()
    page.get_by_text("都办完了。").wait_for()
    assert states(numbers) == [("reviewing", 1)] * 5


def test_a_key_held_down_signs_one_only(open_as: Any, present: datetime) -> None:
    city = City(present)
    numbers = [answered(city).number for _ in range(2)]
    page = open_as("sun")
    page.goto(page.home + "/queue")
    keys_count(page, numbers[0])
    page.keyboard.down("1")
    page.locator(".notice-success").wait_for()
    for _ in range(5):
        page.keyboard.down("1")  # what a held key sends
    keys_count(page, numbers[1])
    page.keyboard.down("1")
    page.wait_for_timeout(350)  # had it counted, it would be done now
    page.keyboard.up("1")
    assert states(numbers) == [("reviewing", 1), ("reviewing", 0)]


def test_the_head_sends_back_with_a_reason_by_keyboard(open_as: Any, present: datetime) -> None:
    city = City(present)
    number = answered(city).number
    page = open_as("sun")
    page.goto(page.home + "/queue")
    keys_count(page, number)
    page.keyboard.press("2")
    page.keyboard.type("短")
    page.keyboard.press("Control+Enter")
    page.locator(".field-wrong").wait_for()
    assert states([number]) == [("reviewing", 0)]
    page.locator(".verdict[open] textarea").fill("请补充退费凭证")
    page.keyboard.press("Control+Enter")
    page.get_by_text("都办完了。").wait_for()
    assert states([number]) == [("handling", 0)]


def test_nothing_serious_and_nothing_too_wide(open_as: Any, present: datetime) -> None:
    city = City(present)
    answered(city, title="很长的标题" * 20)
    urgent = city.dispatched(title="煤气泄漏", urgent=True)
    city.move(urgent.case, "supervise", "tang", reason="请尽快办理")
    for width, language in ((360, "en-US"), (1280, "zh-CN")):
        page = open_as("sun", width=width, language=language, audited=True)
        for path in ("/head", "/queue"):
            page.goto(page.home + path)
            assert serious(page) == [], (path, width)
            assert not overflows(page), (path, width)
