"""Networks compared pair by pair, and tables of who agrees with whom."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pneumo.domain import OperatingPoint
from pneumo.errors import DataSetError
from pneumo.evidence.comparison import (
    agreement_table,
    cohen_kappa_table,
    compare_metric,
    compare_pairs,
    correct_p,
    list_disagreements,
)
from pneumo.evidence.metrics import METRICS
from pneumo.evidence.resampling import Resampling, resample_at
from pneumo.evidence.scores import Scored


def make_scored(name: str, probability: list[float], labels: list[int], **changes: str) -> Scored:
    files = tuple(f"{changes.get('film', 'film')}{k}.jpeg" for k in range(len(labels)))
    point = OperatingPoint("balanced", 0.5, (0.45, 0.55), 1.0, 1.0, 10)
    shares = np.array(probability)
    groups = tuple(f"IM-{k}" for k in range(len(labels)))
    title = name.title()
    return Scored(name, title, "test", files, groups, np.array(labels), shares, shares, (point,))


LABELS = [0, 0, 0, 1, 1, 1]
FIRST = make_scored("first", [0.1, 0.2, 0.7, 0.6, 0.8, 0.9], LABELS)
SECOND = make_scored("second", [0.1, 0.6, 0.2, 0.4, 0.8, 0.9], LABELS)
THIRD = make_scored("third", [0.3, 0.1, 0.6, 0.3, 0.7, 0.8], LABELS)
JOINT = make_scored("ensemble", [0.1, 0.3, 0.5, 0.4, 0.8, 0.9], LABELS)


def test_holm_multiplies_the_smallest_p_by_the_number_of_tests() -> None:
    assert correct_p([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    corrected = correct_p([0.02, math.nan, 0.5])
    assert corrected[0] == pytest.approx(0.04)
    assert math.isnan(corrected[1])
    assert correct_p([]) == []


def test_every_pair_is_compared_once_and_corrected() -> None:
    pairs = compare_pairs([FIRST, SECOND, THIRD])
    assert [(pair.first, pair.second) for pair in pairs] == [
        ("first", "second"),
        ("first", "third"),
        ("second", "third"),
    ]
    auc_p = correct_p([pair.delong.p for pair in pairs])
    assert [pair.auc_p_corrected for pair in pairs] == auc_p
    assert [(pair.mcnemar.only_a_right, pair.mcnemar.only_b_right) for pair in pairs] == [
        (2, 1),
        (1, 0),
        (1, 1),
    ]
    assert compare_pairs([FIRST]) == []


def test_the_paired_bootstrap_takes_differences_on_the_same_draws() -> None:
    resampling = Resampling(FIRST.groups, replicates=400)
    found = compare_metric("accuracy", FIRST, SECOND, resampling, operating_point="balanced")
    assert found.difference.value == pytest.approx(1 / 6)
    assert found.difference.n == 6
    drawn_first, drawn_second = (
        resample_at(one.y_true, one.probability, 0.5, resampling)["accuracy"]
        for one in (FIRST, SECOND)
    )
    drawn = drawn_first - drawn_second
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert (found.difference.low, found.difference.high) == (low, high)
    fewer = min((drawn <= 0).sum(), (drawn >= 0).sum())
    assert found.p == pytest.approx(2 * (fewer + 1) / 401)


@pytest.mark.parametrize("key", METRICS)
def test_any_metric_of_a_network_against_itself_shows_no_difference(key: str) -> None:
    resampling = Resampling(FIRST.groups, replicates=50)
    found = compare_metric(key, FIRST, FIRST, resampling, operating_point="balanced")
    assert (found.difference.value, found.p) == (0.0, 1.0)


def test_a_clear_difference_never_has_a_p_of_zero() -> None:
    labels = [0, 1] * 40
    good = make_scored("good", [0.2 if label == 0 else 0.8 for label in labels], labels)
    bad = make_scored("bad", [0.8 if label == 0 else 0.2 for label in labels], labels)
    resampling = Resampling(good.groups, replicates=200)
    for key in ("auc", "mcc"):
        found = compare_metric(key, good, bad, resampling, operating_point="balanced")
        assert found.p == pytest.approx(2 / 201)


def test_a_metric_that_one_class_does_not_define_has_no_difference() -> None:
    one = make_scored("one", [0.1, 0.9], [1, 1])
    found = compare_metric("auc", one, one, Resampling(one.groups, replicates=20))
    assert math.isnan(found.p)
    assert f"{found.difference:.3f}" == "not defined"
    (pair,) = compare_pairs([one, one])
    assert math.isnan(pair.auc_p_corrected)
    assert pair.decision_p_corrected == 1.0


def test_agreement_is_the_share_of_films_with_the_same_decision() -> None:
    table = agreement_table([FIRST, SECOND, JOINT], operating_point="balanced")
    assert list(table) == list(table.index) == ["First", "Second", "Ensemble"]
    assert table.loc["First", "Second"] == pytest.approx(3 / 6)
    assert table.loc["First", "Ensemble"] == pytest.approx(5 / 6)
    assert np.diag(table).tolist() == [1.0] * 3


def test_kappa_takes_off_what_chance_would_agree_on() -> None:
    table = cohen_kappa_table([FIRST, SECOND], operating_point="balanced")
    # Agreement 3/6; the first calls 4 of 6, the second 3: chance 4/6 * 3/6 + 2/6 * 3/6 = 1/2.
    assert table.loc["First", "Second"] == pytest.approx(0.0)
    assert table.loc["First", "First"] == 1.0
    calls_all = make_scored("all", [0.9] * 6, LABELS)
    assert cohen_kappa_table([calls_all]).isna().all(axis=None)


def test_disagreements_are_listed_the_most_even_first() -> None:
    fourth = make_scored("fourth", [0.1, 0.1, 0.1, 0.3, 0.8, 0.1], LABELS)
    table = list_disagreements([FIRST, SECOND, THIRD, fourth, JOINT], operating_point="balanced")
    assert table["file"].tolist() == ["film2.jpeg", "film1.jpeg", "film3.jpeg", "film5.jpeg"]
    assert table["networks_saying_pneumonia"].tolist() == [2, 1, 1, 3]
    assert table["Ensemble"].tolist() == [0.5, 0.3, 0.4, 0.9]
    assert table["label"].tolist() == [0, 0, 1, 1]
    assert list(table)[:4] == ["file", "label", "group", "First"]


def test_the_ensemble_has_no_vote_in_a_disagreement() -> None:
    assert list_disagreements([FIRST, JOINT], operating_point="balanced").empty


def test_networks_on_other_films_are_not_compared() -> None:
    other = make_scored("other", [0.5] * 6, LABELS, film="elsewhere")
    with pytest.raises(DataSetError, match="Other was scored on other films than First"):
        compare_pairs([FIRST, other])
    with pytest.raises(DataSetError, match="other films"):
        compare_metric("auc", FIRST, other, Resampling(FIRST.groups, replicates=10))
