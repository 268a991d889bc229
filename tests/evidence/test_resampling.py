"""Intervals against scikit-learn with weights, and against what a cluster bootstrap must do."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn import metrics as sk

from pneumo.errors import DataSetError
from pneumo.evidence.metrics import score_at, score_ranking
from pneumo.evidence.resampling import (
    Resampling,
    measure_at,
    measure_ranking,
    resample_at,
    resample_ranking,
)
from tests.evidence.test_metrics import PROBABILITY, Y_TRUE, draw

GROUPS = list("aabbccddee")


def split_into_groups(n: int, seed: int = 2) -> list[str]:
    return [f"child{k}" for k in np.random.default_rng(seed).integers(0, n // 3, n)]


def film_weights(resampling: Resampling, y_true: np.ndarray) -> np.ndarray:
    return resampling.weigh(y_true)[:, resampling.member_of]


@pytest.mark.parametrize("seed", range(3))
def test_every_replicate_is_what_scikit_learn_gives_with_its_weights(seed: int) -> None:
    y_true, probability = draw(seed, n=150)
    resampling = Resampling(split_into_groups(150, seed), replicates=15)
    at = resample_at(y_true, probability, 0.5, resampling)
    ranking = resample_ranking(y_true, probability, resampling)
    called = probability >= 0.5
    for k, weight in enumerate(film_weights(resampling, y_true)):
        expected = {
            "accuracy": sk.accuracy_score(y_true, called, sample_weight=weight),
            "balanced_accuracy": sk.balanced_accuracy_score(y_true, called, sample_weight=weight),
            "precision": sk.precision_score(y_true, called, sample_weight=weight),
            "recall": sk.recall_score(y_true, called, sample_weight=weight),
            "specificity": sk.recall_score(y_true, called, pos_label=0, sample_weight=weight),
            "f1": sk.f1_score(y_true, called, sample_weight=weight),
            "mcc": sk.matthews_corrcoef(y_true, called, sample_weight=weight),
            "auc": sk.roc_auc_score(y_true, probability, sample_weight=weight),
            "average_precision": sk.average_precision_score(
                y_true, probability, sample_weight=weight
            ),
            "brier": sk.brier_score_loss(y_true, probability, sample_weight=weight),
        }
        found = {key: float(values[k]) for key, values in (at | ranking).items()}
        ece = found.pop("ece")
        assert found == pytest.approx(expected, abs=1e-9)
        repeated = np.repeat(np.arange(150), weight.astype(int))
        again = score_ranking(y_true[repeated], probability[repeated])
        assert ece == pytest.approx(again["ece"], abs=1e-9)


def test_scores_without_ties_rank_as_well() -> None:
    rng = np.random.default_rng(5)
    y_true, probability = rng.integers(0, 2, 80), rng.random(80)
    resampling = Resampling(split_into_groups(80), replicates=20)
    found = resample_ranking(y_true, probability, resampling)["auc"]
    expected = [
        sk.roc_auc_score(y_true, probability, sample_weight=weight)
        for weight in film_weights(resampling, y_true)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_the_interval_holds_the_value_and_says_n() -> None:
    resampling = Resampling(GROUPS, replicates=300)
    found = measure_at(Y_TRUE, PROBABILITY, 0.5, resampling)
    ranking = measure_ranking(Y_TRUE, PROBABILITY, resampling)
    values = score_at(Y_TRUE, PROBABILITY, 0.5) | score_ranking(Y_TRUE, PROBABILITY)
    assert {key: one.value for key, one in (found | ranking).items()} == values
    for estimate in found.values():
        assert estimate.low <= estimate.value <= estimate.high
        assert estimate.n == 10
    assert f"{found['accuracy']:.0%}".startswith("80% (")


def test_the_interval_leaves_out_a_fortieth_of_the_replicates_at_each_end() -> None:
    y_true, probability = draw(4)
    resampling = Resampling(split_into_groups(400), replicates=1000)
    drawn = resample_ranking(y_true, probability, resampling)["auc"]
    found = measure_ranking(y_true, probability, resampling)["auc"]
    assert (drawn < found.low).sum() == (drawn > found.high).sum() == 25


def test_equal_seeds_give_equal_draws_and_others_do_not() -> None:
    one, same, other = (Resampling(GROUPS, replicates=50, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.weigh(Y_TRUE), same.weigh(Y_TRUE))
    assert not np.array_equal(one.weigh(Y_TRUE), other.weigh(Y_TRUE))


def test_each_draw_has_as_many_groups_as_there_are() -> None:
    weights = Resampling(GROUPS, replicates=50).weigh(Y_TRUE)
    assert weights.shape == (50, 5)
    assert set(weights.sum(axis=1)) == {5.0}


def test_films_of_the_same_children_widen_the_interval() -> None:
    rng = np.random.default_rng(3)
    y_true = np.repeat(rng.integers(0, 2, 60), 10)
    right = np.repeat(rng.random(60) < 0.8, 10)
    probability = np.where(right, y_true, 1 - y_true).astype(float)
    by_child, by_film = (
        measure_at(y_true, probability, 0.5, Resampling([str(k // size) for k in range(600)]))
        for size in (10, 1)
    )
    for key in ("accuracy", "f1", "mcc"):
        child, film = by_child[key], by_film[key]
        assert child.value == film.value
        assert child.high - child.low > 2 * (film.high - film.low)


def test_draws_without_a_class_are_drawn_anew() -> None:
    # One normal child among four: about a third of all draws lacks it.
    y_true, probability = np.array([0, 1, 1, 1]), np.array([0.6, 0.7, 0.4, 0.9])
    resampling = Resampling(list("abcd"), replicates=200)
    weights = resampling.weigh(y_true)
    assert weights.shape == (200, 4)
    assert (weights[:, 0] > 0).all()
    assert (weights[:, 1:].sum(axis=1) > 0).all()
    assert not np.isnan(resample_ranking(y_true, probability, resampling)["auc"]).any()
    # The first of them are the first that would have been drawn anyhow.
    free = resampling.weigh(np.ones(4, dtype=int))
    kept = free[(free[:, 0] > 0) & (free[:, 1:].sum(axis=1) > 0)]
    np.testing.assert_array_equal(weights[: len(kept)], kept)
    assert len(kept) < 200


def test_draws_that_define_no_precision_are_left_out_of_its_interval() -> None:
    y_true, probability = np.array([0, 1, 1, 0]), np.array([0.1, 0.9, 0.2, 0.3])
    resampling = Resampling(list("abcd"), replicates=200)
    drawn = resample_at(y_true, probability, 0.5, resampling)["precision"]
    assert 0 < np.isnan(drawn).sum() < 200
    found = measure_at(y_true, probability, 0.5, resampling)["precision"]
    assert found.value == found.high == 1.0
    assert found.low == pytest.approx(0.025)  # one group, one trial


def test_no_error_among_few_children_is_no_certainty() -> None:
    y_true = np.repeat([0, 1], [8, 12])
    probability = np.where(y_true == 1, 0.9, 0.1)
    resampling = Resampling([str(k) for k in range(20)], replicates=100)
    found = measure_at(y_true, probability, 0.5, resampling)
    # n successes in n trials: the exact lower end is 0.025 ** (1 / n).
    trials = {"accuracy": 20, "precision": 12, "recall": 12, "specificity": 8}
    for key, n in trials.items():
        assert found[key].value == found[key].high == 1.0
        assert found[key].low == pytest.approx(0.025 ** (1 / n))
    # The others are no shares of films, and stay what the draws say.
    for key in ("balanced_accuracy", "f1", "mcc"):
        assert found[key].low == found[key].high == 1.0
    upside_down = measure_at(y_true, 1 - probability, 0.5, resampling)["specificity"]
    assert (upside_down.low, upside_down.value) == (0.0, 0.0)
    assert upside_down.high == pytest.approx(1 - 0.025 ** (1 / 8))


def test_a_split_of_one_class_is_measured_as_far_as_it_can_be() -> None:
    y_true, probability = np.zeros(6, dtype=int), np.linspace(0.1, 0.6, 6)
    resampling = Resampling(list("aabbcc"), replicates=100)
    found = measure_at(y_true, probability, 0.5, resampling)
    assert found["specificity"].value == pytest.approx(4 / 6)
    assert found["specificity"].low <= 4 / 6 <= found["specificity"].high
    assert f"{found['recall']:.1%}" == "not defined"
    ranking = measure_ranking(y_true, probability, resampling)
    assert f"{ranking['auc']:.3f}" == "not defined"
    assert not math.isnan(ranking["brier"].low)


def test_a_single_film_is_measured_without_an_error() -> None:
    resampling = Resampling(["a"], replicates=10)
    found = measure_at([1], [0.8], 0.5, resampling)
    assert (found["recall"].value, found["recall"].high) == (1.0, 1.0)
    assert found["recall"].low == pytest.approx(0.025)
    assert measure_ranking([1], [0.8], resampling)["brier"].value == pytest.approx(0.04)


def test_no_film_at_all_says_so() -> None:
    with pytest.raises(DataSetError, match="At least one film"):
        Resampling([])


def test_draws_of_other_films_are_refused() -> None:
    with pytest.raises(DataSetError, match="10 films"):
        measure_at([0, 1], [0.2, 0.8], 0.5, Resampling(GROUPS, replicates=10))
