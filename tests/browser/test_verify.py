"""Somebody is shown a certificate and checks it with a telephone: by the scanned code, then by what is printed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import expect

from bihuan.kernel.cases.opening import Opening, PartyData, case_open
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.services import certificate_issue
from bihuan.kernel.identity.models import Person, Unit
from tests.browser.axe import overflows, serious
from tests.certificates import issue, stalls

__all__ = ["stalls"]
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("stalls")]


def issued(present: datetime) -> tuple[Certificate, str]:
    with transaction.atomic():
        unit = Unit.objects.get(code="371502_market").pk
        centre = Unit.objects.get(code="371502_12345").pk
        opened = case_open(
            Opening(
                pack="hotline", title="申请摆早餐摊", text="申请在柳园南路摆早餐摊。", unit=unit, opened_by=centre,
                by=Person.objects.get(username="li").pk, now=present, reported_at=present, region="371502",
                parties=(PartyData(name="宋晓梅", phone="19900000001"),), facts={"type": "advice"},
            )
        )  # fmt: skip
        by = Person.objects.get(username="wang").pk
        return certificate_issue(issue=issue(opened.case, unit), by=by, now=present), opened.number


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_a_certificate_is_checked_on_a_telephone(open_as: Any, present: datetime, language: str) -> None:
    made, number = issued(present)
    zh = language == "zh-CN"
    page = open_as("", width=360, height=740, language=language, audited=True)
    page.goto(page.home + "/verify")
    seen(page, "form", language)
    page.locator("#field-number").fill(made.number)
    page.locator("#field-code").fill("abcd 2345")
    page.get_by_role("button", name="核验" if zh else "Check", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text(
        "编号或查验码不对" if zh else "number or the check code"
    )
    expect(page.locator("#field-number")).to_have_value(made.number)
    seen(page, "wrong", language)
    page.locator("#field-code").fill(made.code.lower())
    page.get_by_role("button", name="核验" if zh else "Check", exact=True).click()
    expect(page.locator("#answer-title")).to_have_text("是真的,现在有效" if zh else "Genuine, and valid now")
    seen(page, "valid", language)
    desk = open_as("wang", width=360 if zh else 1280, language=language, audited=True)
    revoked_by_two(
        desk, open_as("sun", width=1280 if zh else 360, language=language, audited=True), made, zh=zh
    )
    page.goto(page.home + f"/verify?t={made.token}")
    expect(page.locator("#answer-title")).to_contain_text("已撤销" if zh else "Revoked")
    seen(page, "revoked", language)
    page.goto(page.home + f"/verify?t={made.token[:-9]}AAAAAAAAA")
    expect(page.get_by_role("alert")).to_contain_text("签名与内容不符" if zh else "signature does not fit")
    seen(page, "forged", language)
    desk.goto(desk.home + "/certificates")
    expect(desk.get_by_text("宋**")).to_be_visible()
    seen(desk, "register", language)
    desk.goto(desk.home + f"/cases/{number}")
    expect(desk.locator("#certificates")).to_contain_text(made.number)
    seen(desk, "case", language)


def revoked_by_two(desk: Any, head: Any, made: Certificate, *, zh: bool) -> None:
    """A clerk asks with the keyboard alone, the head decides; both pages are read."""
    address = f"/certificates/{made.pk}"
    desk.goto(desk.home + address)
    form = desk.locator("details.confirm").last
    form.locator("summary").press("Enter")
    form.locator("[name=ground]").select_option("unqualified")
    form.locator("[name=reason]").fill("现场核查不合格")
    seen(desk, "certificate", "")
    form.get_by_role("button").press("Enter")
    expect(desk.locator("#waiting-title")).to_be_visible()
    head.goto(head.home + address)
    seen(head, "decision", "")
    head.get_by_role("button", name="同意,马上办" if zh else "Grant, and do it now").press("Enter")
    expect(head.locator("#waiting-title")).to_have_count(0)
    expect(head.locator("h1 + strong")).to_have_text("已撤销" if zh else "Revoked")


def seen(page: Any, name: str, language: str) -> None:
    """No serious fault, nothing that has to be scrolled sideways."""
    assert serious(page) == [], name
    assert not overflows(page), name
