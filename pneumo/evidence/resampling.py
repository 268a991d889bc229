"""Labels, probabilities and patient groups → metrics with intervals that respect the patients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pneumo.errors import DataSetError
from pneumo.evidence.metrics import (
    ECE_BINS,
    Estimate,
    count_outcomes,
    find_bins,
    rate,
    score_at,
    score_ranking,
)

Floats = NDArray[np.float64]
Weights = NDArray[np.float32]

REPLICATES = 2000
_CHUNK = 16
"""Replicates worked on at once: few enough to stay in the processor's cache."""

_SHARES = {"accuracy": (0, 1, 2, 3), "precision": (1, 3), "recall": (2, 3), "specificity": (0, 1)}
"""Metrics that are shares of films, and the outcomes of the films that each is a share of."""


class Resampling:
    """Whole patient groups drawn with replacement, the same draws for whatever is measured.

    Films of one child resemble each other, so whole groups are drawn with replacement (cluster
    bootstrap, Davison and Hinkley 1997, section 3.8); a group drawn twice weighs twice.
    """

    def __init__(self, groups: Sequence[str], *, replicates: int = REPLICATES, seed: int = 1):
        """Draw the groups.

        Args:
            groups: n patient groups, one a film.
            replicates: how many times the groups are drawn.
            seed: of the drawing.

        Raises:
            DataSetError: there is no film.
        """
        if not len(groups):
            raise DataSetError("At least one film is needed to measure anything, but none came.")
        keys, member_of = np.unique(np.asarray(groups), return_inverse=True)
        self.member_of: NDArray[np.int64] = member_of
        """Shape (n,): the number of each film's group."""
        self.n_groups = len(keys)
        self.replicates = replicates
        self._seed = seed
        self._drawn = np.concatenate(list(self._draw(replicates)))
        self._weights: tuple[bytes, Weights] | None = None

    @property
    def n(self) -> int:
        """Number of films."""
        return len(self.member_of)

    def weigh(self, y_true: ArrayLike) -> Weights:
        """Return how often each group was drawn in each replicate.

        Draws in which a class is missing are drawn anew, unless it is missing from all films.

        Args:
            y_true: shape (n,), 0 or 1.

        Returns:
            Shape (replicates, groups), whole numbers.

        Raises:
            DataSetError: the labels are not as many as the groups.
        """
        labels = np.asarray(y_true, dtype=np.int64)
        if len(labels) != self.n:
            raise DataSetError(
                f"The patient groups of {self.n} films were drawn, but {len(labels)} films came."
            )
        classes = [self.add_up(labels == label) for label in (0, 1) if (labels == label).any()]
        films = np.stack(classes, axis=1).astype(np.float32)
        key = films.tobytes()
        if self._weights is None or self._weights[0] != key:
            is_sound = bool((self._drawn @ films > 0).all())
            self._weights = (key, self._drawn if is_sound else self._draw_with(films))
        return self._weights[1]

    def add_up(self, values: ArrayLike) -> Floats:
        """Return the sum over the films of each group, shape (groups,), of values of shape (n,)."""
        weights = np.asarray(values, dtype=np.float64)
        sums = np.bincount(self.member_of, weights=weights, minlength=self.n_groups)
        return sums.astype(np.float64, copy=False)

    def _draw(self, replicates: int | None = None) -> Iterator[Weights]:
        """Yield a chunk of draws after the other, always the same ones; for ever without a number.

        One stream of the generator, so the draws do not depend on how many are asked for.
        """
        rng = np.random.default_rng(self._seed)
        share = np.full(self.n_groups, 1 / self.n_groups)
        left = replicates
        while left is None or left > 0:
            size = _CHUNK if left is None else min(left, _CHUNK)
            yield rng.multinomial(self.n_groups, share, size=size).astype(np.float32)
            left = None if left is None else left - size

    def _draw_with(self, films: Weights) -> Weights:
        """Return the first draws of the stream in which every class has a film.

        A class that is in one group only is in 63% of all draws, so the search ends soon.
        """
        kept: list[Weights] = []
        missing = self.replicates
        for draws in self._draw():
            kept.append(draws[(draws @ films > 0).all(axis=1)][:missing])
            missing -= len(kept[-1])
            if not missing:
                break
        return np.concatenate(kept)


def measure_at(
    y_true: ArrayLike, probability: ArrayLike, threshold: float, resampling: Resampling
) -> dict[str, Estimate]:
    """Measure the seven metrics at a threshold, each with its 95% percentile interval.

    Draws that leave a metric undefined, such as precision where no film is called pneumonia, are
    left out of its interval. Where not one film is wrong, or right, every draw says the same; the
    open end of a share's interval then is that of Clopper and Pearson (1934), with as many trials
    as there are groups among the films that it is a share of.

    Args:
        y_true: shape (n,), 0 or 1.
        probability: shape (n,), of pneumonia, in [0, 1].
        threshold: probability at and above which a film is called pneumonia.
        resampling: of the same n films.

    Raises:
        DataSetError: the films are not as many as those of the resampling.
    """
    found = _summarise(
        score_at(y_true, probability, threshold),
        resample_at(y_true, probability, threshold, resampling),
        resampling.n,
    )
    outcome = count_outcomes(y_true, probability, threshold)
    for key, counted in _SHARES.items():
        if found[key].value in (0.0, 1.0):
            groups = len(np.unique(resampling.member_of[np.isin(outcome, counted)]))
            found[key] = _open(found[key], trials=groups)
    return found


def measure_ranking(
    y_true: ArrayLike, probability: ArrayLike, resampling: Resampling
) -> dict[str, Estimate]:
    """Measure AUC, average precision, Brier score and ECE, each with its 95% percentile interval.

    Args:
        y_true: shape (n,), 0 or 1.
        probability: shape (n,), of pneumonia, in [0, 1].
        resampling: of the same n films.

    Raises:
        DataSetError: the films are not as many as those of the resampling.
    """
    return _summarise(
        score_ranking(y_true, probability),
        resample_ranking(y_true, probability, resampling),
        resampling.n,
    )


def resample_at(
    y_true: ArrayLike, probability: ArrayLike, threshold: float, resampling: Resampling
) -> dict[str, Floats]:
    """Return the seven metrics at a threshold in every replicate, shape (replicates,) each."""
    weights = resampling.weigh(y_true)
    outcome = count_outcomes(y_true, probability, threshold)
    films = np.bincount(4 * resampling.member_of + outcome, minlength=4 * resampling.n_groups)
    # Whole numbers below 2 ** 24: single precision counts them exactly.
    return rate(weights @ films.reshape(-1, 4).astype(np.float32))


def resample_ranking(
    y_true: ArrayLike, probability: ArrayLike, resampling: Resampling
) -> dict[str, Floats]:
    """Return the metrics without a threshold in every replicate, shape (replicates,) each.

    They are scikit-learn's with `sample_weight`: the films are sorted once, and running sums of
    their weights give all replicates at a time. Films with equal scores enter together.
    """
    labels = np.asarray(y_true, dtype=np.int64)
    shares = np.asarray(probability, dtype=np.float64)
    weights = resampling.weigh(labels)
    order = np.argsort(-shares, kind="stable")
    group, ill = resampling.member_of[order], labels[order].astype(np.float64)
    starts = np.flatnonzero(np.diff(shares[order], prepend=np.inf))
    bins = find_bins(shares, ECE_BINS)
    sums = np.stack(
        [
            resampling.add_up(np.ones(len(labels))),
            resampling.add_up((labels - shares) ** 2),
            *(resampling.add_up((labels - shares) * (bins == k)) for k in range(ECE_BINS)),
        ]
    )
    parts = []
    for start in range(0, len(weights), _CHUNK):
        chunk = np.ascontiguousarray(weights[start : start + _CHUNK].T).astype(np.float64)
        films, squares, *gaps = sums @ chunk
        ece = np.abs(gaps).sum(axis=0) / films
        parts.append((*_rank(chunk[group], ill[:, np.newaxis], starts), squares / films, ece))
    auc, average_precision, brier, ece = (np.concatenate(part) for part in zip(*parts, strict=True))
    return {"auc": auc, "average_precision": average_precision, "brier": brier, "ece": ece}


def _rank(weight: Floats, ill: Floats, starts: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return AUC and average precision of replicates; nan where a class is missing.

    Args:
        weight: shape (n, replicates), of the films in descending order of their scores.
        ill: shape (n, 1), 1.0 for pneumonia.
        starts: where each run of equal scores begins.
    """
    everyone, positive = weight, weight * ill
    if len(starts) < len(ill):
        everyone = np.add.reduceat(everyone, starts, axis=0)
        positive = np.add.reduceat(positive, starts, axis=0)
    above, called = np.cumsum(positive, axis=0), np.cumsum(everyone, axis=0)
    n_positive = above[-1]
    n_negative = called[-1] - n_positive
    # A normal film is outranked by the pneumonias above it and by half of those beside it.
    outranked = np.einsum("kr,kr->r", everyone - positive, above - positive / 2)
    # Nobody is called before the first film that was drawn; its precision gains nothing.
    gained = np.einsum("kr,kr->r", positive, above / np.maximum(called, 1.0))
    defined = (n_positive > 0) & (n_negative > 0)
    pairs = np.where(defined, n_positive * n_negative, np.nan)
    return outranked / pairs, gained / np.where(defined, n_positive, np.nan)


def _summarise(
    values: Mapping[str, float], drawn: Mapping[str, Floats], n: int
) -> dict[str, Estimate]:
    found = {}
    for key, value in values.items():
        defined = drawn[key][~np.isnan(drawn[key])]
        is_open = np.isnan(value) or not len(defined)
        low, high = (np.nan, np.nan) if is_open else np.quantile(defined, [0.025, 0.975])
        found[key] = Estimate(value, float(low), float(high), n)
    return found


def _open(estimate: Estimate, *, trials: int) -> Estimate:
    """Return a share of all or none with the exact interval of so many trials without a miss."""
    edge = 0.025 ** (1 / trials)
    low, high = (edge, 1.0) if estimate.value == 1.0 else (0.0, 1.0 - edge)
    return Estimate(estimate.value, low, high, estimate.n)
