"""The eleven metrics against scikit-learn, and against counting by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn import metrics as sk

from pneumo.evidence.metrics import METRICS, Estimate, score_at, score_ranking

Y_TRUE = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
PROBABILITY = np.array([0.1, 0.2, 0.6, 0.3, 0.9, 0.8, 0.4, 0.7, 0.95, 0.5])


def draw(seed: int, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Draw labels and scores with many ties: of 21 values only."""
    rng = np.random.default_rng(seed)
    y_true = (rng.random(n) < 0.7).astype(int)
    return y_true, np.clip(rng.normal(0.35 + 0.3 * y_true, 0.25).round(1), 0, 1)


def test_rates_are_what_counting_gives() -> None:
    found = score_at(Y_TRUE, PROBABILITY, 0.5)
    assert found["accuracy"] == pytest.approx(8 / 10)
    assert found["recall"] == pytest.approx(5 / 6)
    assert found["specificity"] == pytest.approx(3 / 4)
    assert found["precision"] == pytest.approx(5 / 6)
    # 24 pairs; 0.6 is above 0.4 and 0.5, all other pairs are in order.
    assert score_ranking(Y_TRUE, PROBABILITY)["auc"] == pytest.approx(22 / 24)


def test_a_film_on_the_threshold_is_called_pneumonia() -> None:
    assert score_at(Y_TRUE, PROBABILITY, 0.4)["recall"] == 1.0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.8])
def test_metrics_at_a_threshold_are_those_of_scikit_learn(seed: int, threshold: float) -> None:
    y_true, probability = draw(seed)
    called = probability >= threshold
    assert score_at(y_true, probability, threshold) == pytest.approx(
        {
            "accuracy": sk.accuracy_score(y_true, called),
            "balanced_accuracy": sk.balanced_accuracy_score(y_true, called),
            "precision": sk.precision_score(y_true, called),
            "recall": sk.recall_score(y_true, called),
            "specificity": sk.recall_score(y_true, called, pos_label=0),
            "f1": sk.f1_score(y_true, called),
            "mcc": sk.matthews_corrcoef(y_true, called),
        },
        abs=1e-9,
    )


@pytest.mark.parametrize("seed", range(5))
def test_metrics_without_a_threshold_are_those_of_scikit_learn(seed: int) -> None:
    y_true, probability = draw(seed)
    found = score_ranking(y_true, probability)
    assert found["auc"] == pytest.approx(sk.roc_auc_score(y_true, probability), abs=1e-9)
    assert found["average_precision"] == pytest.approx(
        sk.average_precision_score(y_true, probability), abs=1e-9
    )
    assert found["brier"] == pytest.approx(sk.brier_score_loss(y_true, probability), abs=1e-9)


def test_calibration_error_is_what_a_sum_over_bins_by_hand_gives() -> None:
    y_true = [0, 1, 0, 1, 1, 1]
    probability = [0.02, 0.08, 0.10, 0.45, 0.75, 1.0]
    # Bin to 0.1: mean 0.2/3, share 1/3, 3 films. Bin to 0.5: 0.45, 1. To 0.8: 0.75, 1. To 1: 1, 1.
    expected = 3 / 6 * (1 / 3 - 0.2 / 3) + 1 / 6 * 0.55 + 1 / 6 * 0.25 + 1 / 6 * 0.0
    assert score_ranking(y_true, probability)["ece"] == pytest.approx(expected, abs=1e-12)


def test_every_metric_is_described_in_order() -> None:
    found = [*score_at(Y_TRUE, PROBABILITY, 0.5), *score_ranking(Y_TRUE, PROBABILITY)]
    assert list(METRICS) == found
    assert [m.key for m in METRICS.values() if m.at_threshold] == found[:7]
    assert {m.key for m in METRICS.values() if m.better == "lower"} == {"brier", "ece"}
    for key, metric in METRICS.items():
        assert metric.key == key
        assert metric.meaning.endswith(".")


def test_without_normal_films_specificity_is_not_defined_but_recall_is() -> None:
    found = score_at([1, 1, 1], [0.2, 0.7, 0.9], 0.5)
    assert found["recall"] == pytest.approx(2 / 3)
    assert found["precision"] == 1.0
    for key in ("specificity", "balanced_accuracy", "mcc"):
        assert math.isnan(found[key])
    ranking = score_ranking([1, 1, 1], [0.2, 0.7, 0.9])
    assert math.isnan(ranking["auc"])
    assert math.isnan(ranking["average_precision"])
    assert ranking["brier"] == pytest.approx((0.8**2 + 0.3**2 + 0.1**2) / 3)


def test_where_no_film_is_called_pneumonia_precision_is_not_defined() -> None:
    found = score_at([0, 1], [0.1, 0.2], 0.5)
    assert math.isnan(found["precision"])
    assert found["mcc"] == 0.0  # as scikit-learn has it
    assert found["f1"] == 0.0


def test_no_film_at_all_defines_nothing() -> None:
    assert all(math.isnan(value) for value in score_at([], [], 0.5).values())
    assert all(math.isnan(value) for value in score_ranking([], []).values())


def test_an_undefined_estimate_says_so() -> None:
    assert f"{Estimate(math.nan, math.nan, math.nan, 3):.1%}" == "not defined"
    assert f"{Estimate(0.5, math.nan, math.nan, 3):.1%}" == "50.0%"
    assert f"{Estimate(0.934, 0.912, 0.951, 624):.1%}" == "93.4% (91.2% to 95.1%)"
