"""Training the hotline's text model.

Ridge regression on character n-grams inside words. Held-out texts decide how closely it follows its examples,
calibrate the confidence, and give the threshold below which the model abstains.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize_scalar
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import f1_score

from bihuan.packs.hotline.text.model import Calibration, Floats, TextModel
from bihuan.packs.hotline.text.words import features_of, words_of

FOLDS = 3
MAX_FEATURES = 100_000
SMOOTHINGS = (3.0, 0.5)  # the larger where labels are noisy, the smaller where they are clear
TOLERANCE = 1e-2  # of the solver; a finer one takes three times as long and labels no better
MAX_SHARPNESS = 8.0  # where held-out texts hold no error at all, nothing else would bound it
NEVER = 2.0  # a threshold that no confidence reaches


def train(
    texts: Sequence[str], labels: Sequence[str], *, seed: int = 0, target_precision: float = 0.95
) -> TextModel:
    """Train on pairs of text and label; the same input and seed give the same model.

    `target_precision` (0-1) is the share of right ones wanted among those sent automatically; the threshold
    is the lowest from 0.5 that keeps it on held-out texts, with 90 % certainty in each of three runs.
    ValueError, in Chinese, when the lengths differ, a label is blank, there are fewer than two, or no text
    has a word.
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
    run = _runs(truth, len(names), seed)
    smoothing, held_out = _best_smoothing(matrix, truth, len(names), run)
    calibration, metrics = _calibrate(held_out, truth, run, target_precision)
    weights, bias = _fit(matrix, truth, len(names), smoothing)
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


def _check_training(texts: Sequence[str], labels: Sequence[str]) -> None:
    if len(texts) != len(labels):
        raise ValueError(f"文本 {len(texts)} 条，标签 {len(labels)} 个，数量不一致")
    if any(not label.strip() for label in labels):
        raise ValueError("训练数据里有空白标签")
    kinds = sorted(set(labels))
    if len(kinds) < 2:
        raise ValueError(f"至少需要两种标签才能训练，现有 {len(kinds)} 种：{'、'.join(kinds) or '无'}")


def _fit(
    matrix: sparse.csr_matrix, truth: NDArray[np.int64], width: int, smoothing: float
) -> tuple[Floats, Floats]:
    """Ridge regression on targets ±1; a rare label counts more, by the root of its rarity (at most tenfold rare).

    The root, because with labels that count wholly alike the rare ones are proposed far too often.
    """
    counts = np.maximum(np.bincount(truth, minlength=width), 1)
    balance = np.minimum(len(truth) / (np.count_nonzero(np.bincount(truth)) * counts), 10.0) ** 0.5
    targets = np.full((len(truth), width), -1.0)
    targets[np.arange(len(truth)), truth] = 1.0
    ridge = Ridge(alpha=smoothing, solver="sparse_cg", tol=TOLERANCE).fit(
        matrix, targets, sample_weight=balance[truth]
    )
    return np.ascontiguousarray(ridge.coef_.T), np.asarray(ridge.intercept_, dtype=np.float64)


def _runs(truth: NDArray[np.int64], width: int, seed: int) -> NDArray[np.int64]:
    """The run (n,) of each text: of each label in the given order, not shuffled.

    Letters about one event stand together, and a model that has seen the first would look better on the
    second than it will be on tomorrow's.
    """
    shifts = np.random.default_rng(seed).integers(FOLDS, size=width)
    run = np.zeros(len(truth), dtype=np.int64)
    for label in range(width):
        mine = np.flatnonzero(truth == label)
        run[mine] = (np.arange(len(mine)) * FOLDS // max(len(mine), 1) + shifts[label]) % FOLDS
    return run


def _held_out_scores(
    matrix: sparse.csr_matrix,
    truth: NDArray[np.int64],
    width: int,
    run: NDArray[np.int64],
    smoothing: float,
) -> Floats:
    """Scores (n, labels) of every text by a model that did not see its run."""
    scores = np.zeros((len(truth), width))
    for number in range(FOLDS):
        held, seen = np.flatnonzero(run == number), np.flatnonzero(run != number)
        if len(held) and len(seen):
            weights, bias = _fit(matrix[seen], truth[seen], width, smoothing)
            scores[held] = matrix[held] @ weights + bias
    return scores


def _best_smoothing(
    matrix: sparse.csr_matrix, truth: NDArray[np.int64], width: int, run: NDArray[np.int64]
) -> tuple[float, Floats]:
    """The smoothing with the best macro-F1 on held-out texts, and its scores there."""
    best, chosen, kept = -1.0, SMOOTHINGS[0], np.zeros((0, width))
    for smoothing in SMOOTHINGS:
        scores = _held_out_scores(matrix, truth, width, run, smoothing)
        reached = _macro_f1(scores, truth)
        if reached > best:
            best, chosen, kept = reached, smoothing, scores
        if best == 1.0:
            break  # nothing is left to gain
    return chosen, kept


def _macro_f1(scores: Floats, truth: NDArray[np.int64]) -> float:
    return float(f1_score(truth, scores.argmax(axis=1), average="macro", zero_division=0))


def _calibrate(
    scores: Floats, truth: NDArray[np.int64], run: NDArray[np.int64], target: float
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
    threshold = threshold_of(confidence, right, run, target)
    sent = confidence >= threshold
    metrics = {
        "held_out_accuracy": float(right.mean()),
        "held_out_macro_f1": _macro_f1(scores, truth),
        "held_out_calibration_error": calibration_error(confidence, right),
        "target_precision": target,
        "threshold": threshold,
        "held_out_coverage": float(sent.mean()),
        "held_out_precision": float(right[sent].mean()) if sent.any() else 0.0,
    }
    return replace(plain, threshold=threshold), metrics


def threshold_of(
    confidence: Floats, right: NDArray[np.bool_], run: NDArray[np.int64], target: float
) -> float:
    """The lowest confidence, from 0.5, above which precision keeps the target by Wilson's lower bound (90 %) in every
    run by itself: tomorrow's letters may be like those of the worst.

    Below 0.5 a proposal is more likely wrong than right and is never sent, however good the average.
    """
    order = np.argsort(-confidence, kind="stable")
    kept = np.ones(len(order), dtype=bool)
    for one in set(run.tolist()):
        mine = run[order] == one
        kept &= _assured(np.cumsum(right[order] & mine), np.cumsum(mine)) >= target
    last_of_ties = np.append(np.diff(confidence[order]) != 0, True)
    good = np.flatnonzero(kept & last_of_ties)
    if not len(good):
        return NEVER
    all_good = good[-1] == len(order) - 1  # no held-out text speaks against going lower
    return 0.5 if all_good else max(float(confidence[order][good[-1]]), 0.5)


def _assured(right: NDArray[np.int64], number: NDArray[np.int64]) -> Floats:
    """Wilson's lower bound (90 %) of the share right among each `number`; 0 for none."""
    z, counted = 1.2816, np.maximum(number, 1)
    share = right / counted
    spread = z * np.sqrt(share * (1 - share) / counted + z * z / (4 * counted * counted))
    bound: Floats = (share + z * z / (2 * counted) - spread) / (1 + z * z / counted)
    return np.where(number > 0, bound, 0.0)


def calibration_error(confidence: Floats, right: NDArray[np.bool_], *, bins: int = 10) -> float:
    """Expected calibration error (0-1): mean gap between confidence and share right, by equal bins."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    total = 0.0
    for number in set(place.tolist()):
        here = place == number
        total += abs(float(confidence[here].mean()) - float(right[here].mean())) * float(here.mean())
    return total
