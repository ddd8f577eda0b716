"""Jobs of the exchange. The worker's clock is read here, and nowhere below."""

from django.utils import timezone
from procrastinate.contrib.django import app

from bihuan.kernel.exchange import fetching, sending


@app.task(name="bihuan.kernel.exchange.tasks.messages_send", queue="exchange")
def messages_send(peer: int) -> None:
    """Send what a step has just put into the outbox."""
    sending.messages_send(now=timezone.now(), peer=peer)


@app.periodic(cron="* * * * *")
@app.task(queue="exchange", queueing_lock="exchange_due")
def exchange_due(timestamp: int) -> None:
    """Every minute: what is to be tried again, and what waits at peers that we have to ask."""
    sending.messages_send(now=timezone.now())
    fetching.messages_fetch(now=timezone.now())
