"""The ledger's work by the hour. `timestamp` is the moment for which a job was planned."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from bihuan.kernel.ledger.sealing import seals_take


@app.periodic(cron="5 * * * *")
@app.task(queue="clocks", queueing_lock="seals_take")
def seals_take_hourly(timestamp: int) -> None:
    """Each hour: seal what is not sealed yet."""
    seals_take(now=datetime.fromtimestamp(timestamp, UTC))
