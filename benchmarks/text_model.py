"""The hotline's text model on real messages: trained on segmented ones, judged on raw ones it never saw.

Run: python benchmarks/text_model.py [folder with teddy_train_segmented.csv and teddy_validation_raw.csv]
Prints one JSON line a figure; nothing when the data is absent. The peer is multinomial naive Bayes on the
same features, trained and judged in the same run.
"""

import csv
import json
import sys
import time
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import f1_score
from sklearn.naive_bayes import MultinomialNB

from bihuan.packs.hotline.text_files import train_files
from bihuan.packs.hotline.text_model import calibration_error
from bihuan.packs.hotline.text_words import features_of, words_of

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "hotline"
PEER = "multinomial naive Bayes"


def show(name: str, value: float, unit: str = "", peer_value: float | None = None) -> None:
    ratio = round(value / peer_value, 4) if peer_value else None
    peer = PEER if peer_value is not None else None
    line = {"name": name, "value": round(value, 4), "unit": unit, "peer": peer}
    line |= {"peer_value": None if peer_value is None else round(peer_value, 4), "ratio": ratio}
    print(json.dumps(line, ensure_ascii=False))


def columns(path: Path, *names: str) -> list[tuple[str, ...]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [tuple(row[name] for name in names) for row in csv.DictReader(stream)]


def naive_bayes(train_path: Path, texts: list[str]) -> np.ndarray:
    pairs = columns(train_path, "tokens", "label")
    vectorizer = CountVectorizer(analyzer=lambda text: features_of(words_of(text)), min_df=2)
    counts = vectorizer.fit_transform([text for text, _ in pairs])
    bayes = MultinomialNB().fit(counts, [label for _, label in pairs])
    return bayes.predict(vectorizer.transform(texts))


def main(folder: Path) -> None:
    train_path, test_path = folder / "teddy_train_segmented.csv", folder / "teddy_validation_raw.csv"
    if not (train_path.exists() and test_path.exists()):
        return
    begun = time.perf_counter()
    model = train_files([train_path], text_column="tokens", label_column="label")
    train_seconds = time.perf_counter() - begun
    rows = columns(test_path, "留言主题", "留言详情", "一级标签")
    texts, truth = [f"{subject}\n{body}" for subject, body, _ in rows], np.array([row[2] for row in rows])
    model.classify(texts[0])
    times, proposals = [], []
    for text in texts:
        begun = time.perf_counter()
        proposals.append(model.classify(text))
        times.append(time.perf_counter() - begun)
    guess, peer = np.array([found.label for found in proposals]), naive_bayes(train_path, texts)
    right, sent = guess == truth, np.array([not found.abstain for found in proposals])
    f1 = [float(f1_score(truth, said, average="macro")) for said in (guess, peer)]
    show("text_model_macro_f1", f1[0], "", f1[1])
    show("text_model_accuracy", float(right.mean()), "", float((peer == truth).mean()))
    show("text_model_coverage", float(sent.mean()))
    show("text_model_precision_sent", float(right[sent].mean()))
    confidence = np.array([found.confidence for found in proposals])
    show("text_model_calibration_error", calibration_error(confidence, right))
    show("text_model_train_s", train_seconds, "s")
    show("text_model_classify_p99_ms", float(np.percentile(times, 99)) * 1000, "ms")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER)
