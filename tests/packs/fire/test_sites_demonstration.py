"""The demonstration's sites: 61 of them on over 300,000 m², all on the platform, a few with people and devices."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from bihuan.kernel.identity.models import Person
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.fire.demonstration import people_load
from bihuan.packs.fire.models import Hazard, Site
from bihuan.packs.fire.sites.demonstration import sites_load
from bihuan.packs.fire.sites.selectors import sites_summed
from bihuan.telemetry.models import Episode, Reading


@pytest.mark.django_db
def test_sixty_one_sites_are_on_the_platform_and_their_pages_ask_little(
    now: datetime, django_assert_max_num_queries: Any
) -> None:
    people_load(now=now)
    sites_load(now=now)
    scope_apply(Scope(0, (), (), True))
    sums = sites_summed(now)
    assert (sums.building, sums.joined) == (61, 61)
    assert sums.area > 300_000
    assert Reading.objects.count() == 3 * 5 * 288
    told = sorted(
        (one.device.code, one.metric, one.ended_at is None)
        for one in Episode.objects.select_related("device")
    )
    assert told == [("DEMO-S02", "pressure", False), ("DEMO-Y01", "pm10", True)]
    client = Client()
    with kernel_writes():
        client.force_login(Person.objects.get(username="gao"))
        first = Site.objects.order_by("pk").first()
        burning = (
            Hazard.objects.filter(case__closed_at=None)
            .order_by("-site__permitted_on", "-site")
            .values_list("site", flat=True)
        )
        alarm = int(Episode.objects.get(ended_at=None).device.subject.partition(":")[2])
    assert first
    listed = [int(one) for one in re.findall(r'/fire/sites/(\d+)"', client.get("/fire/sites").text)]
    assert listed[: len({alarm, *burning})] == list(
        dict.fromkeys((alarm, *burning))
    )  # what burns stands first
    assert len(listed) == len(set(listed)) == 30
    for address, words in (
        ("/fire/sites", "61 / 61"),
        ("/fire/sites/new", "施工许可证号"),
        (f"/fire/sites/{first.pk}", "东门扬尘"),
        (f"/fire/sites/{first.pk}/people", "371***********"),
    ):
        with django_assert_max_num_queries(30):
            answer = client.get(address)
        assert answer.status_code == 200, address
        assert words in answer.content.decode(), address
