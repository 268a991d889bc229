"""The figures of the page Performance, and the words and lists beside them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pneumo.domain import OperatingPoint
from pneumo.evidence.curves import (
    Confusion,
    histogram_table,
    net_benefit_table,
    precision_recall_table,
    predict_values,
    reliability_table,
    roc_table,
)
from pneumo.evidence.scores import Scored
from pneumo.ui.evidence.outcomes import FALSE_ALARM, FOUND, MISSED, OUTCOMES
from pneumo.ui.figures.benefit import COLUMNS, ROWS, draw_net_benefit, draw_thousand
from pneumo.ui.figures.performance import (
    CELLS,
    draw_confusion,
    draw_histogram,
    draw_precision_recall,
    draw_roc,
)
from pneumo.ui.figures.reliability import draw_reliability
from pneumo.ui.figures.training import draw_losses, draw_validation_auc
from pneumo.ui.widgets.confusion import tabulate_confusion
from pneumo.ui.widgets.prevalence import list_prevalences
from pneumo.ui.widgets.threshold import list_thresholds

Y_TRUE = np.array([0, 0, 0, 1, 1, 1])
PROBABILITY = np.array([0.1, 0.2, 0.7, 0.3, 0.8, 0.9])


def score(y_true: np.ndarray = Y_TRUE, probability: np.ndarray = PROBABILITY) -> Scored:
    files = tuple(f"film{place}.jpeg" for place in range(len(y_true)))
    return Scored("first", "First", "test", files, files, y_true, probability, probability, ())


def test_confusion_matrix_says_films_and_share_of_the_label() -> None:
    figure = draw_confusion(Confusion(6, 2, 1, 3), chosen=MISSED)
    texts = dict(zip([cell.short for cell in CELLS], figure.data[0].text, strict=True))
    assert texts["TP"].startswith("<b>3</b><br>75.0%")
    assert texts["FN"].startswith("<b>1</b><br>25.0%")
    assert texts["FP"].startswith("<b>2</b><br>25.0%")
    assert np.argmax(figure.data[0].marker.line.width) == CELLS.index(MISSED)


def test_confusion_matrix_without_normal_films_divides_by_nothing() -> None:
    figure = draw_confusion(Confusion(0, 0, 1, 3))
    assert "no such film" in figure.data[0].text[CELLS.index(FALSE_ALARM)]
    table = tabulate_confusion(Confusion(0, 0, 1, 3))
    assert table["films"].sum() == 4
    assert table["share_of_label"].isna().sum() == 2


def test_films_of_a_cell_come_with_the_most_wrong_score_first() -> None:
    found = {outcome.short: outcome.find(score(), 0.5).tolist() for outcome in OUTCOMES}
    assert found == {"FN": [3], "FP": [2], "TP": [4, 5], "TN": [1, 0]}


def test_marks_of_the_outcomes_differ_without_colour() -> None:
    assert len({outcome.symbol for outcome in OUTCOMES}) == len(OUTCOMES)


def test_curves_carry_the_mark_of_the_threshold() -> None:
    roc = draw_roc(roc_table(Y_TRUE, PROBABILITY), alarms=1 / 3, found=2 / 3, threshold=0.5)
    mark = roc.data[-1]
    assert (mark.x[0], mark.y[0]) == pytest.approx((100 / 3, 200 / 3))
    assert mark.name == "threshold 50.0%"
    curve = draw_precision_recall(
        precision_recall_table(Y_TRUE, PROBABILITY),
        found=2 / 3,
        precision=2 / 3,
        share=0.5,
        threshold=0.5,
    )
    assert (curve.data[-1].x[0], curve.data[-1].y[0]) == pytest.approx((200 / 3, 200 / 3))
    assert list(curve.data[0].y) == [50, 50]


def test_histogram_counts_every_film_and_draws_the_threshold() -> None:
    figure = draw_histogram(histogram_table(Y_TRUE, PROBABILITY), threshold=0.37)
    *bars, line = figure.data
    assert sum(sum(trace.y) for trace in bars) == len(Y_TRUE)
    assert list(line.x) == [37, 37]
    assert {trace.marker.pattern.shape for trace in bars} == {"", "/"}


def test_thousand_children_are_a_thousand_marks_in_a_full_field() -> None:
    figure = draw_thousand(predict_values(0.9, 0.8, 0.1))
    assert [len(trace.x) for trace in figure.data] == [90, 10, 180, 720]
    places = {(x, y) for trace in figure.data for x, y in zip(trace.x, trace.y, strict=True)}
    assert len(places) == COLUMNS * ROWS == 1000
    assert figure.data[CELLS.index(FOUND)].name == "Found pneumonias (TP): 90"


def test_reliability_shows_before_and_after_with_intervals_around_what_was_seen() -> None:
    bins = reliability_table(Y_TRUE, PROBABILITY)
    figure = draw_reliability(bins, bins)
    assert [trace.name for trace in figure.data[1:]] == ["before calibration", "after"]
    assert figure.data[1].marker.symbol != figure.data[2].marker.symbol
    np.testing.assert_allclose(figure.data[2].y, 100 * bins["observed_share"])
    assert (np.asarray(figure.data[2].error_y.array) >= 0).all()


@pytest.mark.parametrize("y_true", [Y_TRUE, Y_TRUE * 0, Y_TRUE * 0 + 1])
def test_decision_curve_keeps_the_useful_part_in_view(y_true: np.ndarray) -> None:
    table = net_benefit_table(y_true, PROBABILITY)
    figure = draw_net_benefit(table)
    low, high = figure.layout.yaxis.range
    assert high >= 100 * table["network"].max()
    assert low < 0 < high
    assert len({trace.line.dash for trace in figure.data}) == 3


def test_training_curves_ring_the_last_epoch_that_was_kept() -> None:
    history = pd.DataFrame(
        {
            "epoch": [1, 2, 3],
            "side": [112, 224, 224],
            "loss": [0.5, 0.4, 0.3],
            "validation_loss": [0.6, 0.35, 0.4],
            "validation_auc": [0.9, 0.99, 0.98],
            "kept": [True, True, False],
        }
    )
    losses, auc = draw_losses(history), draw_validation_auc(history)
    assert (losses.data[-1].x[0], losses.data[-1].y[0]) == (2, 0.35)
    assert auc.data[-1].y[0] == 0.99
    assert list(losses.layout.xaxis.ticktext) == ["1<br>112 px", "2<br>224 px", "3"]


def test_every_figure_names_its_axes() -> None:
    bars = histogram_table(Y_TRUE, PROBABILITY)
    for figure in (
        draw_confusion(Confusion(1, 1, 1, 1)),
        draw_histogram(bars, threshold=0.5),
        draw_roc(roc_table(Y_TRUE, PROBABILITY), alarms=0, found=0, threshold=1),
        draw_net_benefit(net_benefit_table(Y_TRUE, PROBABILITY)),
    ):
        assert figure.layout.xaxis.title.text
        assert figure.layout.yaxis.title.text


def test_slider_stands_on_the_very_threshold_of_a_named_point() -> None:
    thresholds = (0.037253161440159444, 0.4999999999999999, 0.9627468385598406)
    points = [OperatingPoint("point", at, (0, 1), 0.9, 0.9, 9) for at in thresholds]
    offered = list_thresholds(points)
    assert offered["3.7%"] == thresholds[0]
    assert offered["50.0%"] == thresholds[1]
    assert list(offered.values()) == sorted(offered.values())
    assert (min(offered.values()), max(offered.values())) == (0, 1)
    assert len(offered) == 201 + 2


@pytest.mark.parametrize("share", [0.625, 0.999, 1 / 3])
def test_prevalences_reach_from_rare_to_common_and_hold_the_films_own(share: float) -> None:
    offered = list_prevalences(share)
    assert share in offered.values()
    assert min(offered.values()) == pytest.approx(0.001)
    assert list(offered.values()) == sorted(offered.values())
