"""The monthly report in a real browser: read, and taken as a file; at 360 and 1280, in both languages, without a fault."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.scoring.keeping import scores_keep
from bihuan.packs.hotline.models import Order
from tests.browser.axe import overflows, serious
from tests.desk.conftest import City

pytestmark = pytest.mark.browser


def test_tang_reads_the_month_and_takes_it_along(open_as: Any, present: datetime) -> None:
    with transaction.atomic():
        scope_apply(Scope(0, (), (), True))
        city = City(present)
        for opened in (city.closed(), city.handling()):
            with kernel_writes():
                Order.objects.create(
                    case_id=opened.case, channel="telephone", type="complaint", arrived_at=present
                )
        scores_keep(now=present + timedelta(hours=5))
    for username, width, language in (("tang", 360, "zh-CN"), ("tang", 1280, "en"), ("sun", 360, "zh-CN")):
        page = open_as(username, width=width, language=language, audited=True)
        page.goto(f"{page.home}/scores")
        page.locator("a[href^='/scores/report']").click()
        page.locator("#part-1").wait_for()
        assert serious(page) == [], (username, width)
        assert not overflows(page), (username, width)
        with page.expect_download() as taken:
            page.locator("a[href^='/scores/report.xlsx']").click()
        assert taken.value.suggested_filename.endswith(".xlsx")
