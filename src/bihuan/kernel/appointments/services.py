"""Booking, moving, cancelling, arriving. Each writes an entry into the booking's own stream; `by` is a person's id, 0 the system,
BY_REPORTER a citizen without an account, whose caller has checked number and code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from bihuan.kernel.appointments.models import Booking, Resource
from bihuan.kernel.appointments.rules import ARRIVED, BOOKED, CANCELLED, MISSED, Slot, may_change
from bihuan.kernel.appointments.selectors import amount, resources_offered
from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.notices.services import notice_put
from bihuan.kernel.numbering.formats import NumberFormat
from bihuan.kernel.numbering.services import numbers_take
from bihuan.kernel.workflow.model import BY_REPORTER, actor
from bihuan.lib.identifiers import phone_fault, phone_kind, phone_normal
from bihuan.lib.refusals import Conflict, NotFound, NotPermitted, Refusal
from bihuan.lib.text import SHANGHAI, FieldError, clean_text

FORMAT = NumberFormat("booking", "YY{date:%Y%m%d}{serial:4}")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be booked: one of these resources (the first that is free) from `begin` on, for whom, for which case (None: none).

    Again with the same `key`, by the same person, the booking made first is returned.
    """

    resources: Sequence[int]
    begin: datetime
    name: str
    phone: str = ""
    case: int | None = None
    key: str = ""


def booking_make(*, wish: Wish, by: int, now: datetime) -> Booking:
    """Book. Conflict (409) when the time is taken or the key is another's, Refusal when it is past, outside the hours or too far ahead, or when the
    citizen has missed or holds too many; FieldError names the field. Then nothing was written.
    """
    name = clean_text(wish.name, field="name", max_length=60, min_length=1, multiline=False)
    phone = _phone(wish.phone, needed=by == BY_REPORTER)
    with kernel_writes():
        _await(phone)
        _await(wish.key)
        if wish.key and (known := Booking.objects.filter(key=wish.key).first()):
            if (known.name, known.phone, known.case_id) != (name, phone, wish.case):
                raise Conflict("key_taken", _("这张表单已经用来办过另一件,请重新打开页面再填。"))
            return known
        if wish.case is not None and not Case.objects.filter(pk=wish.case).exists():
            raise NotFound("not_found", _("没有找到,或您无权查看。"))
        if by == BY_REPORTER:
            _check_citizen(phone, now)
        for resource, slot in _slots(wish.resources, wish.begin, now):
            made = Booking(
                resource=resource, begin=slot.begin, end=slot.end, held=_held(resource, slot), name=name, phone=phone,
                case_id=wish.case, made_at=now, key=wish.key or None,
            )  # fmt: skip
            with _taken_passed():
                made.number = numbers_take(format_=FORMAT, on=day_of(now))[0]
                made.save(force_insert=True)
                data = {**_told(made), "number": made.number, "case": wish.case}
                _enter(made, "booked", data, by, now, private={"name": name, "phone": phone})
                _notify(made, "booking_made", now)
                return made
    raise _taken()


def booking_move(
    *, booking: int, resources: Sequence[int], begin: datetime, by: int, now: datetime
) -> Booking:
    """Move it to another time; number and code stay. Raises as `booking_make`; the old time is free only if the new one is held."""
    with _standing(booking, by, now) as found:
        if begin == found.begin:
            return found
        for resource, slot in _slots(resources, begin, now):
            with _taken_passed():
                found.resource, found.begin, found.end = resource, slot.begin, slot.end
                found.held = _held(resource, slot)
                found.save(update_fields=["resource", "begin", "end", "held"])
                _enter(found, "moved", _told(found), by, now)
                _notify(found, "booking_moved", now)
                return found
    raise _taken()


def booking_cancel(*, booking: int, by: int, now: datetime) -> Booking:
    """Give the time back."""
    with _standing(booking, by, now) as found:
        found.state = CANCELLED
        found.save(update_fields=["state"])
        _enter(found, "cancelled", {}, by, now)
        _notify(found, "booking_cancelled", now)
    return found


def booking_arrive(*, booking: int, scope: Scope, now: datetime) -> Booking:
    """They have come: said by somebody of the unit, on the day itself. Refusal when it does not stand any more."""
    with kernel_writes():
        found = _locked(booking)
        if not scope.everything and found.resource.unit_id not in scope.units:
            raise NotPermitted("not_permitted", _("这是别的单位的预约。"))
        if found.state != BOOKED:
            raise _state(found)
        if day_of(found.begin) != day_of(now):
            raise Refusal("booking_day", _("不是今天的预约,不能登记到达。"))
        found.state = ARRIVED
        found.save(update_fields=["state"])
        _enter(found, "arrived", {}, scope.person, now)
    return found


def stream_of(booking: int) -> str:
    """The stream of a booking in the ledger."""
    return f"booking:{booking}"


def booking_miss(found: Booking, now: datetime) -> None:
    """Nobody came. For the sweep, which holds the row."""
    found.state = MISSED
    found.save(update_fields=["state"])
    _enter(found, "missed", {}, 0, now)


def _phone(phone: str, *, needed: bool) -> str:
    text = clean_text(phone, field="phone", max_length=30, min_length=1 if needed else 0, multiline=False)
    if text and (fault := phone_fault(text)):
        raise FieldError("phone", "phone", fault)
    if needed and phone_kind(text) not in ("mobile", "landline"):
        raise FieldError("phone", "phone", "请填手机号,或带区号的固定电话。")
    return phone_normal(text)


def _await(by: str) -> None:
    """Of two bookings by one number or with one key at once, a double click among them, the second sees the first."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('appointments'), hashtext(%s))", [by])


def _check_citizen(phone: str, now: datetime) -> None:
    mine = Booking.objects.filter(phone=phone)
    if mine.filter(state=BOOKED, begin__gt=now).count() >= amount("appointments.most_open", now):
        raise Refusal(
            "booking_open", _("这个电话已有几个预约没有办。先办完或取消一个,再约新的。"), field="phone"
        )
    since = now - timedelta(days=amount("appointments.missed_days", now))
    if mine.filter(state=MISSED, begin__gte=since).count() >= amount("appointments.most_missed", now):
        raise Refusal(
            "booking_missed", _("约了几次没有来,近期不能提前预约。可以当天到现场取号办理。"), field="phone"
        )


def _slots(resources: Sequence[int], begin: datetime, now: datetime) -> Iterator[tuple[Resource, Slot]]:
    """Each of the resources that is in use and free at this time; Refusal when none of them has such a slot at all."""
    if begin <= now:
        raise Refusal("booking_past", _("这个时间已经过了,请选以后的时间。"), field="begin")
    day = day_of(begin)
    if (day - day_of(now)).days > amount("appointments.ahead_days", now):
        raise Refusal("booking_ahead", _("这一天还不能预约,请选近一些的日子。"), field="begin")
    offered = resources_offered(first=day, last=day, resources=resources)
    having = [one for one in offered if begin in {slot.begin for slot in one.slots(day)}]
    if not having:
        raise Refusal("booking_hours", _("这个时间不办理预约,请从列出的时间里选。"), field="begin")
    rows = Resource.objects.select_related("unit").in_bulk([one.id for one in having])
    for one in having:
        for slot in one.free(day, now):
            if slot.begin == begin:
                yield rows[one.id], slot


def _held(resource: Resource, slot: Slot) -> tuple[datetime, datetime]:
    return slot.begin, slot.end + timedelta(minutes=resource.buffer)


@contextmanager
def _taken_passed() -> Iterator[None]:
    """Somebody else was first: nothing of what was tried stays, and the next resource is tried."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "appointments_one_at_a_time" not in str(error):
            raise


def _taken() -> Conflict:
    return Conflict("booking_taken", _("这个时间刚被别人约走了,请另选一个时间。"), field="begin")


def _locked(booking: int) -> Booking:
    found = (
        Booking.objects.select_for_update(of=("self",))
        .select_related("resource__unit")
        .filter(pk=booking)
        .first()
    )
    if found is None:
        raise NotFound("not_found", _("没有找到,或您无权查看。"))
    return found


@contextmanager
def _standing(booking: int, by: int, now: datetime) -> Iterator[Booking]:
    """A booking that stands, under its lock, if it may still be changed by this one."""
    with kernel_writes():
        found = _locked(booking)
        if found.state != BOOKED:
            raise _state(found)
        minutes = amount("appointments.cancel_minutes", now)
        if by == BY_REPORTER and not may_change(found.begin, now, minutes):
            told = _("开始前 %s 分钟以内不能改约、取消。来不了的请打预约单位的电话。") % minutes
            raise Refusal("booking_late", told)
        yield found


def _state(found: Booking) -> Refusal:
    told = _("这个预约%s,不能这样办。") % Booking.State(found.state).label
    return Refusal("booking_state", told)


def _told(found: Booking) -> dict[str, Any]:
    return {"resource": found.resource_id, "begin": found.begin, "end": found.end}


def _enter(
    found: Booking, kind: str, data: Mapping[str, Any], by: int, now: datetime,
    *, private: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    texts = {name: text for name, text in (private or {}).items() if text}
    register_append(
        stream=stream_of(found.pk), kind=kind, at=now, by=actor(by), data={"booking": found.pk, **data}, private=texts
    )  # fmt: skip


def _notify(found: Booking, template: str, now: datetime) -> None:
    """To whoever booked, by message; without a number to the unit."""
    booking_tell(found, template, key=f"booking:{found.pk}:{template}:{int(now.timestamp())}", now=now)


def booking_tell(found: Booking, template: str, *, key: str, now: datetime) -> int:
    """Put a notice about a booking into the outbox; a key already known puts nothing (0)."""
    to: dict[str, Any] = {"target": stream_of(found.pk)} if found.phone else {"unit": found.resource.unit_id}
    return notice_put(
        channel="sms" if found.phone else "in_app",
        template=template,
        key=key,
        now=now,
        context={
            "number": found.number,
            "when": f"{found.begin.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
            "where": f"{found.resource.unit.name} {found.resource.name}",
            "state": found.state,
        },
        case=found.case_id,
        **to,
    )
