"""What comes round by itself. `timestamp` is the moment for which a job was planned."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from bihuan.packs.fire.projects.services import applications_deem


@app.periodic(cron="*/10 * * * *")
@app.task(queue="fire", queueing_lock="applications_deem")
def applications_deem_now(timestamp: int) -> None:
    """Every ten minutes: what nobody asked to be completed in time is accepted by law."""
    applications_deem(now=datetime.fromtimestamp(timestamp, UTC))
