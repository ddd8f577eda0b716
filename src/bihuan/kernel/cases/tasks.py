"""Work that comes round by itself. `timestamp` is the moment for which a job was planned."""

from datetime import UTC, datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from bihuan.kernel.cases.idempotency import idempotency_forget
from bihuan.kernel.cases.sweeping import clocks_recompute, clocks_sweep


@app.periodic(cron="* * * * *")
@app.task(queue="clocks", queueing_lock="clocks_sweep")
def clocks_sweep_now(timestamp: int) -> None:
    """Each minute: write the warnings and breaches that have come."""
    clocks_sweep(now=datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="20 3 * * *")
@app.task(queue="clocks", queueing_lock="idempotency_forget")
def idempotency_forget_nightly(timestamp: int) -> None:
    """Each night: forget idempotency keys that are older than the policy says."""
    idempotency_forget(now=datetime.fromtimestamp(timestamp, UTC))


@app.task(queue="clocks")
def clocks_recompute_year(year: int, by: int | str) -> None:
    """After a year of the calendar was published: move the due times of the running clocks that it reaches."""
    clocks_recompute(now=timezone.now(), by=by, year=year)
