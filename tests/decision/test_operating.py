"""Operating points: what they promise on the films that they were chosen on."""

from __future__ import annotations

import numpy as np
import pytest

from pneumo.decision.calibration import to_probability
from pneumo.decision.operating import choose_operating_points, decide, lean
from pneumo.domain import OperatingPoint, Verdict


@pytest.fixture(scope="module")
def held_out() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    y_true = (rng.random(1000) < 0.7).astype(int)
    return y_true, to_probability(rng.normal(4 * y_true - 2, 1.2))


def test_each_point_keeps_its_promise(held_out: tuple[np.ndarray, np.ndarray]) -> None:
    rule_out, balanced, rule_in = choose_operating_points(*held_out)
    assert rule_out.sensitivity >= 0.99
    assert rule_in.specificity >= 0.98
    logit = np.log(held_out[1] / (1 - held_out[1]))
    middle = (np.median(logit[held_out[0] == 1]) + np.median(logit[held_out[0] == 0])) / 2
    assert balanced.threshold == pytest.approx(to_probability(middle))
    assert rule_out.threshold <= balanced.threshold <= rule_in.threshold


def test_reported_rates_are_those_of_the_threshold(
    held_out: tuple[np.ndarray, np.ndarray],
) -> None:
    y_true, probability = held_out
    for point in choose_operating_points(y_true, probability):
        called = probability >= point.threshold
        assert point.sensitivity == pytest.approx(called[y_true == 1].mean())
        assert point.specificity == pytest.approx((~called)[y_true == 0].mean())
        assert point.n == 1000


def test_two_films_in_a_hundred_are_indeterminate(
    held_out: tuple[np.ndarray, np.ndarray],
) -> None:
    y_true, probability = held_out
    for point in choose_operating_points(y_true, probability):
        verdicts = [decide(p, point) for p in probability]
        assert 15 <= verdicts.count(Verdict.INDETERMINATE) <= 21


def test_a_perfect_separation_still_gives_ordered_points() -> None:
    points = choose_operating_points([0, 0, 0, 1, 1, 1], [0.1, 0.2, 0.3, 0.7, 0.8, 0.9])
    thresholds = [point.threshold for point in points]
    assert thresholds == sorted(thresholds)
    assert thresholds[1] == pytest.approx(0.5)
    assert {(point.sensitivity, point.specificity) for point in points} <= {(1, 1), (2 / 3, 1)}


def test_the_verdict_changes_at_the_threshold_and_hesitates_around_it() -> None:
    point = OperatingPoint("balanced", 0.6, (0.55, 0.65), 0.9, 0.9, 100)
    assert decide(0.7, point) is Verdict.PNEUMONIA
    assert decide(0.5, point) is Verdict.NORMAL
    assert decide(0.6, point) is Verdict.INDETERMINATE
    assert lean(0.6, point) is Verdict.PNEUMONIA
    assert lean(0.5999, point) is Verdict.NORMAL
