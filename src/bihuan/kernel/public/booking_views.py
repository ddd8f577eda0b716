"""Booking a time without an account: choose an office, a day and a time; afterwards move or cancel it by number and code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.kernel.appointments.models import Booking, Resource
from bihuan.kernel.appointments.rules import may_change
from bihuan.kernel.appointments.selectors import (
    Offered,
    amount,
    booking_code,
    booking_found,
    resources_offered,
)
from bihuan.kernel.appointments.services import Wish, booking_cancel, booking_make, booking_move
from bihuan.kernel.identity.addresses import address_of
from bihuan.kernel.identity.models import Unit
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.public.gates import gate_check, gate_count
from bihuan.kernel.public.sessions import OPENED
from bihuan.kernel.sentences import named, told
from bihuan.kernel.workflow.model import BY_REPORTER
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.lib.text import FieldError, key_cleaned

BOOKINGS = f"{OPENED}bookings"
MOST = 20


@require_GET
def offices(request: HttpRequest) -> HttpResponse:
    """For whoever wants to come without waiting: the offices where a time can be booked."""
    open_ = Resource.objects.filter(active=True, open_to_public=True).values("unit")
    return render(
        request, "public/offices.html", {"units": Unit.objects.filter(pk__in=open_).order_by("code")}
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, code: str) -> HttpResponse:
    """For whoever has chosen the office: a day, a time that is free, name and telephone number. With `move`, of a booking that this
    session has opened, the new time of it.
    """
    unit = Unit.objects.filter(code=code[:40]).first()
    if unit is None:
        raise Http404
    moving = _opened(request, (request.POST or request.GET).get("move", ""))
    if request.method != "POST":
        return _form(request, unit, moving)
    try:
        done = _booked(request, unit, moving)
    except (Refusal, FieldError) as error:
        return _form(request, unit, moving, error=error)
    _open(request, done)
    messages.success(request, _("已改约。") if moving else _("已预约。"))
    return HttpResponseRedirect(reverse("public:booking", args=[done.number]))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """For whoever has booked: number and code open the booking."""
    if request.method != "POST":
        return render(request, "public/booking_find.html", {"number": request.GET.get("number", "")[:20]})
    number, now = request.POST.get("number", "")[:20], request.now
    address, name = address_of(request), f"booking {number.strip().upper()}"
    try:
        gate_check("wrong_address", address, now)
        gate_check("wrong_number", name, now)
        found = booking_found(number=number, code=request.POST.get("code", ""))
    except Refusal as refusal:
        if isinstance(refusal, NotFound):
            gate_count("wrong_address", address, now)
            gate_count("wrong_number", name, now)
        context = {"number": number, "refusal": told(refusal)}
        return render(request, "public/booking_find.html", context, status=refusal.status)
    _open(request, found)
    return HttpResponseRedirect(reverse("public:booking", args=[found.number]))


@never_cache
@require_GET
def booking(request: HttpRequest, number: str) -> HttpResponse:
    """For whoever has booked: when and where, the code to keep, and the ways to move or cancel."""
    found = _opened(request, number)
    return _one(request, found) if found else _door(number)


@never_cache
@require_POST
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """For whoever cannot come: the time goes back."""
    found = _opened(request, number)
    if found is None:
        return _door(number)
    try:
        booking_cancel(booking=found.pk, by=BY_REPORTER, now=request.now)
    except Refusal as refusal:
        return _one(request, found, refusal=refusal)
    messages.success(request, _("已取消。"))
    return HttpResponseRedirect(reverse("public:booking", args=[number]))


def _booked(request: HttpRequest, unit: Unit, moving: Booking | None) -> Booking:
    now, address = request.now, address_of(request)
    begin = _moment(request.POST.get("begin", ""))
    offered = resources_offered(first=day_of(begin), last=day_of(begin), unit=unit.pk, public=True)
    resources = [one.id for one in _alike(offered, request.POST.get("what", ""), moving)]
    if moving:
        return booking_move(booking=moving.pk, resources=resources, begin=begin, by=BY_REPORTER, now=now)
    gate_check("report_address", address, now)
    wish = Wish(
        resources=resources,
        begin=begin,
        name=request.POST.get("name", ""),
        phone=request.POST.get("phone", ""),
        key=key_cleaned(request.POST.get("key", "")),
    )
    made = booking_make(wish=wish, by=BY_REPORTER, now=now)
    gate_count("report_address", address, now)
    return made


def _moment(text: str) -> datetime:
    try:
        begin = datetime.fromisoformat(text[:40])
        if begin.tzinfo is None or not 2000 < begin.year < 2100:
            raise ValueError
    except ValueError:
        raise FieldError("begin", "choice", _("请选一个时间。")) from None
    return begin


def _form(
    request: HttpRequest, unit: Unit, moving: Booking | None, *, error: Refusal | FieldError | None = None
) -> HttpResponse:
    now = request.now
    today, typed = day_of(now), request.POST or request.GET
    last = today + timedelta(days=amount("appointments.ahead_days", now))
    offered = resources_offered(first=today, last=last, unit=unit.pk, public=True)
    if not offered:
        raise Http404
    alike = _alike(offered, typed.get("what", ""), moving)
    days: dict[date, set[datetime]] = {}
    for day in (today + timedelta(days=n) for n in range((last - today).days + 1)):
        times = {slot.begin for one in alike for slot in one.free(day, now)}
        if times:
            days[day] = times
    chosen, used = _day(typed.get("day", ""), days), getattr(error, "code", "") == "key_taken"
    context = {
        "unit": unit,
        "whats": [] if moving else _whats(offered),
        "what": alike[0].name,
        "days": list(days),
        "day": chosen,
        "times": sorted(days.get(chosen, ())) if chosen else [],
        "moving": moving,
        "typed": {name: typed.get(name, "")[:60] for name in ("name", "phone", "begin")},
        "key": ("" if used else key_cleaned(request.POST.get("key", ""))) or uuid4().hex,
        "refusal": told(error) if error else "",
    }
    status = 200 if error is None else error.status if isinstance(error, Refusal) else 422
    return render(request, "public/book.html", context, status=status)


def _whats(offered: Sequence[Offered]) -> list[tuple[str, str]]:
    """What can be booked at an office, where there is a choice: what its resources are called, and how it reads."""
    names = {one.name: named(one) for one in offered}
    return list(names.items()) if len(names) > 1 else []


def _alike(offered: Sequence[Offered], what: str, moving: Booking | None) -> list[Offered]:
    """The resources that are called so, any of which serves as well; the first one's where none is. A booking that is moved stays at its
    own kind."""
    named = moving.resource.name if moving else what
    found = [one for one in offered if one.name == named]
    return found or [one for one in offered if one.name == offered[0].name]


def _day(text: str, days: dict[date, Any]) -> date | None:
    """The chosen day, even one that is full by now; else the first with a free time."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return next(iter(days), None)


def _one(request: HttpRequest, found: Booking, *, refusal: Refusal | None = None) -> HttpResponse:
    now = request.now
    minutes = amount("appointments.cancel_minutes", now)
    context = {
        "booking": found,
        "state": Booking.State(found.state).label,
        "code": booking_code(found.pk),
        "may": found.state == "booked" and may_change(found.begin, now, minutes),
        "minutes": minutes,
        "refusal": told(refusal) if refusal else "",
    }
    return render(request, "public/booking.html", context, status=refusal.status if refusal else 200)


def _open(request: HttpRequest, found: Booking) -> None:
    known = {**request.session.get(BOOKINGS, {})}
    known.pop(found.number, None)
    request.session[BOOKINGS] = dict([*known.items(), (found.number, found.pk)][-MOST:])


def _opened(request: HttpRequest, number: str) -> Booking | None:
    """The booking of this number, if this session has made it or opened it by its code."""
    key = request.session.get(BOOKINGS, {}).get(number)
    if not key:
        return None
    with kernel_writes():
        return Booking.objects.select_related("resource__unit").filter(pk=int(key)).first()


def _door(number: str) -> HttpResponse:
    response = HttpResponseRedirect(f"{reverse('public:bookings')}?number={number[:20]}")
    response.door = True
    return response
