"""Writing: devices are entered, readings taken, and what was beyond its limit becomes an episode, once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any, NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import Refusal
from bihuan.telemetry.models import Device, Episode
from bihuan.telemetry.rules import Kept as KeptEpisode
from bihuan.telemetry.rules import (
    Kind,
    Limit,
    Metric,
    Point,
    episodes_found,
    episodes_reconciled,
    is_standing,
)

STREAM = "telemetry"
MOST = 5_000
"""Readings in one batch."""
INSERT = """
    insert into telemetry_reading (device_id, metric, at, value, received_at)
    select d, m, t, v, %s from unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::float8[]) as g(d, m, t, v)
"""
KNOWN = """
    select g.n, r.value from unnest(%s::bigint[], %s::text[], %s::timestamptz[]) with ordinality as g(d, m, t, n)
    join telemetry_reading r on r.device_id = d and r.metric = m and r.at = t
"""
EPISODES = """
    select id, began_at, confirmed_at, ended_at, worst, bound from telemetry_episode
    where device_id = %s and metric = %s and (ended_at is null or ended_at > %s) order by began_at
"""
BEFORE = "select at, value from telemetry_reading where device_id = %s and metric = %s and at < %s order by at desc limit %s"
SINCE = (
    "select at, value from telemetry_reading where device_id = %s and metric = %s and at >= %s order by at"
)
Series = tuple[int, str]
Key = tuple[int, str, datetime]
Limits = Callable[[Metric, date], Limit | None]


class Given(NamedTuple):
    """A reading as it came: the device's code, a metric of its kind, when, and the value."""

    device: str
    metric: str
    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Times:
    """How far ahead of the clock a reading may lie, and how late it may come."""

    ahead: timedelta
    late: timedelta


@dataclass(frozen=True, slots=True)
class Refused:
    """A reading that was not taken: its place in the batch, the field, the rule, and why in words."""

    place: int
    field: str
    rule: str
    detail: str


@dataclass(slots=True)
class Taken:
    """What became of a batch: stored, known already with the same value, refused, and the episodes that began with it."""

    stored: int = 0
    repeated: int = 0
    refused: list[Refused] = field(default_factory=list)
    begun: list[Episode] = field(default_factory=list)


def device_enter(
    *, code: str, kind: str, name: str, subject: str, unit: int, operator: int | None, by: int, now: datetime
) -> Device:
    """Enter a device; whose it is the caller has judged. Refusal for a code that is taken."""
    with kernel_writes():
        try:
            with transaction.atomic():
                row = Device.objects.create(
                    code=code, kind=kind, name=name, subject=subject, unit_id=unit, operator_id=operator, added_at=now
                )  # fmt: skip
        except IntegrityError:
            raise Refusal("duplicate", _("这个编号已登记过。"), field="code") from None
        data = {"device": row.pk, "code": code, "kind": kind, "name": name, "subject": subject, "unit": unit}
        register_append(stream=STREAM, kind="device_entered", at=now, by=by, data=data)
    return row


def device_retire(*, device: Device, by: int, now: datetime) -> None:
    """A device is taken down: its readings stay, no more are taken, and what stood ends now; where the device's clock is ahead, right after
    the reading that made it an episode.
    """
    with kernel_writes():
        Device.objects.filter(pk=device.pk).update(active=False)
        after = F("confirmed_at") + timedelta(seconds=1)
        Episode.objects.filter(device=device, ended_at=None).update(ended_at=Greatest(Value(now), after))
        register_append(stream=STREAM, kind="device_retired", at=now, by=by, data={"device": device.pk})


def readings_take(
    *,
    given: Sequence[Given],
    kinds: Mapping[str, Kind],
    limits: Limits,
    units: Collection[int],
    times: Times,
    now: datetime,
    subject: str = "",
) -> Taken:
    """Take a batch of readings of devices that one of `units` keeps, with a `subject` of those alone that stand there: each once, in any order; those that cannot be are refused
    one by one and the others taken. Episodes that begin are returned for the caller to make a case of.

    Refusal for more than `MOST`. Batches of the same device go one at a time, in the order of their ids.
    """
    if len(given) > MOST:
        raise Refusal("too_many", _("一次最多 %s 条读数。") % MOST, field="readings")
    with transaction.atomic(), kernel_writes():
        devices = _devices_locked({one.device for one in given}, units, subject)
        taken = Taken()
        good = _judged(given, devices, kinds, times, now, taken)
        fresh = _stored(good, now, taken)
        moving = _series_moving(fresh)
        kind_of = {row.pk: kinds[row.kind] for row in devices.values() if row.kind in kinds}
        for (device, metric), points in sorted(fresh.items()):
            first = min(point.at for point in points)
            measured = kind_of[device].metric(metric)
            limit = limits(measured, day_of(first)) if measured and measured.policy else None
            if limit and ((device, metric) in moving or any(map(limit.is_beyond, points))):
                taken.begun += _episodes_kept((device, metric), first, limit)
    return taken


def _devices_locked(codes: Collection[str], units: Collection[int], subject: str) -> dict[str, Device]:
    rows = Device.objects.select_for_update(of=("self",), no_key=True).filter(
        code__in=codes, active=True, unit__in=units
    )
    rows = rows.filter(subject=subject) if subject else rows
    return {row.code: row for row in rows.order_by("pk")}


def _judged(
    given: Sequence[Given],
    devices: Mapping[str, Device],
    kinds: Mapping[str, Kind],
    times: Times,
    now: datetime,
    taken: Taken,
) -> dict[Key, tuple[int, float]]:
    """The readings that can be, by device, metric and moment, with their places; the others are noted as refused."""
    measured = {
        code: {one.code: one for one in kinds[row.kind].metrics}
        for code, row in devices.items()
        if row.kind in kinds
    }
    latest, earliest = now + times.ahead, now - times.late
    good: dict[Key, tuple[int, float]] = {}
    for place, one in enumerate(given):
        metrics = measured.get(one.device)
        metric = metrics.get(one.metric) if metrics else None
        if metric is None:
            fault = ("metric", "unknown_metric") if metrics else ("device", "unknown_device")
        elif one.at > latest:
            fault = ("at", "future_date")
        elif one.at < earliest:
            fault = ("at", "too_late")
        elif not (isfinite(one.value) and metric.least <= one.value <= metric.most):
            fault = ("value", "impossible")
        else:
            key = (devices[one.device].pk, one.metric, one.at)
            known = good.setdefault(key, (place, one.value))
            if known[0] == place:
                continue
            if known[1] == one.value:
                taken.repeated += 1
                continue
            fault = ("value", "differs")
        taken.refused.append(Refused(place, *fault, _why(fault[1], metric)))
    return good


def _why(rule: str, metric: Metric | None) -> str:
    if rule == "impossible" and metric is not None:
        return _("超出这种传感器能测的范围:%(least)g 至 %(most)g %(unit)s。") % {
            "least": metric.least, "most": metric.most, "unit": metric.unit,
        }  # fmt: skip
    return {
        "unknown_device": _("没有这台设备,或不归这个账号报数。"),
        "unknown_metric": _("这种设备不测这一项。"),
        "future_date": _("不能晚于现在。"),
        "too_late": _("来得太晚,已过补报的期限。"),
        "differs": _("同一时刻已有另一个值,先到的为准。"),
    }[rule]


def _stored(good: Mapping[Key, tuple[int, float]], now: datetime, taken: Taken) -> dict[Series, list[Point]]:
    """Store what is not known yet, in the order of the key. Returns for each series the readings that are new.

    Nobody else writes readings of these devices meanwhile: they are locked.
    """
    if not good:
        return {}
    ordered = sorted(good.items())
    with connection.cursor() as cursor:
        columns = _columns(ordered)
        cursor.execute(KNOWN, columns)
        new = ordered
        if known := dict(cursor.fetchall()):
            _known_told(ordered, known, taken)
            new = [row for place, row in enumerate(ordered, 1) if place not in known]
            columns = _columns(new)
        values = _array(repr(float(value)) for _key, (_place, value) in new)
        cursor.execute(INSERT, [now, *columns, values])
    taken.stored = len(new)
    fresh: dict[Series, list[Point]] = {}
    for (device, metric, at), (_place, value) in new:
        fresh.setdefault((device, metric), []).append(Point(at, value))
    return fresh


def _columns(ordered: Sequence[tuple[Key, Any]]) -> list[str]:
    """Devices, metrics and moments as arrays."""
    keys = [key for key, _told in ordered]
    return [
        _array(str(device) for device, _metric, _at in keys),
        _array(metric for _device, metric, _at in keys),
        _array(at.isoformat() for _device, _metric, at in keys),
    ]


def _array(texts: Iterable[str]) -> str:
    """An array as PostgreSQL reads it, of texts that need no quotes: thrice as quick as a list of values."""
    return f"{{{','.join(texts)}}}"


def _known_told(
    ordered: Sequence[tuple[Key, tuple[int, float]]], known: Mapping[int, float], taken: Taken
) -> None:
    for number, value in known.items():
        place, told = ordered[number - 1][1]
        if value == told:
            taken.repeated += 1
        else:
            taken.refused.append(Refused(place, "value", "differs", _why("differs", None)))


def _series_moving(fresh: Mapping[Series, Sequence[Point]]) -> set[Series]:
    """Those of which an episode stands, or ended after the first new reading: calm readings may end it or lengthen it."""
    if not fresh:
        return set()
    earliest = min(point.at for points in fresh.values() for point in points)
    rows = Episode.objects.filter(device__in={device for device, _metric in fresh})
    return set(rows.filter(Q(ended_at=None) | Q(ended_at__gt=earliest)).values_list("device_id", "metric"))


def _episodes_kept(series: Series, first: datetime, limit: Limit) -> list[Episode]:
    """Count anew from a little before the first new reading, keep what changed, and return the episodes that are new."""
    with connection.cursor() as cursor:
        cursor.execute(BEFORE, [*series, first, limit.memory])
        points = [Point(*row) for row in reversed(cursor.fetchall())]
        cursor.execute(SINCE, [*series, first])
        points += [Point(*row) for row in cursor.fetchall()]
        begin = points[0].at
        cursor.execute(EPISODES, [*series, begin])
        kept = [KeptEpisode(*row) for row in cursor.fetchall()]
    found = episodes_found(points, limit, standing=is_standing(kept, begin, first))
    return [
        row
        for change in episodes_reconciled(kept, found, limit)
        if (row := _change_write(series, change, limit))
    ]


def _change_write(series: Series, change: KeptEpisode, limit: Limit) -> Episode | None:
    values = {"began_at": change.began_at, "ended_at": change.ended_at, "worst": change.worst}
    if change.id:
        Episode.objects.filter(pk=change.id).update(**values)
        return None
    device, metric = series
    return Episode.objects.create(
        device_id=device, metric=metric, confirmed_at=change.confirmed_at, bound=change.bound, rule_id=limit.rule, **values
    )  # fmt: skip


def episode_attach(*, episode: Episode, case: int) -> None:
    """The case that an episode became."""
    with kernel_writes():
        Episode.objects.filter(pk=episode.pk, case=None).update(case=case)
