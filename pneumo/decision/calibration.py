"""Scores of held-out films → a calibrated probability of pneumonia."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def to_logit(probability: ArrayLike) -> Floats:
    """Return the log odds of probabilities; 0 and 1 give about -16 and 16 instead of infinity."""
    clipped = np.clip(np.asarray(probability, dtype=np.float64), 1e-7, 1 - 1e-7)
    return np.asarray(np.log(clipped) - np.log1p(-clipped))


def to_probability(logit: ArrayLike) -> Floats:
    """Return the probabilities of log odds, in [0, 1].

    >>> to_probability([0.0, 2.0]).round(3).tolist()
    [0.5, 0.881]
    """
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * np.asarray(logit, dtype=np.float64))))


@dataclass(frozen=True)
class Calibration:
    """Calibrated log odds = slope * (logit - midpoint)."""

    slope: float
    midpoint: float

    def apply(self, logit: ArrayLike) -> Floats:
        """Return calibrated log odds, shape as given."""
        return self.slope * (np.asarray(logit, dtype=np.float64) - self.midpoint)


def fit_calibration(y_true: ArrayLike, logit: ArrayLike) -> Calibration:
    """Fit Platt scaling (Platt 1999), anchored, on films that the network did not learn from.

    Even odds are put halfway between the median normal and the median pneumonia film, and only
    the slope is fitted. A free intercept would follow the one class whose tail reaches over; on
    held-out films that are told apart almost without error that is a handful of films, and the
    probability would be sure of itself where no film has ever been. Both classes weigh the same,
    so a probability is that of pneumonia where half of the films are pneumonias. The slight
    ridge penalty of scikit-learn's default keeps the slope finite.

    Args:
        y_true: shape (n,), 0 or 1; both must occur.
        logit: shape (n,), uncalibrated log odds of pneumonia.
    """
    from sklearn.linear_model import LogisticRegression

    labels, scores = np.asarray(y_true, dtype=bool), np.asarray(logit, dtype=float)
    midpoint = float(np.median(scores[labels]) + np.median(scores[~labels])) / 2
    regression = LogisticRegression(C=1.0, class_weight="balanced", fit_intercept=False)
    fitted = regression.fit((scores - midpoint)[:, np.newaxis], labels)
    return Calibration(float(fitted.coef_[0, 0]), midpoint)
