"""Jobs of the exchange. The worker's clock is read here, and nowhere below."""

from django.utils import timezone
from procrastinate.contrib.django import app

from bihuan.kernel.exchange import contents, fetching, parcels, sending


@app.task(name="bihuan.kernel.exchange.tasks.messages_send", queue="exchange")
def messages_send(peer: int) -> None:
    """Send what a step has just put into the outbox."""
    sending.messages_send(now=timezone.now(), peer=peer)


@app.task(name="bihuan.kernel.exchange.tasks.contents_bring", queue="exchange")
def contents_bring() -> None:
    """Bring over the contents of files that a message has just told of."""
    contents.contents_bring(now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queue="exchange", queueing_lock="exchange_due")
def exchange_due(timestamp: int) -> None:
    """Every minute: what is to be tried again, what waits at peers that we have to ask, and files that were added meanwhile."""
    parcels.files_follow(now=timezone.now())
    sending.messages_send(now=timezone.now())
    fetching.messages_fetch(now=timezone.now())
    contents.contents_bring(now=timezone.now())


@app.periodic(cron="40 * * * *")
@app.task(queue="exchange", queueing_lock="exchange_unknown", pass_context=False)
def exchange_unknown(timestamp: int) -> None:
    """Every hour: what another centre's release did not know is sent again, it may have been upgraded; the next minute sends it."""
    sending.unknown_again(now=timezone.now())
