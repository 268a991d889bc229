"""Curves and counts against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import auc

from pneumo.evidence.curves import (
    Confusion,
    confuse,
    histogram_table,
    net_benefit_table,
    precision_recall_table,
    predict_values,
    reliability_table,
    roc_table,
)
from pneumo.evidence.metrics import score_at, score_ranking
from tests.evidence.test_metrics import PROBABILITY, Y_TRUE, draw


def row_at(table: pd.DataFrame, threshold: float) -> pd.Series:
    return table[np.isclose(table["threshold"], threshold)].iloc[0]


def test_every_film_is_in_one_cell_of_the_confusion_matrix() -> None:
    confusion = confuse(Y_TRUE, PROBABILITY, 0.5)
    assert confusion == Confusion(3, 1, 1, 5)
    assert confusion.n == 10
    assert [confusion.cell(label, called) for label in (0, 1) for called in (0, 1)] == [3, 1, 1, 5]
    assert confuse([], [], 0.5).n == 0


def test_the_roc_curve_runs_from_none_called_to_all_called() -> None:
    y_true, probability = draw(1)
    table = roc_table(y_true, probability)
    assert list(table) == ["threshold", "false_positive_rate", "true_positive_rate"]
    assert table.iloc[0].tolist() == [math.inf, 0.0, 0.0]
    assert table.iloc[-1].tolist()[1:] == [1.0, 1.0]
    area = auc(table["false_positive_rate"], table["true_positive_rate"])
    assert area == pytest.approx(score_ranking(y_true, probability)["auc"])


def test_each_point_of_the_curves_is_what_its_threshold_gives() -> None:
    y_true, probability = draw(2)
    for row in roc_table(y_true, probability).iloc[1:].itertuples():
        at = score_at(y_true, probability, row.threshold)
        assert row.true_positive_rate == pytest.approx(at["recall"])
        assert row.false_positive_rate == pytest.approx(1 - at["specificity"])
    table = precision_recall_table(y_true, probability)
    assert list(table) == ["threshold", "recall", "precision"]
    assert table.iloc[0].tolist() == [math.inf, 0.0, 1.0]
    for row in table.iloc[1:].itertuples():
        at = score_at(y_true, probability, row.threshold)
        assert (row.recall, row.precision) == pytest.approx((at["recall"], at["precision"]))


def test_a_split_of_one_class_has_no_curves() -> None:
    for tabulate in (roc_table, precision_recall_table):
        table = tabulate([1, 1], [0.2, 0.8])
        assert table.empty
        assert "threshold" in table


def test_reliability_compares_what_was_said_with_what_was_so() -> None:
    y_true = [0] * 9 + [1] + [1] * 4
    table = reliability_table(y_true, [0.12] * 10 + [0.9, 0.9, 0.84, 0.88], bins=10)
    assert table["n"].tolist() == [10, 4]
    assert table["bin_low"].tolist() == pytest.approx([0.1, 0.8])
    assert table["bin_high"].tolist() == pytest.approx([0.2, 0.9])
    assert table["mean_probability"].tolist() == pytest.approx([0.12, 0.88])
    assert table["observed_share"].tolist() == pytest.approx([0.1, 1.0])
    # Wilson (1927) for 1 in 10: (1 + z2/2 -+ z sqrt(0.9 + z2/4)) / (10 + z2), z2 = 1.96 squared.
    assert table["low"].iloc[0] == pytest.approx(0.01788, abs=1e-5)
    assert table["high"].iloc[0] == pytest.approx(0.40415, abs=1e-5)


def test_reliability_and_calibration_error_use_the_same_bins() -> None:
    y_true, probability = draw(3)
    table = reliability_table(y_true, probability)
    gap = (table["observed_share"] - table["mean_probability"]).abs()
    ece = (gap * table["n"]).sum() / table["n"].sum()
    assert ece == pytest.approx(score_ranking(y_true, probability)["ece"])


def test_the_histogram_counts_every_film_of_each_class_once() -> None:
    table = histogram_table([0, 0, 1, 1, 1], [0.0, 0.3, 0.3, 0.96, 1.0], bins=4)
    assert table["class_name"].tolist() == ["NORMAL"] * 4 + ["PNEUMONIA"] * 4
    assert table["films"].tolist() == [1, 1, 0, 0, 0, 1, 0, 2]
    assert table["bin_high"].iloc[-1] == 1.0
    assert histogram_table([], [])["films"].sum() == 0


def test_net_benefit_is_what_the_formula_gives_by_hand() -> None:
    table = net_benefit_table(Y_TRUE, PROBABILITY)
    assert len(table) == 99
    # At 0.5: 5 of 10 truly found, 1 of 10 falsely, and odds of 1. At 0.2: all 6, and 3 at 1/4.
    assert row_at(table, 0.5)["network"] == pytest.approx(5 / 10 - 1 / 10)
    assert row_at(table, 0.2)["network"] == pytest.approx(6 / 10 - 3 / 10 / 4)
    assert row_at(table, 0.2)["treat_all"] == pytest.approx(6 / 10 - 4 / 10 / 4)
    assert (table["treat_none"] == 0).all()


def test_net_benefit_can_be_asked_for_where_pneumonia_is_rarer() -> None:
    at_half = row_at(net_benefit_table(Y_TRUE, PROBABILITY, prevalence=0.1), 0.5)
    assert at_half["network"] == pytest.approx(0.1 * 5 / 6 - 0.9 * 1 / 4)
    assert at_half["treat_all"] == pytest.approx(0.1 - 0.9)


def test_net_benefit_of_one_class_needs_no_other() -> None:
    only_ill = row_at(net_benefit_table([1, 1], [0.2, 0.8]), 0.5)
    assert only_ill["network"] == pytest.approx(0.5)
    assert np.isnan(row_at(net_benefit_table([1, 1], [0.2, 0.8], prevalence=0.3), 0.5)["network"])


def test_predictive_values_follow_bayes() -> None:
    # Of 1,000 children 10 are ill and 9 found; of 990 well ones 99 are falsely alarmed.
    values = predict_values(0.9, 0.9, 0.01)
    assert values.ppv == pytest.approx(9 / 108)
    assert values.npv == pytest.approx(891 / 892)
    assert values.lr_positive == pytest.approx(9.0)
    assert values.lr_negative == pytest.approx(1 / 9)
    assert (values.true_positives, values.false_negatives) == (9, 1)
    assert (values.false_positives, values.true_negatives) == (99, 891)


@pytest.mark.parametrize("sensitivity", [0.0, 0.333, 0.9567, 1.0, math.nan])
@pytest.mark.parametrize("specificity", [0.0, 0.666, 0.8815, 1.0, math.nan])
@pytest.mark.parametrize("prevalence", [0.0, 0.0123, 0.5, 0.9999, 1.0])
def test_the_children_always_add_up_to_a_thousand(
    sensitivity: float, specificity: float, prevalence: float
) -> None:
    found = predict_values(sensitivity, specificity, prevalence)
    children = (
        found.true_positives,
        found.false_negatives,
        found.false_positives,
        found.true_negatives,
    )
    assert sum(children) == 1000
    assert min(children) >= 0


def test_a_network_without_false_alarms_has_an_infinite_likelihood_ratio() -> None:
    found = predict_values(0.8, 1.0, 0.2)
    assert found.lr_positive == math.inf
    assert found.ppv == 1.0
    nothing_called = predict_values(0.0, 1.0, 0.2)
    assert math.isnan(nothing_called.ppv)
    assert math.isnan(nothing_called.lr_positive)
    unknown = predict_values(math.nan, 0.9, 0.2)
    assert math.isnan(unknown.ppv)
    assert math.isnan(unknown.lr_positive)
