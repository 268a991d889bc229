"""Sensitivity and specificity at a threshold → what a call means where pneumonia is rarer."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from pneumo import Estimate
from pneumo.evidence.curves import PredictiveValues, predict_values
from pneumo.evidence.scores import Scored
from pneumo.ui.evidence.estimates import say_number
from pneumo.ui.evidence.scored import describe_films
from pneumo.ui.figures.benefit import count_children, draw_thousand
from pneumo.ui.fragments import fragment
from pneumo.ui.widgets.charts import show_chart

_TILES = {
    "ppv": ("PPV", "Of the films called PNEUMONIA, the share that shows it."),
    "npv": ("NPV", "Of the films called NORMAL, the share that is normal."),
    "lr_positive": (
        "LR+",
        "How many times the odds of pneumonia grow when a film is called PNEUMONIA. It does not "
        "depend on the prevalence.",
    ),
    "lr_negative": (
        "LR−",  # noqa: RUF001 - a minus, as it is written in print
        "By what the odds of pneumonia are multiplied when a film is called NORMAL: the smaller, "
        "the better. It does not depend on the prevalence.",
    ),
}
_STEPS = [*np.arange(0.1, 1, 0.1), *np.arange(1, 10, 0.5), *np.arange(10, 90.5, 1)]


def list_prevalences(share: float) -> dict[str, float]:
    """Return the prevalences that the slider offers by their labels, ascending; one is `share`."""
    offered = {f"{step:.1f}%": float(step) / 100 for step in _STEPS} | {f"{share:.1%}": share}
    return dict(sorted(offered.items(), key=lambda item: item[1]))


@fragment()
def show_consequences(scored: Scored, threshold: float, estimates: Mapping[str, Estimate]) -> None:
    """Show what the calls at a threshold are worth at a prevalence that the visitor chooses."""
    st.subheader("Where pneumonia is rarer or more common", anchor=False)
    sensitivity, specificity = estimates["recall"], estimates["specificity"]
    if math.isnan(sensitivity.value) or math.isnan(specificity.value):
        st.info(
            "What a call is worth follows from sensitivity and specificity, and these need films "
            "of both classes. Choose other films."
        )
        return
    share = float(scored.y_true.mean())
    offered = list_prevalences(share)
    label = st.select_slider(
        "Prevalence: of the children who get a film, the share that has pneumonia",
        list(offered),
        value=f"{share:.1%}",
        key=f"prevalence {scored.split} {share:.6f}",
        help="It starts at the share among these films. On a ward it is usually far lower.",
    )
    prevalence = offered[str(label)]
    values, worst, best = (
        predict_values(ill, well, prevalence)
        for ill, well in (
            (sensitivity.value, specificity.value),
            (sensitivity.low, specificity.low),
            (sensitivity.high, specificity.high),
        )
    )
    left, right = st.columns(2)
    with left:
        _show_values(values, worst, best)
        st.caption(
            "Below each number: what it would be if sensitivity and specificity both lay at the "
            f"unfavourable, or both at the favourable end of their 95% intervals. "
            f"{describe_films(scored)}."
        )
        st.markdown(_tell(values))
    with right:
        _show_thousand(scored, threshold, values)


def _show_values(values: PredictiveValues, worst: PredictiveValues, best: PredictiveValues) -> None:
    with st.container(horizontal=True, gap="small"):
        for key, (title, meaning) in _TILES.items():
            say = _say_ratio if key.startswith("lr") else _say_share
            low, high = sorted(float(getattr(end, key)) for end in (worst, best))
            st.metric(
                title,
                say(getattr(values, key)),
                delta=f"{say(low)} to {say(high)}",
                delta_color="off",
                delta_arrow="off",
                help=meaning,
                border=True,
                width=165,
            )


def _say_share(share: float) -> str:
    return say_number(share, is_share=True)


def _say_ratio(ratio: float) -> str:
    """Return a likelihood ratio with as many places as mean anything."""
    if not math.isfinite(ratio):
        return say_number(ratio, is_share=False)
    return f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2f}"


def _tell(values: PredictiveValues) -> str:
    ill = values.true_positives + values.false_negatives
    called = values.true_positives + values.false_positives
    return (
        f"Of 1,000 children, {ill} have pneumonia: {values.true_positives} are found, "
        f"{values.false_negatives} missed. Of the {1000 - ill} without, {values.false_positives} "
        f"are false alarms. So **{values.true_positives} of the {called} alarms are right.** "
        "This takes for granted that the network sees as well there as on these films, which "
        "nobody has shown."
    )


def _show_thousand(scored: Scored, threshold: float, values: PredictiveValues) -> None:
    counts = count_children(values)
    show_chart(
        draw_thousand(values),
        pd.DataFrame({"outcome": list(counts), "children_of_1000": list(counts.values())}),
        name=f"{scored.name}_{scored.split}_thousand_children",
        alt="Of 1,000 children: " + ", ".join(f"{name} {n}" for name, n in counts.items()),
        note=f"Prevalence {values.prevalence:.1%}, threshold {threshold:.1%}.",
    )
