"""Labels and probabilities → metrics, each with n and an interval that respects the patients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Labels = NDArray[np.int64]
Floats = NDArray[np.float64]
Statistic = Callable[[Labels, Floats, Floats], float]
"""Labels, probabilities and weights, each of shape (n,) → one number."""

REPLICATES = 2000


@dataclass(frozen=True)
class Estimate:
    """A metric with its 95% interval and the number of films it was measured on."""

    value: float
    low: float
    high: float
    n: int

    def __format__(self, specification: str) -> str:
        """Format as value with interval: `f"{estimate:.1%}"` gives `93.4% (91.2% to 95.1%)`."""
        value, low, high = (format(x, specification) for x in (self.value, self.low, self.high))
        return f"{value} ({low} to {high})"


def accuracy(threshold: float) -> Statistic:
    """Return the statistic: share of films on the right side of a threshold."""

    def statistic(y_true: Labels, probability: Floats, weight: Floats) -> float:
        return float(np.average((probability >= threshold) == y_true, weights=weight))

    return statistic


def sensitivity(threshold: float) -> Statistic:
    """Return the statistic: share of the pneumonia films at or above a threshold (recall)."""

    def statistic(y_true: Labels, probability: Floats, weight: Floats) -> float:
        ill = y_true == 1
        return float(np.average(probability[ill] >= threshold, weights=weight[ill]))

    return statistic


def specificity(threshold: float) -> Statistic:
    """Return the statistic: share of the normal films below a threshold."""

    def statistic(y_true: Labels, probability: Floats, weight: Floats) -> float:
        well = y_true == 0
        return float(np.average(probability[well] < threshold, weights=weight[well]))

    return statistic


def auc(y_true: Labels, probability: Floats, weight: Floats) -> float:
    """Return the area under the ROC curve, in [0, 1]; ties count half."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(y_true, probability, sample_weight=weight))


def estimate(
    y_true: ArrayLike,
    probability: ArrayLike,
    groups: Sequence[str],
    statistic: Statistic,
    *,
    replicates: int = REPLICATES,
    seed: int = 1,
) -> Estimate:
    """Measure a statistic with its 95% percentile interval of a bootstrap over groups.

    Films of one child resemble each other, so whole groups are drawn with replacement (cluster
    bootstrap, Davison and Hinkley 1997, section 3.8); a group drawn twice weighs twice. Where not
    one film is wrong, or right, every drawing says the same; the open end then is that of Clopper
    and Pearson (1934) with as many trials as the smaller class has groups.

    Args:
        y_true: shape (n,), 0 or 1.
        probability: shape (n,), of pneumonia, in [0, 1].
        groups: n group keys.
        statistic: what to measure.
        replicates: how many times the groups are drawn.
        seed: of the drawing.
    """
    labels, shares = np.asarray(y_true, dtype=np.int64), np.asarray(probability, dtype=float)
    keys, member_of = np.unique(np.asarray(groups), return_inverse=True)
    rng = np.random.default_rng(seed)
    drawn: list[float] = []
    while len(drawn) < replicates:
        times = rng.multinomial(len(keys), np.full(len(keys), 1 / len(keys)))
        weight = times[member_of].astype(float)
        present = weight > 0
        if len(np.unique(labels[present])) == 2:
            drawn.append(statistic(labels[present], shares[present], weight[present]))
    low, high = np.quantile(drawn, [0.025, 0.975])
    value = statistic(labels, shares, np.ones(len(labels)))
    if low == high and value in (0.0, 1.0):
        trials = min(len(np.unique(member_of[labels == label])) for label in (0, 1))
        edge = 0.025 ** (1 / trials)
        low, high = (edge, 1.0) if value == 1.0 else (0.0, 1.0 - edge)
    return Estimate(value, float(low), float(high), len(labels))
