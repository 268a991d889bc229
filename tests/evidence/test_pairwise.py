"""A metric of several networks is compared pair by pair, and corrected for the number of pairs."""

from __future__ import annotations

import numpy as np
import pytest

from pneumo.domain import OperatingPoint
from pneumo.evidence.comparison import compare_metric
from pneumo.evidence.pairwise import compare_metric_pairs
from pneumo.evidence.resampling import Resampling
from pneumo.evidence.scores import Scored

N = 60
POINT = OperatingPoint("balanced", 0.5, (0.4, 0.6), 0.9, 0.9, N)


def score(name: str, noise: float, labels: np.ndarray) -> Scored:
    rng = np.random.default_rng(len(name))
    probability = np.clip(labels * 0.6 + 0.2 + rng.normal(0, noise, N), 0, 1)
    files = tuple(f"film{k}" for k in range(N))
    groups = tuple(f"child{k // 2}" for k in range(N))
    return Scored(name, name, "test", files, groups, labels, probability, probability, (POINT,))


def test_every_pair_comes_once_and_p_grows_with_the_number_of_pairs() -> None:
    labels = np.arange(N) % 2
    networks = [score("good", 0.05, labels), score("fair", 0.3, labels), score("poor", 0.9, labels)]
    resampling = Resampling(networks[0].groups, replicates=200)
    found = compare_metric_pairs("accuracy", networks, resampling, operating_point="balanced")
    assert [(pair.first, pair.second) for pair in found] == [
        ("good", "fair"),
        ("good", "poor"),
        ("fair", "poor"),
    ]
    alone = compare_metric("accuracy", networks[0], networks[2], resampling)
    assert found[1].paired == alone
    assert found[1].p_corrected == pytest.approx(3 * alone.p)
    assert all(pair.p_corrected >= pair.paired.p for pair in found)


def test_undefined_difference_stays_undefined() -> None:
    networks = [score(name, 0.2, np.ones(N, dtype=np.int64)) for name in ("one", "two")]
    resampling = Resampling(networks[0].groups, replicates=50)
    (pair,) = compare_metric_pairs("auc", networks, resampling, operating_point="balanced")
    assert np.isnan(pair.p_corrected)
