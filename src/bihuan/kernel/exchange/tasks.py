"""Jobs of the exchange. The worker's clock is read here, and nowhere below."""

from datetime import UTC, datetime

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from bihuan.kernel.clocks.rulebook import rulebook
from bihuan.kernel.exchange import fetching, inbox, sending, upkeep


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


@app.periodic(cron="40 3 * * *")
@app.task(queue="exchange", queueing_lock="exchange_forget")
def exchange_forget(timestamp: int) -> None:
    """Each night: erase the words of settled messages after their time (policy `exchange_days`)."""
    now = datetime.fromtimestamp(timestamp, UTC)
    days = rulebook().value("exchange_days", region=settings.REGION, on=timezone.localdate(now), default=30)
    upkeep.messages_forget(days=int(days), now=now)
    inbox.turned_away_forget(now=now)
