"""The text model in force: a file named by its fingerprint, and an entry of the register that put it in
force.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from bihuan.kernel.ledger.services import kernel_writes, register_append
from bihuan.lib.refusals import Refusal
from bihuan.packs.hotline.models import Matter, TrainedModel
from bihuan.packs.hotline.text.model import TextModel, load


def model_text(title: str, text: str) -> str:
    """The text that a model is trained on and asked about."""
    return f"{title}\n{text}"


def model_path(fingerprint: str) -> Path:
    return Path(settings.MODEL_ROOT) / f"{fingerprint}.npz"


def model_read(fingerprint: str | None) -> TextModel | None:
    """The model of this fingerprint, kept in the process; None when there is none or its file is missing or
    damaged.
    """
    path = model_path(fingerprint) if fingerprint else None
    try:
        model = _loaded(path, path.stat().st_mtime_ns) if path else None
    except (OSError, ValueError):
        return None
    return model if model and model.fingerprint == fingerprint else None


@lru_cache(maxsize=1)
def _loaded(path: Path, _changed: int) -> TextModel:
    return load(path)


def model_in_force() -> TextModel | None:
    """The model that dispatch asks now."""
    latest = TrainedModel.objects.order_by("-id").values_list("fingerprint", flat=True).first()
    return model_read(latest)


def model_put_in_force(*, model: TextModel, sources: Sequence[str], by: int | str, now: datetime) -> str:
    """Keep the model's file and let dispatch use it from now on. Returns its fingerprint.

    `sources` name what it was trained on. Refusal when a label is no matter that the directory knows or knew.
    """
    codes = set(Matter.objects.exclude(parent=None).values_list("code", flat=True))
    foreign = sorted(set(model.labels) - codes)
    if foreign:
        shown = "、".join(foreign[:5])
        raise Refusal("model_labels", f"模型的类别不是事项编码,不能用于派单:{shown}。", field="label")
    path = model_path(model.fingerprint)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        model.save(path)
    with kernel_writes():
        TrainedModel.objects.create(
            fingerprint=model.fingerprint, metrics=dict(model.metrics), sources=list(sources), in_force_at=now
        )
        register_append(
            stream="model",
            kind="model_put_in_force",
            at=now,
            by=by,
            data={
                "fingerprint": model.fingerprint,
                "metrics": {name: str(value) for name, value in model.metrics.items()},
                "sources": list(sources),
            },
        )
    return model.fingerprint
