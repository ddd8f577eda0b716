"""Training the text model anew from what officers decided, and choosing which model dispatch asks. Each is an entry.

What is learnt: closed orders with the matter that an officer left them with, and corrections. Confidential orders are
never learnt from. A trained model is a candidate until somebody chooses it; an earlier one can be chosen again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from bihuan.kernel.identity.powers import power_require
from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.packs.hotline.models import Matter, TrainedModel, TrainingRun
from bihuan.packs.hotline.text.model import TextModel
from bihuan.packs.hotline.text.store import model_path, model_put_in_force, model_read

STREAM = "model"
ADMINISTRATOR = "system_admin"
MOST, LEAST = 20_000, 100
STALE = timedelta(hours=2)
"""After this long a run that did not end is taken for dead."""
ORDERS = """
    from cases_case c join cases_text t on t.case_id = c.id
    where c.pack = 'hotline' and c.closed_at is not null and not c.confidential and c.matter = any(%(codes)s)
      and not exists (select 1 from hotline_correction k where k.case_id = c.id and k.correct = any(%(codes)s))
"""
CORRECTIONS = """
    from hotline_correction k join cases_case c on c.id = k.case_id
    where not c.confidential and k.correct = any(%(codes)s)
"""
LEARNT = (
    f"select c.title || e'\\n' || t.text, c.matter, 'order' {ORDERS} order by c.closed_at desc limit %(most)s"
)
CORRECTED = f"select k.text, k.correct, 'correction' {CORRECTIONS} order by k.at desc limit %(most)s"
COUNTED = f"""
    select (select count(*) from (select 1 {ORDERS} limit %(most)s) o),
        (select count(*) from (select 1 {CORRECTIONS} limit %(most)s) k)
"""


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a model is to learn, the oldest first; `sources` say what it was."""

    texts: list[str]
    labels: list[str]
    sources: list[str]


def lessons_counted() -> tuple[int, int]:
    """How many orders and corrections there are to learn from, at most `MOST` of each; as the kernel sees."""
    with kernel_writes(), connection.cursor() as cursor:
        cursor.execute(COUNTED, _wanted())
        orders, corrections = cursor.fetchone()
    return orders, corrections


def _wanted() -> dict[str, Any]:
    """The matters that may be learnt, and how many lessons at most."""
    codes = Matter.objects.filter(active=True).exclude(parent=None).values_list("code", flat=True)
    return {"codes": list(codes), "most": MOST}


def training_ask(*, now: datetime, by: int | str) -> TrainingRun:
    """Plan a training in the background. Refusal while one is under way, or when there is too little to learn from."""
    power_require(ADMINISTRATOR, by=by, now=now)
    orders, corrections = lessons_counted()
    if orders + corrections < LEAST:
        words = {"least": LEAST, "found": orders + corrections}
        raise Refusal("too_few", _("至少要有 %(least)s 件可学的,现有 %(found)s 件。") % words)
    from bihuan.packs.hotline.tasks import training_carry

    with kernel_writes():
        if TrainingRun.objects.select_for_update().filter(asked_at__gt=now - STALE, ended_at=None).exists():
            raise Refusal("busy", _("已有一次训练正在进行,请等它结束。"))
        run = TrainingRun.objects.create(asked_at=now, by_id=by if isinstance(by, int) else None)
        register_append(stream=STREAM, kind="model_training_asked", at=now, by=by, data={"run": run.pk})
        training_carry.defer(run=run.pk)
    return run


def training_begin(*, run: int, now: datetime) -> Lessons | None:
    """Read what is to be learnt; None when the run was begun already."""
    with kernel_writes(), connection.cursor() as cursor:
        begun = TrainingRun.objects.filter(pk=run, begun_at=None, ended_at=None).update(begun_at=now)
        if not begun:
            return None
        wanted = _wanted()
        cursor.execute(LEARNT, wanted)
        orders = cursor.fetchall()[::-1]
        cursor.execute(CORRECTED, wanted)
        corrections = cursor.fetchall()[::-1]
        found = [*orders, *corrections]
        TrainingRun.objects.filter(pk=run).update(examples=len(found))
    sources = [f"orders: {len(orders)}", f"corrections: {len(corrections)}"]
    return Lessons([row[0] for row in found], [row[1] for row in found], sources)


def lessons_trained(lessons: Lessons) -> TextModel:
    """The model of these lessons; Refusal when nothing can be learnt from them."""
    # scikit-learn takes a second to load, and few processes train.
    from bihuan.packs.hotline.text.training import train

    try:
        return train(lessons.texts, lessons.labels)
    except ValueError as error:
        raise Refusal("training", str(error)) from error


def training_end(*, run: int, model: TextModel, sources: Sequence[str], now: datetime) -> None:
    """Keep the trained model as a candidate."""
    path = model_path(model.fingerprint)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        model.save(path)
    told = {name: str(value) for name, value in model.metrics.items()}
    with kernel_writes():
        TrainingRun.objects.filter(pk=run).update(
            ended_at=now, fingerprint=model.fingerprint, metrics=dict(model.metrics), sources=list(sources)
        )
        data = {"run": run, "fingerprint": model.fingerprint, "metrics": told, "sources": list(sources)}
        register_append(stream=STREAM, kind="model_trained", at=now, by="system", data=data)


def training_fail(*, run: int, why: str, now: datetime) -> None:
    """Say why a training came to nothing."""
    with kernel_writes():
        TrainingRun.objects.filter(pk=run).update(ended_at=now, error=why[:300])
        register_append(stream=STREAM, kind="model_training_failed", at=now, by="system", data={"run": run})


def model_choose(*, fingerprint: str, now: datetime, by: int | str) -> None:
    """Let dispatch ask this model from now on: a candidate, or one that was in use before.

    Refusal when it is in use already, or when its file is gone or damaged.
    """
    power_require(ADMINISTRATOR, by=by, now=now)
    known = model_sources(fingerprint)
    if known is None:
        raise NotFound("model", _("没有这个模型。"), field="fingerprint")
    with kernel_writes():
        latest = TrainedModel.objects.order_by("-id").values_list("fingerprint", flat=True).first()
        if latest == fingerprint:
            raise Refusal("same", _("正在用的就是它。"))
        model = model_read(fingerprint)
        if model is None:
            raise Refusal("model_file", _("模型文件不在或已损坏,不能启用。"))
        model_put_in_force(model=model, sources=known, by=by, now=now)


def model_sources(fingerprint: str) -> list[Any] | None:
    """What a known model was trained on; None for one that nobody trained here."""
    for table in (TrainedModel, TrainingRun):
        row = table.objects.filter(fingerprint=fingerprint).order_by("-id").first() if fingerprint else None
        if row is not None:
            return list(row.sources)
    return None
