"""Platt scaling: arithmetic that can be done by hand."""

from __future__ import annotations

import numpy as np

from pneumo.decision.calibration import Calibration, fit_calibration, to_logit, to_probability


def test_logit_and_probability_undo_each_other() -> None:
    probability = np.array([0.001, 0.3, 0.5, 0.99])
    np.testing.assert_allclose(to_probability(to_logit(probability)), probability)
    assert np.isfinite(to_logit([0.0, 1.0])).all()


def test_calibration_takes_overconfidence_back() -> None:
    rng = np.random.default_rng(1)
    true_logit = rng.normal(0, 2, 4000)
    y_true = (rng.random(4000) < to_probability(true_logit)).astype(int)
    fitted = fit_calibration(y_true, 3 * true_logit + 1)
    assert abs(fitted.slope - 1 / 3) < 0.05
    assert abs(fitted.midpoint - 1) < 0.3


def test_even_odds_lie_halfway_between_the_classes() -> None:
    fitted = fit_calibration([0, 0, 0, 1, 1, 1, 1, 1], [-5, -4, -3, -4.5, 2, 3, 4, 5])
    assert fitted.midpoint == -0.5
    assert fitted.apply(-0.5) == 0.0


def test_one_class_being_rarer_does_not_move_the_probability() -> None:
    y_true, logit = np.array([0, 0, 1, 1]), np.array([-2.0, 0.5, -0.5, 2.0])
    few = fit_calibration(np.tile(y_true, 50), np.tile(logit, 50))
    rare = np.concatenate([np.repeat(y_true[:2], 10), np.repeat(y_true[2:], 50)])
    shifted = fit_calibration(
        rare, np.concatenate([np.repeat(logit[:2], 10), np.repeat(logit[2:], 50)])
    )
    assert abs(few.slope - shifted.slope) < 0.05
    assert few.midpoint == shifted.midpoint


def test_calibration_keeps_the_order_of_films() -> None:
    applied = Calibration(slope=0.5, midpoint=2.0).apply([-4, 0, 4])
    assert applied.tolist() == [-3.0, -1.0, 1.0]


def test_films_told_apart_without_error_still_give_a_finite_slope() -> None:
    fitted = fit_calibration([0, 0, 1, 1], [-3.0, -2.0, 2.0, 3.0])
    assert 0 < fitted.slope < 10
