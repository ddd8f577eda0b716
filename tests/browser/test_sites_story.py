"""A device's alarm becomes a hazard, the contractor rectifies it with a photograph, the zone's supervisor verifies it on the site's page."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import transaction
from PIL import Image
from playwright.sync_api import expect

from bihuan.kernel.identity.models import Person
from bihuan.kernel.identity.scope import Scope, scope_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import roles
from bihuan.packs.fire.demonstration import people_load
from bihuan.packs.fire.sites.readings import site_readings_take
from bihuan.packs.fire.sites.services import SiteGiven, site_device_enter, site_enter, site_turn
from bihuan.telemetry.services import Given
from tests.browser.axe import overflows, serious
from tests.browser.cast import Cast

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(open_as: Any, now: datetime, monkeypatch: pytest.MonkeyPatch, live: str) -> Cast:
    made = Cast(open_as, now)
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: made.now)
    return made


def scope(username: str, now: datetime) -> Scope:
    with kernel_writes():
        return scope_of(person=Person.objects.get(username=username).pk, at=now, roles=roles())


def site_made(now: datetime) -> int:
    """A site with a dust sensor whose last readings are beyond the limit."""
    with transaction.atomic():
        people_load(now=now)
        gao, contractor = scope("gao", now), scope("an", now).held[0].unit
        given = SiteGiven(
            "聚合装置", "housing", "新光建设", "高新区", "1号地块", "许可1", date(2026, 1, 5), 5_000, contractor_unit=contractor, joined_on=date(2026, 1, 20)
        )  # fmt: skip
        site = site_enter(scope=gao, given=given, key="story", now=now).pk
        site_turn(scope=gao, site=site, code="started", on=date(2026, 1, 20), note="", now=now)
        site_device_enter(scope=gao, site=site, code="Y1", kind="dust", name="东门扬尘", now=now)
        dust(now, *(190 - place for place in range(12)))
    return site


def dust(now: datetime, *values: float) -> None:
    """What the sensor told, the latest value first, one a minute."""
    told = [Given("Y1", "pm10", now - timedelta(minutes=place), value) for place, value in enumerate(values)]
    with transaction.atomic():
        site_readings_take(scope=scope("gateway", now), given=told, now=now)


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), (40, 120, 60)).save(out, "PNG")
    return out.getvalue()


def test_from_a_device_s_alarm_to_the_verified_hazard(cast: Cast) -> None:
    site = site_made(cast.now)
    page = cast.at("gao", "/fire/sites")
    expect(page.get_by_text("1 / 1")).to_be_visible()
    page.get_by_role("link", name="聚合装置").click()
    expect(page.locator("#devices-title + .table-box").get_by_text("报警")).to_be_visible()
    expect(page.locator("[data-drawn=columns]")).to_be_visible()
    number = page.locator("#hazards-title + .table-box th a").inner_text()
    officer = cast.at("an", f"/cases/{number}")
    expect(officer.get_by_text("东门扬尘(Y1)PM10 190 μg/m³,限值 150 μg/m³。").first).to_be_visible()
    officer.locator("input[type=file][name=file]").first.set_input_files(
        {"name": "after.png", "mimeType": "image/png", "buffer": picture()}
    )
    officer.get_by_role("button", name="上传").click()
    expect(officer.get_by_text("已添加 1 个附件。")).to_be_visible()
    expect(officer.get_by_text("after.png").first).to_be_visible()
    cast.takes("an", number, "报整改情况", "已整改", measures="已开启喷淋并覆盖土方。")
    cast.now += timedelta(minutes=10)
    dust(cast.now, *[90] * 5)
    cast.takes("gao", number, "复查合格", "复查合格", seen="现场复查,喷淋已开,读数回落。")
    page = cast.at("gao", f"/fire/sites/{site}")
    expect(page.locator("#hazards-title + .table-box").get_by_text("复查合格")).to_be_visible()
    expect(page.get_by_text("隐患销号:东门扬尘 PM10报警")).to_be_visible()
    page.get_by_role(
        "link", name="上报隐患"
    ).click()  # seen where there is no network, and told once there is
    expect(page.locator("#field-words")).to_be_visible()
    page.context.set_offline(True)
    page.locator("#field-part").fill("地下二层坡道")
    page.locator("#field-words").fill("应急照明不亮")
    page.get_by_label("一般隐患").check()
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_text("已存在本机").first).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("1 项已送达")).to_be_visible()
    page.goto(page.url.replace("/hazards/new", ""))
    expect(page.locator("#hazards-title + .table-box").get_by_text("地下二层坡道")).to_have_count(1)


@pytest.mark.parametrize(("width", "language"), [(1280, "zh-CN"), (360, "en-US")])
def test_pages_of_a_site_are_read_by_everybody(cast: Cast, open_as: Any, width: int, language: str) -> None:
    site = site_made(cast.now)
    page = open_as("gao", width=width, language=language, audited=True)
    for address in (
        "/fire/sites",
        f"/fire/sites/{site}",
        f"/fire/sites/{site}/people",
        f"/fire/sites/{site}/inspections/new",
    ):
        page.goto(page.home + address)
        assert serious(page) == [], address
        assert not overflows(page), address
    page = open_as("du", width=width, language=language, audited=True)
    for address in (
        "/fire/blockages",
        "/fire/visits",
        "/public/draws",
        "/public/methods",
        "/fire/methods/new",
    ):
        page.goto(page.home + address)
        assert serious(page) == [], address
        assert not overflows(page), address
