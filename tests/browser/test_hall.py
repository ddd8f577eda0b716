"""From the queue to the evaluation in a browser: a number at the kiosk, called, shown within a second, taken in, decided, evaluated."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import expect

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import scope_apply
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.follow_codes import follow_code
from bihuan.packs.onewindow.demonstration.items import items_load
from bihuan.packs.onewindow.hall.models import HallWindow
from tests.browser.axe import overflows, serious
from tests.browser.cast import EVERYTHING, Cast
from tests.packs.onewindow.conftest import APPROVAL, Window

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(open_as: Any, now: datetime, monkeypatch: pytest.MonkeyPatch, live: str) -> Cast:
    made = Cast(open_as, now)
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: made.now)
    monkeypatch.setattr("bihuan.site.amounts.timezone.now", lambda: made.now)
    units = dict(Unit.objects.values_list("code", "pk"))
    with transaction.atomic(), kernel_writes():
        items_load(units=units, now=now)
        for code, skills in (("1", "AB"), ("2", "C")):
            HallWindow.objects.create(unit_id=units[APPROVAL], code=code, skills=list(skills), since=now)
    return made


def taken_in(page: Any) -> str:
    page.locator("#field-name").fill("宋晓梅")
    page.locator("#field-id_number").fill("371502199001011226")
    page.locator("#field-phone").fill("19900000001")
    page.wait_for_load_state()
    for box in page.locator("[name=present]").all():
        box.check()
    for box in page.locator("[name^=dated_]").all():
        box.fill("2026-01-15")
    page.locator("#field-remark").focus()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("已受理,交")).to_be_visible()
    return str(page.locator("h1").inner_text())


def approved(cast: Cast, number: str) -> int:
    """Examined, granted, made and handed over, by the services."""
    with transaction.atomic():
        scope_apply(EVERYTHING)
        window = object.__new__(Window)
        window.now, window.people = cast.now, _people()
        case = Case.objects.get(number=number)
        window.move(case.pk, "examine", "wang", advice="grant", opinion="材料齐全,符合条件。")
        window.move(case.pk, "grant", "chen", answer="准予食品经营许可。")
        window.move(case.pk, "make", "ren")
        window.move(case.pk, "deliver", "ren", way="window")
    return int(case.pk)


def _people() -> dict[str, int]:
    from bihuan.kernel.identity.models import Person

    return dict(Person.objects.values_list("username", "pk"))


def test_from_the_queue_to_the_evaluation(cast: Cast, telephone: Any) -> None:
    kiosk = cast.at("kiosk", "/home")
    kiosk.get_by_role("button", name="取号排队").click()
    for key in "371502195001011228":
        kiosk.locator(f".kiosk-keypad button[value='{key}']").first.click()
    expect(kiosk.locator("#field-id_number")).to_have_value("371502195001011228")
    kiosk.get_by_role("button", name="下一步").click()
    kiosk.get_by_role("button", name="企业和经营").click()
    expect(kiosk.get_by_text("B001")).to_be_visible()
    screen = cast.at("hall", "/onewindow/hall/screen")
    expect(screen.get_by_text("还没有叫号")).to_be_visible()
    fang = cast.at("fang", "/onewindow/hall/desk")
    fang.get_by_role("button", name="1 号窗口").click()
    expect(fang.get_by_text("老年人")).to_be_visible()
    fang.wait_for_load_state()
    fang.keyboard.press("n")
    # That it is there within a second is measured by the benchmark, on a server of its own.
    expect(screen.locator(".calls-list b", has_text="B001")).to_be_visible()
    expect(screen.locator(".calls-list .new")).to_have_count(1)
    expect(fang.get_by_text("已叫 1 遍")).to_be_visible()
    fang.wait_for_load_state()
    fang.keyboard.press("b")
    expect(fang.get_by_text("办理中")).to_be_visible()
    fang.wait_for_load_state()
    fang.keyboard.press("w")
    fang.locator("#field-item").press_sequentially("食经许")
    fang.get_by_role("link", name="食品经营许可(新办)").click()
    number = taken_in(fang)
    fang = cast.at("fang", "/onewindow/hall/desk")
    fang.keyboard.press("f")
    expect(fang.get_by_text("手上没有号。")).to_be_visible()
    expect(cast.at("fang", f"/cases/{number}").get_by_text("B001 · 1 号窗口")).to_be_visible()
    case = approved(cast, number)
    phone = telephone()
    phone.goto(phone.home + "/public/follow")
    phone.locator("#field-number").fill(number)
    phone.locator("#field-code").fill(follow_code(case))
    phone.get_by_role("button", name="查看").click()
    phone.get_by_label("非常满意").check()
    phone.get_by_role("button", name="提交评价").click()
    expect(phone.get_by_text("办结了,谢谢您的评价。")).to_be_visible()
    with kernel_writes():
        row = Case.objects.get(pk=case)
    assert (row.state, row.facts["ticket"]["way"]) == ("evaluated", "kiosk")


def test_a_guide_fills_the_citizens_page(cast: Cast) -> None:
    kiosk = cast.at("kiosk", "/onewindow/kiosk")
    kiosk.get_by_role("button", name="请人帮忙").click()
    kiosk.get_by_role("button", name="同意,请人帮忙").click()
    code = kiosk.locator(".kiosk-code").inner_text()
    tablet = cast.at("dou", "/onewindow/helping")
    tablet.locator("#field-code").fill(code)
    tablet.get_by_role("button", name="打开这一页").click()
    expect(kiosk.get_by_text("窦小雨 正在帮您")).to_be_visible()
    tablet.get_by_role("button", name="取号排队").click()
    expect(kiosk.locator("#field-id_number")).to_be_visible()
    tablet.locator("#field-id_number").fill("371502199001011226")
    tablet.locator("#field-id_number").blur()
    expect(kiosk.locator("#field-id_number")).to_have_value("371502199001011226")
    kiosk.get_by_role("button", name="结束").click()
    expect(kiosk.get_by_role("button", name="取号排队")).to_be_visible()
    expect(tablet.locator("#field-code")).to_be_visible()


@pytest.mark.parametrize(("width", "language"), [(1280, "zh-CN"), (360, "en-GB")])
def test_the_pages_of_the_hall_are_fit_for_everybody(
    cast: Cast, open_as: Any, width: int, language: str
) -> None:
    for who, addresses in {
        "fang": ("/onewindow/hall/desk",),
        "cheng": ("/onewindow/hall", "/onewindow/hall/counter", "/onewindow/helping"),
        "kiosk": ("/onewindow/kiosk", "/onewindow/hall/screen", "/onewindow/hall/screen?window=1"),
        "": ("/public/hall",),
    }.items():
        page = open_as(who, width=width, language=language, audited=True)
        for address in addresses:
            page.goto(page.home + address)
            assert (serious(page), overflows(page)) == ([], False), address
        if who == "kiosk":
            page.goto(page.home + addresses[0])
            page.locator(".kiosk-buttons button").first.click()
            page.locator("#field-id_number").wait_for()
            assert (serious(page), overflows(page)) == ([], False)
