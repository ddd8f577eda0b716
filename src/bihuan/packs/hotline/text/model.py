"""The hotline's text model: proposes a label for a message, says how sure it is, and abstains when unsure.

Linear on character n-grams; `text_training` makes it. A stored model is numbers and JSON: loading one runs no
code from it.
"""

import hashlib
import io
import json
import math
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bihuan.lib.replacing import replacing
from bihuan.packs.hotline.text.words import (
    HEAD_WORDS,
    Word,
    features_of,
    fragments_of,
    word_features,
    words_of,
)

FORMAT = "bihuan-hotline-text"
FORMAT_VERSION = 1
MAX_FILE_BYTES = 2_000_000_000  # of the unpacked arrays; refuses a zip bomb
MIN_CHARACTERS = 4  # of counted words, and of those that weigh; on less nothing is sent automatically
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
        parts = values * (self.weights[rows, best] - self.weights[rows].mean(axis=1))
        share = {name: float(part) / counts[name] for name, part in zip(known, parts, strict=True)}
        pulls = [
            sum(share.get(name, 0.0) for name in word_features(word.form, head=index < HEAD_WORDS))
            for index, word in enumerate(words)
        ]
        reasons = fragments_of(text, words, pulls)
        why = self._why_abstained(words, confidence, reasons)
        return Proposal(self.labels[best], confidence, bool(why), reasons, why)

    def classify_many(self, texts: Sequence[str]) -> list[Proposal]:
        """One proposal for each text, in order; the same as `classify` of each."""
        return [self.classify(text) for text in texts]

    def _why_abstained(self, words: Sequence[Word], confidence: float, reasons: Sequence[str]) -> str:
        if sum(len(word.form) for word in words) < MIN_CHARACTERS:
            return "文字太短"
        if confidence < self.threshold:
            return "把握不足"
        return "只凭一个短词" if sum(map(len, reasons)) < MIN_CHARACTERS else ""

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
        with replacing(path) as name:
            name.write_bytes(buffer.getbuffer())


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
    except (FileNotFoundError, PermissionError, _OtherVersion):
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


def with_metrics(model: TextModel, **more: float) -> TextModel:
    """The same model with more measured figures; its fingerprint changes with them."""
    return replace(model, metrics={**model.metrics, **more})
