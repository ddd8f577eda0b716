"""The desk's work by night, and what is too much for one answer. The worker's clock is read here, and nowhere below."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from bihuan.kernel.desk.boards.rolling import opened_roll_up
from bihuan.kernel.desk.lists.bulk import bulk_take
from bihuan.kernel.desk.lists.counts import closed_roll_up
from bihuan.lib.text import SHANGHAI


@app.periodic(cron="10 16 * * *")  # ten past midnight in Shanghai; cron is read in UTC
@app.task(queue="desk", queueing_lock="closed_roll_up", pass_context=False)
def closed_cases_roll_up(timestamp: int) -> None:
    """Roll up all days that are over."""
    today = datetime.fromtimestamp(timestamp, UTC).astimezone(SHANGHAI).date()
    closed_roll_up(last=today - timedelta(days=1))
    opened_roll_up(last=today - timedelta(days=1))


@app.task(name="bihuan.kernel.desk.tasks.bulk_run_go", queue="desk", pass_context=False)
def bulk_run_go(run: int) -> None:
    """Go on with a step on many cases, a batch a transaction, until none of it waits."""
    while bulk_take(run=run, now=timezone.now()):
        pass
