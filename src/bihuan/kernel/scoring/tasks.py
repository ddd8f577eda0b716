"""Scoring's work by the clock. The worker's clock is read here, and nowhere below."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from bihuan.kernel.scoring.account import supervised_call
from bihuan.kernel.scoring.keeping import scores_keep
from bihuan.kernel.scoring.months import months_close


@app.periodic(cron="* * * * *")
@app.task(queue="clocks", queueing_lock="supervised_call")
def supervised_call_now(timestamp: int) -> None:
    """Each minute: units of cases that came under supervision are called to account."""
    supervised_call(now=datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="*/5 * * * *")
@app.task(queue="clocks", queueing_lock="scores_keep")
def scores_keep_now(timestamp: int) -> None:
    """Every five minutes: what came to the ledger is counted."""
    scores_keep(now=datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="30 22 * * *")  # half past six in the morning in Shanghai; cron is read in UTC
@app.task(queue="clocks", queueing_lock="months_close")
def months_close_daily(timestamp: int) -> None:
    """Each morning: a month that is over is closed, and who was last two months running is called to account."""
    months_close(now=datetime.fromtimestamp(timestamp, UTC))
