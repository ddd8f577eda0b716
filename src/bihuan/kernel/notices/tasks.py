"""Jobs of the outbox. The worker's clock is read here, and nowhere below."""

from django.utils import timezone
from procrastinate.contrib.django import app

from bihuan.kernel.notices import services
from bihuan.kernel.notices.seals import seals_tell


@app.task(name="bihuan.kernel.notices.tasks.notices_send", queue="notices")
def notices_send(ids: list[int]) -> None:
    """Carry out the notices that a writer has just put into the outbox."""
    services.notices_send(ids=ids, now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="bihuan.kernel.notices.tasks.notices_due", queue="notices", queueing_lock="notices_due")
def notices_due(timestamp: int) -> None:
    """Every minute: what is to be tried again, and what a lost job left behind."""
    services.notices_due(now=timezone.now())


@app.periodic(cron="10 * * * *")  # five minutes after the seals are taken
@app.task(queue="notices", queueing_lock="seals_tell")
def seals_tell_hourly(timestamp: int) -> None:
    """Each hour: the new seals go to whoever keeps them elsewhere."""
    seals_tell(now=timezone.now())
