"""The hotline's work in the background and by the clock. The worker's clock is read here, and nowhere below."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from bihuan.lib.refusals import Refusal
from bihuan.packs.hotline.received import received_keep
from bihuan.packs.hotline.tenth.drawing import tenths_draw
from bihuan.packs.hotline.text import lessons as training

log = logging.getLogger(__name__)


@app.task(queue="training")
def training_carry(run: int) -> None:
    """Train a text model: read, learn, keep; what goes wrong is told on the screen."""
    lessons = training.training_begin(run=run, now=timezone.now())
    if lessons is None:
        return
    try:
        model = training.lessons_trained(lessons)
        training.training_end(run=run, model=model, sources=lessons.sources, now=timezone.now())
    except Refusal as refusal:
        training.training_fail(run=run, why=refusal.message, now=timezone.now())
    except Exception as error:
        log.exception("training run %s failed", run)
        training.training_fail(run=run, why=type(error).__name__, now=timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(queue="hotline", queueing_lock="tenths_draw")
def tenths_draw_daily(timestamp: int) -> None:
    """Once a day, as soon as people may be called: the daily tenth is drawn for each unit's head."""
    tenths_draw(now=datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="45 22 * * *")  # a quarter to seven in Shanghai, when months that are over were closed
@app.task(queue="hotline", queueing_lock="received_keep")
def received_keep_daily(timestamp: int) -> None:
    """Each morning: what came in the months that are closed is counted anew, so that reports need not."""
    received_keep(now=datetime.fromtimestamp(timestamp, UTC))
