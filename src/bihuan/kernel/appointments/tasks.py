"""Work that comes round by itself. `timestamp` is the moment for which a job was planned."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from bihuan.kernel.appointments.sweeping import bookings_forget, bookings_miss, bookings_remind


@app.periodic(cron="*/5 * * * *")
@app.task(queue="clocks", queueing_lock="bookings_miss")
def bookings_miss_now(timestamp: int) -> None:
    """Every five minutes: bookings that nobody came to."""
    bookings_miss(now=datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="7 * * * *")
@app.task(queue="clocks", queueing_lock="bookings_hourly")
def bookings_hourly(timestamp: int) -> None:
    """Each hour: reminders for tomorrow, by day; and what was kept long enough."""
    now = datetime.fromtimestamp(timestamp, UTC)
    bookings_remind(now=now)
    bookings_forget(now=now)
