"""The head's sheet and the scores in a real browser: called, signed; at 360 and 1280, in both languages, without a fault."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import expect

from bihuan.kernel.clocks.calendar import day_number
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.scope import Scope, day_of, scope_apply
from bihuan.kernel.review.services import Drawing, sample_draw
from bihuan.kernel.scoring.keeping import scores_keep
from bihuan.packs.hotline.tenth.drawing import SCHEME
from tests.browser.axe import overflows, serious
from tests.desk.conftest import City

pytestmark = pytest.mark.browser


def drawn(city: City, present: datetime) -> int:
    """A sample of the one order that waits for its call-back; drawn whatever day it is."""
    opened = city.handling()
    city.move(opened.case, "answer", "wang", outcome="done", answer="经调解双方同意退费,已经办结。")
    city.move(opened.case, "approve_up", "sun")
    city.move(opened.case, "approve", "zhao")
    now = present + timedelta(hours=2)
    drawing = Drawing(
        scheme=SCHEME, unit=city.units["371502_market"], role="bureau_head", day=day_of(now), since=None, until=now,
        due_at=now + timedelta(days=2), percent=10, rounding="up", listed={opened.number: opened.case},
    )  # fmt: skip
    sample = sample_draw(drawing=drawing, now=now)
    assert sample and rulebook().calendar.worked_days(day_number(drawing.day)) > 0
    scores_keep(now=now)
    return sample.pk


def test_sun_calls_and_signs_and_tang_reads_how_units_stand(open_as: Any, present: datetime) -> None:
    with transaction.atomic():
        scope_apply(Scope(0, (), (), True))
        sample = drawn(City(present), present)
    sun = open_as("sun", width=360)
    sun.goto(f"{sun.home}/hotline/samples")
    sun.get_by_role("link", name=f"{day_of(present + timedelta(hours=2))}").click()
    sun.get_by_role("button", name="查看来电人电话").click()
    expect(sun.get_by_role("link", name="19900000001")).to_be_visible()
    sun.locator("select[name=reached]").select_option("yes")
    sun.locator("select[name=grade]").select_option("5")
    sun.get_by_role("button", name="登记", exact=True).click()
    sun.locator("#field-confirm").check()
    sun.get_by_role("button", name="签字", exact=True).click()
    sun.get_by_text("签字上报").first.wait_for()
    pages = {
        "sun": (f"/hotline/samples/{sample}", "/hotline/samples", "/scores/units/371502_market"),
        "tang": ("/scores", "/scores?by=matter", "/scores/units/371502_market/on_time", "/scores/decisions"),
        "": ("/public/scores",),
    }
    for username, addresses in pages.items():
        for width, language in ((360, "zh-CN"), (1280, "en")):
            page = open_as(username, width=width, language=language, audited=True)
            for address in addresses:
                page.goto(page.home + address)
                assert serious(page) == [], address
                assert not overflows(page), address
