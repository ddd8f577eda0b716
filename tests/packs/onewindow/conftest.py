"""The window's tests: an item of our own, its people, and applications opened and moved through the services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.test import Client

from bihuan.kernel.cases.models import Case
from bihuan.kernel.cases.moving import Moved
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import scope_apply, scope_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import roles
from bihuan.packs.onewindow.applying.receiving import received_clean
from bihuan.packs.onewindow.applying.services import Taken, application_take
from bihuan.packs.onewindow.catalogue.services import item_add
from bihuan.packs.onewindow.models import Item
from tests.packs.onewindow.test_codes import ORGAN
from tests.walks import EVERYTHING

if TYPE_CHECKING:
    from tests.packs.onewindow.bazaar import Bazaar

As = Callable[[str], Client]
APPROVAL, MARKET, HEALTH = "371502_approval", "371502_market", "371502_health"
FOOD = f"{ORGAN}4370131012000"
GIVEN = {
    "name": "食品经营许可(新办)",
    "name_en": "Food business licence (new)",
    "kind": "01",
    "theme": "开餐馆",
    "organ": "东昌府区市场监督管理局",
    "statutory_days": "20",
    "promised_days": "5",
    "special": "鉴定 | 10",
    "conditions": "有与经营的食品品种、数量相适应的场所。",
    "materials": "食品经营许可申请书 | 来源:申请人自备\n营业执照 | 城市已有\n经营场所平面图 | 可容缺\n食品安全管理制度 | 2份\n授权委托书 | 非必要",
    "fees": "",
    "results": "食品经营许可证",
    "valid_months": "60",
    "places": "区政务服务中心二楼综合窗口",
    "hours": "工作日 8:30-12:00, 14:00-17:30",
    "legal_basis": "《食品安全法》第三十五条",
}
"""Numbers of its materials: 1, 3 and 4 are asked for, 3 may follow, 2 the city holds, 5 need not come."""
PERSON = {
    "applicant": "person",
    "name": "宋晓梅",
    "id_number": "371502199001011226",
    "phone": "19900000001",
    "address": "",
}


class Window:
    """People by name, an item, and the ways to take an application in and move it in one line; `now` is everybody's clock."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.units = dict(Unit.objects.values_list("code", "id"))
        self.people = dict(Person.objects.values_list("username", "id"))
        self.item = self.item_of(FOOD)

    def item_of(self, code: str, *, unit: str = MARKET, scheme: Any = "national", **changed: Any) -> Item:
        return item_add(
            code=code,
            scheme=scheme,
            given={**GIVEN, **changed},
            unit=self.units[unit],
            now=self.now,
            by="system",
        )

    def take(
        self, *present: str, outcome: str = "accept", item: Item | None = None, by: str = "fang", **typed: Any
    ) -> Taken:
        given = {**PERSON, "item": str((item or self.item).pk), "outcome": outcome, **typed}
        received = received_clean(given, present=present, today=self.now.date())
        return application_take(received=received, by=self.people[by], now=self.now, verified=True)

    def move(self, case: int, step: str, by: str = "", **data: Any) -> Moved:
        """The step as that person, through the door that screens use; "" is the applicant's or the system's."""
        from bihuan.kernel.cases.actions import case_act
        from bihuan.kernel.cases.moving import case_move

        if not by:
            return case_move(case_id=case, step=step, by=0, now=self.now, data=data)
        scope_apply(scope_of(person=self.people[by], at=self.now, roles=roles()))
        try:
            return case_act(case_id=case, step=step, by=self.people[by], now=self.now, data=data)
        finally:
            scope_apply(EVERYTHING)

    def case(self, case: int) -> Case:
        with kernel_writes():
            return Case.objects.get(pk=case)

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def accepted(self, **typed: Any) -> Taken:
        return self.take("1", "3", "4", **typed)

    def decided(self) -> Taken:
        """An application that was granted, made and delivered: it waits for its evaluation."""
        taken = self.accepted()
        self.move(taken.case, "examine", "wang", advice="grant", opinion="材料齐全,符合条件。")
        self.move(taken.case, "grant", "chen", answer="准予食品经营许可。")
        self.move(taken.case, "make", "ren")
        self.move(taken.case, "deliver", "ren", way="window")
        return taken


@pytest.fixture
def window(db: None, now: datetime) -> Window:
    scope_apply(EVERYTHING)
    return Window(now)


@pytest.fixture
def as_(window: Window, monkeypatch: pytest.MonkeyPatch) -> As:
    """Somebody's browser, at the hour of `window`."""
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: window.now)

    def log_in(username: str) -> Client:
        client = Client()
        with kernel_writes():
            client.force_login(Person.objects.get(username=username))
        return client

    return log_in


@pytest.fixture
def bazaar(window: Window, settings: Any, tmp_path: Path) -> Bazaar:
    """The theme of `bazaar.py`, with a key to sign its permits."""
    from tests.packs.onewindow.bazaar import Bazaar  # that reads what stands here

    settings.KEY_ROOT, settings.SEAL_ROOT = tmp_path / "keys", tmp_path / "seals"
    return Bazaar(window)


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Figures that are kept for some minutes are those of this test."""
    cache.clear()
