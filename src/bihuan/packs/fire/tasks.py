"""What comes round by itself. `timestamp` is the moment for which a job was planned."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from bihuan.packs.fire.applying.services import applications_by_the_clock
from bihuan.packs.fire.projects.deferring import deferred_remind


@app.periodic(cron="0 0 * * *")
@app.task(queue="fire", queueing_lock="deferred_remind")
def deferred_remind_now(timestamp: int) -> None:
    """Every day at eight in the morning here: owners are reminded of what may follow later and is due."""
    deferred_remind(now=datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="*/10 * * * *")
@app.task(queue="fire", queueing_lock="applications_by_the_clock")
def applications_by_the_clock_now(timestamp: int) -> None:
    """Every ten minutes: what nobody asked to be completed in time is accepted by law, what was not completed in time ends."""
    applications_by_the_clock(now=datetime.fromtimestamp(timestamp, UTC))
