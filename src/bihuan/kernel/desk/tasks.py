"""The desk's work by night."""

from datetime import UTC, datetime, timedelta

from procrastinate.contrib.django import app

from bihuan.kernel.desk.counts import closed_roll_up
from bihuan.lib.text import SHANGHAI


@app.periodic(cron="10 16 * * *")  # ten past midnight in Shanghai; cron is read in UTC
@app.task(queue="desk", queueing_lock="closed_roll_up", pass_context=False)
def closed_cases_roll_up(timestamp: int) -> None:
    """Roll up all days that are over."""
    today = datetime.fromtimestamp(timestamp, UTC).astimezone(SHANGHAI).date()
    closed_roll_up(last=today - timedelta(days=1))
