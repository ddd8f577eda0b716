"""A zone in tests: its supervisor, a contractor's officer and the gateway at one site, and what a refusal must leave alone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from bihuan.kernel.identity.scope import Scope, scope_of
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.pack import roles
from bihuan.lib.identifiers import id_check_digit
from bihuan.lib.refusals import Refusal
from bihuan.packs.fire.sites.people import (
    WorkerGiven,
)
from bihuan.packs.fire.sites.readings import site_readings_take
from bihuan.packs.fire.sites.services import (
    STREAM,
    SiteGiven,
    site_device_enter,
    site_enter,
    site_turn,
)
from bihuan.telemetry.services import Given
from tests.api.client import contents, rows
from tests.packs.fire.conftest import Section

NUMBER = "37159919800101001" + id_check_digit("37159919800101001")
MASON = WorkerGiven("赵建国", NUMBER, "mason", "一班")


class Zone:
    """The zone's supervisor, the contractor's officer and the gateway at one site."""

    def __init__(self, section: Section) -> None:
        self.section, self.now = section, section.now
        with kernel_writes():
            contractor = scope_of(person=section.person["an"], at=self.now, roles=roles()).held[0].unit
        given = SiteGiven(
            "聚合装置", "housing", "新光建设", "高新区", "1号地块", "许可1", date(2026, 1, 5), 5_000, contractor_unit=contractor, joined_on=date(2026, 1, 20)
        )  # fmt: skip
        self.site = site_enter(scope=self.scope("gao"), given=given, key="one", now=self.now)
        site_turn(
            scope=self.scope("gao"),
            site=self.site.pk,
            code="started",
            on=date(2026, 1, 20),
            note="",
            now=self.now,
        )
        site_device_enter(
            scope=self.scope("gao"), site=self.site.pk, code="Y1", kind="dust", name="东门扬尘", now=self.now
        )
        section.see()
        self.site.refresh_from_db()

    def scope(self, username: str) -> Scope:
        return self.section.scope(username)

    def tell(self, *values: float, since: int = 60) -> tuple[Any, list[str]]:
        """Dust, a value a minute, the first so many minutes ago."""
        told = [
            Given("Y1", "pm10", self.now - timedelta(minutes=since - place), value)
            for place, value in enumerate(values)
        ]
        return site_readings_take(scope=self.scope("gateway"), given=told, now=self.now)

    def refused(self, code: str, act: Any) -> None:
        """`act` is refused with this code, and nothing at all changed."""
        self.section.see()
        before = rows(), contents()
        with pytest.raises(Refusal) as refusal:
            act()
        assert refusal.value.code == code
        self.section.see()
        assert (rows(), contents()) == before


def entries(part: bytes) -> int:
    """How many entries of the sites' register hold these bytes."""
    with kernel_writes():
        return sum(part in bytes(one.body) for one in LedgerEntry.objects.filter(stream=STREAM))


@pytest.fixture
def zone(section: Section) -> Zone:
    return Zone(section)
