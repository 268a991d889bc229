"""A class's ratings → everybody's operating point, and how well class and networks rank films."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pneumo.classroom.ratings import Ratings
from pneumo.classroom.records import NetworkFacts, Seat
from pneumo.evidence.metrics import Estimate
from pneumo.evidence.resampling import Resampling, measure_ranking

Unanswered = Literal["left out", "counted as wrong"]

_Z = 1.959963984540054
"""Of a 95% interval."""


@dataclass(frozen=True)
class OperatingPointOf:
    """Where one reader, or a network at its threshold, lies on these films.

    Attributes:
        sensitivity: share of the pneumonias called so; n counts them.
        specificity: share of the normal films called so; n counts them.
        answered: films that an answer came to.
    """

    sensitivity: Estimate
    specificity: Estimate
    answered: int


@dataclass(frozen=True)
class ReaderPoint:
    """A student's operating point."""

    seat: Seat
    point: OperatingPointOf


def locate_readers(ratings: Ratings, unanswered: Unanswered) -> list[ReaderPoint]:
    """Return each student's sensitivity and specificity, with 95% intervals (Wilson 1927).

    Args:
        ratings: of the class.
        unanswered: whether films without an answer are left out of a student's shares, or count
            as judged wrong.
    """
    counted = ratings.answered | (unanswered == "counted as wrong")
    rows = zip(ratings.seats, ratings.is_right, counted, ratings.answered, strict=True)
    return [
        ReaderPoint(seat, _locate(ratings.y_true, right, used, int(answered.sum())))
        for seat, right, used, answered in rows
    ]


def locate_network(ratings: Ratings, network: NetworkFacts) -> OperatingPointOf:
    """Return a network's operating point on all films, at its balanced threshold."""
    called = ratings.probability_of(network) >= network.threshold
    labels = ratings.y_true
    everything = np.ones(len(labels), dtype=bool)
    return _locate(labels, called == (labels == 1), everything, len(labels))


def _locate(
    labels: NDArray[np.int64],
    right: NDArray[np.bool_],
    counted: NDArray[np.bool_],
    answered: int,
) -> OperatingPointOf:
    ill, normal = counted & (labels == 1), counted & (labels == 0)
    return OperatingPointOf(_share(right[ill]), _share(right[normal]), answered)


def _share(right: NDArray[np.bool_]) -> Estimate:
    from statsmodels.stats.proportion import proportion_confint

    n, hits = len(right), int(right.sum())
    if not n:
        return Estimate(np.nan, np.nan, np.nan, 0)
    low, high = proportion_confint(hits, n, method="wilson")
    return Estimate(hits / n, float(low), float(high), n)


def measure_auc(y_true: ArrayLike, score: ArrayLike, groups: Sequence[str]) -> Estimate:
    """Measure the chance that a pneumonia scores above a normal film, with its 95% interval.

    Patients are drawn for the interval. Where every pneumonia scores above every normal film, or
    below, each drawing says the same; the open end then is that of Newcombe (2006, Statistics in
    Medicine 25, 559-573, method 5).

    Args:
        y_true: shape (n,), 0 or 1.
        score: shape (n,), in [0, 1]; films with nan are left out.
        groups: n patients, one a film.

    Returns:
        With nan for the value where a class is missing.
    """
    labels, scores = np.asarray(y_true, dtype=np.int64), np.asarray(score, dtype=np.float64)
    kept = np.flatnonzero(~np.isnan(scores))
    if not len(kept):
        return Estimate(np.nan, np.nan, np.nan, 0)
    labels, scores = labels[kept], scores[kept]
    resampling = Resampling([groups[place] for place in kept.tolist()])
    found = measure_ranking(labels, scores, resampling)["auc"]
    if found.value in (0.0, 1.0):
        reach = _reach(int(labels.sum()), int((labels == 0).sum()))
        low, high = (1 - reach, 1.0) if found.value == 1.0 else (0.0, reach)
        return Estimate(found.value, low, high, found.n)
    return found


def _reach(ill: int, normal: int) -> float:
    """Return how far from 1 an AUC of 1 may truly be: Newcombe's method 5, by bisection."""
    spread = (ill + normal) / 2 - 1
    low, high = 0.0, 1.0
    for _ in range(60):
        theta = (low + high) / 2
        factor = 1 + spread * ((1 - theta) / (2 - theta) + theta / (1 + theta))
        variance = theta * (1 - theta) * factor / (ill * normal)
        if (1 - theta) ** 2 > _Z**2 * variance:
            low = theta
        else:
            high = theta
    return 1 - low
