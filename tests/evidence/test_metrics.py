"""Metrics and their intervals against counting by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pneumo.evidence.metrics import accuracy, auc, estimate, sensitivity, specificity

Y_TRUE = [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
PROBABILITY = [0.1, 0.2, 0.6, 0.3, 0.9, 0.8, 0.4, 0.7, 0.95, 0.5]
GROUPS = list("aabbccddee")


def measure(statistic, groups=GROUPS):
    return estimate(Y_TRUE, PROBABILITY, groups, statistic, replicates=300)


def test_rates_are_what_counting_gives() -> None:
    assert measure(accuracy(0.5)).value == pytest.approx(8 / 10)
    assert measure(sensitivity(0.5)).value == pytest.approx(5 / 6)
    assert measure(specificity(0.5)).value == pytest.approx(3 / 4)
    # 24 pairs; 0.6 is above 0.4 and 0.5, all other pairs are in order.
    assert measure(auc).value == pytest.approx(22 / 24)


def test_a_film_on_the_threshold_is_called_pneumonia() -> None:
    assert measure(sensitivity(0.4)).value == 1.0


def test_the_interval_holds_the_value_and_says_n() -> None:
    found = measure(accuracy(0.5))
    assert found.low <= found.value <= found.high
    assert found.n == 10
    assert f"{found:.0%}".startswith("80% (")


def test_equal_seeds_give_equal_intervals() -> None:
    assert measure(auc) == measure(auc)


def test_films_of_the_same_children_widen_the_interval() -> None:
    rng = np.random.default_rng(3)
    children = 60
    y_true = np.repeat(rng.integers(0, 2, children), 10)
    right = np.repeat(rng.random(children) < 0.8, 10)
    probability = np.where(right, y_true, 1 - y_true).astype(float)
    by_child = estimate(
        y_true, probability, [str(k // 10) for k in range(600)], accuracy(0.5), replicates=300
    )
    by_film = estimate(
        y_true, probability, [str(k) for k in range(600)], accuracy(0.5), replicates=300
    )
    assert by_child.value == by_film.value
    assert by_child.high - by_child.low > 2 * (by_film.high - by_film.low)


def test_no_error_among_few_children_is_no_certainty() -> None:
    y_true, probability = [0] * 10 + [1] * 10, [0.1] * 10 + [0.9] * 10
    found = estimate(y_true, probability, [str(k) for k in range(20)], accuracy(0.5))
    assert found.value == found.high == 1.0
    # 10 successes in 10 trials: the exact lower end is 0.025 ** (1 / 10).
    assert found.low == pytest.approx(0.6915, abs=1e-4)
