"""Jobs of the outbox. The worker's clock is read here, and nowhere below."""

from django.utils import timezone
from procrastinate.contrib.django import app

from bihuan.kernel.notices import services


@app.task(name="bihuan.kernel.notices.tasks.notices_send", queue="notices")
def notices_send(ids: list[int]) -> None:
    """Carry out the notices that a writer has just put into the outbox."""
    services.notices_send(ids=ids, now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="bihuan.kernel.notices.tasks.notices_due", queue="notices", queueing_lock="notices_due")
def notices_due(timestamp: int) -> None:
    """Every minute: what is to be tried again, and what a lost job left behind."""
    services.notices_due(now=timezone.now())
