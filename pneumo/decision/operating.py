"""Calibrated scores of held-out films → named operating points."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pneumo.decision.calibration import to_logit, to_probability
from pneumo.domain import OperatingPoint, Verdict

RULE_OUT, BALANCED, RULE_IN = "rule-out", "balanced", "rule-in"
OPERATING_POINTS = (RULE_OUT, BALANCED, RULE_IN)

RULE_OUT_SENSITIVITY = 0.99
RULE_IN_SPECIFICITY = 0.98
BAND_SHARE = 0.02
"""Share of held-out films nearest to a threshold that are called indeterminate."""


def choose_operating_points(
    y_true: ArrayLike, probability: ArrayLike
) -> tuple[OperatingPoint, ...]:
    """Choose the thresholds on held-out films.

    - balanced: sensitivity and specificity are as nearly equal as they can be.
    - rule-out: the highest threshold, not above balanced, with sensitivity of at least 0.99.
    - rule-in: the lowest threshold, not below balanced, with specificity of at least 0.98.

    Each threshold lies in the middle, in log odds, between two neighbouring scores, so that no
    held-out film sits on it.

    Args:
        y_true: shape (n,), 0 or 1; both must occur.
        probability: shape (n,), calibrated probability of pneumonia.
    """
    labels = np.asarray(y_true, dtype=bool)
    logits = to_logit(probability)
    ordered = np.unique(logits)
    candidates = np.concatenate(
        [[ordered[0] - 1], (ordered[1:] + ordered[:-1]) / 2, [ordered[-1] + 1]]
    )
    positives, negatives = np.sort(logits[labels]), np.sort(logits[~labels])
    sensitivity = 1 - np.searchsorted(positives, candidates) / len(positives)
    specificity = np.searchsorted(negatives, candidates) / len(negatives)
    balanced = int(np.argmin(np.abs(sensitivity - specificity)))
    rule_out = min(balanced, int(np.flatnonzero(sensitivity >= RULE_OUT_SENSITIVITY).max()))
    rule_in = max(balanced, int(np.flatnonzero(specificity >= RULE_IN_SPECIFICITY).min()))
    return tuple(
        OperatingPoint(
            name=name,
            threshold=float(to_probability(candidates[index])),
            band=_band(logits, candidates[index]),
            sensitivity=float(sensitivity[index]),
            specificity=float(specificity[index]),
            n=len(labels),
        )
        for name, index in zip(OPERATING_POINTS, (rule_out, balanced, rule_in), strict=True)
    )


def _band(logits: NDArray[np.float64], threshold: float) -> tuple[float, float]:
    """Return the interval around a threshold that holds the nearest BAND_SHARE of the films."""
    half_width = float(np.quantile(np.abs(logits - threshold), BAND_SHARE))
    low, high = to_probability([threshold - half_width, threshold + half_width])
    return float(low), float(high)


def lean(probability: float, point: OperatingPoint) -> Verdict:
    """Return PNEUMONIA at or above the threshold, else NORMAL."""
    return Verdict.PNEUMONIA if probability >= point.threshold else Verdict.NORMAL


def decide(probability: float, point: OperatingPoint) -> Verdict:
    """Return the verdict at an operating point: INDETERMINATE inside its band."""
    low, high = point.band
    return Verdict.INDETERMINATE if low < probability < high else lean(probability, point)
