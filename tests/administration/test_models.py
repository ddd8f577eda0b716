"""Text models on the screen: trained in the background, compared, chosen, and chosen back; each with its entry."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bihuan.kernel.ledger.selectors import register_entries
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.refusals import NotFound, NotPermitted, Refusal
from bihuan.packs.hotline import tasks
from bihuan.packs.hotline.models import Correction, TrainedModel, TrainingRun
from bihuan.packs.hotline.text import lessons as training
from bihuan.packs.hotline.text.lessons import model_choose, training_ask
from bihuan.packs.hotline.text.store import model_in_force, model_put_in_force
from bihuan.packs.hotline.text.training import train
from tests.administration.conftest import City, Log

pytestmark = pytest.mark.django_db
MODELS = "/administration/models"
TEXTS = {
    "consumer_refund": "培训班收了学费不肯退费,要求商家退款",
    "street_light": "小区门口的路灯坏了晚上不亮",
}


@pytest.fixture
def labels(settings: Any, tmp_path: Path, db: None) -> list[str]:
    """Two matters, and a place of its own for the files of models."""
    from bihuan.packs.hotline.models import Matter

    settings.MODEL_ROOT = tmp_path / "models"
    return list(Matter.objects.filter(active=True).exclude(parent=None).values_list("code", flat=True)[:2])


@pytest.fixture
def taught(city: City, labels: list[str], monkeypatch: pytest.MonkeyPatch) -> City:
    """A hundred corrections to learn from, and one of the unit alone, which teaches no matter."""
    case = city.closed().case
    with kernel_writes():
        Correction.objects.bulk_create(
            Correction(case_id=case, text=f"{text},第{n}次反映", correct=label, at=city.now)
            for n in range(50)
            for label, text in zip(labels, TEXTS.values(), strict=True)
        )
        Correction.objects.create(case_id=case, text="派错了单位", correct="371502_market", at=city.now)
    return city


def in_use(city: City, labels: list[str]) -> str:
    """A first model in use."""
    texts = [f"{text}{n}" for n in range(20) for text in TEXTS.values()]
    model = train(texts, labels * 20)
    return model_put_in_force(model=model, sources=["generated: 40"], by="system", now=city.now)


def confirmed(client: Any, address: str) -> Any:
    return client.post(address, {"confirm": client.post(address, {}).context["seal"]})


def test_a_model_is_trained_compared_chosen_and_chosen_back(
    as_: Log, taught: City, labels: list[str]
) -> None:
    first, admin = in_use(taught, labels), as_("admin")
    seen = admin.post(f"{MODELS}/do/train", {})
    assert seen.context["effect"].lines[0] == "从最近办结的 0 件和 100 条更正中学;要求保密的件不学。"
    assert not TrainingRun.objects.exists()
    assert admin.post(f"{MODELS}/do/train", {"confirm": seen.context["seal"]}).status_code == 302
    run = TrainingRun.objects.get()
    page = admin.get(MODELS)
    assert [cells[1][1] for _address, cells in page.context["rows"]] == ["等待训练", "在用"]
    assert "训练在排队" in page.content.decode()
    tasks.training_carry(run=run.pk)
    run.refresh_from_db()
    assert (run.examples, run.error, run.sources) == (100, "", ["orders: 0", "corrections: 100"])
    assert run.metrics["examples"] == 100
    assert model_in_force().fingerprint == first  # type: ignore[union-attr]
    one = f"{MODELS}/of/{run.fingerprint}"
    table = admin.post(f"{one}/do/choose", {}).context["effect"].tables[0]
    assert table.rows[0] == ("学了几件", "40", "100")
    assert confirmed(admin, f"{one}/do/choose").status_code == 302
    assert model_in_force().fingerprint == run.fingerprint  # type: ignore[union-attr]
    states = {cells[0][1]: cells[1][1] for _address, cells in admin.get(MODELS).context["rows"]}
    assert states == {run.fingerprint[:12]: "在用", first[:12]: "用过"}
    assert confirmed(admin, f"{MODELS}/of/{first}/do/choose").status_code == 302
    assert model_in_force().fingerprint == first  # type: ignore[union-attr]
    with kernel_writes():
        kinds = [entry.kind for entry in register_entries(stream="model", match={})]
    assert kinds == [
        "model_put_in_force", "model_put_in_force", "model_trained", "model_training_asked", "model_put_in_force",
    ]  # fmt: skip
    assert [entry.what for entry in admin.get(one).context["history"]] == ["启用模型", "训练好"]


def test_a_confidential_order_is_not_learnt_from(taught: City) -> None:
    from bihuan.kernel.cases.models import Case

    run = training_ask(now=taught.now, by="operator")
    with kernel_writes():
        Case.objects.update(confidential=True)
    lessons = training.training_begin(run=run.pk, now=taught.now)
    assert lessons is not None and lessons.texts == []
    assert training.training_begin(run=run.pk, now=taught.now) is None


def test_one_training_at_a_time_and_what_failed_says_why(as_: Log, taught: City, labels: list[str]) -> None:
    run = training_ask(now=taught.now, by=taught.people["admin"])
    with pytest.raises(Refusal, match="已有一次训练正在进行"):
        training_ask(now=taught.now + timedelta(minutes=1), by=taught.people["admin"])
    with kernel_writes():
        Correction.objects.exclude(correct=labels[0]).delete()
    tasks.training_carry(run=run.pk)
    run.refresh_from_db()
    assert run.ended_at and run.error.startswith("至少需要两种标签")
    rows = as_("admin").get(MODELS).context["rows"]
    assert [cells[1][1] for _address, cells in rows] == ["没有成功"]
    assert as_("admin").post(f"{MODELS}/of/run-{run.pk}/do/choose", {}).status_code == 403


def test_too_little_to_learn_from_is_refused(as_: Log, labels: list[str]) -> None:
    answer = as_("admin").post(f"{MODELS}/do/train", {})
    assert answer.status_code == 422
    assert answer.context["refusal"] == "至少要有 100 件可学的,现有 0 件。"
    assert not TrainingRun.objects.exists()


def test_what_cannot_be_chosen_changes_nothing(city: City, labels: list[str], settings: Any) -> None:
    first, by = in_use(city, labels), city.people["admin"]
    for fingerprint, kind in ((first, Refusal), ("0" * 64, NotFound), ("", NotFound)):
        with pytest.raises(kind):
            model_choose(fingerprint=fingerprint, now=city.now, by=by)
    second = train([f"{text}{n}" for n in range(9) for text in TEXTS.values()], labels * 9)
    model_put_in_force(model=second, sources=["generated: 18"], by="system", now=city.now)
    (Path(settings.MODEL_ROOT) / f"{first}.npz").write_bytes(b"damaged")
    with pytest.raises(Refusal, match="模型文件不在或已损坏"):
        model_choose(fingerprint=first, now=city.now, by=by)
    assert TrainedModel.objects.count() == 2


@pytest.mark.parametrize("who", ["security", "audit", "tang", "wang"])
def test_only_the_system_administrator_trains_and_chooses(city: City, labels: list[str], who: str) -> None:
    first, by = in_use(city, labels), city.people[who]
    for refused in (
        lambda: training_ask(now=city.now, by=by),
        lambda: model_choose(fingerprint=first, now=city.now, by=by),
    ):
        with pytest.raises(NotPermitted):
            refused()
    assert (TrainingRun.objects.count(), TrainedModel.objects.count()) == (0, 1)
