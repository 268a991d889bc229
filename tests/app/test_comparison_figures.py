"""The figures and the sentences of the page Compare."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from pneumo import Estimate
from pneumo.domain import ENSEMBLE, OperatingPoint
from pneumo.evidence.comparison import DeLong, McNemar, Pair, Paired
from pneumo.evidence.pairwise import PairedMetric
from pneumo.evidence.published import read_published
from pneumo.evidence.scores import Scored
from pneumo.ui.evidence.differences import (
    describe_auc,
    describe_decisions,
    describe_metric,
    describe_votes,
)
from pneumo.ui.figures.comparison import (
    Curve,
    draw_agreement,
    draw_forest,
    draw_latencies,
    draw_roc_overlay,
)
from pneumo.ui.figures.published import Mark, draw_published
from pneumo.ui.widgets.published import list_marks

TITLES = {"a": "MobileNetV2", "b": "ResNet50 v2", ENSEMBLE: "Ensemble"}
NAN = math.nan


def pair(
    *,
    difference: float = 0.0103,
    low: float = 0.002,
    high: float = 0.018,
    p: float = 0.03,
    right: tuple[int, int] = (12, 7),
    second: str = "b",
) -> Pair:
    delong = DeLong(0.98, 0.97, 1e-5, 1e-5, 1e-6, difference, low, high, 2.0, p)
    return Pair("a", second, delong, McNemar(*right, p, True), p, p)


def test_larger_auc_is_named_first_and_the_number_of_pairs_is_told() -> None:
    assert describe_auc(pair(), TITLES, pairs=10) == (
        "MobileNetV2's AUC is 0.010 higher than ResNet50 v2's (95% interval 0.002 to 0.018, "
        "p = 0.03 after correction for 10 pairs): the difference is **larger than chance "
        "explains**."
    )
    swapped = pair(difference=-0.0103, low=-0.018, high=-0.002, second=ENSEMBLE)
    assert describe_auc(swapped, TITLES, pairs=10).startswith(
        "The ensemble's AUC is 0.010 higher than MobileNetV2's (95% interval 0.002 to 0.018,"
    )


def test_difference_within_chance_is_called_so_and_one_pair_needs_no_correction() -> None:
    said = describe_auc(pair(low=-0.004, high=0.02, p=0.2), TITLES, pairs=1)
    assert said.endswith(
        "(95% interval -0.004 to 0.020, p = 0.2): chance alone can explain the difference."
    )
    assert "correction" not in said


def test_equal_aucs_are_called_equal_and_untestable_ones_untestable() -> None:
    same = describe_auc(pair(difference=-0.0002, low=-0.004, high=0.0, p=0.9), TITLES, pairs=3)
    assert "to three places" in same
    assert "-0.000" not in same
    untestable = pair(difference=NAN, low=NAN, high=NAN, p=NAN)
    assert "cannot be tested" in describe_auc(untestable, TITLES, pairs=3)


def test_decisions_are_told_as_films_on_which_one_alone_is_right() -> None:
    said = describe_decisions(pair(right=(1, 7), p=0.36), TITLES, pairs=10)
    assert said == (
        "ResNet50 v2 alone is right on 7 films, MobileNetV2 alone on 1 film (p = 0.36 after "
        "correction for 10 pairs): chance alone can explain the difference."
    )
    assert "every film alike" in describe_decisions(pair(right=(0, 0)), TITLES, pairs=10)


def test_share_differs_by_points_and_other_metrics_by_their_own_numbers() -> None:
    share = PairedMetric("a", "b", Paired("recall", Estimate(-0.012, -0.03, 0.0, 60), 0.1), 0.1)
    said = describe_metric(share, TITLES, pairs=3)
    assert "ResNet50 v2 lies 1.2 percentage points above MobileNetV2" in said
    assert "0.0 to 3.0" in said
    assert "-0.0" not in said
    number = PairedMetric("a", "b", Paired("brier", Estimate(0.021, 0.01, 0.03, 60), 0.001), 0.001)
    assert "lies 0.021 above" in describe_metric(number, TITLES, pairs=3)
    missing = PairedMetric("a", "b", Paired("auc", Estimate(NAN, NAN, NAN, 60), NAN), NAN)
    assert "not defined" in describe_metric(missing, TITLES, pairs=3)


def test_votes_count_films_decided_alike_rightly_and_wrongly() -> None:
    point = OperatingPoint("balanced", 0.5, (0.4, 0.6), 0.9, 0.9, 4)
    labels, files = np.array([0, 1, 1, 0]), ("f1", "f2", "f3", "f4")
    networks = [
        Scored(name, name, "test", files, files, labels, said, said, (point,))
        for name, said in (
            ("a", np.array([0.1, 0.9, 0.2, 0.8])),
            ("b", np.array([0.2, 0.8, 0.3, 0.1])),
        )
    ]
    assert describe_votes(networks, point="balanced") == (
        "Of 4 films the 2 networks decide 3 alike: 2 as the official label says, 1 all against "
        "it. On the other 1 they disagree."
    )


def test_forest_has_a_row_a_network_with_its_interval_in_per_cent() -> None:
    estimates = [Estimate(0.9, 0.85, 0.93, 77), Estimate(NAN, NAN, NAN, 77)]
    figure = draw_forest(["First", "Second"], estimates, metric="Accuracy", is_share=True)
    first, second = figure.data
    assert first.x[0] == pytest.approx(90)
    assert first.error_x.array[0] == pytest.approx(3)
    assert first.error_x.arrayminus[0] == pytest.approx(5)
    assert second.text[0] == "not defined (no interval)"
    assert figure.layout.xaxis.title.text == "Accuracy (%), 95% interval"
    assert first.marker.symbol != second.marker.symbol


def test_overlaid_curves_differ_in_dash_and_mark_too() -> None:
    table = pd.DataFrame(
        {"false_positive_rate": [0.0, 0.2, 1.0], "true_positive_rate": [0, 0.9, 1]}
    )
    curves = [Curve(title, table, alarms=0.2, found=0.9) for title in ("First", "Second")]
    figure = draw_roc_overlay(curves, enlarged=True)
    lines = [trace for trace in figure.data if trace.mode == "lines" and trace.name != "chance"]
    marks = [trace for trace in figure.data if trace.mode == "markers"]
    assert len({line.line.dash for line in lines}) == 2
    assert len({mark.marker.symbol for mark in marks}) == 2
    assert (marks[0].x[0], marks[0].y[0]) == (20, 90)
    assert figure.layout.xaxis.range[1] == 40
    assert draw_roc_overlay(curves, enlarged=False).layout.xaxis.range[1] > 100


def test_agreement_is_written_into_each_cell_so_that_it_reads_on_its_shade() -> None:
    titles = ["First", "Second"]
    table = pd.DataFrame([[1.0, 0.9], [0.9, 1.0]], titles, titles)
    figure = draw_agreement(table, is_share=True)
    cells = {(note.y, note.x): note for note in figure.layout.annotations}
    assert cells["First", "Second"].text == "90.0%"
    assert cells["First", "Second"].font.color != cells["First", "First"].font.color
    undefined = pd.DataFrame([[1.0, NAN], [NAN, 1.0]], titles, titles)
    kappa = draw_agreement(undefined, is_share=False)
    assert [note.text for note in kappa.layout.annotations] == ["1.00", "none", "none", "1.00"]


def test_published_numbers_stand_below_ours_and_are_not_taken_for_them() -> None:
    marks = [
        Mark("Theirs", "official split", 0.928, 0.928),
        Mark("Range", "random resplit, or chosen on test", 0.97, 0.99),
    ]
    figure = draw_published(
        ["Ours"], [Estimate(0.93, 0.9, 0.95, 624)], marks, metric="Accuracy", is_share=True
    )
    names = [trace.name for trace in figure.data]
    assert names[0] == "measured here, 95% interval"
    assert all(name.startswith("published: ") for name in names[1:])
    assert list(figure.data[2].x[:2]) == [97, 99]
    assert figure.data[1].error_x.array is None
    assert list(figure.layout.yaxis.categoryarray) == ["Range", "Theirs", "<b>Ours</b>"]


def test_only_what_a_source_states_is_drawn() -> None:
    published = read_published()
    specificity = {mark.label for mark in list_marks(published, "specificity")}
    assert specificity == {"Kermany 2018"}
    ranges = [mark for mark in list_marks(published, "accuracy") if mark.low < mark.high]
    assert [mark.label for mark in ranges] == ["97% to 99% reports"]


def test_latencies_show_median_and_95th_percentile_in_milliseconds() -> None:
    figure = draw_latencies(["First"], [12.0], [20.0])
    assert [trace.x[0] for trace in figure.data] == [12.0, 20.0]
    assert "ms" in figure.layout.xaxis.title.text
