"""Readings of a site's devices: taken once, alarms once, over the API; what cannot be is refused."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from django.db import IntegrityError, transaction

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.scope import Scope
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.packs.fire.models import Hazard
from bihuan.packs.fire.sites.readings import site_readings_take
from bihuan.packs.fire.sites.services import site_device_retire
from bihuan.telemetry.models import Device, Episode, Reading
from bihuan.telemetry.services import Given
from tests.api.client import Api, contents, rows
from tests.packs.fire.zone import Zone, zone  # noqa: F401


def test_dust_above_its_limit_is_one_alarm_however_often_it_is_told(zone: Zone) -> None:
    taken, _numbers = zone.tell(140, 151, 152, 153, 160)
    assert (taken.stored, taken.begun) == (5, [])
    taken, numbers = zone.tell(155, since=55)
    assert len(numbers) == 1
    assert [(one.metric, one.worst, one.bound) for one in taken.begun] == [("pm10", 160, 150)]
    again, none = zone.tell(140, 151, 152, 153, 160)
    assert (again.stored, again.repeated, again.begun, none) == (0, 5, [], [])
    mixed, _numbers = zone.tell(
        70, 140, 1, 152, since=61
    )  # one that is new, then known ones, one with another value
    assert (mixed.stored, mixed.repeated) == (1, 2)
    assert [(one.place, one.rule) for one in mixed.refused] == [(2, "differs")]
    late, _numbers = zone.tell(180, since=90)
    assert (late.stored, late.begun) == (1, [])
    ended, _numbers = zone.tell(119, 120, 100, 130, 110, 110, 110, 110, 110, since=50)
    assert (ended.stored, ended.begun) == (9, [])
    zone.section.see()
    one, case = Episode.objects.get(), Case.objects.get(number=numbers[0])
    assert (one.case, Hazard.objects.get().case, case.facts["grade"]) == (case, case, "general")
    assert (one.began_at, one.ended_at) == (
        zone.now - timedelta(minutes=59),
        zone.now - timedelta(minutes=42),
    )


def test_a_device_taken_down_tells_nothing_more_and_its_alarm_ends(zone: Zone) -> None:
    zone.tell(*[151] * 5)
    zone.section.see()
    device, address = Device.objects.get(), f"/fire/sites/{zone.site.pk}"
    gao = zone.section.as_("gao")
    assert f'<option value="{device.pk}">东门扬尘 · Y1</option>' in gao.get(address).content.decode()
    assert "撤下设备" not in zone.section.as_("an").get(address).content.decode()
    assert zone.section.as_("an").post(f"{address}/devices/gone", {"device": device.pk}).status_code == 403
    for wrong in ("", "x", str(device.pk + 1)):
        answer = gao.post(f"{address}/devices/gone", {"device": wrong})
        assert (answer.status_code, "没有这台设备" in answer.content.decode()) == (422, True)
    zone.section.see()
    assert Device.objects.get().active and Episode.objects.get().ended_at is None
    assert gao.post(f"{address}/devices/gone", {"device": device.pk}).status_code == 302
    zone.section.see()
    assert not Device.objects.get().active
    assert Episode.objects.get().ended_at is not None
    assert (Reading.objects.count(), Hazard.objects.get().case.closed_at) == (5, None)
    assert "还没有设备" in gao.get(address).content.decode()
    taken, _numbers = zone.tell(160, since=10)
    assert [one.rule for one in taken.refused] == ["unknown_device"]
    with pytest.raises(IntegrityError), transaction.atomic(), kernel_writes():
        Reading.objects.create(
            device_id=device.pk + 1, metric="pm10", at=zone.now, value=1, received_at=zone.now
        )
    zone.section.see()
    assert Reading.objects.count() == 5
    zone.refused("device", lambda: site_device_retire(
        scope=zone.scope("gao"), site=zone.site.pk, device=device.pk, now=zone.now))  # fmt: skip


def test_the_alarm_of_a_device_whose_clock_is_ahead_ends_after_it_began(zone: Zone) -> None:
    zone.tell(*[151] * 5, since=-1)
    zone.section.see()
    device = Device.objects.get()
    site_device_retire(scope=zone.scope("gao"), site=zone.site.pk, device=device.pk, now=zone.now)
    zone.section.see()
    one = Episode.objects.get()
    assert (one.began_at, one.ended_at) == (
        zone.now + timedelta(minutes=1),
        zone.now + timedelta(minutes=5, seconds=1),
    )


@pytest.mark.parametrize(
    ("device", "metric", "minutes", "value", "rule"),
    [
        ("Z9", "pm10", 0, 10, "unknown_device"), ("Y1", "noise", 0, 10, "unknown_metric"), ("Y1", "pm10", 6, 10, "future_date"),
        ("Y1", "pm10", -7 * 1440 - 1, 10, "too_late"), ("Y1", "pm10", 0, -1, "impossible"), ("Y1", "pm10", 0, 5_001, "impossible"),
        ("Y1", "pm10", -60, 11, "differs"),
    ],
)  # fmt: skip
def test_a_reading_that_cannot_be_is_refused_and_the_others_are_taken(
    zone: Zone, device: str, metric: str, minutes: int, value: float, rule: str
) -> None:
    zone.tell(10)
    told = [
        Given("Y1", "pm10", zone.now, 20),
        Given(
            device,
            metric,
            zone.now + timedelta(minutes=minutes, seconds=-1 if rule == "too_late" else 0),
            value,
        ),
    ]
    if rule == "impossible":
        told = told[::-1]
        told[1] = Given("Y1", "pm10", zone.now - timedelta(minutes=1), 20)
    taken, _numbers = site_readings_take(scope=zone.scope("gateway"), given=told, now=zone.now)
    assert [(one.rule) for one in taken.refused] == [rule]
    assert taken.stored == 1
    zone.section.see()
    assert Reading.objects.count() == 2


def test_another_unit_s_gateway_and_nobody_else_may_tell(zone: Zone) -> None:
    stranger = Scope(zone.section.person["jin"], (), (), False)
    taken, _numbers = site_readings_take(
        scope=stranger, given=[Given("Y1", "pm10", zone.now, 20)], now=zone.now
    )
    assert [one.rule for one in taken.refused] == ["unknown_device"]


def test_a_gateway_s_token_sends_readings_and_a_replay_changes_nothing(zone: Zone) -> None:
    api = Api("gateway")
    now = zone.now
    told = [
        {"device": "Y1", "metric": "pm10", "at": (now - timedelta(minutes=place)).isoformat(), "value": 151.5}
        for place in range(6)
    ]
    first = api.post("/fire/readings", {"readings": told})
    assert (first.status_code, first.json()["stored"], first.json()["refused"]) == (200, 6, [])
    assert first.json()["alarms"] and api.get("/cases").json()["items"] == []
    zone.section.see()
    before = rows(), contents()
    again = api.post("/fire/readings", {"readings": told})
    assert (again.json()["stored"], again.json()["repeated"], again.json()["alarms"]) == (0, 6, [])
    zone.section.see()
    assert (rows(), contents()) == before
    forged = {"device": "NOBODY", "metric": "pm10", "at": now.isoformat(), "value": 1}
    for changed, field, rule in (
        ({}, "readings.0.device", "unknown_device"),
        ({"device": "Y1", "at": (now + timedelta(hours=1)).isoformat()}, "readings.0.at", "future_date"),
        ({"device": "Y1", "value": 99_999}, "readings.0.value", "impossible"),
        ({"device": "Y1\x00"}, "readings.0.device", "pattern"),
        (
            {"device": "Y1", "at": now.astimezone(timezone(timedelta(hours=23))).isoformat()},
            "readings.0.at",
            "date_format",
        ),
    ):
        answer = api.post("/fire/readings", {"readings": [{**forged, **changed}]})
        assert (answer.status_code, answer.json()["field"], answer.json()["rule"]) == (422, field, rule)
    for body in (
        {"readings": []},
        {"readings": [{**forged, "value": "1"}]},
        {"readings": [{**forged, "at": "2026-03-02T10:00:00"}]},
    ):
        assert api.post("/fire/readings", body).status_code == 422
    assert Api("gao").post("/fire/readings", {"readings": told}).status_code == 403
    zone.section.see()
    assert (rows()["telemetry_reading"], contents()["cases_case"]) == (
        before[0]["telemetry_reading"],
        before[1]["cases_case"],
    )
