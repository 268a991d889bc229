"""Scores of a split → what can be said of them without any threshold."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pneumo.evidence.curves import net_benefit_table, reliability_table
from pneumo.evidence.metrics import METRICS, score_ranking
from pneumo.evidence.scores import Scored
from pneumo.ui.evidence.estimates import say_number
from pneumo.ui.evidence.scored import describe_films, ranking_of
from pneumo.ui.figures.benefit import draw_net_benefit
from pneumo.ui.figures.reliability import draw_reliability
from pneumo.ui.widgets.charts import show_chart
from pneumo.ui.widgets.performance import show_estimates

_HOW_TO_READ = {
    "auc": "AUC-ROC is the chance that a film with pneumonia scores higher than a normal one.",
    "reliability": (
        "**Reliability diagram.** Of the films that got about 70%, about 70% should show "
        "pneumonia: points on the diagonal keep that promise, points above it said too little, "
        "points below too much."
    ),
    "net benefit": (
        "**Decision curve.** At the threshold probability at which you would just treat, the "
        "highest line is the best rule: it counts the pneumonias treated, less the needless "
        "treatments weighed by how much you mind them."
    ),
}


def show_ranking(scored: Scored) -> None:
    """Show the metrics without a threshold, the reliability diagram and the decision curve."""
    st.subheader("Whatever the threshold", anchor=False)
    show_estimates(ranking_of(scored))
    st.caption(f"With 95% intervals. {describe_films(scored)}.")
    left, right = st.columns(2)
    with left:
        _show_reliability(scored)
    with right:
        _show_net_benefit(scored)


def _show_reliability(scored: Scored) -> None:
    before, after = (
        reliability_table(scored.y_true, said) for said in (scored.uncalibrated, scored.probability)
    )
    st.markdown(_HOW_TO_READ["reliability"])
    uncalibrated = score_ranking(scored.y_true, scored.uncalibrated)
    worse = ", ".join(
        f"{METRICS[key].title} {say_number(uncalibrated[key], is_share=METRICS[key].is_share)}"
        for key in ("brier", "ece")
    )
    show_chart(
        draw_reliability(before, after),
        pd.concat([before.assign(calibration="before"), after.assign(calibration="after")]),
        name=f"{scored.name}_{scored.split}_reliability",
        alt="Reliability diagram before and after calibration",
        note=f"{describe_films(scored)}; bars are 95% intervals (Wilson). Before calibration: "
        f"{worse}. Calibration is meant for films of which half are pneumonias.",
    )


def _show_net_benefit(scored: Scored) -> None:
    st.markdown(_HOW_TO_READ["net benefit"])
    benefit = net_benefit_table(scored.y_true, scored.probability)
    show_chart(
        draw_net_benefit(benefit),
        benefit,
        name=f"{scored.name}_{scored.split}_net_benefit",
        alt="Decision curve: net benefit of treating whom the network calls, all, or none",
        note=f"{describe_films(scored)}. Pneumonia is far more common here than on a ward, which "
        "favours treating all (Vickers and Elkin 2006).",
    )
