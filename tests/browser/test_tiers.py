"""Two centres on the screen: the IT officer's pages, the superior's order on the case page, both times among the figures."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from playwright.sync_api import expect

from bihuan.kernel.exchange import sending
from bihuan.kernel.exchange.models import Message, Peer
from bihuan.kernel.ledger.services import kernel_writes
from tests.browser.axe import overflows, serious
from tests.exchange.conftest import CITY, Two, signed_now

pytestmark = pytest.mark.browser
ADMIN = (
    "/administration/peers",
    "/administration/peers/do/add",
    "/administration/exchange",
    "/administration/turned-away",
)


@pytest.fixture
def number(live: str, present: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An order of the city's that the district has, one that waits, and a forged message; returns the district's number."""
    with override_settings(EXCHANGE_KEY=tmp_path / "key"), transaction.atomic():
        two = Two(present)
        monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: two.now)
        monkeypatch.setattr(sending, "posted", two.carried)
        taken = two.taken_above()
        two.post()
        two.moves(CITY, taken.case, "urge", "tang", remark="来电人再次来电")
        two.post()
        with kernel_writes():
            body = Message.objects.filter(kind="urged").values_list("body", flat=True)[0].encode()
        two.deliver(two.above, body.replace(b"371502", b"371521"), header=signed_now(body, two.now))
        two.fates = ["lost"]
        two.taken_above(phone="19900000002")
        two.post(1)
        found = str(two.here(taken.number).number)
    monkeypatch.undo()
    return found


def test_the_pages_of_two_centres_are_accessible(open_as: Any, number: str) -> None:
    peer = Peer.objects.get(code=CITY).pk
    for width, language in ((1280, "zh-CN"), (360, "en-GB")):
        for username, addresses in (
            ("admin", (*ADMIN, f"/administration/peers/of/{peer}")),
            ("tang", (f"/cases/{number}", "/hotline/figures")),
        ):
            page = open_as(username, width=width, language=language, audited=True)
            for address in addresses:
                page.goto(f"{page.home}{address}")
                expect(page.locator("h1"), address).to_have_count(1)
                assert serious(page) == [], address
                assert not overflows(page), address
