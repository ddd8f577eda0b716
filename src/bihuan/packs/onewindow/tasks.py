"""What comes round by itself. `timestamp` is the moment for which a job was planned."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from bihuan.packs.onewindow.applying.services import applications_by_the_clock
from bihuan.packs.onewindow.hall.calling import windows_end
from bihuan.packs.onewindow.hall.kiosk import visits_end
from bihuan.packs.onewindow.hall.taking import tickets_close
from bihuan.packs.onewindow.platforms.changes import changes_push
from bihuan.packs.onewindow.supervision.keeping import cards_keep


@app.periodic(cron="*/5 * * * *")
@app.task(queue="onewindow", queueing_lock="applications_by_the_clock")
def applications_by_the_clock_now(timestamp: int) -> None:
    """Every five minutes: what follows by law when a term has run out."""
    applications_by_the_clock(now=datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="* * * * *")
@app.task(queue="onewindow", queueing_lock="changes_push")
def changes_push_now(timestamp: int) -> None:
    """Every minute: what happened to applications goes to the addresses that want it."""
    changes_push(now=datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="*/5 * * * *")
@app.task(queue="onewindow", queueing_lock="hall_by_the_clock")
def hall_by_the_clock(timestamp: int) -> None:
    """Every five minutes: a hall's day is closed when it is over with its windows, and kiosks that somebody left are cleared."""
    now = datetime.fromtimestamp(timestamp, UTC)
    tickets_close(now=now)
    windows_end(now=now)
    visits_end(now=now)


@app.periodic(cron="*/5 * * * *")
@app.task(queue="onewindow", queueing_lock="cards_keep")
def cards_keep_now(timestamp: int) -> None:
    """Every five minutes: the cards that came since."""
    cards_keep(now=datetime.fromtimestamp(timestamp, UTC))
