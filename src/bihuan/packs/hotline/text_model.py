"""The hotline's text model: proposes a label for a message, says how sure it is, and abstains when unsure.

Linear (ridge) on character n-grams inside words. The confidence is calibrated on held-out texts, where also
the threshold is found below which the model abstains. A stored model is numbers and JSON: loading one runs
no code from it.
"""

import hashlib
import io
import json
import math
import os
import tempfile
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]
from scipy.optimize import minimize_scalar  # type: ignore[import-untyped]
from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression, Ridge  # type: ignore[import-untyped]
from sklearn.metrics import f1_score  # type: ignore[import-untyped]

from bihuan.packs.hotline.text_words import (
    HEAD_WORDS,
    Word,
    features_of,
    fragments_of,
    word_features,
    words_of,
)

FORMAT = "bihuan-hotline-text"
FORMAT_VERSION = 1
FOLDS = 3
MAX_FEATURES = 100_000
MAX_FILE_BYTES = 2_000_000_000  # of the unpacked arrays; refuses a zip bomb
MIN_CHARACTERS = 4  # of counted words; a shorter text is never sent automatically
MAX_SHARPNESS = 8.0  # where held-out texts hold no error at all, nothing else would bound it
NEVER = 2.0  # a threshold that no confidence reaches
TOLERANCE = 1e-2  # of the solver; a finer one takes three times as long and labels no better
_ARRAYS = ("bias", "idf", "metadata", "vocabulary", "weights")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed label; `confidence` 0-1 is the expected share of right ones among such proposals.

    `reasons` are fragments of the text that weighed most; `why_abstained` is "" unless it abstains.
    """

    label: str
    confidence: float
    abstain: bool
    reasons: tuple[str, ...]
    why_abstained: str = ""

    @property
    def reason_text(self) -> str:
        """The reasons in one line, such as “不退费”“培训班”; without fragments, why the model abstained."""
        return "".join(f"“{reason}”" for reason in self.reasons) or self.why_abstained


@dataclass(frozen=True, slots=True)
class Calibration:
    """Scores to confidence: softmax(`sharpness` · scores), then on its logit a logistic curve."""

    sharpness: float
    slope: float
    offset: float
    threshold: float

    def confidence(self, scores: Floats) -> Floats:
        """Confidence (n,) of each row's best label; `scores` (n, labels)."""
        powers = np.exp((scores - scores.max(axis=1, keepdims=True)) * self.sharpness)
        top = np.clip(1.0 / powers.sum(axis=1), 1e-9, 1 - 1e-9)
        line = self.slope * np.log(top / (1 - top)) + self.offset
        result: Floats = 1.0 / (1.0 + np.exp(-line))
        return result


@dataclass(frozen=True, eq=False)
class TextModel:
    """A trained model. `weights` (features, labels), `bias` (labels,), `idf` (features,), `labels` sorted.

    `metrics`: examples, labels, held_out_accuracy, held_out_macro_f1, held_out_calibration_error,
    target_precision, threshold, and of the held-out texts not abstained from, held_out_coverage and
    held_out_precision (shares 0-1; precision 0 when nothing would be sent). `usual` is the
    most frequent label.
    """

    labels: tuple[str, ...]
    usual: str
    vocabulary: tuple[str, ...]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: Floats
    calibration: Calibration
    metrics: Mapping[str, float] = field(default_factory=dict)

    @property
    def threshold(self) -> float:
        """Confidence from which a proposal is sent automatically; above 1 when nothing may be."""
        return self.calibration.threshold

    @cached_property
    def _index(self) -> dict[str, int]:
        return {feature: index for index, feature in enumerate(self.vocabulary)}

    def classify(self, text: str) -> Proposal:
        """A proposal for one text, raw or segmented; only its first 4,000 characters are read."""
        words = words_of(text)
        counts = Counter(features_of(words))
        known = {feature: self._index[feature] for feature in counts if feature in self._index}
        if not known:
            why = "没有内容" if not text.strip() else "没有认识的词语"
            return Proposal(self.usual, 0.0, True, (), why)
        rows = np.fromiter(known.values(), dtype=np.int64)
        values = (1.0 + np.log([counts[feature] for feature in known])) * self.idf[rows]
        values = values / math.sqrt(float(values @ values))
        scores = values @ self.weights[rows] + self.bias
        best = int(scores.argmax())
        confidence = float(self.calibration.confidence(scores[np.newaxis, :])[0])
        why = self._why_abstained(words, confidence)
        parts = values * (self.weights[rows, best] - self.weights[rows].mean(axis=1))
        share = {name: float(part) / counts[name] for name, part in zip(known, parts, strict=True)}
        pulls = [
            sum(share.get(name, 0.0) for name in word_features(word.form, head=index < HEAD_WORDS))
            for index, word in enumerate(words)
        ]
        return Proposal(self.labels[best], confidence, bool(why), fragments_of(text, words, pulls), why)

    def classify_many(self, texts: Sequence[str]) -> list[Proposal]:
        """One proposal for each text, in order; the same as `classify` of each."""
        return [self.classify(text) for text in texts]

    def _why_abstained(self, words: Sequence[Word], confidence: float) -> str:
        if sum(len(word.form) for word in words) < MIN_CHARACTERS:
            return "文字太短"
        return "把握不足" if confidence < self.threshold else ""

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) over everything that decides what the model says, and its metrics."""
        digest = hashlib.sha256(_canonical(self._metadata()))
        for array in self._arrays().values():
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            digest.update(array.tobytes())
        return digest.hexdigest()

    def _metadata(self) -> dict[str, object]:
        return {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "labels": list(self.labels),
            "usual": self.usual,
            "calibration": astuple(self.calibration),
            "metrics": dict(self.metrics),
        }

    def _arrays(self) -> dict[str, NDArray[np.generic]]:
        vocabulary = np.frombuffer("\n".join(self.vocabulary).encode(), dtype=np.uint8)
        return {"bias": self.bias, "idf": self.idf, "vocabulary": vocabulary, "weights": self.weights}

    def save(self, path: Path | str) -> None:
        """Write one file, replacing an older one only when the new one is complete."""
        metadata = _canonical(self._metadata() | {"fingerprint": self.fingerprint})
        buffer = io.BytesIO()
        np.savez_compressed(buffer, metadata=np.frombuffer(metadata, dtype=np.uint8), **self._arrays())  # type: ignore[arg-type]
        target = Path(path)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.name, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(buffer.getbuffer())
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise


def _canonical(metadata: Mapping[str, object]) -> bytes:
    return json.dumps(metadata, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def load(path: Path | str) -> TextModel:
    """Read a model written by `save`; ValueError, in Chinese, for a foreign, damaged or altered file.

    The file may come from anywhere: only plain arrays and JSON are read, sizes are checked first.
    """
    refusal = f"模型文件 {Path(path).name} 已损坏，或不是本系统的文本模型"
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
        if sorted(member.filename for member in members) != [f"{name}.npy" for name in _ARRAYS]:
            raise ValueError(refusal)
        if sum(member.file_size for member in members) > MAX_FILE_BYTES:
            raise ValueError(refusal)
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in _ARRAYS}
        metadata = json.loads(arrays["metadata"].tobytes())
        if metadata["format"] != FORMAT:
            raise ValueError(refusal)
        if metadata["version"] != FORMAT_VERSION:
            raise _OtherVersion(
                f"模型文件 {Path(path).name} 的版本是 {metadata['version']}，只能读取版本 {FORMAT_VERSION}"
            )
        model = _model_from(metadata, arrays)
        if model.fingerprint != metadata["fingerprint"]:
            raise ValueError(refusal)
    except (FileNotFoundError, PermissionError, IsADirectoryError, _OtherVersion):
        raise
    except Exception as error:  # zip, zlib, JSON and shape errors of a file that we did not write
        raise ValueError(refusal) from error
    return model


class _OtherVersion(ValueError):
    pass


def _model_from(metadata: Mapping[str, object], arrays: Mapping[str, NDArray[np.generic]]) -> TextModel:
    labels, numbers, metrics = metadata["labels"], metadata["calibration"], metadata["metrics"]
    assert isinstance(labels, list) and isinstance(numbers, list) and isinstance(metrics, dict)
    vocabulary = tuple(arrays["vocabulary"].tobytes().decode().split("\n"))
    shapes = [arrays[name].shape for name in ("weights", "idf", "bias")]
    if shapes != [(len(vocabulary), len(labels)), (len(vocabulary),), (len(labels),)]:
        raise ValueError("shapes")
    model = TextModel(
        labels=tuple(str(label) for label in labels),
        usual=str(metadata["usual"]),
        vocabulary=vocabulary,
        idf=arrays["idf"].astype(np.float32),
        weights=arrays["weights"].astype(np.float32),
        bias=arrays["bias"].astype(np.float64),
        calibration=Calibration(*(float(number) for number in numbers)),
        metrics={str(name): float(value) for name, value in metrics.items()},
    )
    if not all(np.isfinite(array).all() for array in (model.idf, model.weights, model.bias)):
        raise ValueError("numbers")
    return model


def train(
    texts: Sequence[str], labels: Sequence[str], *, seed: int = 0, target_precision: float = 0.95
) -> TextModel:
    """Train on pairs of text and label; the same input and seed give the same model.

    `target_precision` (0-1) is the share of right ones wanted among those sent automatically; the threshold
    is the lowest from 0.5 that keeps it, with 90 % certainty, on held-out texts. ValueError, in
    Chinese, when the lengths differ, a label is blank, there are fewer than two, or no text has a word.
    """
    _check_training(texts, labels)
    vectorizer = TfidfVectorizer(
        analyzer=lambda text: features_of(words_of(text)),
        sublinear_tf=True,
        min_df=2 if len(texts) >= 200 else 1,
        max_features=MAX_FEATURES,
    )
    try:
        matrix = vectorizer.fit_transform(texts)
    except ValueError as error:
        raise ValueError("训练文本里没有可用的词语") from error
    names, truth = np.unique(np.asarray(labels, dtype=object).astype(str), return_inverse=True)
    held_out = _held_out_scores(matrix, truth, len(names), seed)
    calibration, metrics = _calibrate(held_out, truth, target_precision)
    weights, bias = _fit(matrix, truth, len(names))
    return TextModel(
        labels=tuple(str(name) for name in names),
        usual=str(names[np.bincount(truth).argmax()]),
        vocabulary=tuple(str(name) for name in vectorizer.get_feature_names_out()),
        idf=vectorizer.idf_.astype(np.float32),
        weights=weights.astype(np.float32),
        bias=bias,
        calibration=calibration,
        metrics={"examples": float(len(texts)), "labels": float(len(names)), **metrics},
    )


def with_metrics(model: TextModel, **more: float) -> TextModel:
    """The same model with more measured figures; its fingerprint changes with them."""
    return replace(model, metrics={**model.metrics, **more})


def _check_training(texts: Sequence[str], labels: Sequence[str]) -> None:
    if len(texts) != len(labels):
        raise ValueError(f"文本 {len(texts)} 条，标签 {len(labels)} 个，数量不一致")
    if any(not label.strip() for label in labels):
        raise ValueError("训练数据里有空白标签")
    kinds = sorted(set(labels))
    if len(kinds) < 2:
        raise ValueError(f"至少需要两种标签才能训练，现有 {len(kinds)} 种：{'、'.join(kinds) or '无'}")


def _fit(matrix: sparse.csr_matrix, truth: NDArray[np.int64], width: int) -> tuple[Floats, Floats]:
    """Ridge regression on targets ±1, every label counting alike (a rare one at most tenfold)."""
    counts = np.maximum(np.bincount(truth, minlength=width), 1)
    balance = np.minimum(len(truth) / (np.count_nonzero(np.bincount(truth)) * counts), 10.0)
    targets = np.full((len(truth), width), -1.0)
    targets[np.arange(len(truth)), truth] = 1.0
    ridge = Ridge(alpha=1.0, solver="sparse_cg", tol=TOLERANCE).fit(
        matrix, targets, sample_weight=balance[truth]
    )
    return np.ascontiguousarray(ridge.coef_.T), np.asarray(ridge.intercept_, dtype=np.float64)


def _held_out_scores(matrix: sparse.csr_matrix, truth: NDArray[np.int64], width: int, seed: int) -> Floats:
    """Scores (n, labels) of every text by a model that did not see it.

    Folds are runs of each label in the given order, not shuffled: letters about one event stand together, and
    a model that has seen the first would look better on the second than it will be on tomorrow's.
    """
    shifts = np.random.default_rng(seed).integers(FOLDS, size=width)
    fold = np.zeros(len(truth), dtype=np.int64)
    for label in range(width):
        mine = np.flatnonzero(truth == label)
        fold[mine] = (np.arange(len(mine)) * FOLDS // len(mine) + shifts[label]) % FOLDS
    scores = np.zeros((len(truth), width))
    for number in range(FOLDS):
        held, seen = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        if len(held) and len(seen):
            weights, bias = _fit(matrix[seen], truth[seen], width)
            scores[held] = matrix[held] @ weights + bias
    return scores


def _calibrate(
    scores: Floats, truth: NDArray[np.int64], target: float
) -> tuple[Calibration, dict[str, float]]:
    """Fit the calibration on held-out scores, choose the threshold, measure both there."""
    guess = scores.argmax(axis=1)
    right = guess == truth

    def loss(log_sharpness: float) -> float:
        powers = (scores - scores.max(axis=1, keepdims=True)) * math.exp(log_sharpness)
        chosen = powers[np.arange(len(truth)), truth]
        return float((np.log(np.exp(powers).sum(axis=1)) - chosen).mean())

    sharpness = math.exp(minimize_scalar(loss, bounds=(-2.0, math.log(MAX_SHARPNESS)), method="bounded").x)
    plain = Calibration(sharpness, 1.0, 0.0, NEVER)
    top = plain.confidence(scores)
    # Two imagined texts, one right and one wrong at even odds, keep the curve finite when all are right.
    logits = np.append(np.log(top / (1 - top)), [0.0, 0.0])
    curve = LogisticRegression(C=1000.0).fit(logits[:, np.newaxis], np.append(right, [True, False]))
    slope = max(float(curve.coef_[0, 0]), 0.0)  # more sure must never mean less right
    plain = replace(plain, slope=slope, offset=float(curve.intercept_[0]))
    confidence = plain.confidence(scores)
    threshold = _threshold(confidence, right, target)
    sent = confidence >= threshold
    metrics = {
        "held_out_accuracy": float(right.mean()),
        "held_out_macro_f1": float(f1_score(truth, guess, average="macro", zero_division=0)),
        "held_out_calibration_error": calibration_error(confidence, right),
        "target_precision": target,
        "threshold": threshold,
        "held_out_coverage": float(sent.mean()),
        "held_out_precision": float(right[sent].mean()) if sent.any() else 0.0,
    }
    return replace(plain, threshold=threshold), metrics


def _threshold(confidence: Floats, right: NDArray[np.bool_], target: float) -> float:
    """The lowest confidence, from 0.5, above which precision keeps the target by Wilson's lower bound (90 %).

    Below 0.5 a proposal is more likely wrong than right and is never sent, however good the average.
    """
    order = np.argsort(-confidence, kind="stable")
    number = np.arange(1, len(order) + 1)
    share = np.cumsum(right[order]) / number
    z = 1.2816
    spread = z * np.sqrt(share * (1 - share) / number + z * z / (4 * number * number))
    bound = (share + z * z / (2 * number) - spread) / (1 + z * z / number)
    last_of_ties = np.append(np.diff(confidence[order]) != 0, True)
    good = np.flatnonzero((bound >= target) & last_of_ties)
    if not len(good):
        return NEVER
    all_good = good[-1] == len(order) - 1  # no held-out text speaks against going lower
    return 0.5 if all_good else max(float(confidence[order][good[-1]]), 0.5)


def calibration_error(confidence: Floats, right: NDArray[np.bool_], *, bins: int = 10) -> float:
    """Expected calibration error (0-1): mean gap between confidence and share right, by equal bins."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    total = 0.0
    for number in set(place.tolist()):
        here = place == number
        total += abs(float(confidence[here].mean()) - float(right[here].mean())) * float(here.mean())
    return total
