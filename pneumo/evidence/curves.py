"""Labels and probabilities of one split → the tables behind its curves and its counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pneumo.domain import CLASSES
from pneumo.evidence.metrics import count_outcomes, divide, find_bins

if TYPE_CHECKING:
    import pandas as pd

_THRESHOLDS = 99
"""Net benefit is drawn at 0.01, 0.02 to 0.99."""


@dataclass(frozen=True)
class Confusion:
    """How many films of each class were called what."""

    true_negative: int
    false_positive: int
    false_negative: int
    true_positive: int

    @property
    def n(self) -> int:
        """Number of films."""
        return self.true_negative + self.false_positive + self.false_negative + self.true_positive

    def cell(self, label: int, called: int) -> int:
        """Return the number of films of a class (0 normal, 1 pneumonia) that were called so."""
        rows = (
            (self.true_negative, self.false_positive),
            (self.false_negative, self.true_positive),
        )
        return rows[label][called]


def confuse(y_true: ArrayLike, probability: ArrayLike, threshold: float) -> Confusion:
    """Count the films of each class on each side of a threshold; a film on it is pneumonia."""
    counts = np.bincount(count_outcomes(y_true, probability, threshold), minlength=4)
    return Confusion(*(int(count) for count in counts))


def roc_table(y_true: ArrayLike, probability: ArrayLike) -> pd.DataFrame:
    """Return the ROC curve, from the strictest threshold (infinite) to the laxest.

    Returns:
        Columns threshold, false_positive_rate, true_positive_rate; no row where a class is
        missing. Points on a straight line between their neighbours are left out.
    """
    import pandas as pd
    from sklearn.metrics import roc_curve

    labels = np.asarray(y_true, dtype=np.int64)
    columns: list[NDArray[np.float64]] = [np.empty(0)] * 3
    if 0 < labels.sum() < len(labels):
        false_rate, true_rate, threshold = roc_curve(labels, np.asarray(probability, dtype=float))
        columns = [threshold, false_rate, true_rate]
    names = ("threshold", "false_positive_rate", "true_positive_rate")
    return pd.DataFrame(dict(zip(names, columns, strict=True)))


def precision_recall_table(y_true: ArrayLike, probability: ArrayLike) -> pd.DataFrame:
    """Return the precision-recall curve, from the strictest threshold (infinite) to the laxest.

    Returns:
        Columns threshold, recall, precision; no row where a class is missing. At the infinite
        threshold no film is called pneumonia, and the precision is 1 by convention. Points
        between two others of the same recall are left out.
    """
    import pandas as pd
    from sklearn.metrics import precision_recall_curve

    labels = np.asarray(y_true, dtype=np.int64)
    columns: list[NDArray[np.float64]] = [np.empty(0)] * 3
    if 0 < labels.sum() < len(labels):
        precision, recall, threshold = precision_recall_curve(
            labels, np.asarray(probability, dtype=float), drop_intermediate=True
        )
        columns = [np.append(threshold, np.inf)[::-1], recall[::-1], precision[::-1]]
    return pd.DataFrame(dict(zip(("threshold", "recall", "precision"), columns, strict=True)))


def reliability_table(y_true: ArrayLike, probability: ArrayLike, *, bins: int = 10) -> pd.DataFrame:
    """Return how often films of about the same probability really are pneumonias.

    Args:
        y_true: shape (n,), 0 or 1.
        probability: shape (n,), of pneumonia, in [0, 1].
        bins: number of bins of equal width; the same bins as those of the metric ECE.

    Returns:
        One row for each bin with films in it: bin_low, bin_high, mean_probability,
        observed_share, its 95% interval low and high (Wilson 1927), and n.
    """
    import pandas as pd
    from statsmodels.stats.proportion import proportion_confint

    labels = np.asarray(y_true, dtype=np.int64)
    shares = np.asarray(probability, dtype=np.float64)
    place = find_bins(shares, bins)
    n = np.bincount(place, minlength=bins)
    ill = np.bincount(place, weights=labels, minlength=bins)
    total = np.bincount(place, weights=shares, minlength=bins)
    filled = n > 0
    edges = np.linspace(0.0, 1.0, bins + 1)
    low, high = proportion_confint(ill[filled], n[filled], method="wilson")
    return pd.DataFrame(
        {
            "bin_low": edges[:-1][filled],
            "bin_high": edges[1:][filled],
            "mean_probability": total[filled] / n[filled],
            "observed_share": ill[filled] / n[filled],
            "low": low,
            "high": high,
            "n": n[filled],
        }
    )


def histogram_table(y_true: ArrayLike, probability: ArrayLike, *, bins: int = 20) -> pd.DataFrame:
    """Count the films of each class by their probability, in bins of equal width.

    Returns:
        Columns bin_low, bin_high, class_name, films; `bins` rows for each class, NORMAL first.
    """
    import pandas as pd

    labels = np.asarray(y_true, dtype=np.int64)
    place = find_bins(probability, bins)
    edges = np.linspace(0.0, 1.0, bins + 1)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "bin_low": edges[:-1],
                    "bin_high": edges[1:],
                    "class_name": name,
                    "films": np.bincount(place[labels == label], minlength=bins),
                }
            )
            for label, name in enumerate(CLASSES)
        ],
        ignore_index=True,
    )


def net_benefit_table(
    y_true: ArrayLike, probability: ArrayLike, *, prevalence: float | None = None
) -> pd.DataFrame:
    """Return the decision curve of a network (Vickers and Elkin 2006).

    Net benefit = true positives per child - false positives per child * t / (1 - t), where t is
    the probability of pneumonia at which treating and waiting seem equally bad. One hundredth is
    worth one more child treated rightly in a hundred, and none wrongly.

    Args:
        y_true: shape (n,), 0 or 1.
        probability: shape (n,), of pneumonia, in [0, 1].
        prevalence: share of pneumonias among the children, in [0, 1]; None is that of the films.

    Returns:
        Columns threshold (0.01 to 0.99), network, treat_all, treat_none (always 0); nan where
        a class that the children have is missing from the films.
    """
    import pandas as pd

    labels = np.asarray(y_true, dtype=np.int64)
    shares = np.asarray(probability, dtype=np.float64)
    threshold = np.arange(1, _THRESHOLDS + 1) / (_THRESHOLDS + 1)
    ill, well = np.sort(shares[labels == 1]), np.sort(shares[labels == 0])
    common = float(divide(len(ill), len(labels))) if prevalence is None else prevalence
    # A share of an empty class is not needed, and must not spoil the sum, where nobody is in it.
    sensitivity = divide(len(ill) - np.searchsorted(ill, threshold), len(ill) or (common == 0))
    false_rate = divide(len(well) - np.searchsorted(well, threshold), len(well) or (common == 1))
    odds = threshold / (1 - threshold)
    return pd.DataFrame(
        {
            "threshold": threshold,
            "network": common * sensitivity - (1 - common) * false_rate * odds,
            "treat_all": common - (1 - common) * odds,
            "treat_none": 0.0,
        }
    )


@dataclass(frozen=True)
class PredictiveValues:
    """What a verdict means where pneumonia is so common.

    Attributes:
        prevalence: share of children with pneumonia, in [0, 1].
        ppv: share of pneumonias among the children called pneumonia; nan where none is called so.
        npv: share of normals among the children called normal; nan where none is called so.
        lr_positive: how many times the odds of pneumonia grow by the verdict pneumonia; infinite
            where no normal film is called pneumonia, nan where no film is.
        lr_negative: what the odds are multiplied by by the verdict normal; infinite where no
            normal film is called normal, nan where no film is.
        true_positives: of 1,000 children, those ill and called so; with the three others, whole
            numbers that add up to 1,000.
        false_negatives: ill and called normal.
        false_positives: normal and called ill.
        true_negatives: normal and called so.
    """

    prevalence: float
    ppv: float
    npv: float
    lr_positive: float
    lr_negative: float
    true_positives: int
    false_negatives: int
    false_positives: int
    true_negatives: int


def predict_values(sensitivity: float, specificity: float, prevalence: float) -> PredictiveValues:
    """Turn sensitivity and specificity into what a verdict means, by Bayes' theorem.

    Whole children are made by rounding the ill first, then those among the ill and the normal
    who are called pneumonia. Where a rate is nan, since no film measured it, the values that it
    bears on are nan and its children count as misjudged.

    Args:
        sensitivity: share of the ill called pneumonia, in [0, 1].
        specificity: share of the normal called normal, in [0, 1].
        prevalence: share of children with pneumonia, in [0, 1].

    >>> values = predict_values(0.9, 0.8, 0.1)
    >>> values.true_positives, values.false_negatives, values.false_positives, values.true_negatives
    (90, 10, 180, 720)
    >>> round(values.ppv, 3), round(values.lr_positive, 1)
    (0.333, 4.5)
    """
    hit, miss = prevalence * sensitivity, prevalence * (1 - sensitivity)
    alarm, clear = (1 - prevalence) * (1 - specificity), (1 - prevalence) * specificity
    ill = round(1000 * prevalence)
    true_positives = round(ill * float(np.nan_to_num(sensitivity)))
    true_negatives = round((1000 - ill) * float(np.nan_to_num(specificity)))
    return PredictiveValues(
        prevalence=prevalence,
        ppv=float(divide(hit, hit + alarm)),
        npv=float(divide(clear, clear + miss)),
        lr_positive=_ratio(sensitivity, 1 - specificity),
        lr_negative=_ratio(1 - sensitivity, specificity),
        true_positives=true_positives,
        false_negatives=ill - true_positives,
        false_positives=1000 - ill - true_negatives,
        true_negatives=true_negatives,
    )


def _ratio(part: float, whole: float) -> float:
    """Return part / whole, infinite where only the whole is 0."""
    return float(divide(part, whole)) if whole != 0 or part == 0 else float(np.inf * part)
