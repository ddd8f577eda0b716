"""Work that comes round by itself. `timestamp` is the moment for which a job was planned."""

from datetime import UTC, datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from bihuan.kernel.cases.succession import cases_succeed
from bihuan.kernel.cases.sweeping import clocks_recompute, clocks_sweep
from bihuan.kernel.identity.units import units_settle


@app.periodic(cron="* * * * *")
@app.task(queue="clocks", queueing_lock="clocks_sweep")
def clocks_sweep_now(timestamp: int) -> None:
    """Each minute: write the warnings and breaches that have come."""
    clocks_sweep(now=datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="1 * * * *")
@app.task(queue="clocks", queueing_lock="units_settle")
def units_settle_hourly(timestamp: int) -> None:
    """After a day has begun in China: units change as was entered, and cases of ended units go on."""
    now = datetime.fromtimestamp(timestamp, UTC)
    units_settle(now=now)
    cases_succeed(now=now, by="system")


@app.task(queue="clocks")
def clocks_recompute_year(year: int, by: int | str) -> None:
    """After a year of the calendar was published: move the due times of the running clocks that it reaches."""
    clocks_recompute(now=timezone.now(), by=by, year=year)
