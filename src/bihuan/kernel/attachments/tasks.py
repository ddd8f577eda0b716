"""The store's work by night."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from bihuan.kernel.attachments.forgetting import strays_discard


@app.periodic(cron="40 3 * * *")
@app.task(queue="attachments", queueing_lock="strays_discard")
def strays_discard_nightly(timestamp: int) -> None:
    """Each night: remove files that no case has."""
    strays_discard(now=datetime.fromtimestamp(timestamp, UTC))
