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

    - balanced: in log odds halfway between the median normal and the median pneumonia film. On
      held-out films that are told apart almost without error many thresholds are equally good;
      this one leaves both classes the same room to drift on films from elsewhere.
    - rule-out: the highest threshold, not above balanced, with sensitivity of at least 0.99.
    - rule-in: as far above balanced as rule-out is below it, and farther where that is needed for
      a specificity of at least 0.98.

    Args:
        y_true: shape (n,), 0 or 1; both must occur.
        probability: shape (n,), calibrated probability of pneumonia.
    """
    labels = np.asarray(y_true, dtype=bool)
    logits = to_logit(probability)
    ill, well = logits[labels], logits[~labels]
    balanced = float(np.median(ill) + np.median(well)) / 2
    rule_out = min(balanced, _between(ill, 1 - RULE_OUT_SENSITIVITY))
    rule_in = max(2 * balanced - rule_out, _between(well, RULE_IN_SPECIFICITY))
    return tuple(
        OperatingPoint(
            name=name,
            threshold=float(to_probability(threshold)),
            band=_band(logits, threshold),
            sensitivity=float(np.mean(ill >= threshold)),
            specificity=float(np.mean(well < threshold)),
            n=len(labels),
        )
        for name, threshold in zip(OPERATING_POINTS, (rule_out, balanced, rule_in), strict=True)
    )


def _between(logits: NDArray[np.float64], share: float) -> float:
    """Return the middle of the two neighbouring scores that part this share of all from the rest.

    The share below is rounded down where few scores shall lie below, up where many shall.
    """
    ordered = np.sort(logits)
    below = int(np.floor(share * len(ordered)) if share < 0.5 else np.ceil(share * len(ordered)))
    padded = np.concatenate([[ordered[0] - 1], ordered, [ordered[-1] + 1]])
    return float(padded[below] + padded[below + 1]) / 2


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
