"""An instant item from the telephone to the certificate, in the browser."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import expect

from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.onewindow.demonstration.items import items_load
from tests.browser.axe import overflows, serious
from tests.browser.cast import Cast
from tests.browser.test_window_story import opened

pytestmark = pytest.mark.browser
PDF = {
    "name": "zm.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF",
}


@pytest.fixture
def items(live: str, now: datetime) -> dict[str, int]:
    with transaction.atomic(), kernel_writes():
        return items_load(units=dict(Unit.objects.values_list("code", "pk")), now=now)


@pytest.fixture
def cast(open_as: Any, now: datetime, monkeypatch: pytest.MonkeyPatch, items: dict[str, int]) -> Cast:
    made = Cast(open_as, now)
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: made.now)
    return made


def registered(cast: Cast, item: int) -> tuple[str, str]:
    """At the window the shop is registered while its owner waits; the numbers of case and licence."""
    page = cast.at("fang", f"/onewindow/window?item={item}")
    page.locator("#field-name").fill("宋晓梅")
    page.locator("#field-id_number").fill("371502199001011226")
    page.locator("#field-phone").fill("19900000001")
    for name, value in (("f.name", "水城小厨"), ("f.address", "柳园南路66号1号商铺"), ("f.scope", "小餐饮")):
        page.locator(f"[name='{name}']").fill(value)
    page.locator("[name=present][value='2']").check()
    page.get_by_label("系统核对登记簿,当场办结").check()
    page.locator("#field-remark").focus()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("系统逐项核对通过,当场准予")).to_be_visible()
    number = str(page.locator("h1").inner_text())
    with kernel_writes():
        return number, Certificate.objects.get(case__number=number).number


def test_an_instant_item_from_the_telephone_to_the_certificate(
    cast: Cast, telephone: Any, items: dict[str, int]
) -> None:
    number, licence = registered(cast, items["个体工商户设立登记"])
    phone = telephone()
    opened(cast, phone, number)
    expect(phone.get_by_text(licence)).to_be_visible()
    phone.goto(f"{phone.home}/public/guide/{items['小餐饮登记']}")
    phone.get_by_role("link", name="网上申请").click()
    phone.locator("#field-name").fill("宋晓梅")
    phone.locator("#field-id_number").fill("371502199001011226")
    phone.locator("#field-phone").fill("19900000001")
    phone.get_by_label("申请人同意查询").check()
    phone.get_by_role("button", name="带入已有的信息").click()
    expect(phone.locator("[name='f.name']")).to_have_value("水城小厨")
    expect(phone.get_by_text(f"已按营业执照 {licence}填好").first).to_be_visible()
    assert (serious(phone), overflows(phone)) == ([], False)
    phone.locator("[name='f.scope']").fill("面食、凉菜")
    phone.locator("[name='f.area']").fill("45")
    phone.get_by_label("承诺后厨符合食品安全要求").check()
    phone.locator("[name=file_2]").set_input_files(PDF)
    phone.locator("[name=dated_2]").fill("2024-01-01")
    phone.get_by_role("button", name="提交申请").click()
    expect(phone.get_by_text("“健康证明”已过期").first).to_be_visible()
    assert (serious(phone), overflows(phone)) == ([], False)
    phone.locator("[name=dated_2]").fill("2026-01-05")
    phone.locator("[name=file_2]").set_input_files(PDF)
    phone.get_by_role("button", name="提交申请").click()
    expect(phone.get_by_role("heading", name="办好了,证照已签发")).to_be_visible()
    phone.get_by_role("link", name="打开证照和评价").click()
    expect(phone.get_by_text("小餐饮登记证")).to_be_visible()
    assert (serious(phone), overflows(phone)) == ([], False)
    with kernel_writes():
        made = Certificate.objects.exclude(number=licence).get()
    phone.goto(f"{phone.home}/verify?t={made.token}")
    expect(phone.get_by_text("是真的,现在有效").first).to_be_visible()


@pytest.mark.parametrize(("width", "language"), [(1280, "zh-CN"), (360, "en-GB")])
def test_the_pages_of_applying_are_fit_for_everybody(
    cast: Cast, open_as: Any, items: dict[str, int], width: int, language: str
) -> None:
    page = open_as("fang", width=width, language=language, audited=True)
    item = items["小餐饮登记"]
    for address in (f"/public/apply/{item}", f"/public/guide/{item}", f"/onewindow/window?item={item}"):
        page.goto(page.home + address)
        page.locator("h1").first.wait_for()
        assert (serious(page), overflows(page)) == ([], False), address
