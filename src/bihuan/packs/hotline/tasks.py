"""The hotline's work by night."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from bihuan.packs.hotline.calls import calls_expire


@app.periodic(cron="50 16 * * *")  # ten to one at night in Shanghai; cron is read in UTC
@app.task(queue="hotline", queueing_lock="calls_expire")
def calls_expire_nightly(timestamp: int) -> None:
    """Each night: numbers of calls that brought no order are kept no longer than the policy says."""
    calls_expire(now=datetime.fromtimestamp(timestamp, UTC))
