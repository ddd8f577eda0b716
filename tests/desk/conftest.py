"""The desk's tests: the standing cast logs in, cases are opened and moved through the services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.cases.moving import Moved, case_move
from bihuan.kernel.cases.opening import Opened, Opening, PartyData, case_open
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.ledger.services import kernel_writes


class City:
    """Ids by code, and the ways to open and move a case in one line."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.units = dict(Unit.objects.values_list("code", "id"))
        self.people = dict(Person.objects.values_list("username", "id"))

    def opened(self, title: str = "培训班不退费", **more: Any) -> Opened:
        centre = self.units["371502_12345"]
        values: dict[str, Any] = {
            "pack": "hotline",
            "title": title,
            "text": "报了培训班一直没有开课,要求退费。",
            "unit": centre,
            "opened_by": centre,
            "by": self.people["li"],
            "now": self.now,
            "reported_at": self.now - timedelta(minutes=5),
            "region": "371502",
            "parties": (PartyData(name="宋女士", phone="19900000001", address="东昌府区柳园街道3号楼2单元"),),
            "facts": {"type": "complaint"},
        }
        return case_open(Opening(**{**values, **more}))

    def move(self, case: int, step: str, by: str, *, after: int = 1, **data: Any) -> Moved:
        return case_move(
            case_id=case, step=step, by=self.people[by], now=self.now + timedelta(hours=after), data=data
        )

    def dispatched(self, **more: Any) -> Opened:
        opened = self.opened(**more)
        self.move(opened.case, "dispatch", "li", unit=self.units["371502_market"])
        return opened

    def handling(self, **more: Any) -> Opened:
        opened = self.dispatched(**more)
        self.move(opened.case, "sign_for", "wang")
        self.move(opened.case, "self_call_back", "wang", reached="yes", note="已联系来电人")
        return opened

    def closed(self, **more: Any) -> Opened:
        opened = self.handling(**more)
        self.move(opened.case, "answer", "wang", outcome="done", answer="经调解双方同意退费,已经办结。")
        self.move(opened.case, "approve_up", "sun", after=2)
        self.move(opened.case, "approve", "zhao", after=3)
        self.move(opened.case, "evaluate", "liu", after=4, grade="5")
        return opened


@pytest.fixture
def city(db: None, now: datetime) -> City:
    return City(now)


@pytest.fixture
def as_(city: City, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Client]:
    """A client logged in as one of the cast, at the standing moment (or hours after it)."""

    def log_in(username: str, *, after: float = 1, **more: Any) -> Client:
        moment = city.now + timedelta(hours=after)
        monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: moment)
        client = Client(**more)
        with kernel_writes():
            client.force_login(Person.objects.get(username=username))
        return client

    return log_in
