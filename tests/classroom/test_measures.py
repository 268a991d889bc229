"""What is measured of a class, against values worked out by hand or by another library."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from statsmodels.stats.inter_rater import fleiss_kappa as fleiss_by_statsmodels

from pneumo.classroom.agreement import measure_agreement
from pneumo.classroom.measures import locate_network, locate_readers, measure_auc
from tests.classroom.scene import NETWORKS, rate

LABELS = (0, 0, 1, 1)


def test_reader_who_saw_everything_right_has_full_shares_with_an_open_interval() -> None:
    (reader,) = locate_readers(rate([[1, 2, 5, 6]], LABELS), "left out")
    for share in (reader.point.sensitivity, reader.point.specificity):
        assert share.value == 1.0
        assert share.n == 2
        assert share.low == pytest.approx(0.3424, abs=1e-4)
    assert reader.point.answered == 4


def test_unanswered_films_are_left_out_or_count_as_wrong() -> None:
    ratings = rate([[1, None, 6, None]], LABELS)
    (left_out,) = locate_readers(ratings, "left out")
    assert left_out.point.sensitivity.value == left_out.point.specificity.value == 1.0
    assert left_out.point.sensitivity.n == 1
    (wrong,) = locate_readers(ratings, "counted as wrong")
    assert wrong.point.sensitivity.value == wrong.point.specificity.value == 0.5
    assert wrong.point.sensitivity.n == 2
    assert wrong.point.answered == 2


def test_reader_without_an_answer_to_a_class_has_no_share_of_it() -> None:
    (reader,) = locate_readers(rate([[1, 2, None, None]], LABELS), "left out")
    assert math.isnan(reader.point.sensitivity.value)
    assert reader.point.specificity.value == 1.0


def test_network_lies_where_its_threshold_puts_it() -> None:
    point = locate_network(rate([[1, 2, 5, 6]], LABELS), NETWORKS[-1])
    assert point.specificity.value == 1.0
    assert point.sensitivity.value == 0.5, "it is wrong about the last film"


def test_class_score_is_the_mean_rating_of_those_who_answered() -> None:
    ratings = rate([[1, 2, None, 6], [3, 2, None, 6]], LABELS)
    assert ratings.score[[0, 1, 3]].tolist() == pytest.approx([0.2, 0.2, 1.0])
    assert math.isnan(ratings.score[2])


def test_auc_is_that_of_scikit_learn_and_leaves_unanswered_films_out() -> None:
    rng = np.random.default_rng(1)
    labels = np.arange(40) % 2
    score = np.clip(0.3 * labels + rng.uniform(0, 0.7, 40), 0, 1)
    score[[4, 9]] = np.nan
    found = measure_auc(labels, score, [f"patient-{place}" for place in range(40)])
    kept = ~np.isnan(score)
    assert found.value == pytest.approx(roc_auc_score(labels[kept], score[kept]))
    assert found.low < found.value < found.high
    assert found.n == 38


def test_perfect_ranking_of_few_films_claims_no_certainty() -> None:
    found = measure_auc([0] * 10 + [1] * 10, [0.1] * 10 + [0.9] * 10, [str(k) for k in range(20)])
    assert found.value == found.high == 1.0
    assert 0.75 < found.low < 0.95
    few = measure_auc([0, 1], [0.1, 0.9], ["a", "b"])
    assert few.low < 0.3
    backwards = measure_auc([0, 1], [0.9, 0.1], ["a", "b"])
    assert backwards.value == backwards.low == 0.0
    assert backwards.high == pytest.approx(1 - few.low)


def test_auc_needs_both_classes() -> None:
    assert math.isnan(measure_auc([1, 1], [0.2, 0.9], ["a", "b"]).value)
    assert math.isnan(measure_auc([0, 1], [np.nan, np.nan], ["a", "b"]).value)


def test_agreement_is_fleiss_kappa_where_everybody_answered() -> None:
    rng = np.random.default_rng(1)
    labels = (np.arange(12) % 2).tolist()
    rows = np.clip(np.array(labels) * 3 + rng.integers(1, 5, (7, 12)), 1, 6).tolist()
    ratings = rate(rows, labels)
    called = ratings.called.sum(axis=0)
    table = np.stack([7 - called, called], axis=1)
    found = measure_agreement(ratings)
    assert found.kappa.value == pytest.approx(fleiss_by_statsmodels(table))
    assert found.kappa.low < found.kappa.value < found.kappa.high
    assert (found.kappa.n, found.readers, found.answers, found.missing) == (12, 7, 84, 0)


def test_missing_answers_are_counted_and_films_with_one_answer_left_out() -> None:
    ratings = rate([[1, 6, 6, 1], [1, 6, None, None], [1, 6, 1, None]], LABELS)
    found = measure_agreement(ratings)
    assert (found.kappa.n, found.readers, found.answers, found.missing) == (3, 3, 8, 1)
    # Agreement: 1, 1 and 0 of the pairs; 4 of 8 answers say pneumonia, so chance gives one half.
    assert found.kappa.value == pytest.approx((2 / 3 - 1 / 2) / (1 - 1 / 2))


def test_agreement_of_a_class_that_says_the_same_of_all_films_is_not_defined() -> None:
    assert math.isnan(measure_agreement(rate([[1, 1, 1, 1], [2, 2, 2, 2]], LABELS)).kappa.value)


def test_single_reader_agrees_with_nobody() -> None:
    found = measure_agreement(rate([[1, 1, 6, 6]], LABELS))
    assert math.isnan(found.kappa.value)
    assert found.kappa.n == 0
