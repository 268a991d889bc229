"""Labels and probabilities of one split → the values of eleven metrics, each explained."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

ECE_BINS = 10


@dataclass(frozen=True)
class Estimate:
    """A metric with its 95% interval and the number of films it was measured on.

    A value that the films do not define, such as specificity where no film is normal, is nan.
    """

    value: float
    low: float
    high: float
    n: int

    def __format__(self, specification: str) -> str:
        """Format as value with interval: `f"{estimate:.1%}"` gives `93.4% (91.2% to 95.1%)`."""
        if isnan(self.value):
            return "not defined"
        value = format(self.value, specification)
        if isnan(self.low) or isnan(self.high):
            return value
        return f"{value} ({self.low:{specification}} to {self.high:{specification}})"


@dataclass(frozen=True)
class Metric:
    """What a metric is called and means.

    Attributes:
        key: its name in code.
        title: its name for people.
        at_threshold: whether it depends on the threshold.
        is_share: whether it is a share of films, to be shown as a percentage.
        better: which end of it is good.
        meaning: one plain sentence.
    """

    key: str
    title: str
    at_threshold: bool
    is_share: bool
    better: Literal["higher", "lower"]
    meaning: str


METRICS: dict[str, Metric] = {
    metric.key: metric
    for metric in (
        Metric(
            "accuracy", "Accuracy", True, True, "higher", "The share of all films judged right."
        ),
        Metric(
            "balanced_accuracy",
            "Balanced accuracy",
            True,
            True,
            "higher",
            "The mean of recall and specificity: both classes count the same, however many films "
            "each has.",
        ),
        Metric(
            "precision",
            "Precision",
            True,
            True,
            "higher",
            "Of the films called pneumonia, the share that are; it depends on how common pneumonia "
            "is among the films.",
        ),
        Metric(
            "recall",
            "Recall (sensitivity)",
            True,
            True,
            "higher",
            "Of the pneumonia films, the share that are called pneumonia.",
        ),
        Metric(
            "specificity",
            "Specificity",
            True,
            True,
            "higher",
            "Of the normal films, the share that are called normal.",
        ),
        Metric(
            "f1",
            "F1 score",
            True,
            False,
            "higher",
            "The harmonic mean of precision and recall: high only where both are.",
        ),
        Metric(
            "mcc",
            "Matthews correlation",
            True,
            False,
            "higher",
            "The correlation between verdict and label: 1 is perfect, 0 is guessing.",
        ),
        Metric(
            "auc",
            "AUC-ROC",
            False,
            False,
            "higher",
            "The chance that a pneumonia film scores above a normal one: 1 is perfect, 0.5 is "
            "guessing.",
        ),
        Metric(
            "average_precision",
            "Average precision",
            False,
            False,
            "higher",
            "The precision averaged over all levels of recall; guessing reaches the share of "
            "pneumonia films.",
        ),
        Metric(
            "brier",
            "Brier score",
            False,
            False,
            "lower",
            "The mean squared distance of the probability from the truth: 0 is perfect, always "
            "saying one half gives 0.25.",
        ),
        Metric(
            "ece",
            "Calibration error (ECE)",
            False,
            False,
            "lower",
            "How far the probabilities lie from the shares that really were pneumonia, on average.",
        ),
    )
}
"""Every metric by its key, those at a threshold first."""


def count_outcomes(
    y_true: ArrayLike, probability: ArrayLike, threshold: float
) -> NDArray[np.int64]:
    """Return for each film 0 true negative, 1 false positive, 2 false negative, 3 true positive.

    A film on the threshold is called pneumonia.
    """
    called = np.asarray(probability, dtype=np.float64) >= threshold
    return 2 * np.asarray(y_true, dtype=np.int64) + called


def rate(counts: ArrayLike) -> dict[str, Floats]:
    """Return the seven metrics at a threshold from counts of films.

    Args:
        counts: shape (..., 4): true negatives, false positives, false negatives, true positives.

    Returns:
        Arrays of shape (...); nan where a metric is not defined. The Matthews correlation is 0
        where all films are called the same, as scikit-learn has it, and nan where one class only
        is there.
    """
    tn, fp, fn, tp = np.moveaxis(np.asarray(counts, dtype=np.float64), -1, 0)
    recall, specificity = divide(tp, tp + fn), divide(tn, tn + fp)
    spread = np.sqrt((tp + fp) * (tn + fn) * (tp + fn) * (tn + fp))
    correlation = (tp * tn - fp * fn) / np.where(spread > 0, spread, 1.0)
    return {
        "accuracy": divide(tp + tn, tn + fp + fn + tp),
        "balanced_accuracy": (recall + specificity) / 2,
        "precision": divide(tp, tp + fp),
        "recall": recall,
        "specificity": specificity,
        "f1": divide(2 * tp, 2 * tp + fp + fn),
        "mcc": np.where((tp + fn > 0) & (tn + fp > 0), correlation, np.nan),
    }


def divide(part: Any, whole: Any) -> Floats:
    """Return part / whole, nan where the whole is 0."""
    return np.asarray(part / np.where(whole > 0, whole, np.nan))


def score_at(y_true: ArrayLike, probability: ArrayLike, threshold: float) -> dict[str, float]:
    """Return the seven metrics at a threshold, by key; nan where one is not defined.

    They are worked out from four counts, since a slider asks for them at each of its steps; tests
    hold them against scikit-learn's.

    Args:
        y_true: shape (n,), 0 or 1.
        probability: shape (n,), of pneumonia, in [0, 1].
        threshold: probability at and above which a film is called pneumonia.
    """
    counts = np.bincount(count_outcomes(y_true, probability, threshold), minlength=4)
    return {key: float(value) for key, value in rate(counts).items()}


def score_ranking(y_true: ArrayLike, probability: ArrayLike) -> dict[str, float]:
    """Return the four metrics that need no threshold, by key; nan where one is not defined.

    AUC and average precision need films of both classes, Brier score and ECE at least one film.

    Args:
        y_true: shape (n,), 0 or 1.
        probability: shape (n,), of pneumonia, in [0, 1].
    """
    from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

    labels = np.asarray(y_true, dtype=np.int64)
    shares = np.asarray(probability, dtype=np.float64)
    both = 0 < labels.sum() < len(labels)
    some = len(labels) > 0
    return {
        "auc": float(roc_auc_score(labels, shares)) if both else np.nan,
        "average_precision": float(average_precision_score(labels, shares)) if both else np.nan,
        "brier": float(brier_score_loss(labels, shares, pos_label=1)) if some else np.nan,
        "ece": _calibration_error(labels, shares) if some else np.nan,
    }


def find_bins(probability: ArrayLike, bins: int) -> NDArray[np.int64]:
    """Return for each probability its bin of equal width, 0 to bins - 1.

    A probability on an edge belongs to the bin below it, as in Guo et al. 2017.

    >>> find_bins([0.0, 0.1, 0.11, 1.0], 10).tolist()
    [0, 0, 1, 9]
    """
    inner_edges = np.linspace(0.0, 1.0, bins + 1)[1:-1]
    return np.searchsorted(inner_edges, np.asarray(probability, dtype=np.float64), side="left")


def _calibration_error(labels: NDArray[np.int64], shares: Floats) -> float:
    """Return the expected calibration error (Naeini et al. 2015; Guo et al. 2017).

    The distance between mean probability and observed share of pneumonia in a bin, averaged over
    the bins with their films as weights; the films' number cancels in each bin.
    """
    gap = np.bincount(find_bins(shares, ECE_BINS), weights=labels - shares, minlength=ECE_BINS)
    return float(np.abs(gap).sum() / len(labels))
