"""Scores of a split → a threshold to move, with everything that moves with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from pneumo import BALANCED, Estimate, OperatingPoint, Settings
from pneumo.evidence.resampling import measure_at
from pneumo.evidence.scores import Scored
from pneumo.ui.evidence.estimates import say_number
from pneumo.ui.evidence.scored import curves_of, describe_films, resampling_of
from pneumo.ui.figures import performance as figures
from pneumo.ui.fragments import fragment
from pneumo.ui.widgets.charts import show_chart
from pneumo.ui.widgets.confusion import show_confusion
from pneumo.ui.widgets.film_list import choose_cell, list_films
from pneumo.ui.widgets.performance import show_estimates
from pneumo.ui.widgets.prevalence import show_consequences
from pneumo.ui.wording import name_point

POINT, SLIDER = "operating point", "threshold"
"""Keys of the two controls; the same for every network, so that a choice outlives a change."""

_STEPS = np.arange(0, 100.5, 0.5) / 100


def list_thresholds(points: Sequence[OperatingPoint]) -> dict[str, float]:
    """Return the thresholds that the slider offers by their labels, in ascending order.

    Steps of half a per cent, with the named thresholds themselves in place of the steps that
    would read the same.
    """
    offered = {_label(step): float(step) for step in _STEPS}
    offered |= {_label(point.threshold): point.threshold for point in points}
    return dict(sorted(offered.items(), key=lambda item: item[1]))


def _label(threshold: float) -> str:
    return f"{threshold:.1%}"


def choose_threshold(points: Sequence[OperatingPoint]) -> float:
    """Let the visitor choose a threshold by its purpose or freely; each control follows the other.

    Returns:
        Probability in [0, 1]; at a named point its very threshold, not a rounded one.
    """
    offered = list_thresholds(points)
    named = {point.name: _label(point.threshold) for point in points}
    point = st.session_state.setdefault(POINT, BALANCED)
    label = named.get(point) or st.session_state.get(SLIDER)
    # A network that was chosen since may offer other named thresholds than the last one did.
    st.session_state[SLIDER] = label if label in offered else named.get(BALANCED, _label(0.5))
    st.segmented_control(
        "Operating point",
        list(named),
        format_func=name_point,
        key=POINT,
        help="Puts the threshold where the held-out films chose it for that purpose.",
    )
    chosen = st.select_slider(
        "Threshold: a film is called PNEUMONIA from this probability on",
        list(offered),
        key=SLIDER,
        on_change=_follow_slider,
        args=(named,),
    )
    return offered[str(chosen)]


def _follow_slider(named: Mapping[str, str]) -> None:
    label = st.session_state[SLIDER]
    st.session_state[POINT] = next((name for name in named if named[name] == label), None)


@fragment()
def show_at_threshold(scored: Scored, settings: Settings) -> None:
    """Show a threshold to move, and all that follows from where it stands."""
    st.subheader("At a threshold", anchor=False)
    threshold = choose_threshold(scored.operating_points)
    estimates = measure_at(
        scored.y_true, scored.probability, threshold, resampling_of(scored.groups)
    )
    show_estimates(estimates)
    st.caption(f"With 95% intervals. {describe_films(scored)}.")
    left, right = st.columns(2)
    with left:
        show_confusion(scored, threshold)
    with right:
        _show_histogram(scored, threshold)
    left, right = st.columns(2)
    with left:
        _show_roc(scored, threshold, estimates)
    with right:
        _show_precision_recall(scored, threshold, estimates)
    show_consequences(scored, threshold, estimates)
    list_films(scored, threshold, choose_cell(), settings)


def _show_histogram(scored: Scored, threshold: float) -> None:
    bars = curves_of(scored).histogram
    st.markdown("**Scores by class**: what is right of the line is called PNEUMONIA")
    show_chart(
        figures.draw_histogram(bars, threshold=threshold),
        bars,
        name=f"{scored.name}_{scored.split}_histogram",
        alt=f"Histogram of the probabilities of both classes with the threshold {threshold:.1%}",
        note=f"{describe_films(scored)}.",
    )


def _show_roc(scored: Scored, threshold: float, estimates: Mapping[str, Estimate]) -> None:
    curve = curves_of(scored).roc
    found, cleared = estimates["recall"].value, estimates["specificity"].value
    st.markdown("**ROC curve**: nearer to the upper left is better")
    show_chart(
        figures.draw_roc(curve, alarms=1 - cleared, found=found, threshold=threshold),
        curve,
        name=f"{scored.name}_{scored.split}_roc",
        alt=f"ROC curve; at the threshold {say_number(found, is_share=True)} of the pneumonias "
        f"are found and {say_number(1 - cleared, is_share=True)} of the normal films are called "
        "PNEUMONIA",
        note=f"{describe_films(scored)}.",
    )


def _show_precision_recall(
    scored: Scored, threshold: float, estimates: Mapping[str, Estimate]
) -> None:
    curve = curves_of(scored).precision_recall
    found, precision = estimates["recall"].value, estimates["precision"].value
    st.markdown("**Precision-recall curve**: nearer to the upper right is better")
    show_chart(
        figures.draw_precision_recall(
            curve,
            found=found,
            precision=precision,
            share=float(scored.y_true.mean()),
            threshold=threshold,
        ),
        curve,
        name=f"{scored.name}_{scored.split}_precision_recall",
        alt=f"Precision-recall curve; at the threshold precision "
        f"{say_number(precision, is_share=True)} and recall {say_number(found, is_share=True)}",
        note=f"{describe_films(scored)}.",
    )
