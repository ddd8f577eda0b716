"""A board in a real browser: a chart is drawn, a click on it opens its orders, it keeps itself up to date; and the hall's screen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.axe import overflows, serious
from tests.desk.conftest import City

pytestmark = pytest.mark.browser
DRAWN = ("hours", "places", "classes", "pressing")


@pytest.fixture
def present(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Nine in the morning, where the server's clock stands at noon: what is received is of today, whatever the hour."""
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: noon)
    return noon - timedelta(hours=3)


def opened(city: City, count: int, township: str) -> None:
    for _ in range(count):
        city.dispatched(matter="0401", territory=city.units[township])


def all_drawn(page: Any, *charts: str) -> None:
    for chart in charts:
        expect(page.locator(f"#canvas-{chart}[data-drawn]")).to_be_visible()


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_tang_clicks_a_chart_and_reads_its_orders(open_as: Any, present: datetime, language: str) -> None:
    with transaction.atomic():
        city = City(present)
        opened(city, 3, "371502001"), opened(city, 1, "371502002")
    tang = open_as("tang", language=language, audited=True)
    tang.emulate_media(reduced_motion="reduce")  # the columns stand at once
    tang.goto(tang.home + "/boards/hotline")
    all_drawn(tang, *DRAWN[:3])
    canvas = tang.locator("#canvas-classes")
    box = canvas.bounding_box()
    canvas.click(position={"x": box["width"] / 2, "y": box["height"] * 0.42})
    tang.wait_for_url("**/behind/classes?**")
    expect(tang.locator("tr[data-row]")).to_have_count(4)
    tang.go_back()
    all_drawn(tang, *DRAWN[:3])
    tang.locator("#table-places summary").click()
    tang.locator("#table-places td a", has_text="3").first.click()
    tang.wait_for_url("**/behind/places?**")
    expect(tang.locator("tr[data-row]")).to_have_count(3)
    tang.goto(tang.home + "/boards/hotline")
    all_drawn(tang, *DRAWN[:3])
    assert serious(tang) == [] and not overflows(tang)


def test_a_board_hears_of_a_new_order_and_a_phone_stacks_the_charts(open_as: Any, present: datetime) -> None:
    with transaction.atomic():
        city = City(present)
        opened(city, 1, "371502001")
    tang = open_as("tang", width=360, height=740, audited=True)
    tang.goto(tang.home + "/boards/hotline")
    all_drawn(tang, *DRAWN[:3])
    assert serious(tang) == [] and not overflows(tang)
    tang.locator("#table-places summary").click()
    with transaction.atomic():
        opened(city, 1, "371502002")
    expect(tang.locator(".figure b").nth(2)).to_have_text("2")
    expect(tang.locator("#table-places")).to_have_attribute("open", "")
    expect(tang.locator("#table-places tbody tr")).to_have_count(2)
    all_drawn(tang, *DRAWN[:3])


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160)])
def test_the_hall_s_screen_fits_and_says_when_the_network_is_gone(
    open_as: Any, present: datetime, width: int, height: int
) -> None:
    with transaction.atomic():
        city = City(present)
        opened(city, 4, "371502001"), opened(city, 2, "371502002")
    hall = open_as("hall", width=width, height=height, audited=True)
    hall.goto(hall.home + "/home")
    hall.wait_for_url("**/boards/hotline/screen")
    all_drawn(hall, "hours", "places")
    expect(hall.locator(".screen-open b")).to_have_text("6")
    expect(hall.locator(".screen-latest tbody tr")).to_have_count(6)
    fits = "e => e.scrollHeight <= e.clientHeight + 1 && e.scrollWidth <= e.clientWidth + 1"
    assert hall.locator("html").evaluate(fits) and hall.locator(".screen-latest").evaluate(fits)
    assert serious(hall) == []
    if width == 3840:
        return
    hall.context.set_offline(True)
    expect(hall.locator("body.lost")).to_be_visible()
    expect(hall.locator(".screen-said")).to_contain_text("网络断开", use_inner_text=True)
    expect(hall.locator(".screen-open b")).to_have_text("6")
    hall.context.set_offline(False)
    expect(hall.locator("body.lost")).to_have_count(0)
