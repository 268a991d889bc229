"""What many readers call the same films → how far they agree beyond chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pneumo.classroom.ratings import Ratings
from pneumo.evidence.metrics import Estimate, divide
from pneumo.evidence.resampling import Resampling


@dataclass(frozen=True)
class Agreement:
    """Fleiss' kappa and what it rests on.

    Attributes:
        kappa: 1 for perfect agreement, 0 for what chance would give; n counts films.
        readers: students with an answer to any of these films.
        answers: to these films.
        missing: answers that did not come from these students to these films.
    """

    kappa: Estimate
    readers: int
    answers: int
    missing: int


def measure_agreement(ratings: Ratings) -> Agreement:
    """Measure Fleiss' kappa of the verdicts, with its 95% percentile interval.

    Films with fewer than two answers say nothing about agreement and are left out. The other
    films need not have equally many answers: a film's agreement is the share of agreeing pairs
    among its own answers, and the classes' shares are those of all answers, which is Fleiss'
    (1971) own formula where nobody missed a film. For the interval, films are drawn.
    """
    answered = ratings.answered
    kept = answered.sum(axis=0) >= 2
    called = ratings.called[:, kept].sum(axis=0)
    n = answered[:, kept].sum(axis=0)
    counts = np.stack([n - called, called], axis=1)
    readers = int(answered[:, kept].any(axis=1).sum())
    answers = int(n.sum())
    if not kept.any():
        kappa = Estimate(np.nan, np.nan, np.nan, 0)
    else:
        groups = [group for group, is_kept in zip(ratings.groups, kept, strict=True) if is_kept]
        kappa = fleiss_kappa(counts, Resampling(groups))
    return Agreement(kappa, readers, answers, readers * len(n) - answers)


def fleiss_kappa(counts: ArrayLike, resampling: Resampling) -> Estimate:
    """Return Fleiss' kappa (1971) with its 95% percentile interval.

    Draws in which all readers call all films the same, so that chance alone would agree, are left
    out; where the films themselves are so, kappa is nan.

    Args:
        counts: shape (n, categories), how many readers put each film into each category, at
            least two readers a film.
        resampling: of the same n films.
    """
    table = np.asarray(counts, dtype=np.float64)
    readers = table.sum(axis=1)
    agreeing = ((table * (table - 1)).sum(axis=1)) / (readers * (readers - 1))
    parts = np.column_stack([np.ones(len(table)), agreeing, table])
    grouped = np.column_stack([resampling.add_up(column) for column in parts.T])
    value = float(_kappa(grouped.sum(axis=0, keepdims=True))[0])
    drawn = _kappa(resampling.weigh(np.ones(len(table))).astype(np.float64) @ grouped)
    drawn = drawn[~np.isnan(drawn)]
    if np.isnan(value) or not len(drawn):
        return Estimate(value, np.nan, np.nan, resampling.n)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(value, float(low), float(high), resampling.n)


def _kappa(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return kappa of sums over films, shape (draws, 2 + categories): films, agreement, counts."""
    observed = sums[:, 1] / sums[:, 0]
    shares = sums[:, 2:] / sums[:, 2:].sum(axis=1, keepdims=True)
    by_chance = (shares**2).sum(axis=1)
    room = np.where(1 - by_chance > 1e-12, 1 - by_chance, 0.0)
    return divide(observed - by_chance, room)
