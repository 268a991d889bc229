"""Two readings of the same films → how far they agree beyond chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pneumo.evidence.metrics import Estimate
from pneumo.evidence.resampling import Resampling


def kappa(a: ArrayLike, b: ArrayLike, resampling: Resampling) -> Estimate:
    """Measure agreement beyond chance (Cohen 1960) with its 95% percentile interval.

    Whole patient groups are drawn. Draws in which both call all films the same, so that chance
    alone would agree, are left out; where the films themselves are so, kappa is nan.

    Args:
        a: shape (n,), what the first says of each film, in any categories.
        b: shape (n,), what the second says.
        resampling: of the same n films.

    Raises:
        DataSetError: the films are not as many as those of the resampling.
    """
    first, second = np.asarray(a), np.asarray(b)
    weights = resampling.weigh(np.ones(len(first)))
    names, codes = np.unique(np.concatenate([first, second]), return_inverse=True)
    k = len(names)
    cell = k * codes[: len(first)] + codes[len(first) :]
    counted = np.bincount(
        k * k * resampling.member_of + cell, minlength=k * k * resampling.n_groups
    ).reshape(-1, k * k)
    value = float(_kappa(counted.sum(axis=0, keepdims=True), k)[0])
    drawn = _kappa(weights.astype(np.float64) @ counted, k)
    drawn = drawn[~np.isnan(drawn)]
    if np.isnan(value) or not len(drawn):
        return Estimate(value, np.nan, np.nan, resampling.n)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(value, float(low), float(high), resampling.n)


def _kappa(counts: ArrayLike, k: int) -> NDArray[np.float64]:
    """Return kappa of tables of shape (tables, k * k)."""
    tables = np.asarray(counts, dtype=np.float64).reshape(-1, k, k)
    total = tables.sum(axis=(1, 2))
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    by_chance = (rows * columns).sum(axis=1) / total**2
    observed = np.trace(tables, axis1=1, axis2=2) / total
    room = 1 - by_chance
    return np.where(room > 1e-12, (observed - by_chance) / np.where(room > 1e-12, room, 1), np.nan)
