"""To which number a message about a booking goes, and the code that stands in it."""

from __future__ import annotations

from bihuan.kernel.appointments.models import Booking
from bihuan.kernel.appointments.selectors import booking_code


def booking_recipient(booking: int) -> tuple[str, str]:
    """(telephone number, code); the number is "" when it was erased."""
    phone = Booking.objects.filter(pk=booking).values_list("phone", flat=True).first()
    return phone or "", booking_code(booking)
