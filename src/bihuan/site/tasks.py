"""Work that concerns the whole site. `timestamp` is the moment for which a job was planned."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from bihuan.site.operation.jobs import jobs_lost_retry
from bihuan.site.retention import retention_run


@app.periodic(cron="* * * * *")
@app.task(queue="clocks", queueing_lock="jobs_lost_retry", pass_context=False)
def jobs_lost_retry_now(timestamp: int) -> None:
    """Every minute: what a killed worker left undone."""
    jobs_lost_retry()


@app.periodic(cron="30 17 * * *")  # half past one at night in Shanghai; cron is read in UTC
@app.task(queue="clocks", queueing_lock="retention_run", pass_context=False)
def retention_run_nightly(timestamp: int) -> None:
    """Each night: erase what was kept long enough."""
    retention_run(now=datetime.fromtimestamp(timestamp, UTC))
