"""Writing sites: entered, joined to the platform, their turns, devices, and accidents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.packs.fire.keys import key_taken
from bihuan.packs.fire.merging.selectors import is_own_permit, project_of_permit
from bihuan.packs.fire.models import Accident, Project, Site, SiteEvent
from bihuan.packs.fire.roles import SITE_OFFICER, SITE_SUPERVISOR
from bihuan.packs.fire.sites.kinds import DEVICES
from bihuan.packs.fire.sites.life import EVENTS, grade_of, turn_fault
from bihuan.telemetry.models import Device
from bihuan.telemetry.selectors import devices_of
from bihuan.telemetry.services import device_enter, device_retire

STREAM = "fire.sites"


@dataclass(frozen=True, slots=True)
class SiteGiven:
    """A site as it is entered: names, days, area in m²; `joined_on` when it came onto the platform (None: it has not)."""

    name: str
    kind: str
    contractor: str
    zone: str
    place: str
    permit: str
    permitted_on: date
    area: Any = None
    supervision: str = ""
    project: int | None = None
    contractor_unit: int | None = None
    joined_on: date | None = None


def subject_of(site: int | str) -> str:
    """How telemetry calls a site."""
    return f"fire.site:{site}"


def unit_keeping(scope: Scope) -> int:
    """The unit for which this person supervises sites. NotPermitted for nobody's."""
    for held in scope.held:
        if held.role == SITE_SUPERVISOR:
            return held.unit
    raise NotPermitted("not_permitted", _("只有工地监管人员可以办理。"))


def site_found(site: int, scope: Scope, *, officer: bool = False) -> Site:
    """The site, locked, if the person supervises it, or with `officer` works there. NotFound otherwise."""
    keeping = {held.unit for held in scope.held if held.role == SITE_SUPERVISOR}
    working = {held.unit for held in scope.held if held.role == SITE_OFFICER} if officer else set()
    row = Site.objects.select_for_update(of=("self",)).filter(pk=site).first()
    if row is None or not (row.unit_id in keeping or row.contractor_unit_id in working):
        raise NotFound("not_found", _("没有这个工地,或您无权办理。"))
    return row


def site_enter(*, scope: Scope, given: SiteGiven, key: str, now: datetime) -> Site:
    """Enter a site at its permit, of the project that the permit was issued to; again with the same `key` it is returned as it is.
    Conflict for the key of another unit's; Refusal for a permit that is taken, or that looks like one of ours and is no permit of the person's
    district, whether another has it or nobody; Refusal for a day to come."""
    unit, today = unit_keeping(scope), day_of(now)
    for name, day in (("permitted_on", given.permitted_on), ("joined_on", given.joined_on)):
        if day is not None and day > today:
            raise Refusal("future_date", _("不能晚于现在。"), field=name)
    with transaction.atomic(), kernel_writes():
        known = Site.objects.filter(key=key).first()
        if known:
            if known.unit_id != unit:
                raise key_taken()
            return known
        given = replace(given, project=_project_of(given, unit))
        values: Mapping[str, Any] = {name: getattr(given, name) for name in SiteGiven.__dataclass_fields__}
        named = {
            f"{name}_id" if name in ("project", "contractor_unit") else name: value
            for name, value in values.items()
        }
        try:
            with transaction.atomic():
                row = Site.objects.create(**named, unit_id=unit, stage="permitted", entered_at=now, key=key)
        except IntegrityError:
            raise Refusal("duplicate", _("这个施工许可证号已登记过。"), field="permit") from None
        data = {"site": row.pk, **values, "area": None if given.area is None else str(given.area)}
        register_append(stream=STREAM, kind="site_entered", at=now, by=scope.person, data=data)
    return row


def _project_of(given: SiteGiven, unit: int) -> int | None:
    """The project that a site's permit was issued to, None for a permit of elsewhere. Refusal for one of ours outside the district of `unit`."""
    project = given.project or project_of_permit(given.permit)
    if project is None and not is_own_permit(given.permit):
        return None
    keeper = Project.objects.filter(pk=project).values_list("unit", flat=True).first()
    if keeper is None or _district(unit) not in _above(keeper):
        raise Refusal("no_permit", _("您的辖区里没有这个施工许可证,请核对证号。"), field="permit")
    return project


def _district(unit: int) -> Unit:
    """The territory that a unit works for: of a zone's department the city, of a county's the county."""
    above = _above(unit)
    return next((one for one in above if one.kind == Unit.Kind.TERRITORY), above[0])


def _above(unit: int) -> list[Unit]:
    """A unit and those above it, the nearest first."""
    found, row = [], Unit.objects.filter(pk=unit).first()
    while row is not None:
        found.append(row)
        row = row.parent
    return found


def site_turn(*, scope: Scope, site: int, code: str, on: date, note: str, now: datetime) -> SiteEvent:
    """A turn of a site's life: started, stopped, resumed, accepted. Refusal for one that may not follow, or a day that cannot be."""
    turn = {one.code: one for one in EVENTS}.get(code)
    with transaction.atomic(), kernel_writes():
        row = site_found(site, scope)
        latest = row.events.order_by("-on").values_list("on", flat=True).first()
        fault = turn_fault(row.stage, code, on, last=latest or row.permitted_on, today=day_of(now))
        if turn is None or fault == "state":
            raise Refusal("site_state", _("工地现在的阶段不能登记这一项。"), field="code")
        if fault == "too_early":
            raise Refusal("too_early", _("不能早于上一次登记的日子。"), field="on")
        if fault:
            raise Refusal("future_date", _("不能晚于现在。"), field="on")
        day = {"started": {"started_on": on}, "accepted": {"accepted_on": on}}.get(code, {})
        Site.objects.filter(pk=row.pk).update(stage=turn.target, **day)
        made = SiteEvent.objects.create(
            site=row, kind=code, on=on, note=note, by_id=scope.person, recorded_at=now
        )
        data = {"site": row.pk, "turn": code, "on": on.isoformat()}
        register_append(
            stream=STREAM, kind="site_turned", at=now, by=scope.person, data=data, private=_private(note)
        )
    return made


def site_join(*, scope: Scope, site: int, on: date, now: datetime) -> None:
    """The site is on the platform from a day on, once."""
    with transaction.atomic(), kernel_writes():
        row = site_found(site, scope)
        if row.joined_on is not None:
            raise Refusal("site_joined", _("这个工地已经纳入平台。"))
        if on > day_of(now):
            raise Refusal("future_date", _("不能晚于现在。"), field="on")
        Site.objects.filter(pk=row.pk).update(joined_on=on)
        register_append(
            stream=STREAM,
            kind="site_joined",
            at=now,
            by=scope.person,
            data={"site": row.pk, "on": on.isoformat()},
        )


def site_device_enter(*, scope: Scope, site: int, code: str, kind: str, name: str, now: datetime) -> Device:
    """A device is put up on a site."""
    if kind not in DEVICES:
        raise Refusal("choice", _("没有这一种设备。"), field="kind")
    with transaction.atomic(), kernel_writes():
        row = site_found(site, scope)
        return device_enter(
            code=code, kind=kind, name=name, subject=subject_of(row.pk), unit=row.unit_id, operator=row.contractor_unit_id,
            by=scope.person, now=now,
        )  # fmt: skip


def site_device_retire(*, scope: Scope, site: int, device: int, now: datetime) -> None:
    """A device of a site is taken down. Refusal for one that does not stand there, or no more."""
    with transaction.atomic(), kernel_writes():
        row = site_found(site, scope)
        found = devices_of(subject_of(row.pk)).select_for_update(of=("self",)).filter(pk=device).first()
        if found is None:
            raise Refusal("device", _("这个工地没有这台设备,或已经撤下。"), field="device")
        device_retire(device=found, by=scope.person, now=now)


def accident_record(
    *, scope: Scope, site: int, at: datetime, deaths: int, injured: int, words: str, now: datetime
) -> Accident:
    """An accident happened on a site; its grade follows from the law."""
    if at > now:
        raise Refusal("future_date", _("不能晚于现在。"), field="at")
    with transaction.atomic(), kernel_writes():
        row = site_found(site, scope)
        made = Accident.objects.create(
            site=row, at=at, grade=grade_of(deaths, injured), deaths=deaths, injured=injured, words=words, by_id=scope.person,
            recorded_at=now,
        )  # fmt: skip
        data = {
            "site": row.pk,
            "happened_at": at.isoformat(),
            "grade": made.grade,
            "deaths": deaths,
            "injured": injured,
        }
        register_append(
            stream=STREAM,
            kind="accident_recorded",
            at=now,
            by=scope.person,
            data=data,
            private=_private(words),
        )
    return made


def _private(words: str) -> dict[str, str]:
    return {"words": words} if words else {}
