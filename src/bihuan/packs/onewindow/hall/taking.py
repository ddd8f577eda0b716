"""Tickets: taken, given up, come back to, and closed at the day's end. Each is an entry of the ticket's own stream, without a name."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from bihuan.kernel.appointments.models import Booking
from bihuan.kernel.appointments.selectors import booking_found
from bihuan.kernel.appointments.services import booking_arrive
from bihuan.kernel.identity.scope import Scope, day_of
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.kernel.notices.services import notice_put
from bihuan.kernel.numbering.formats import FormatError, NumberFormat
from bihuan.kernel.numbering.services import numbers_take
from bihuan.kernel.workflow.model import actor
from bihuan.lib.identifiers import (
    id_number_birth_date,
    id_number_fault,
    id_number_normal,
    phone_kind,
    phone_normal,
)
from bihuan.lib.masking import mask_id
from bihuan.lib.refusals import Conflict, NotFound, Refusal
from bihuan.lib.text import FieldError, clean_text, key_cleaned
from bihuan.packs.onewindow.catalogue.selectors import version_on
from bihuan.packs.onewindow.hall.evaluating import service_open
from bihuan.packs.onewindow.hall.models import Ticket
from bihuan.packs.onewindow.hall.rules import (
    CLOSED,
    COUNTER,
    GIVEN_UP,
    HEAD_STARTS,
    KIOSK,
    MAY,
    OPEN,
    PHONE,
    SERVED,
    SERVING,
    WAITING,
    Terms,
    group_of,
    priority_by_birth,
    turn_of,
    turn_of_return,
)
from bihuan.packs.onewindow.hall.selectors import before, hall_hours, hall_span, hours_told, terms_now

WAYS = (PHONE, KIOSK, COUNTER)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a ticket is asked for: in which hall (unit), for which item (id) or group ("": the item's own), by which way, with which
    priority, by whom (identity and telephone number, both may be ""), with which booking and its code ("": none).

    Again with the same `key` the ticket taken first is returned, in the same hall, on the same day and by the same way alone.
    """

    unit: int
    key: str
    way: str
    group: str = ""
    item: int | None = None
    priority: str = ""
    id_number: str = ""
    phone: str = ""
    booking: str = ""
    code: str = ""


def form_key(typed: str) -> str:
    """The key of a ticket that a form asks for, from the form's own ("": none): never one that we give ourselves."""
    return f"form:{key_cleaned(typed, most=59) or uuid4().hex}"


def ticket_take(*, wanted: Wanted, by: int, now: datetime) -> Ticket:
    """Take a number. Refusal outside the hall's hours, for a booking of another hall or day, or while the same person holds an open
    number of the group; FieldError names the field. Then nothing was written.
    """
    terms, today = terms_now(now), day_of(now)
    if wanted.way not in WAYS:
        raise FieldError("way", "choice", "不是可选的值。")
    _check_hours(wanted.unit, now, terms)
    holder, priority = holder_checked(wanted, terms, now)
    phone = phone_checked(wanted.phone)
    with kernel_writes():
        _key_lock(wanted.key)
        if known := Ticket.objects.filter(key=wanted.key).first():
            if (known.unit_id, known.day, known.way) != (wanted.unit, today, wanted.way):
                raise Conflict("ticket_key", _("这一页已经取过号了,请重新打开再取。"))
            return known
        group = _group(wanted, terms, now)
        booking = _booking(wanted, now)
        turn = turn_of(terms, group, taken=now, priority=priority, booked=booking.begin if booking else None)
        made = Ticket(
            unit_id=wanted.unit, day=today, group=group, key=wanted.key, way=wanted.way, item_id=wanted.item, priority=priority,
            booking=booking, holder=mask_id(holder) if holder else "", holder_key=_holder_key(holder or phone), phone=phone, turn=turn,
            taken_at=now,
        )  # fmt: skip
        _insert(made)
        told = {
            "group": group,
            "number": made.number,
            "way": made.way,
            "priority": priority,
            "item": wanted.item,
        }
        ticket_enter(made, "ticket_taken", {**told, "booking": booking.pk if booking else None}, by, now)
        if phone:
            ticket_tell(made, "ticket_taken", now=now, ahead=before(made, terms, now))
    return made


def _key_lock(key: str) -> None:
    """Whoever sends the same key at the same moment waits, then finds the ticket."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('onewindow_ticket'), hashtext(%s))", [key])


def _check_hours(unit: int, now: datetime, terms: Terms) -> None:
    span, hours = hall_span(unit, day_of(now)), hours_told(hall_hours(unit, day_of(now)))
    if span is None:
        raise Refusal("hall_shut", _("大厅今天不办理,不能取号。请在办理日来,或先预约。"))
    if not span[0] - timedelta(minutes=terms.of("early")) <= now < span[1]:
        raise Refusal("hall_hours", _("现在不能取号。今天的办理时间:%s。") % hours)


def holder_checked(wanted: Wanted, terms: Terms, now: datetime) -> tuple[str, str]:
    """The checked identity number ("" for none) and the priority: as said, or by age."""
    if wanted.priority and wanted.priority not in HEAD_STARTS:
        raise FieldError("priority", "choice", "不是可选的值。")
    text = clean_text(wanted.id_number, field="id_number", max_length=40, multiline=False)
    if not text:
        return "", wanted.priority
    if fault := id_number_fault(text, today=day_of(now)):
        raise FieldError("id_number", "id_number", f"{fault}。")
    number = id_number_normal(text)
    return number, wanted.priority or priority_by_birth(terms, id_number_birth_date(number), day_of(now))


def phone_checked(text: str) -> str:
    """A mobile number as it is kept ("" for none). FieldError for what is none."""
    plain = clean_text(text, field="phone", max_length=30, multiline=False)
    if plain and phone_kind(plain) != "mobile":
        raise FieldError("phone", "phone", _("请填11位手机号。"))
    return phone_normal(plain) if plain else ""


def _holder_key(holder: str) -> str:
    key = f"holders of tickets\0{settings.SECRET_KEY}".encode()
    return hmac.new(key, holder.encode(), sha256).hexdigest() if holder else ""


def _group(wanted: Wanted, terms: Terms, now: datetime) -> str:
    if wanted.item is not None:
        version = version_on(wanted.item, day_of(now))
        if version is None or not version.active:
            raise FieldError("item", "unknown", "没有这个事项,或已停用。")
        return group_of(f"{version.name} {version.theme} {version.organ}", terms.groups).code
    if terms.group(wanted.group) is None:
        raise FieldError("group", "choice", _("请选办什么。"))
    return wanted.group


def _booking(wanted: Wanted, now: datetime) -> Booking | None:
    """The booking that is kept with this ticket, registered as arrived."""
    if not wanted.booking:
        return None
    found = booking_found(number=wanted.booking, code=wanted.code)
    if found.resource.unit_id != wanted.unit:
        raise Refusal("booking_unit", _("这是别的单位的预约。"), field="booking")
    return booking_arrive(booking=found.pk, scope=Scope(0, (), (wanted.unit,), False), now=now)


def _insert(made: Ticket) -> None:
    """With the group's next number of the day: without gaps, never twice."""
    format_ = NumberFormat(f"ticket{made.unit_id}", "{date:%Y%m%d}{item}{serial:4}", item_pattern="[A-Z]")
    try:
        with transaction.atomic():
            (made.number,) = numbers_take(format_=format_, on=made.day, item=made.group)
            made.save(force_insert=True)
    except FormatError:
        raise Refusal("ticket_full", _("今天的号已取完,请明天再来,或先预约。")) from None
    except IntegrityError as error:
        if "onewindow_ticket_one_of_a_holder" not in str(error):
            raise
        raise Conflict("ticket_open", _("您已经取了这一类的号,还没有办。请用手上的号,或先放弃它。")) from None


def ticket_return(*, ticket: int, unit: int, by: int, now: datetime) -> Ticket:
    """One who missed the call is back: into the queue by the rule, so often as the policy allows. NotFound for another hall's."""
    terms = terms_now(now)
    with kernel_writes():
        found = ticket_locked(ticket, "return", now, unit=unit)
        if found.returns >= terms.of("returns"):
            raise Refusal("ticket_returned", _("这个号已经过号重排过,请重新取号。"))
        found.state, found.turn, found.calls, found.window = WAITING, turn_of_return(terms, now), 0, None
        found.returns += 1
        found.save()
        ticket_enter(found, "ticket_returned", {}, by, now)
    return found


def ticket_give_up(*, ticket: int, by: int, now: datetime) -> Ticket:
    """They do not want to wait any longer."""
    with kernel_writes():
        found = ticket_locked(ticket, "give_up", now)
        found.state, found.ended_at = GIVEN_UP, now
        found.save()
        ticket_enter(found, "ticket_given_up", {}, by, now)
    return found


def tickets_close(*, now: datetime) -> int:
    """The end of the day, so many minutes after a hall's last hour: what is left is closed, those who left a number are told, and what
    tells whose a ticket was is erased (the telephone numbers the next day, when the messages are out). Returns how many were closed.
    """
    with kernel_writes():
        Ticket.objects.filter(day__lt=day_of(now)).exclude(phone="").exclude(state__in=OPEN).update(phone="")
        rows = Ticket.objects.filter(Q(state__in=OPEN) | ~Q(holder_key=""))
        days = sorted(rows.values_list("unit_id", "day").distinct())
    grace = timedelta(minutes=terms_now(now).of("close"))
    closed = 0
    for unit, day in days:
        span = hall_span(unit, day)
        if day < day_of(now) or (span is not None and now >= span[1] + grace):
            closed += hall_close(unit=unit, day=day, by=0, now=now)
    return closed


def hall_close(*, unit: int, day: date, by: int, now: datetime) -> int:
    """Close what is left of a hall's day, as above. Returns how many tickets."""
    with kernel_writes():
        rows = list(
            Ticket.objects.select_for_update().filter(unit=unit, day=day, state__in=OPEN).order_by("pk")
        )
        for ticket in rows:
            ticket.state = SERVED if ticket.state == SERVING else CLOSED
            ticket.ended_at = now
            if ticket.state == CLOSED and ticket.phone:
                ticket_tell(ticket, "ticket_closed", now=now)
            ticket.save()
            ticket_enter(ticket, "ticket_closed", {"served": ticket.state == SERVED}, by, now)
            if ticket.state == SERVED:
                service_open(ticket, now=now)
        Ticket.objects.filter(unit=unit, day=day).exclude(holder_key="").update(holder="", holder_key="")
    return len(rows)


def ticket_locked(ticket: int, what: str, now: datetime, **of: int) -> Ticket:
    """A ticket of today under its lock that allows `what`, `of` that unit where one is said; within `kernel_writes`. Refusal says
    how it stands."""
    found = Ticket.objects.select_for_update(of=("self",)).filter(pk=ticket, **of).first()
    if found is None:
        raise NotFound("not_found", _("没有找到,或您无权查看。"))
    if found.day != day_of(now):
        raise Refusal("ticket_day", _("这不是今天的号。请重新取号。"))
    if found.state not in MAY[what]:
        raise Conflict(
            "ticket_state",
            _("%(number)s 号现在是“%(state)s”,不能这样办。")
            % {"number": found.shown, "state": Ticket.State(found.state).label},
        )
    return found


def ticket_enter(ticket: Ticket, kind: str, data: Mapping[str, Any], by: int, now: datetime) -> None:
    """An entry of the ticket's stream; numbers and states alone."""
    register_append(
        stream=f"ticket:{ticket.pk}", kind=kind, at=now, by=actor(by), data={"ticket": ticket.pk, **data}
    )


def ticket_tell(ticket: Ticket, template: str, *, now: datetime, ahead: int = 0) -> int:
    """A message to whoever left a telephone number; a key already known puts nothing (0)."""
    return notice_put(
        channel="sms",
        template=template,
        key=f"ticket:{ticket.pk}:{template}",
        now=now,
        context={"number": ticket.shown, "count": ahead},
        target=f"ticket:{ticket.pk}",
    )
