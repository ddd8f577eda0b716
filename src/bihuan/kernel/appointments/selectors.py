"""What is free, and what a unit's day holds."""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.appointments.models import Booking
from bihuan.kernel.appointments.rules import (
    DEFAULTS,
    Changed,
    Slot,
    changed_read,
    hours_of_day,
    slots_free,
    slots_of,
)
from bihuan.kernel.clocks.calendar import BEIJING, Calendar, day_number
from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.codes import code_is, code_of
from bihuan.lib.refusals import NotFound

OFFERED = """
    select r.id, r.name, r.name_en, r.kind, r.unit_id, r.minutes, r.buffer,
        coalesce((select json_agg(json_build_array(extract(epoch from lower(b.held)), extract(epoch from upper(b.held))))
            from appointments_booking b where b.resource_id = r.id and b.state in ('booked', 'arrived')
            and b.held && tstzrange(%(from)s, %(to)s)), '[]'),
        coalesce((select json_agg(json_build_object('first', h.first, 'last', h.last, 'on', h."on", 'shifts', h.shifts,
            'closed', h.closed)) from appointments_hours_change h
            where h.unit_id = r.unit_id and (h.resource_id is null or h.resource_id = r.id)
            and h.first <= %(last)s and (h.last is null or h.last >= %(first)s)), '[]')
    from appointments_resource r
    where r.active and (%(unit)s::bigint is null or r.unit_id = %(unit)s) and (not %(public)s or r.open_to_public)
        and (%(resources)s::bigint[] is null or r.id = any(%(resources)s))
    order by r.unit_id, r.kind desc, r.code
"""


@dataclass(frozen=True, slots=True)
class Offered:
    """A resource in a stretch of days: its changed hours, and by day what is held of it."""

    id: int
    name: str
    name_en: str
    kind: str
    unit: int
    minutes: int
    buffer: int
    held: dict[date, list[tuple[datetime, datetime]]]
    changes: tuple[Changed, ...]
    calendar: Calendar

    def slots(self, day: date) -> list[Slot]:
        """All slots of a day, whether free or not."""
        number = day_number(day)
        shifts = hours_of_day(
            day,
            working=self.calendar.is_working(number),
            office=self.calendar.hours_of(number).shifts,
            changes=self.changes,
        )
        return slots_of(day, shifts, minutes=self.minutes, buffer=self.buffer)

    def free(self, day: date, now: datetime) -> list[Slot]:
        """The slots of a day that can be booked at `now`."""
        return slots_free(self.slots(day), self.held.get(day, ()), now)


def resources_offered(
    *,
    first: date,
    last: date,
    unit: int | None = None,
    resources: Sequence[int] | None = None,
    public: bool = False,
) -> list[Offered]:
    """The resources in use (of a unit, or these; `public`: those that citizens may book), with what is held from `first` to `last`. One
    query, whatever the number of days and resources.
    """
    begin, end = (datetime.combine(day, time(), BEIJING) for day in (first, last + timedelta(days=1)))
    values = {"from": begin, "to": end, "first": first, "last": last, "unit": unit, "public": public,
              "resources": None if resources is None else list(resources)}  # fmt: skip
    calendar = rulebook().calendar
    with kernel_writes(), connection.cursor() as cursor:  # times alone: whose they are is not read
        cursor.execute(OFFERED, values)
        rows = cursor.fetchall()
    return [_offered(row, calendar) for row in rows]


def _offered(row: Sequence[Any], calendar: Calendar) -> Offered:
    id_, name, name_en, kind, unit, minutes, buffer, held, changes = row
    changed = tuple(map(changed_read, changes))
    return Offered(id_, name, name_en, kind, unit, minutes, buffer, _by_day(held), changed, calendar)


def _by_day(held: list[list[float]]) -> dict[date, list[tuple[datetime, datetime]]]:
    days: dict[date, list[tuple[datetime, datetime]]] = defaultdict(list)
    for begin, end in held:
        pair = (datetime.fromtimestamp(begin, BEIJING), datetime.fromtimestamp(end, BEIJING))
        for day in {moment.date() for moment in pair}:
            days[day].append(pair)
    return days


def bookings_day(*, day: date, units: Sequence[int] | None) -> QuerySet[Booking]:
    """The bookings of a day in these units (None: of all that the scope sees), in the order of their times, without cancelled ones."""
    begin = datetime.combine(day, time(), BEIJING)
    rows = Booking.objects.filter(begin__gte=begin, begin__lt=begin + timedelta(days=1)).exclude(
        state="cancelled"
    )
    if units is not None:
        rows = rows.filter(resource__unit__in=units)
    return rows.select_related("resource__unit", "case").order_by("begin", "resource__code", "pk")


def booking_found(*, number: str, code: str) -> Booking:
    """The booking that this number and code open; the same NotFound whichever is wrong."""
    wanted = number.strip().upper()[:20].replace("\0", "")
    with kernel_writes():
        found = Booking.objects.select_related("resource__unit").filter(number=wanted).first()
    if not code_is(code, *(_code(found.pk if found else 0, key) for key in _keys())) or found is None:
        raise NotFound("booking", _("预约号或查询码不对,请照收到的再填一次。"), field="code")
    return found


def booking_code(booking: int) -> str:
    """The code by which a booking is changed: nothing is stored, the server's key makes it."""
    return _code(booking, settings.SECRET_KEY)


def amount(code: str, now: datetime) -> int:
    """A number that a policy sets: see `rules.DEFAULTS`."""
    return int(rulebook().value(code, region=settings.REGION, on=day_of(now), default=DEFAULTS[code]))


def _keys() -> tuple[Any, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


def _code(booking: int, key: str) -> str:
    return code_of(hmac.new(f"code of bookings\0{key}".encode(), str(booking).encode(), sha256).digest())
