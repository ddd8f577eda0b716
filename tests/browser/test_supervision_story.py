"""Electronic supervision in the browser: a promise runs out, the unit objects to its red card, the supervisor decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import expect

from bihuan.kernel.cases.sweeping import clocks_sweep
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.onewindow.demonstration.items import items_load
from bihuan.packs.onewindow.models import ItemVersion
from bihuan.packs.onewindow.platforms.taking import application_hand_in
from bihuan.packs.onewindow.supervision.keeping import cards_keep
from tests.browser.axe import overflows, serious
from tests.browser.cast import Cast

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(open_as: Any, now: datetime, monkeypatch: pytest.MonkeyPatch, live: str) -> Cast:
    made = Cast(open_as, now)
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: made.now)
    with transaction.atomic(), kernel_writes():
        items_load(units=dict(Unit.objects.values_list("code", "pk")), now=now)
    return made


def late(cast: Cast) -> None:
    """An application comes from another system, and nobody examines it in its five working days."""
    with transaction.atomic(), kernel_writes():
        item = ItemVersion.objects.get(name="食品经营许可(新办)").item.code
        application_hand_in(
            given={
                "item": item, "applicant": "person", "name": "宋晓梅", "id_number": "371502199001011226", "phone": "19900000001",
                "address": "", "materials": dict.fromkeys("12456", "present"), "dated": {"6": "2026-02-02"}, "way": "accept",
                "remark": "", "external_id": "GM-1",
            },
            by=Person.objects.values_list("pk", flat=True).get(username="fang"),
            now=cast.now,
        )  # fmt: skip
    cast.later(days=8)
    clocks_sweep(now=cast.now)
    cards_keep(now=cast.now)


def test_a_red_card_is_objected_to_and_withdrawn(cast: Cast) -> None:
    late(cast)
    page = cast.at("chen", "/onewindow/cards")
    assert serious(page) == []
    page.get_by_role("link", name="超过承诺时限").click()
    page.get_by_label("怎样答复").select_option("objected")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("不能为空").first).to_be_visible()
    page.get_by_label("说明", exact=True).fill("申请人改了经营场所,正在补图。")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("有异议,待裁定")).to_be_visible()
    page = cast.at("tang", "/onewindow/cards?standing=objected")
    page.get_by_role("link", name="超过承诺时限").click()
    expect(page.get_by_text("申请人改了经营场所,正在补图。")).to_be_visible()
    page.get_by_label("裁定", exact=True).select_option("withdrawn")
    page.get_by_label("理由").fill("查明属实,予以撤销。")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", name="裁定")).to_be_visible()
    page.goto(page.home + "/onewindow/cards")
    expect(page.get_by_role("row", name="东昌府区市场监督管理局").first).to_contain_text("99")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_of_supervision_fit_and_are_accessible(cast: Cast, open_as: Any, width: int) -> None:
    late(cast)
    for who, path in (("tang", "/onewindow/cards"), ("shen", "/onewindow/exchange"), ("fang", "/onewindow/lessons"), ("shen", "/onewindow/reviews")):  # fmt: skip
        page = open_as(who, width=width, audited=True)
        page.goto(page.home + path)
        assert serious(page) == [], path
        assert not overflows(page), path
