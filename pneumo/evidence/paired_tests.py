"""Two networks' scores or calls of the same films → whether they differ, by DeLong and McNemar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pneumo.evidence.metrics import score_ranking

EXACT_BELOW = 25
"""Films judged right by one network only, below which McNemar's test is the exact binomial one."""

_ROUNDING = 1e-12
"""AUCs and their standard errors nearer to zero than this are zero but for rounding."""


@dataclass(frozen=True)
class DeLong:
    """Two AUCs on the same films, and the test of their being equal.

    Attributes:
        auc_a: of the first network.
        auc_b: of the second.
        variance_a: of the first AUC.
        variance_b: of the second.
        covariance: of the two AUCs.
        difference: auc_a - auc_b.
        low: lower end of the difference's 95% interval.
        high: its upper end.
        z: difference in standard errors.
        p: two-sided; nan, with whatever else is not defined, where a class has fewer than two
            films or where different AUCs show no spread at all.
    """

    auc_a: float
    auc_b: float
    variance_a: float
    variance_b: float
    covariance: float
    difference: float
    low: float
    high: float
    z: float
    p: float


@dataclass(frozen=True)
class McNemar:
    """Two networks' decisions on the same films, and the test of their being equally often right.

    Attributes:
        only_a_right: films that the first network alone judged right.
        only_b_right: films that the second alone judged right.
        p: two-sided.
        exact: whether p is the exact binomial one, and not that of chi-squared.
    """

    only_a_right: int
    only_b_right: int
    p: float
    exact: bool


def compare_auc(y_true: ArrayLike, a: ArrayLike, b: ArrayLike) -> DeLong:
    """Test two AUCs on the same films (DeLong, DeLong and Clarke-Pearson 1988).

    Each film's share in an AUC comes from its ranks among all films and among its own class (Sun
    and Xu 2014), and the covariances of these shares give those of the AUCs.

    Args:
        y_true: shape (n,), 0 or 1.
        a: shape (n,), scores of the first network; the higher, the surer of pneumonia.
        b: shape (n,), those of the second.
    """
    from scipy.stats import norm, rankdata

    labels = np.asarray(y_true, dtype=np.int64)
    scores = np.stack([np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)])
    ill, well = scores[:, labels == 1], scores[:, labels == 0]
    n_ill, n_well = ill.shape[1], well.shape[1]
    if min(n_ill, n_well) < 2:
        auc_a, auc_b = (score_ranking(labels, row)["auc"] for row in scores)
        nan = np.nan
        return DeLong(auc_a, auc_b, nan, nan, nan, auc_a - auc_b, nan, nan, nan, nan)
    ranks = rankdata(np.concatenate([ill, well], axis=1), axis=1)
    # Each pneumonia's share of normals below it, each normal's share of pneumonias above it.
    below = (ranks[:, :n_ill] - rankdata(ill, axis=1)) / n_well
    above = 1 - (ranks[:, n_ill:] - rankdata(well, axis=1)) / n_ill
    auc = below.mean(axis=1)
    covariance = np.cov(below) / n_ill + np.cov(above) / n_well
    difference = float(auc[0] - auc[1])
    variance = float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    error = float(np.sqrt(max(variance, 0.0)))
    z = difference / error if error > _ROUNDING else np.nan
    if max(error, abs(difference)) <= _ROUNDING:  # the two rank all pairs of films the same
        z = 0.0
    reach = np.nan if np.isnan(z) else float(norm.ppf(0.975)) * error
    return DeLong(
        auc_a=float(auc[0]),
        auc_b=float(auc[1]),
        variance_a=float(covariance[0, 0]),
        variance_b=float(covariance[1, 1]),
        covariance=float(covariance[0, 1]),
        difference=difference,
        low=difference - reach,
        high=difference + reach,
        z=z,
        p=float(2 * norm.sf(abs(z))),
    )


def compare_decisions(y_true: ArrayLike, called_a: ArrayLike, called_b: ArrayLike) -> McNemar:
    """Test whether two networks are right equally often on the same films (McNemar 1947).

    Only films that one judged right and the other wrong tell. Below 25 of them the test is the
    exact binomial one, else chi-squared with continuity correction.

    Args:
        y_true: shape (n,), 0 or 1.
        called_a: shape (n,), whether the first network called the film pneumonia.
        called_b: likewise the second.
    """
    from statsmodels.stats.contingency_tables import mcnemar

    labels = np.asarray(y_true, dtype=bool)
    right_a = np.asarray(called_a, dtype=bool) == labels
    right_b = np.asarray(called_b, dtype=bool) == labels
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    exact = only_a + only_b < EXACT_BELOW
    table = [[int((right_a & right_b).sum()), only_a], [only_b, int((~right_a & ~right_b).sum())]]
    p = mcnemar(table, exact=exact, correction=True).pvalue
    return McNemar(only_a, only_b, float(p), exact)
