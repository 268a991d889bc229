"""A measure of each film → histograms and quantiles for each class of each split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pneumo.evidence.audit.records import Distribution, Measure
from pneumo.intake.collection import SPLITS

BINS = 40
QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
WIDE_RANGE = 20
"""Where the largest value is so many times the smallest, bins widen by a factor."""

_TAIL = 0.005


def distribute(
    key: str,
    source: str,
    values: ArrayLike,
    *,
    splits: Sequence[str],
    labels: Sequence[int],
) -> Measure:
    """Count a measure's values in bins that are the same for every class and split.

    Args:
        key: of the measure.
        source: what it was measured on.
        values: n numbers.
        splits: n names.
        labels: n labels, 0 or 1.
    """
    numbers = np.asarray(values, dtype=float)
    of_split, of_label = np.asarray(splits), np.asarray(labels)
    edges = _choose_edges(numbers)
    parts = []
    for split in sorted(set(splits), key=_rank):
        for label in (0, 1):
            chosen = numbers[(of_split == split) & (of_label == label)]
            if len(chosen):
                parts.append(_describe(chosen, edges, split, label))
    return Measure(key, source, tuple(edges.tolist()), tuple(parts))


def _rank(split: str) -> int:
    return SPLITS.index(split) if split in SPLITS else len(SPLITS)


def is_logarithmic(low: float, high: float) -> bool:
    """Tell whether bins from a low to a high value widen by a factor rather than by a step."""
    return low > 0 and high > WIDE_RANGE * low


def _choose_edges(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    if numbers.min() == numbers.max():
        return np.array([numbers[0] - 0.5, numbers[0] + 0.5])
    low, high = np.quantile(numbers, [_TAIL, 1 - _TAIL])
    if low == high:  # nearly all films are equal, and the few others must still be seen
        low, high = numbers.min(), numbers.max()
    if is_logarithmic(low, high):
        return np.geomspace(low, high, BINS + 1)
    return np.linspace(low, high, BINS + 1)


def _describe(
    chosen: NDArray[np.float64], edges: NDArray[np.float64], split: str, label: int
) -> Distribution:
    counts, _ = np.histogram(np.clip(chosen, edges[0], edges[-1]), edges)
    low, p5, p25, p50, p75, p95, high = (float(q) for q in np.quantile(chosen, QUANTILES))
    return Distribution(
        split,
        label,
        len(chosen),
        tuple(counts.tolist()),
        (low, p5, p25, p50, p75, p95, high),
    )
