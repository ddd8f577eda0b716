"""What administrators keep: resources, and the dated changes of their hours. Each change is an entry of the register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bihuan.kernel.appointments.models import HoursChange, Resource
from bihuan.kernel.clocks.calendar import CalendarError, shifts_parse
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.powers import power_require
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import Refusal
from bihuan.lib.text import clean_text

STREAM = "appointments"
POWER = "system_admin"


@dataclass(frozen=True, slots=True)
class HoursGiven:
    """Hours of a unit, or of one of its resources (an id; None: of all), added or (`closed`) taken away from `first` to `last` (None: until
    further notice), `on` working days, days off or all (`rules.Changed`). `hours` is written 12:00-14:00,17:30-20:00."""

    unit: Unit
    resource: int | None
    first: date
    last: date | None
    on: str
    hours: str
    closed: bool
    reason: str


def resource_set(*, resource: int | None, values: dict[str, Any], by: int, now: datetime) -> Resource:
    """Add a resource, or change one: code, name, name_en, kind, unit (id), minutes, buffer, open_to_public, active.

    The system administrator's. Bookings that stand keep their times. Refusal for a code that is taken.
    """
    power_require(POWER, by=by, now=now)
    code = clean_text(values["code"], field="code", max_length=40, min_length=1, multiline=False)
    name = clean_text(values["name"], field="name", max_length=60, min_length=1, multiline=False)
    if not 5 <= values["minutes"] <= 480 or not 0 <= values["buffer"] <= 240:
        raise Refusal("range", _("一次 5 至 480 分钟,间隔 0 至 240 分钟。"), field="minutes")
    with kernel_writes():
        found = Resource.objects.select_for_update().filter(pk=resource).first() or Resource()
        for field, value in {**values, "code": code, "name": name}.items():
            setattr(found, "unit_id" if field == "unit" else field, value)
        try:
            with transaction.atomic():
                found.save()
        except IntegrityError:
            raise Refusal("duplicate", _("这个编号已登记过。"), field="code") from None
        data = {**values, "code": code, "name": name, "resource": found.pk}
        register_append(stream=STREAM, kind="resource_set", at=now, by=by, data=data)
    return found


def hours_change_add(*, given: HoursGiven, by: int, now: datetime) -> HoursChange:
    """Add hours to a unit's (延时服务), or take some away (停办), from a day on.

    The system administrator's. Bookings that stand are not moved: their unit sees them on its day. Refusal or FieldError names the field.
    """
    power_require(POWER, by=by, now=now)
    try:
        shifts = [list(shift) for shift in shifts_parse(given.hours)]
    except CalendarError as error:
        raise Refusal("hours", str(error), field="hours") from None
    if given.last is not None and given.last < given.first:
        raise Refusal("dates", _("起止日期不对。"), field="last")
    why = clean_text(given.reason, field="reason", max_length=200, min_length=2, multiline=False)
    with kernel_writes():
        made = HoursChange.objects.create(
            unit=given.unit, resource_id=given.resource, first=given.first, last=given.last, on=given.on, shifts=shifts,
            closed=given.closed, reason=why,
        )  # fmt: skip
        data = {
            "change": made.pk, "unit": given.unit.pk, "resource": given.resource, "first": given.first, "last": given.last, "on": given.on,
            "hours": given.hours, "closed": given.closed, "reason": why,
        }  # fmt: skip
        register_append(stream=STREAM, kind="hours_changed", at=now, by=by, data=data)
    return made


def hours_change_end(*, change: int, last: date, by: int, now: datetime) -> None:
    """It holds until this day, and no longer."""
    power_require(POWER, by=by, now=now)
    with kernel_writes():
        found = HoursChange.objects.select_for_update().get(pk=change)
        if last < found.first:
            raise Refusal("dates", _("起止日期不对。"), field="last")
        found.last = last
        found.save(update_fields=["last"])
        register_append(
            stream=STREAM, kind="hours_ended", at=now, by=by, data={"change": change, "last": last}
        )
