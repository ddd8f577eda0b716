"""The window's loop in the browser: a material is missing, it comes, it is approved and handed out, reviewed badly, put right, reviewed again."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import expect

from bihuan.kernel.cases.models import Case
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.notices.follow_codes import follow_code
from bihuan.packs.onewindow.applying.services import applications_by_the_clock
from bihuan.packs.onewindow.demonstration.items import items_load
from tests.browser.axe import overflows, serious
from tests.browser.cast import Cast

pytestmark = pytest.mark.browser
HALL = "东昌府区行政审批服务局 · 371502_approval"


@pytest.fixture
def cast(open_as: Any, now: datetime, monkeypatch: pytest.MonkeyPatch, live: str) -> Cast:
    made = Cast(open_as, now)
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: made.now)
    with transaction.atomic(), kernel_writes():
        items_load(units=dict(Unit.objects.values_list("code", "pk")), now=now)
    return made


def received(cast: Cast) -> str:
    """fang finds the item by three characters and, with the keyboard alone, receives it without the health certificate."""
    page = cast.at("fang", "/home")
    page.locator("#field-item").press_sequentially("食经许")
    page.get_by_role("link", name="食品经营许可(新办)").focus()
    page.keyboard.press("Enter")
    page.locator("#field-name").fill("宋晓梅")
    page.locator("#field-id_number").fill("371502199001011226")
    page.locator("#field-phone").fill("19900000001")
    for number in ("1", "2", "4", "5"):
        page.locator(f"[name=present][value='{number}']").focus()
        page.keyboard.press("Space")
    page.locator("#field-remark").focus()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("必要的材料还没有交齐").first).to_be_visible()
    expect(page.locator("#field-name")).to_have_value("宋晓梅")
    page.get_by_label("缺材料或要改,一次告知").check()
    page.locator("#field-remark").focus()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("已一次告知,等申请人补正")).to_be_visible()
    expect(page.get_by_role("link", name="打印补正告知书")).to_be_visible()
    return str(page.locator("h1").inner_text())


def opened(cast: Cast, phone: Any, number: str) -> None:
    """The applicant opens the page with the number and the code that came by message."""
    with kernel_writes():
        case = Case.objects.values_list("pk", flat=True).get(number=number)
    phone.goto(phone.home + "/public/follow")
    phone.locator("#field-number").fill(number)
    phone.locator("#field-code").fill(follow_code(case))
    phone.get_by_role("button", name="查看").click()
    phone.locator("#now-title").wait_for()


def verified(phone: Any, number: str) -> None:
    """The certificate stands on the applicant's page; whoever scans its code reads that it is true, whoever alters it that it is not."""
    with kernel_writes():
        made = Certificate.objects.get(case__number=number)
    expect(phone.get_by_role("heading", name="您的证照")).to_be_visible()
    expect(phone.get_by_text(made.number)).to_be_visible()
    for token, told in ((made.token, "是真的,现在有效"), (made.token[:-4] + "AAAA", "签名与内容不符")):
        phone.goto(f"{phone.home}/verify?t={token}")
        expect(phone.get_by_text(told).first).to_be_visible()


def test_from_a_missing_material_to_the_further_review(cast: Cast, telephone: Any) -> None:
    number = received(cast)
    assert re.fullmatch(r"BJ\d{13}", number)
    phone = telephone()
    opened(cast, phone, number)
    expect(phone.get_by_text("要补正材料。")).to_be_visible()
    cast.later(days=1)
    page = cast.at("fang", f"/cases/{number}")
    page.get_by_label("健康证明").check()
    page.get_by_role("button", name="登记勾选的材料").click()
    expect(page.get_by_text("请填签发日期").first).to_be_visible()
    page.get_by_label("健康证明").check()
    page.locator("[name=dated_6]").fill("2026-01-05")
    page.get_by_role("button", name="登记勾选的材料").click()
    expect(page.get_by_text("材料已登记。")).to_be_visible()
    cast.takes("fang", number, "受理", "审查中")
    cast.takes("wang", number, "审查意见", "待决定", advice="grant", opinion="材料齐全,符合条件。")
    cast.takes("chen", number, "准予", "制证中", answer="经审查,准予食品经营许可。")
    cast.takes("ren", number, "制证", "待出件")
    cast.takes("ren", number, "出件", "待评价", way="window")
    opened(cast, phone, number)
    expect(phone.get_by_text("经审查,准予食品经营许可。")).to_be_visible()
    verified(phone, number)
    opened(cast, phone, number)
    phone.get_by_label("非常不满意").check()
    phone.locator("#field-why").fill("第一次来没有说全,多跑了一趟")
    phone.get_by_role("button", name="提交评价").click()
    expect(phone.get_by_text("您的差评收到了。")).to_be_visible()
    cast.later(hours=3)
    cast.takes("shen", number, "已联系申请人", "差评核实中", note="已打电话致歉,问清了经过。")
    cast.takes(
        "shen",
        number,
        "属实,交办整改",
        "差评整改中",
        unit=HALL,
        difficulty="default",
        found="属实:告知时漏说了健康证明。",
    )
    cast.takes("fang", number, "报整改情况", "整改待回访", measures="告知单改成逐项打勾,全体窗口人员已学习。")
    cast.takes("shen", number, "已回访,请追评", "待追评", note="申请人认可,愿意追评。")
    opened(cast, phone, number)
    phone.get_by_label("满意", exact=True).check()
    phone.get_by_role("button", name="提交评价").click()
    expect(phone.get_by_text("差评已经整改,办结了。")).to_be_visible()
    with kernel_writes():
        row = Case.objects.get(number=number)
    assert (row.state, row.facts["grades"]) == ("mended", ["1", "4"])


def test_nothing_told_within_five_working_days_is_acceptance(cast: Cast, telephone: Any) -> None:
    page = cast.at("fang", "/home")
    page.locator("#field-item").fill("食品经营许可")
    page.get_by_role("link", name="食品经营许可(新办)").click()
    page.locator("#field-name").fill("宋晓梅")
    page.locator("#field-id_number").fill("371502199001011226")
    page.locator("#field-phone").fill("19900000001")
    page.get_by_label("先收件,五个工作日内告知").check()
    page.locator("#field-remark").focus()
    page.keyboard.press("Control+Enter")
    page.get_by_role("link", name="打印").first.wait_for()
    number = str(page.locator("h1").inner_text())
    cast.later(days=8)
    assert applications_by_the_clock(now=cast.now) == 1
    page = cast.at("wang", f"/cases/{number}")
    expect(page.get_by_text("视为受理").first).to_be_visible()
    expect(page.locator(".offers").get_by_text("审查意见").first).to_be_visible()
    phone = telephone()
    opened(cast, phone, number)
    expect(phone.get_by_text("正在审查").first).to_be_visible()
    with kernel_writes():
        row = Case.objects.get(number=number)
    assert (row.state, row.facts["accepted"]) == ("examining", "deemed")


@pytest.mark.parametrize(("width", "language"), [(1280, "zh-CN"), (360, "en-GB")])
def test_the_pages_of_the_window_are_fit_for_everybody(
    cast: Cast, open_as: Any, width: int, language: str
) -> None:
    page = open_as("fang", width=width, language=language, audited=True)
    for address in ("/onewindow/window?q=许可", "/public/guide?q=食品"):
        page.goto(page.home + address)
        assert (serious(page), overflows(page)) == ([], False), address
    page.locator(".guides a").first.click()
    page.locator(".guide-materials").wait_for()
    assert (serious(page), overflows(page)) == ([], False)
    page.goto(page.home + "/onewindow/window?q=")
    page.locator("#field-item").fill("食品")
    page.locator(".window-found a").first.click()
    page.locator("#field-present").wait_for()
    assert (serious(page), overflows(page)) == ([], False)
