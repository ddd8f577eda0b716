"""Jobs of the public pages."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from bihuan.kernel.public.gates import gates_forget


@app.periodic(cron="40 3 * * *")
@app.task(queue="clocks", queueing_lock="gates_forget")
def gates_forget_nightly(timestamp: int) -> None:
    """Forget old tallies."""
    gates_forget(now=datetime.fromtimestamp(timestamp, UTC))
