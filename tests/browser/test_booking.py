"""A citizen books with a telephone, moves it, cancels it; the clerk marks another as arrived."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from bihuan.kernel.appointments.models import Booking, HoursChange, Resource
from bihuan.kernel.appointments.services import Wish, booking_make
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.kernel.ledger.services import kernel_writes
from tests.browser.axe import overflows, serious

pytestmark = pytest.mark.browser


def opened() -> None:
    """Two windows that serve day and night, so that the real clock does not matter."""
    with transaction.atomic(), kernel_writes():
        scope_apply(Scope(0, (), (), True))
        unit = Unit.objects.get(code="371502_market")
        for number in (1, 2):
            Resource.objects.create(
                code=f"W{number}",
                name=f"{number}号窗口",
                name_en=f"Window {number}",
                kind="window",
                unit=unit,
            )
        HoursChange.objects.create(
            unit=unit, first="2026-01-01", on="all", shifts=[[0, 86_400]], reason="全天"
        )


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_booked_moved_cancelled_on_a_telephone(open_as: Any, language: str) -> None:
    opened()
    zh = language == "zh-CN"
    page = open_as("", width=360, height=740, language=language, audited=True)
    page.goto(page.home + "/public/book")
    seen(page, "offices", language)
    page.locator(".public-list a").first.click()
    expect(page.locator("#field-day")).to_be_visible()
    seen(page, "book", language)
    page.locator("#field-day").select_option(index=1)
    page.get_by_role("button", name="看这一天的时间" if zh else "Show this day").click()
    expect(page.locator("[name=begin]")).to_have_count(48)
    page.locator("[name=begin]").nth(20).check()
    page.locator("#field-name").fill("宋晓梅")
    page.locator("#field-phone").fill("123")
    page.get_by_role("button", name="预约这个时间" if zh else "Book this time").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#field-name")).to_have_value("宋晓梅")
    seen(page, "refused", language)
    page.locator("#field-phone").fill("13912344321")
    page.get_by_role("button", name="预约这个时间" if zh else "Book this time").click()
    expect(page.locator(".ticket-code")).to_be_visible()
    seen(page, "booking", language)
    page.get_by_role("link", name="改约" if zh else "Move the booking").click()
    page.locator("#field-day").select_option(index=1)
    page.get_by_role("button", name="看这一天的时间" if zh else "Show this day").click()
    page.wait_for_url("**day=**")
    page.locator("[name=begin]").nth(2).check()
    page.get_by_role("button", name="改到这个时间" if zh else "Move to this time").click()
    expect(page.locator(".ticket-code")).to_be_visible()
    page.get_by_role("button", name="取消预约" if zh else "Cancel the booking").click()
    expect(page.locator(".ticket strong")).to_have_text("已取消" if zh else "Cancelled")
    with transaction.atomic(), kernel_writes():
        assert list(Booking.objects.values_list("state", flat=True)) == ["cancelled"]


def test_the_clerk_marks_who_has_come(open_as: Any) -> None:
    opened()
    now = timezone.now()
    begin = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)  # of today at any hour
    with transaction.atomic():
        scope_apply(Scope(0, (), (), True))
        wang = Person.objects.get(username="wang").pk
        windows = list(Resource.objects.values_list("pk", flat=True))
        for name in ("宋晓梅", "李明"):
            booking_make(
                wish=Wish(windows, begin, name, "13912344321"), by=wang, now=begin - timedelta(minutes=1)
            )
    for width, language in ((360, "zh-CN"), (1280, "en-GB")):
        page = open_as("wang", width=width, language=language, audited=True)
        page.goto(page.home + f"/appointments?day={timezone.localdate(begin)}")
        expect(page.get_by_text("宋**")).to_be_visible()
        seen(page, "day", language)
    page.get_by_role("button", name="Arrived").first.click()
    expect(page.get_by_text("has arrived")).to_be_visible()


def seen(page: Any, name: str, language: str) -> None:
    """No serious fault, nothing that has to be scrolled sideways."""
    assert serious(page) == [], name
    assert not overflows(page), name
