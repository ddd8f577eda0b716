"""`bihuan hotline`: what it prints, and that its errors are one clear sentence and change nothing."""

from __future__ import annotations

import csv
import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from bihuan.kernel.cases.models import Case
from bihuan.kernel.identity.scope import Scope, scope_apply
from bihuan.packs.hotline.demonstration.generator import orders
from bihuan.packs.hotline.models import ImportRun
from bihuan.packs.hotline.text.store import model_in_force

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everything(db: None, settings: Any, tmp_path: Path) -> None:
    settings.MODEL_ROOT = tmp_path / "models"
    scope_apply(Scope(0, (), (), True))


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("hotline", *arguments, stdout=out)
    return out.getvalue()


def write(path: Path, rows: list[list[str]]) -> str:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
    return str(path)


def test_import_reports_one_json_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        ["编号x", "内容", "属地", "事项"],
        ["1", "积水", "古楼街道", "0101"],
        ["2", "", "古楼街道", "0101"],
    ]
    path = write(tmp_path / "a.csv", rows)
    dry = json.loads(run("import", path, "--dry-run", "--report", "-"))
    assert (dry["rows"], dry["imported"], dry["bad"], dry["dry_run"]) == (2, 1, 1, True)
    assert Case.objects.count() == 0
    assert ImportRun.objects.count() == 0
    report = tmp_path / "report.json"
    told = run("import", path, "--report", str(report), "--mapping", "bihuan", "--open-at", "now")
    done = json.loads(report.read_text(encoding="utf-8"))
    expected = {
        "file": "a.csv", "rows": 2, "imported": 1, "open": 1, "closed": 0, "repeated": 0,
        "bad": 1, "coordination": 0,
        "automatic": 1, "faults": {"empty": 1}, "unknown_columns": ["编号x"],
        "bad_rows_file": str(tmp_path / "a.csv.bad.csv"),
    }  # fmt: skip
    assert {name: done[name] for name in expected} == expected
    assert done["seconds"] > 0
    assert done["rows_per_s"] > 0
    assert "登记 1" in told
    assert "有误 1" in told
    assert "a.csv.bad.csv" in told
    assert "2 行" in capsys.readouterr().err
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("import", "{dir}/nothing.csv"), "没有这个文件：{dir}/nothing.csv"),
        (("import", "{dir}"), "directory"),
        (("import", "{dir}/odd.csv"), "认不出这些列:甲。"),
        (("import", "{dir}/odd.csv", "--mapping", "nobody"), "没有名为“nobody”的映射"),
        (("import", "{dir}/empty.csv"), "empty.csv：文件是空的"),
        (("import", "{dir}/odd.csv", "--unit", "x"), "没有编码为“x”的单位"),
        (("train", "{dir}/odd.csv", "--text", "乙", "--label", "甲"), "没有列“乙”"),
        (("train", "{dir}/nothing.csv", "--text", "a", "--label", "b"), "没有这个文件"),
        (("classify", "{dir}/odd.csv", "--text", "甲", "--out", "{dir}/o.csv"), "没有在用的文本模型"),
        (
            ("classify", "{dir}/odd.csv", "--text", "甲", "--out", "{dir}/o.csv", "--model", "{dir}/odd.csv"),
            "已损坏",
        ),
    ],
)
def test_errors_are_one_sentence_and_change_nothing(
    tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    write(tmp_path / "odd.csv", [["甲"], ["一"]])
    (tmp_path / "empty.csv").touch()
    with pytest.raises(CommandError) as refused:
        run(*(argument.format(dir=tmp_path) for argument in arguments))
    assert sentence.format(dir=tmp_path) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.returncode == 1
    assert Case.objects.count() == 0
    assert not (tmp_path / "o.csv").exists()


def test_train_use_classify_and_figures(tmp_path: Path) -> None:
    made = orders(count=1500, seed=5, start=date(2025, 1, 1), end=date(2025, 12, 31))
    rows = [["标题", "内容", "事项"], *([o.title, o.text, o.matter] for o in made)]
    path = write(tmp_path / "t.csv", rows)
    told = json.loads(
        run("train", path, "--text", "标题+内容", "--label", "事项", "--out", str(tmp_path / "m"), "--use")
    )
    model = model_in_force()
    assert model is not None
    assert told["fingerprint"] == model.fingerprint
    assert told["in_force"] is True
    out = tmp_path / "out.csv"
    summary = json.loads(run("classify", path, "--text", "标题+内容", "--out", str(out)))
    assert summary["rows"] == 1500
    assert summary["empty"] == 0
    with out.open(encoding="utf-8-sig", newline="") as text:
        labelled = list(csv.DictReader(text))
    right = sum(row["label"] == row["事项"] for row in labelled)
    assert len(labelled) == 1500
    assert right > 1400
    assert {row["abstain"] for row in labelled} <= {"0", "1"}
    write(
        tmp_path / "o.csv",
        [["内容", "属地"], ["路灯不亮,晚上漆黑,请修好路灯", "古楼街道"], ["你好", "古楼街道"]],
    )
    run("import", str(tmp_path / "o.csv"))
    figures = json.loads(run("figures"))
    assert (figures["to_send"], figures["sent"], figures["automatic"], figures["waiting"]) == (2, 1, 1, 1)
    assert figures["automatic_share"] == 0.5
    assert figures["wrong_share"] == 0.0
