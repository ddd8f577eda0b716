"""Bookings at the desk: who comes today, and who has come."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from bihuan.kernel.appointments.models import Booking
from bihuan.kernel.appointments.selectors import bookings_day
from bihuan.kernel.appointments.services import booking_arrive
from bihuan.kernel.cases.personal import HIDDEN
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.sentences import told
from bihuan.lib.masking import mask_name, mask_phone
from bihuan.lib.refusals import Refusal


@login_required
@require_GET
def appointments(request: HttpRequest) -> HttpResponse:
    """For the clerk at the window: who is booked on a day, in order, and one button for whoever has come."""
    return _page(request, day_read(request.GET.get("day", ""), request.now))


@login_required
@require_POST
def appointment_arrived(request: HttpRequest, booking: int) -> HttpResponse:
    """The person stands before the clerk."""
    try:
        found = booking_arrive(booking=booking, scope=request.scope, now=request.now)
    except Refusal as refusal:
        return _page(request, day_of(request.now), refusal=refusal)
    messages.success(request, gettext("%s 已登记到达。") % found.number)
    return HttpResponseRedirect(f"{reverse('appointments')}?day={day_of(found.begin)}")


def day_read(text: str, now: datetime) -> date:
    """The day of an address; today for anything that is none, or of another century."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return day_of(now)
    return day if 2000 < day.year < 2100 else day_of(now)


def _who(row: Booking) -> tuple[str, str]:
    """Name and number as the desk may read them: of a confidential case nothing."""
    if row.case is not None and row.case.confidential:
        return HIDDEN, ""
    return mask_name(row.name), mask_phone(row.phone)


def _page(request: HttpRequest, day: date, *, refusal: Refusal | None = None) -> HttpResponse:
    scope, today = request.scope, day_of(request.now)
    rows = list(bookings_day(day=day, units=None if scope.everything else scope.units))
    context = {
        "day": day,
        "today": day == today,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "rows": [(row, *_who(row), Booking.State(row.state).label) for row in rows],
        "come": sum(row.state == "arrived" for row in rows),
        "refusal": told(refusal) if refusal else "",
    }
    return render(request, "desk/appointments.html", context, status=refusal.status if refusal else 200)
