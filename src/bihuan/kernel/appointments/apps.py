"""Bookings hold personal data: anonymising a case is told of them; and messages go to whoever booked."""

from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    name = "bihuan.kernel.appointments"

    def ready(self) -> None:
        from bihuan.kernel.appointments.recipients import booking_recipient  # models can be imported only now
        from bihuan.kernel.appointments.sweeping import bookings_of_cases_forget
        from bihuan.kernel.cases.personal import ERASERS
        from bihuan.kernel.notices.recipients import RECIPIENTS

        ERASERS.append(bookings_of_cases_forget)
        RECIPIENTS["booking"] = booking_recipient
