"""zhao reviews and liu calls back by the keyboard alone, each five in a row; both widths, both languages, none to many."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.axe import overflows, serious
from tests.browser.test_queue import states
from tests.browser.waiting import SETTLED, keys_count
from tests.desk.conftest import City
from tests.desk.test_turns import another, calling, reviewed

pytestmark = pytest.mark.browser


def decent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own clock runs here: at any hour callers may be called."""
    monkeypatch.setattr("bihuan.kernel.desk.queue.calling.Hours.open", lambda hours, now: True)


def test_zhao_decides_five_in_a_row_by_keyboard_alone(open_as: Any, present: datetime) -> None:
    city = City(present - timedelta(hours=3))
    numbers = [reviewed(city, title=f"第 {n} 件").number for n in range(5)]
    page = open_as("zhao")
    page.goto(page.home + "/home")
    page.wait_for_url("**/queue")
    for number in numbers[:2]:
        keys_count(page, number)
        page.keyboard.press("1")
    keys_count(page, numbers[2])
    page.keyboard.press("2")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.type("并附照片。")
    page.keyboard.press("Control+Enter")
    keys_count(page, numbers[3])
    page.keyboard.press("s")
    keys_count(page, numbers[4])
    page.keyboard.press("1")
    page.get_by_text("只剩下您放在一边的。").wait_for()
    page.get_by_role("button", name="取回放在一边的").focus()
    page.keyboard.press("Enter")
    keys_count(page, numbers[3])
    page.keyboard.press("2")
    page.keyboard.type("没有写明谁在什么时候办的")
    page.keyboard.press("Control+Enter")
    page.get_by_text("都办完了。").wait_for()
    page.get_by_text("今天办了 5 件").wait_for()
    assert states(numbers) == [
        ("calling_back", 1), ("calling_back", 1), ("handling", 0), ("handling", 0), ("calling_back", 1),
    ]  # fmt: skip


def test_liu_makes_five_calls_by_keyboard_alone(
    open_as: Any, present: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    decent(monkeypatch)
    city = City(present - timedelta(days=3))
    numbers = [calling(city, title=f"第 {n} 件").number for n in range(5)]
    from django.db import transaction

    from bihuan.kernel.cases.models import Case
    from tests.desk.test_case_page import see_all

    with transaction.atomic():
        see_all(city)
        third = Case.objects.get(number=numbers[2]).pk
    city.move(third, "attempt", "liu", after=4, result="no_answer")
    city.move(third, "attempt", "liu", after=30, result="busy")
    page = open_as("liu")
    page.goto(page.home + "/home")
    keys_count(page, numbers[0])
    page.keyboard.press("c")
    page.locator("a[href='tel:19900000001']").wait_for()
    page.evaluate(SETTLED)
    page.keyboard.press("5")
    page.keyboard.press("Control+Enter")
    keys_count(page, numbers[1])
    page.keyboard.press("4")
    page.get_by_label("来电人的话").focus()
    page.keyboard.type("没有人联系过我")
    page.keyboard.press("Tab")
    page.locator(".grades input:checked").focus()
    page.keyboard.press("1")
    expect(page.get_by_label("不满意的原因"), "the words go along").to_have_value("没有人联系过我")
    page.keyboard.press("Control+Enter")
    keys_count(page, numbers[2])
    page.keyboard.press("6")
    page.get_by_text("未接通办结").first.wait_for()
    keys_count(page, numbers[2])
    page.keyboard.press("6")
    keys_count(page, numbers[3])
    page.keyboard.press("6")
    keys_count(page, numbers[4])
    page.keyboard.press("8")
    tomorrow = present + timedelta(days=1)
    page.locator(".verdict[open] input[type=datetime-local]").fill(f"{tomorrow:%Y-%m-%dT15:00}")
    page.keyboard.press("Control+Enter")
    page.get_by_text("现在没有到时间要打的电话。").wait_for()
    page.get_by_text("2 件还没到再访时间").wait_for()
    page.get_by_text(f"最早约在 {tomorrow:%Y-%m-%d} 15:00").wait_for()
    assert [state for state, _ in states(numbers)] == [
        "closed", "handling", "closed", "calling_back", "calling_back",
    ]  # fmt: skip


def test_two_reviewers_at_once_read_two_cases(open_as: Any, present: datetime) -> None:
    city = City(present - timedelta(hours=3))
    first, second = (reviewed(city, title=title).number for title in "甲乙")
    another(city, "zhao2", "reviewer")
    zhao, other = open_as("zhao"), open_as("zhao2")
    for page in (zhao, other):
        page.goto(page.home + "/queue")
    keys_count(zhao, first)
    keys_count(other, second)


def test_words_typed_for_one_step_go_along_to_another(open_as: Any, present: datetime) -> None:
    city = City(present - timedelta(hours=6))
    number = calling(city).number
    page = open_as("liu")
    page.goto(f"{page.home}/cases/{number}?step=evaluate")
    page.get_by_label("满意度").select_option("2")
    page.get_by_label("来电人的话").fill("钱还没有退到账上")
    page.get_by_role("button", name="回访办结").click()
    page.get_by_text("来电人不满意的,一律重办").first.wait_for()
    page.get_by_role("button", name="重办").click()
    expect(page.get_by_label("满意度")).to_have_value("2")
    expect(page.get_by_label("不满意的原因")).to_have_value("钱还没有退到账上")
    page.get_by_role("button", name="重办").first.click()
    page.get_by_text("本件现在是“办理中”").wait_for()


def test_nothing_serious_and_nothing_too_wide_with_none_one_and_many(
    open_as: Any, present: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    decent(monkeypatch)
    city = City(present - timedelta(hours=12))
    pages = {
        (who, width): open_as(who, width=width, language=language, audited=True)
        for width, language in ((360, "en-US"), (1280, "zh-CN"))
        for who in ("zhao", "liu")
    }
    waiting = 0
    for many in (0, 1, 12):
        for n in range(waiting, many):
            for who, make in (("zhao", reviewed), ("liu", calling)):
                opened = make(city, title="很长的标题" * 20 if n else "培训班不退费")
                if n == 0:
                    _redone(city, opened.case, who)
        waiting = many
        for (who, width), page in pages.items():
            page.goto(page.home + "/queue")
            if waiting:
                page.evaluate(SETTLED)
                key, asked = {"zhao": ("2", ".verdict[open]"), "liu": ("1", ".grades input:checked")}[who]
                page.keyboard.press(key)
                page.locator(asked).first.wait_for(state="attached")
            assert serious(page) == [], (who, width, waiting)
            assert not overflows(page), (who, width, waiting)
            if directory := os.environ.get("SHOTS"):
                page.screenshot(path=f"{directory}/{who}-{waiting}-{width}.png", full_page=True)


def _redone(city: City, case: int, username: str) -> None:
    """The first has an earlier round, sent back with a reason."""
    if username == "zhao":
        city.move(case, "redo_after_review", "zhao", after=4, reason="没有写明办理经过,请补充。")
    else:
        city.move(case, "redo", "liu", after=4, grade="1", reason="没有人联系过我。")
    city.move(case, "self_call_back", "wang", after=5, reached="yes", note="再次联系来电人")
    city.move(
        case, "answer", "wang", after=6, outcome="done", answer="经再次调解,双方同意退费5000元,已经到账。"
    )
    city.move(case, "approve_up", "sun", after=7)
    if username == "liu":
        city.move(case, "approve", "zhao", after=8)
