"""The hotline's text model on real messages: trained on segmented ones, judged on raw ones it never saw.

Run: python -m benchmarks.text_model [folder with teddy_train_segmented.csv and teddy_validation_raw.csv]
Prints one JSON line a figure; without the data it says so on stderr and measures nothing. The peers, trained and
judged in the same run, are multinomial naive Bayes on the same features, and tf-idf of words with LinearSVC.
"""

import csv
import json
import sys
import time
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from bihuan.packs.hotline.text.files import train_files
from bihuan.packs.hotline.text.training import calibration_error
from bihuan.packs.hotline.text.words import features_of, words_of

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "hotline"
BAYES, PLAIN = "multinomial naive Bayes", "tf-idf of words, LinearSVC"


def show(
    name: str, value: float, unit: str = "", peer_value: float | None = None, peer: str | None = None
) -> None:
    ratio = round(value / peer_value, 4) if peer_value else None
    line = {"name": name, "value": round(value, 4), "unit": unit, "peer": peer}
    line |= {"peer_value": None if peer_value is None else round(peer_value, 4), "ratio": ratio}
    print(json.dumps(line, ensure_ascii=False))


def columns(path: Path, *names: str) -> list[tuple[str, ...]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [tuple(row[name] for name in names) for row in csv.DictReader(stream)]


def peers(train_path: Path, texts: list[str]) -> dict[str, np.ndarray]:
    """The labels that each peer gives to `texts`."""
    pairs = columns(train_path, "tokens", "label")
    words = [words_of(text) for text, _ in pairs]
    asked = [words_of(text) for text in texts]
    labels = [label for _, label in pairs]
    bayes = make_pipeline(CountVectorizer(analyzer=features_of, min_df=2), MultinomialNB())
    plain = make_pipeline(
        TfidfVectorizer(analyzer=lambda found: [word.form for word in found]), LinearSVC(random_state=0)
    )
    return {name: peer.fit(words, labels).predict(asked) for name, peer in ((BAYES, bayes), (PLAIN, plain))}


def main(folder: Path) -> None:
    train_path, test_path = folder / "teddy_train_segmented.csv", folder / "teddy_validation_raw.csv"
    if not (train_path.exists() and test_path.exists()):
        print(f"{folder} does not hold the data: nothing measured", file=sys.stderr)
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
    guess = np.array([found.label for found in proposals])
    right, sent = guess == truth, np.array([not found.abstain for found in proposals])
    f1 = f1_score(truth, guess, average="macro")
    for peer, said in peers(train_path, texts).items():
        show("text_model_macro_f1", f1, "", f1_score(truth, said, average="macro"), peer)
        show("text_model_accuracy", float(right.mean()), "", float((said == truth).mean()), peer)
    for figure in ("macro_f1", "coverage", "precision", "calibration_error"):
        show(f"text_model_cross_validated_{figure}", model.metrics[f"held_out_{figure}"])
    show("text_model_coverage", float(sent.mean()))
    show("text_model_precision_sent", float(right[sent].mean()))
    confidence = np.array([found.confidence for found in proposals])
    show("text_model_calibration_error", calibration_error(confidence, right))
    show("text_model_train_s", train_seconds, "s")
    show("text_model_classify_p99_ms", float(np.percentile(times, 99)) * 1000, "ms")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER)
