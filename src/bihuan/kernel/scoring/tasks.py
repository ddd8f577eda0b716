"""Scoring's work by the clock. The worker's clock is read here, and nowhere below."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from bihuan.kernel.scoring.account import supervised_call


@app.periodic(cron="* * * * *")
@app.task(queue="clocks", queueing_lock="supervised_call")
def supervised_call_now(timestamp: int) -> None:
    """Each minute: units of cases that came under supervision are called to account."""
    supervised_call(now=datetime.fromtimestamp(timestamp, UTC))
