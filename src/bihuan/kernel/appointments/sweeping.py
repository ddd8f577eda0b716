"""What comes round by itself: nobody came, the day before, and what is kept long enough."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta

from bihuan.kernel.appointments.models import Booking
from bihuan.kernel.appointments.rules import BOOKED
from bihuan.kernel.appointments.selectors import amount
from bihuan.kernel.appointments.services import booking_miss, booking_tell, stream_of
from bihuan.kernel.clocks.calendar import BEIJING
from bihuan.kernel.identity.scope import day_of
from bihuan.kernel.ledger.services import kernel_writes, register_append, texts_erase

BATCH = 500
REMINDED = range(9, 20)
"""The hours of a day in which people may be reminded."""


def bookings_miss(*, now: datetime) -> int:
    """Say of bookings that nobody came to, so many minutes after they began, that they were missed. Returns how many."""
    before = now - timedelta(minutes=amount("appointments.late_minutes", now))
    with kernel_writes():
        due = Booking.objects.select_for_update(skip_locked=True).filter(state=BOOKED, begin__lt=before)
        found = list(due.order_by("begin")[:BATCH])
        for booking in found:
            booking_miss(booking, now)
    return len(found)


def bookings_remind(*, now: datetime) -> int:
    """Tell those whose booking is tomorrow, once, by day. Returns how many were told."""
    if now.astimezone(BEIJING).hour not in REMINDED:
        return 0
    first = datetime.combine(day_of(now) + timedelta(days=1), time(), BEIJING)
    with kernel_writes():
        due = Booking.objects.filter(state=BOOKED, begin__gte=first, begin__lt=first + timedelta(days=1))
        rows = due.exclude(phone="").select_related("resource__unit").order_by("begin", "pk")
        return sum(
            bool(
                booking_tell(
                    one, "booking_reminder", key=f"booking:{one.pk}:reminder:{first.date()}", now=now
                )
            )
            for one in rows
        )


def bookings_forget(*, now: datetime) -> int:
    """Erase the names and numbers of bookings that ended so many days ago. Returns how many."""
    before = now - timedelta(days=amount("appointments.keep_days", now))
    with kernel_writes():
        old = Booking.objects.filter(end__lt=before).exclude(name="").order_by("pk")
        return _forget(old.values_list("pk", flat=True)[:BATCH], now)


def bookings_of_cases_forget(cases: Sequence[int], now: datetime) -> None:
    """Erase those of cases that are anonymised, in the caller's transaction."""
    _forget(Booking.objects.filter(case__in=cases).exclude(name="").values_list("pk", flat=True), now)


def _forget(bookings: Iterable[int], now: datetime) -> int:
    found = sorted(bookings)
    for booking in found:
        texts_erase([stream_of(booking)])
        register_append(
            stream=stream_of(booking), kind="anonymised", at=now, by="retention", data={"booking": booking}
        )
    Booking.objects.filter(pk__in=found).update(name="", phone="")
    return len(found)
