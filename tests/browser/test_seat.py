"""The seat by keyboard alone: call after call, a double click, a session that ended in the middle, no connection."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import expect

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.packs.hotline.adapters.telephony import incoming_call
from bihuan.packs.hotline.seat.calls import call_note
from bihuan.site.settings import DEMONSTRATION_PASSWORD
from tests.browser.axe import overflows, serious
from tests.browser.waiting import words_kept

pytestmark = pytest.mark.browser
LEAK = "柳园街道花园小区楼道里闻到很浓的煤气味,有老人晕倒了,快来人!"


def seat(open_as: Any, **more: Any) -> Any:
    page = open_as("li", **more)
    page.goto(page.home + "/hotline/new")
    expect(page.locator("[name=text]")).to_be_focused()
    return page


def states() -> list[str]:
    with transaction.atomic():
        scope_apply(Scope(0, (), (), True))
        return list(Case.objects.order_by("pk").values_list("state", flat=True))


def say(page: Any, *keys: str) -> None:
    """Press keys one after the other; what is longer than a key's name in Latin letters is typed."""
    for key in keys:
        if re.fullmatch(r"[A-Za-z0-9+]+", key) and not key.isdigit():
            page.keyboard.press(key)
        else:
            page.keyboard.insert_text(key)


def test_three_calls_in_a_row_by_keyboard_alone(open_as: Any, present: datetime) -> None:
    li = seat(open_as)
    # The first is dispatched: words, number, type, place and matter, Ctrl+Enter within the words.
    say(li, "F2", "19900000001", "Tab", "宋女士", "Tab", "报了培训班不退费,协商多次未果。")
    say(li, "Tab", "ArrowDown", "ArrowDown", "ArrowDown", "Tab", "柳园街道", "Tab", "Tab", "消费退费纠纷")
    li.locator(".seat-unit", has_text="市场监督管理局").wait_for()
    expect(li.locator("#watch")).not_to_have_text("")
    say(li, "F4", "Control+Enter")
    li.wait_for_url("**/hotline/taken/*")
    first = li.locator("h1").inner_text()
    assert re.fullmatch(r"RX\d{13}", first)
    expect(li.locator(".seat-took b")).to_have_text(re.compile(r"^\d+\.\d+ 秒$"))
    # The second is answered with a ready answer: its caller is known.
    say(li, "n")
    li.wait_for_url("**/hotline/new")
    say(li, "F2", "19900000001", "F4", "请问身份证怎么补办,要带什么?", "Tab", "ArrowDown")
    li.locator("h2", has_text="这位来电人以前的件").wait_for()
    li.locator("[data-answer='1']", has_text="身份证怎么补办").wait_for()
    expect(li.locator(".related")).to_have_text(re.compile(f"^{first}"), use_inner_text=True)
    say(li, "Alt+1")
    expect(li.locator("[name=outcome]:checked")).to_have_attribute("value", "answer")
    expect(li.locator("*:focus")).to_have_value(re.compile("^请本人到就近派出所"))
    say(li, "Control+Enter")
    li.get_by_text("已直接答复,办结").wait_for()
    # The third is danger to life: red before anything is sent.
    say(li, "n")
    li.wait_for_url("**/hotline/new")
    say(li, "F4", LEAK, "Tab", "ArrowDown", "ArrowDown")
    li.locator(".seat-danger", has_text="立即转 119").wait_for()
    say(li, "Enter")
    li.wait_for_url("**/hotline/taken/*")
    expect(li.locator(".seat-danger")).to_have_text("危及人身安全:立即转 119", use_inner_text=True)
    assert states() == ["dispatched", "answered", "dispatched"]


def test_double_click_and_back_button_take_one_order_in(open_as: Any, present: datetime) -> None:
    li = seat(open_as)
    li.locator("[name=text]").fill("柳园街道某培训班不退费,协商多次未果。")
    li.locator("[name=type]").select_option("complaint")
    li.locator("main .btn-primary").dblclick()
    li.wait_for_url("**/hotline/taken/*")
    li.go_back()
    li.wait_for_url("**/hotline/new")
    expect(li.locator("[name=text]")).to_have_value("")
    li.locator("[name=text]").press("Control+Enter")
    li.locator(".refusal").wait_for()
    assert len(states()) == 1


def test_a_session_that_ended_takes_no_word_away(open_as: Any, present: datetime) -> None:
    li = seat(open_as)
    words = "柳园街道某培训班不退费,协商多次未果。"
    li.locator("[name=text]").fill(words)
    li.locator("[name=type]").select_option("complaint")
    words_kept(li, words)
    key = li.locator("[name=key]").input_value()
    li.context.clear_cookies(name="sessionid")
    li.locator("[name=place]").fill("某街")
    li.locator("[data-trouble=ended]").wait_for()
    li.locator("[name=text]").press("Control+Enter")
    li.wait_for_url("**/login?**")
    li.locator("[name=username]").fill("li")
    li.locator("[name=password]").fill(DEMONSTRATION_PASSWORD)
    li.locator("main button.btn-primary").click()
    li.wait_for_url("**/hotline/new")
    expect(li.locator("[name=text]")).to_have_value(words)
    expect(li.locator("[name=type]")).to_have_value("complaint")
    expect(li.locator("[name=place]")).to_have_value("某街")
    expect(li.locator("[name=key]")).to_have_value(key)
    li.locator("[name=text]").press("Control+Enter")
    li.wait_for_url("**/hotline/taken/*")
    assert len(states()) == 1
    li.keyboard.press("n")
    li.wait_for_url("**/hotline/new")
    expect(li.locator("[name=text]")).to_have_value("")


def test_without_a_connection_nothing_is_sent_and_every_word_stays(open_as: Any, present: datetime) -> None:
    li = seat(open_as)
    li.locator("[name=text]").fill("柳园街道某培训班不退费。")
    li.locator("[name=type]").select_option("complaint")
    li.context.set_offline(True)
    li.locator("[name=text]").press("Control+Enter")
    li.locator(".offline").wait_for()
    expect(li.locator("[name=text]")).to_have_value("柳园街道某培训班不退费。")
    assert states() == []
    li.context.set_offline(False)
    li.locator("[name=text]").press("Control+Enter")
    li.wait_for_url("**/hotline/taken/*")
    assert len(states()) == 1


def ring(event: str, **more: str) -> None:
    """The telephone system tells of a call, at the real now."""
    from django.utils import timezone

    values = {"call": "c-1", "event": event, "agent": "li", **more}
    with transaction.atomic():
        scope_apply(Scope(0, (), (), True))
        call_note(event=incoming_call(values, now=timezone.now()))


def test_a_call_opens_its_screen_and_a_second_one_only_announces_itself(
    open_as: Any, present: datetime
) -> None:
    li = seat(open_as)
    ring("ringing", phone="19900000001")
    expect(li.locator("[name=phone]")).to_have_value("19900000001")
    expect(li.locator("[name=text]")).to_be_focused()
    expect(li.locator("#announced")).to_have_text("来电 199****0001")
    li.locator("#watch.running").wait_for()
    li.keyboard.insert_text("柳园街道某培训班不退费。")
    ring("ringing", call="c-2", phone="19900000002")
    li.locator(".seat-call", has_text="199****0002").wait_for()
    expect(li.locator("[name=phone]")).to_have_value("19900000001")
    expect(li.locator("[name=text]")).to_have_value("柳园街道某培训班不退费。")
    expect(li).to_have_title(re.compile("^☎ "))
    li.locator("[name=type]").select_option("help")
    li.keyboard.press("Control+Enter")
    li.wait_for_url("**/hotline/taken/*")
    li.locator(".seat-call", has_text="199****0002").wait_for()
    expect(li.locator(".seat-call", has_text="199****0001")).to_have_count(0)
    li.keyboard.press("n")
    li.wait_for_url("**/hotline/new")
    expect(li.locator("[name=phone]")).to_have_value("19900000002")


@pytest.mark.parametrize(("width", "language"), [(360, "en"), (1280, "zh-hans")])
def test_the_seat_is_accessible(open_as: Any, present: datetime, width: int, language: str) -> None:
    page = open_as("tang", width=width, audited=True)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": page.home}])
    page.goto(page.home + "/hotline/new")
    page.locator("[name=text]").fill(LEAK)
    page.locator(".seat-danger").wait_for()
    page.keyboard.press("F9")
    assert serious(page) == []
    assert not overflows(page)
    page.locator("[name=type]").select_option("help")
    page.keyboard.press("F9")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/hotline/taken/*")
    assert serious(page) == []
    assert not overflows(page)
    ring("ended", phone="19900000001")
    for address in ("/hotline/answers", "/hotline/calls"):
        page.goto(page.home + address)
        assert serious(page) == []
        assert not overflows(page)
