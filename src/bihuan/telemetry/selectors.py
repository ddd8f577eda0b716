"""Reading: devices with what they said last, a metric by the hour, episodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from bihuan.telemetry.models import Device, Episode
from bihuan.telemetry.rules import Kind, Metric

LATEST = """
    select g.d, g.m, r.at, r.value from unnest(%s::bigint[], %s::text[]) as g(d, m)
    cross join lateral (select at, value from telemetry_reading where device_id = g.d and metric = g.m order by at desc limit 1) r
"""
HOURLY = """
    select date_bin('1 hour', at, timestamptz '2000-01-01'), min(value), max(value) from telemetry_reading
    where device_id = %s and metric = %s and at > %s and at <= %s group by 1 order by 1
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric of a device: when it was last told and what (None: never), and the episode that stands."""

    device: Device
    metric: Metric
    at: datetime | None
    value: float | None
    episode: Episode | None


def devices_of(subject: str) -> QuerySet[Device]:
    """The devices that stand at something, in the order of their codes."""
    return Device.objects.filter(subject=subject, active=True).order_by("code")


def devices_measured(devices: Sequence[Device], kinds: Mapping[str, Kind]) -> list[Measured]:
    """Every metric of these devices with its last reading and the episode that stands: two questions, however many."""
    pairs = [
        (device, metric)
        for device in devices
        if device.kind in kinds
        for metric in kinds[device.kind].metrics
    ]
    if not pairs:
        return []
    with connection.cursor() as cursor:
        cursor.execute(LATEST, [[d.pk for d, _m in pairs], [m.code for _d, m in pairs]])
        latest = {(device, metric): (at, value) for device, metric, at, value in cursor.fetchall()}
    standing = {
        (one.device_id, one.metric): one for one in Episode.objects.filter(device__in=devices, ended_at=None)
    }
    return [
        Measured(
            device,
            metric,
            *latest.get((device.pk, metric.code), (None, None)),
            standing.get((device.pk, metric.code)),
        )
        for device, metric in pairs
    ]


def hours_measured(
    *, device: int, metric: str, since: datetime, until: datetime
) -> list[tuple[datetime, float, float]]:
    """Hours that have readings: when the hour began, the least and the most."""
    with connection.cursor() as cursor:
        cursor.execute(HOURLY, [device, metric, since, until])
        return cursor.fetchall()
