"""The hotline's text model on texts made here: repeatable, honest about doubt, and safe to load."""

import csv
import io
import json
import pickle
import random
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.packs.hotline.text.files import classify_file, train_files
from bihuan.packs.hotline.text.model import TextModel, load
from bihuan.packs.hotline.text.training import calibration_error, threshold_of, train
from bihuan.packs.hotline.text.words import words_of

TOPICS = {
    "教育文体": ["培训班", "不退费", "学校", "老师", "学生", "幼儿园", "课程", "补课"],
    "环境保护": ["污水", "排放", "河道", "臭味", "噪音", "废气", "扬尘", "垃圾"],
    "交通运输": ["公交车", "出租车", "堵车", "红绿灯", "停车", "地铁", "班次", "司机"],
}
SHARED = ["小区", "居民", "问题", "处理", "部门", "反映", "领导", "解决", "附近", "情况", "严重", "影响"]


def made_texts(number: int, *, seed: int = 1, noise: float = 0.0) -> tuple[list[str], list[str]]:
    """Texts of three topics; `noise` is the share of labels drawn at random."""
    draw = random.Random(seed)
    texts, labels = [], []
    for _ in range(number):
        topic = draw.choice(list(TOPICS))
        words = draw.sample(TOPICS[topic], 3) + draw.sample(SHARED, 4)
        draw.shuffle(words)
        texts.append("，".join(words) + "。")
        labels.append(draw.choice(list(TOPICS)) if draw.random() < noise else topic)
    return texts, labels


@pytest.fixture(scope="module")
def model() -> TextModel:
    return train(*made_texts(400))


def write_csv(path: Path, rows: list[list[str]], encoding: str = "utf-8-sig") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def test_same_input_and_seed_give_the_same_model(model: TextModel) -> None:
    texts, labels = made_texts(400)
    assert train(texts, labels).fingerprint == model.fingerprint
    assert train(texts[:-1], labels[:-1]).fingerprint != model.fingerprint
    noisy = made_texts(400, noise=0.4)
    assert train(*noisy, seed=1).fingerprint == train(*noisy, seed=1).fingerprint


def test_learns_the_topics_and_says_how_well(model: TextModel) -> None:
    texts, labels = made_texts(200, seed=2)
    assert [found.label for found in model.classify_many(texts)] == labels
    assert model.labels == ("交通运输", "教育文体", "环境保护")
    assert model.metrics["examples"] == 400 and model.metrics["labels"] == 3
    assert model.metrics["held_out_accuracy"] == 1.0
    assert model.metrics["held_out_coverage"] == 1.0 and model.metrics["held_out_precision"] == 1.0
    assert model.metrics["target_precision"] == 0.95 and model.metrics["threshold"] == model.threshold == 0.5


def test_segmented_and_raw_text_are_alike(model: TextModel) -> None:
    raw = model.classify("小区附近的培训班不退费，学校和老师都不处理")
    cut = model.classify("小区 附近 培训班 不 退费 学校 老师 处理")
    wide = model.classify("小区附近的培训班　不退费，学校和老师都不处理_x000D_")
    assert raw.label == cut.label == wide.label == "教育文体"
    assert raw.confidence == pytest.approx(cut.confidence) == wide.confidence
    assert [word.form for word in words_of("ＡＢＣ公司 2020 A3区")] == ["abc", "公司", "区"]


def test_reasons_are_fragments_that_speak_for_the_label(model: TextModel) -> None:
    text = "居民反映 河道 臭味 严重，请部门解决污水问题"
    found = model.classify(text)
    assert found.label == "环境保护" and not found.abstain and found.why_abstained == ""
    assert 1 <= len(found.reasons) <= 4
    assert found.reasons[0] == "河道臭味" and "污水" in found.reasons[1]
    assert found.reason_text == "".join(f"“{reason}”" for reason in found.reasons)
    assert "“不退费”" in model.classify("楼下的培训班关门了，不退费，老师也不见了").reason_text


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60) | st.text(alphabet="不退费培训班河道污水 \n，Ａb1\x00½ﷺ", max_size=60))
def test_any_string_gets_a_label_a_bounded_confidence_and_true_fragments(text: str) -> None:
    small = _small_model()
    found = small.classify(text)
    assert found.label in small.labels and 0.0 <= found.confidence <= 1.0
    assert found.abstain == bool(found.why_abstained)
    assert found.abstain or found.confidence >= small.threshold
    assert all(reason and reason in "".join(text.split()) for reason in found.reasons)


_SMALL: list[TextModel] = []


def _small_model() -> TextModel:
    if not _SMALL:
        _SMALL.append(train(*made_texts(120)))
    return _SMALL[0]


def test_abstains_from_empty_short_and_unknown_text() -> None:
    texts, labels = made_texts(150)
    usual = max(sorted(set(labels)), key=labels.count)
    model = train(texts, labels)
    for text, why in [("", "没有内容"), (" \n\u3000", "没有内容"), ("。。。123", "没有认识的词语")]:
        found = model.classify(text)
        assert (found.label, found.confidence, found.abstain) == (usual, 0.0, True)
        assert (found.reasons, found.why_abstained, found.reason_text) == ((), why, why)
    short = model.classify("污水")
    assert (short.label, short.abstain, short.why_abstained) == ("环境保护", True, "文字太短")
    assert short.confidence > 0


def test_one_short_word_is_no_evidence() -> None:
    texts = ["小区物业乱收费没有人管理", "小区物业收费不公示", "店面占道经营没有人管理", "摊贩占道经营"] * 40
    model = train(texts, ["物业", "物业", "占道", "占道"] * 40, target_precision=0.5)
    assert model.classify("镇政府乱收费问题").why_abstained == "只凭一个短词"
    assert not model.classify("小区物业乱收费问题").abstain


def test_threshold_keeps_the_target_where_labels_are_noisy() -> None:
    texts, labels = made_texts(600, noise=0.3)
    clear, _ = made_texts(600, seed=5)
    model = train(texts + clear, labels + made_texts(600, seed=5)[1], target_precision=0.8)
    assert model.metrics["held_out_precision"] >= 0.8
    assert 0.3 < model.metrics["held_out_coverage"] <= 1.0
    strict = train(texts, labels, target_precision=0.999)
    assert strict.threshold > 1 and strict.metrics["held_out_coverage"] == 0.0
    found = strict.classify(texts[0])
    assert found.abstain and found.why_abstained == "把握不足" and found.label in strict.labels


def test_threshold_keeps_the_target_in_the_worst_run_too() -> None:
    place = np.arange(300)
    confidence, run = 0.99 - place / 1000, place % 3
    right = (run != 2) | (place < 150)  # of run 2, the 50 surest
    # 50 of 52 assure 91 %, 50 of 53 only 89 %: the 53rd of run 2 stands at place 158
    assert threshold_of(confidence, right, run, 0.9) == confidence[157]
    assert threshold_of(confidence, right, place % 2, 0.9) < confidence[180]
    assert threshold_of(confidence, np.ones(300, dtype=bool), run, 0.9) == 0.5
    assert threshold_of(confidence, ~right, run, 0.9) > 1


def test_confidence_is_calibrated_on_new_texts() -> None:
    model = train(*made_texts(900, noise=0.3))
    texts, labels = made_texts(600, seed=9, noise=0.3)
    found = model.classify_many(texts)
    confidence = np.array([one.confidence for one in found])
    right = np.array([one.label == label for one, label in zip(found, labels, strict=True)])
    assert 0.7 < right.mean() < 0.9
    assert calibration_error(confidence, right) < 0.08


def test_calibration_error_by_hand() -> None:
    confidence = np.array([0.95, 0.95, 0.55, 1.0])
    right = np.array([True, False, True, True])
    assert calibration_error(confidence, right) == pytest.approx(0.75 * (2.9 / 3 - 2 / 3) + 0.25 * 0.45)


def test_labels_with_one_or_two_examples_are_learnt() -> None:
    texts, labels = made_texts(200)
    texts += ["宠物狗咬伤路人", "博物馆闭馆通知", "博物馆门票预约"]
    labels += ["公安", "文物", "文物"]
    model = train(texts, labels)
    assert model.labels == ("交通运输", "公安", "教育文体", "文物", "环境保护")
    assert model.classify("博物馆的门票怎么预约").label == "文物"
    assert train(["污水排放臭味", "学校补课收费"], ["甲", "乙"]).classify("学校补课收费").abstain


@pytest.mark.parametrize(
    ("texts", "labels", "message"),
    [
        ([], [], "至少需要两种标签才能训练，现有 0 种：无"),
        (["污水", "噪音"], ["环保", "环保"], "至少需要两种标签才能训练，现有 1 种：环保"),
        (["污水"], ["环保", "教育"], "文本 1 条，标签 2 个，数量不一致"),
        (["污水", "学校"], ["环保", " "], "训练数据里有空白标签"),
        (["，。", "123"], ["环保", "教育"], "训练文本里没有可用的词语"),
    ],
)
def test_refuses_what_cannot_be_learnt(texts: list[str], labels: list[str], message: str) -> None:
    with pytest.raises(ValueError) as refusal:
        train(texts, labels)
    assert str(refusal.value) == message


def test_saved_model_loads_equal(model: TextModel, tmp_path: Path) -> None:
    model.save(tmp_path / "m.model")
    again = load(tmp_path / "m.model")
    texts, _ = made_texts(30, seed=3)
    assert again.classify_many([*texts, ""]) == model.classify_many([*texts, ""])
    assert again.fingerprint == model.fingerprint and len(again.fingerprint) == 64
    assert (again.labels, dict(again.metrics)) == (model.labels, dict(model.metrics))
    assert [path.name for path in tmp_path.iterdir()] == ["m.model"]


class _Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("import pathlib; pathlib.Path('trapped').touch()",)


def test_foreign_and_damaged_files_are_refused_and_run_nothing(
    model: TextModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    good = Path("good")
    model.save(good)
    stored = good.read_bytes()
    with np.load(good) as file:
        arrays = {name: file[name] for name in file.files}
    altered = dict(arrays, bias=arrays["bias"] + 1)
    objects = io.BytesIO()
    np.savez(objects, **dict(arrays, weights=np.array([_Trap()], dtype=object)))
    changed = io.BytesIO()
    np.savez(changed, **altered)
    middle = len(stored) // 2
    bad = [b"", b"text", stored[:middle], pickle.dumps(_Trap()), objects.getvalue(), changed.getvalue()]
    bad.append(stored[:middle] + bytes([stored[middle] ^ 255]) + stored[middle + 1 :])
    for content in bad:
        Path("bad").write_bytes(content)
        with pytest.raises(ValueError, match="^模型文件 bad 已损坏，或不是本系统的文本模型$"):
            load("bad")
    assert not Path("trapped").exists()
    newer = json.loads(arrays["metadata"].tobytes()) | {"version": 2}
    arrays["metadata"] = np.frombuffer(json.dumps(newer).encode(), dtype=np.uint8)
    np.savez(tmp_path / "newer.npz", **arrays)
    with pytest.raises(ValueError, match="版本是 2，只能读取版本 1"):
        load("newer.npz")


def test_a_long_text_is_no_burden(model: TextModel) -> None:
    text = "小区附近河道污水臭味严重，居民反映多次，部门没有处理。" * 20
    model.classify(text)
    times = []
    for _ in range(20):
        begun = time.process_time()
        model.classify(text)
        times.append(time.process_time() - begun)
    assert min(times) < 0.05


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_are_read_in_their_encoding(encoding: str, tmp_path: Path) -> None:
    texts, labels = made_texts(60)
    rows = [["主题", "内容", "类别"], *(["反映", *pair] for pair in zip(texts, labels, strict=True))]
    path = write_csv(tmp_path / "a.csv", [*rows, ["", " ", "教育文体"], ["有主题", "", ""]], encoding)
    model = train_files([path, path], text_column="主题+内容", label_column="类别")
    assert model.metrics["examples"] == 120 and model.metrics["skipped_rows"] == 4
    assert model.classify(texts[0]).label == labels[0]


def test_classified_file_keeps_rows_and_columns(model: TextModel, tmp_path: Path) -> None:
    body = "居民反映河道臭味严重，\n污水排放无人处理"
    rows = [["编号", "主题", "内容", "label"], ["1", "污水", body, "x"], [], ["2", "", "", "y"]]
    source, target = write_csv(tmp_path / "in.csv", rows), tmp_path / "out.csv"
    summary = classify_file(source, text_column="主题+内容", out_path=target, model=model)
    header, first, blank, last = read_csv(target)
    assert header == ["编号", "主题", "内容", "input_label", "label", "confidence", "abstain", "reasons"]
    found = model.classify(f"污水\n{body}")
    assert first == ["1", "污水", body, "x", "环境保护", f"{found.confidence:.4f}", "0", found.reason_text]
    assert blank == ["", "", "", "", model.usual, "0.0000", "1", "没有内容"]
    assert last == ["2", "", "", "y", model.usual, "0.0000", "1", "没有内容"]
    assert (summary.rows, summary.sent, summary.abstained, summary.empty) == (3, 1, 2, 2)
    assert sum(summary.labels.values()) == 3 and summary.renamed == {"label": "input_label"}


def test_bad_files_are_refused_and_nothing_is_written(model: TextModel, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("before", encoding="utf-8")
    wide = write_csv(tmp_path / "wide.csv", [["内容"], ["污水排放臭味"], ["甲", "乙"]])
    empty = write_csv(tmp_path / "empty.csv", [])
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xff\xff\xff")
    (tmp_path / "folder").mkdir()
    cases = [
        (wide, "正文", "文件 wide.csv 没有列“正文”，现有列：内容"),
        (wide, "内容+主题", "文件 wide.csv 没有列“主题”，现有列：内容"),
        (wide, "内容", "文件 wide.csv 第 3 条记录有 2 列，表头只有 1 列"),
        (empty, "内容", "文件 empty.csv 是空的，没有表头"),
        (binary, "内容", "文件 binary.csv 既不是 UTF-8 也不是 GB18030 编码"),
    ]
    before = sorted(path.name for path in tmp_path.iterdir())
    for source, column, message in cases:
        with pytest.raises(ValueError) as refusal:
            classify_file(source, text_column=column, out_path=target, model=model)
        assert str(refusal.value) == message
    with pytest.raises(ValueError, match="输出文件不能就是输入文件 wide.csv"):
        classify_file(wide, text_column="内容", out_path=wide, model=model)
    with pytest.raises(ValueError, match="文件 wide.csv 没有列“类别”，现有列：内容"):
        train_files([wide], text_column="内容", label_column="类别")
    folder, nowhere = tmp_path / "folder", tmp_path / "none" / "out.csv"
    for out, message in [
        (folder, f"{folder} 是文件夹，不能写成文件"),
        (nowhere, f"文件 {nowhere} 写不了：文件夹不存在或没有写入的权限"),
    ]:
        for write in (
            lambda out=out: model.save(out),
            lambda out=out: classify_file(wide, text_column="内容", out_path=out, model=model),
        ):
            with pytest.raises(ValueError) as refusal:
                write()
            assert str(refusal.value) == message
    with pytest.raises(ValueError, match="folder 是文件夹，不是文件$"):
        classify_file(folder, text_column="内容", out_path=target, model=model)
    with pytest.raises(ValueError, match="^模型文件 folder 已损坏，或不是本系统的文本模型$"):
        load(folder)
    assert target.read_text(encoding="utf-8") == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == before
