"""The text models as administration keeps them: which is in use, how good each is, training anew, choosing, going back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.administration.shape import Action, Asked, Column, Done, Effect, Kind, Mark, Place, Table
from bihuan.kernel.ledger.selectors import RegisterEntry
from bihuan.packs.hotline.directory import actions as directory_actions
from bihuan.packs.hotline.directory.kinds import DirectoryRows
from bihuan.packs.hotline.directory.matter_kinds import Matters
from bihuan.packs.hotline.models import TrainedModel, TrainingRun
from bihuan.packs.hotline.text.lessons import STALE, lessons_counted, model_choose, training_ask

__all__ = ["KINDS", "PLACES", "directory_actions"]
ADMINISTRATOR = ("system_admin",)
MEASURES = (
    ("examples", gettext_lazy("学了几件")),
    ("labels", gettext_lazy("认得的事项")),
    ("held_out_accuracy", gettext_lazy("留出测试的正确率")),
    ("held_out_macro_f1", gettext_lazy("各事项平均 F1")),
    ("held_out_coverage", gettext_lazy("能自动派单的比例")),
    ("held_out_precision", gettext_lazy("自动派单的正确率")),
    ("held_out_calibration_error", gettext_lazy("把握的偏差")),
    ("threshold", gettext_lazy("自动派单的把握线")),
)
WHOLE = ("examples", "labels")
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Known:
    """A model, or a training that has not led to one. `since`: when it was last put in use."""

    run: int | None
    fingerprint: str
    trained_at: datetime
    metrics: Mapping[str, float]
    sources: Sequence[Any]
    state: str
    since: datetime | None = None
    error: str = ""

    @property
    def name(self) -> str:
        return self.fingerprint[:12] or _("训练 %s") % self.run


def models_known(now: datetime) -> list[Known]:
    """Every model and every training, the latest first."""
    used = list(TrainedModel.objects.order_by("-id")[:SHOWN])
    runs = list(TrainingRun.objects.order_by("-id")[:SHOWN])
    since = {row.fingerprint: row for row in reversed(used)}
    found = [_of_run(run, since, used, now) for run in runs]
    trained = {run.fingerprint for run in runs}
    for row in since.values():
        if row.fingerprint not in trained:
            first = min(one.in_force_at for one in used if one.fingerprint == row.fingerprint)
            state = "in_use" if row is used[0] else "used"
            found.append(
                Known(None, row.fingerprint, first, row.metrics, row.sources, state, row.in_force_at)
            )
    return sorted(found, key=lambda one: one.trained_at, reverse=True)


def _of_run(
    run: TrainingRun, since: Mapping[str, TrainedModel], used: Sequence[TrainedModel], now: datetime
) -> Known:
    row = since.get(run.fingerprint)
    if run.fingerprint:
        state = "candidate" if row is None else "in_use" if row is used[0] else "used"
    elif run.ended_at or run.asked_at < now - STALE:
        state = "failed"
    else:
        state = "running" if run.begun_at else "waiting"
    return Known(
        run.pk,
        run.fingerprint,
        run.ended_at or run.asked_at,
        run.metrics,
        run.sources,
        state,
        row.in_force_at if row else None,
        run.error,
    )


def state_words(state: str) -> Mark:
    """A state in words."""
    words = {
        "in_use": Mark(_("在用"), "done"),
        "candidate": Mark(_("候选"), "near"),
        "used": Mark(_("用过"), "paused"),
        "running": Mark(_("训练中"), "near"),
        "waiting": Mark(_("等待训练"), "near"),
        "failed": Mark(_("没有成功"), "late"),
    }
    return words[state]


class TextModels(Kind):
    """For the system administrator who is told that orders go to the wrong units."""

    name = "models"
    label = gettext_lazy("文本模型")
    about = gettext_lazy("派单用的模型:在用哪个、学了什么、有多准;用办结的件和更正重新训练,选用或退回。")
    group = "text"
    roles = ADMINISTRATOR
    stream = "model"
    empty = gettext_lazy("还没有模型。先重新训练一个。")
    list_template = "hotline/models.html"
    columns = (
        Column("model", gettext_lazy("模型")),
        Column("state", gettext_lazy("状态")),
        Column("trained_at", gettext_lazy("训练时间")),
        Column("examples", gettext_lazy("学了几件"), number=True),
        Column("accuracy", gettext_lazy("正确率"), number=True),
        Column("coverage", gettext_lazy("能自动派单"), number=True),
        Column("precision", gettext_lazy("自动派单正确率"), number=True),
        Column("sources", gettext_lazy("学了什么")),
        Column("since", gettext_lazy("启用时间")),
    )

    def rows(self, asked: Asked) -> list[Known]:
        return models_known(asked.now)

    def cells(self, rows: Sequence[Known], asked: Asked) -> list[tuple[Any, ...]]:
        return [
            (
                one.name,
                state_words(one.state),
                one.trained_at,
                measure_words(one, "examples"),
                measure_words(one, "held_out_accuracy"),
                measure_words(one, "held_out_coverage"),
                measure_words(one, "held_out_precision"),
                sources_words(one.sources),
                one.since,
            )
            for one in rows
        ]

    def key(self, row: Known) -> str:
        return row.fingerprint or f"run-{row.run}"

    def found(self, key: str, asked: Asked) -> Known | None:
        return next((one for one in models_known(asked.now) if self.key(one) == key), None)

    def title(self, row: Known) -> str:
        return _("文本模型 %s") % row.name

    def facts(self, row: Known, asked: Asked) -> list[tuple[Any, Any]]:
        facts: list[tuple[Any, Any]] = [
            (_("状态"), state_words(row.state)),
            (_("训练时间"), row.trained_at),
            (_("启用时间"), row.since),
            (_("学了什么"), sources_words(row.sources)),
            *((label, measure_words(row, name)) for name, label in MEASURES),
            (_("指纹"), row.fingerprint or None),
        ]
        return [*facts, (_("原因"), _(row.error))] if row.error else facts

    def history_match(self, row: Known) -> Mapping[str, Any]:
        return {"fingerprint": row.fingerprint} if row.fingerprint else {"run": row.run}

    def entry_lines(self, entry: RegisterEntry) -> list[tuple[Any, Any]]:
        sources = entry.data.get("sources", ())
        return [(_("学了什么"), sources_words(sources))] if sources else []

    def list_context(self, asked: Asked) -> dict[str, Any]:
        known = models_known(asked.now)
        running = next((one for one in known if one.state in ("running", "waiting")), None)
        if running is None:
            return {"training": None}
        run = TrainingRun.objects.get(pk=running.run)
        seconds = (asked.now - (run.begun_at or run.asked_at)).total_seconds()
        return {"training": running, "seconds": max(int(seconds), 0), "examples": run.examples}


def sources_words(sources: Sequence[Any]) -> str | None:
    """What a model learnt, in words; the name of a file as it is."""
    words = {"orders": _("办结的件"), "corrections": _("更正"), "generated orders": _("生成的件")}
    parts = (str(source).partition(": ") for source in sources)
    return ", ".join(f"{words.get(name, name)} {count}".strip() for name, _colon, count in parts) or None


def measure_words(one: Known, name: str) -> str | None:
    """A measure as people read it: a number, or a share in per cent."""
    value = one.metrics.get(name)
    if value is None:
        return None
    if name in WHOLE:
        return f"{int(value):,}"
    if name == "threshold" and value > 1:
        return _("不自动派单")
    return f"{value * 100:.1f}%"


def _train(row: None, given: dict[str, Any], asked: Asked) -> Done:
    training_ask(now=asked.now, by=asked.by)
    return Done(_("已安排训练,在后台进行;好了会在这里显示。"))


def _train_effect(row: None, given: dict[str, Any], asked: Asked) -> Effect:
    orders, corrections = lessons_counted()
    words = {"orders": f"{orders:,}", "corrections": f"{corrections:,}"}
    return Effect(
        (
            _("从最近办结的 %(orders)s 件和 %(corrections)s 条更正中学;要求保密的件不学。") % words,
            _("在后台进行,一般一两分钟;在用的模型不受影响。"),
            _("训练好的先作候选,看过准不准,再决定启用。"),
        )
    )


def _choose(row: Known, given: dict[str, Any], asked: Asked) -> Done:
    model_choose(fingerprint=row.fingerprint, now=asked.now, by=asked.by)
    return Done(_("已启用,新来的件从现在起按它派单。"))


def _choose_effect(row: Known, given: dict[str, Any], asked: Asked) -> Effect:
    now = next((one for one in models_known(asked.now) if one.state == "in_use"), None)
    rows = tuple(
        (str(label), (measure_words(now, name) if now else None) or "–", measure_words(row, name) or "–")
        for name, label in MEASURES
    )
    table = Table(_("两个模型的比较"), (_("指标"), _("在用的"), _("这一个")), rows)
    cautions = []
    worse = now and row.metrics.get("held_out_accuracy", 0) < now.metrics.get("held_out_accuracy", 0)
    if worse:
        cautions.append(_("这一个的正确率比在用的低;两者的测试数据可能不同。"))
    lines = (_("新来的件从现在起按这个模型派单;已派出的不变。"), _("随时可以再选回原来的模型。"))
    return Effect(lines, (table,), tuple(cautions))


TextModels.list_actions = (
    Action("train", gettext_lazy("重新训练"), ADMINISTRATOR, _train, effect=_train_effect),
)
TextModels.actions = (
    Action(
        "choose",
        gettext_lazy("启用"),
        ADMINISTRATOR,
        _choose,
        effect=_choose_effect,
        open_to=lambda row: row.state in ("candidate", "used"),
    ),
)
KINDS = (DirectoryRows, Matters, TextModels)
PLACES = (
    Place(
        "hotline:who",
        gettext_lazy("这件事归谁?"),
        gettext_lazy("试一段来件,看派到哪里、为什么"),
        "rules",
        ADMINISTRATOR,
    ),
)
