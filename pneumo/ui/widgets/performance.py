"""Scores of a split → the choice of them, who the films are, and numbers as tiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from pneumo import ENSEMBLE, EnsemblePlan, Estimate
from pneumo.evidence.metrics import METRICS
from pneumo.evidence.scores import Scored
from pneumo.ui.evidence.estimates import say_interval, say_number
from pneumo.ui.wording import ALL_TOGETHER, name_split

_TILE_PX = 165
"""Two tiles beside each other on a phone."""

_SHORT_TITLES = {"mcc": "Matthews (MCC)", "ece": "ECE"}
"""Where the full title would be cut off."""

_CAVEATS = {
    "test": "The official test films chose nothing: no weight, no threshold, no calibration.",
    "validation": (
        "No network learned from the held-out training films, but thresholds, calibration and "
        "the kept epoch were chosen on them, so every number here is optimistic."
    ),
}


def choose_scores(plan: EnsemblePlan, splits: Sequence[str]) -> tuple[str, str]:
    """Let the visitor choose whose scores of which films the page is about.

    Returns:
        Name of a network or ENSEMBLE, and of a split.
    """
    titles = {ENSEMBLE: ALL_TOGETHER} | {member.name: member.title for member in plan.members}
    left, right = st.columns(2)
    name = left.selectbox("Network", list(titles), format_func=titles.__getitem__, key="network")
    split = right.segmented_control(
        "Films",
        splits,
        default=splits[0],
        required=True,
        format_func=name_split,
        key="split",
    )
    return str(name), str(split)


def count_films(scored: Scored) -> None:
    """Show how many films, of which class and of how many patient groups, all of this rests on."""
    ill = int(scored.y_true.sum())
    groups = len(set(scored.groups))
    films = "film" if scored.n == 1 else "films"
    st.markdown(
        f"**{scored.n:,} {films}** of {groups:,} patient {'group' if groups == 1 else 'groups'}: "
        f"**{ill:,}** with the official label "
        f"PNEUMONIA, **{scored.n - ill:,}** with NORMAL."
    )
    if not 0 < ill < scored.n:
        st.warning(
            "All of these films have the same label. What compares pneumonias with normal films "
            f'is therefore "{say_number(float("nan"), is_share=True)}" below.'
        )


def show_estimates(estimates: Mapping[str, Estimate]) -> None:
    """Show metrics as tiles, each with its interval and, on demand, what it means."""
    with st.container(horizontal=True, gap="small"):
        for key, estimate in estimates.items():
            metric = METRICS[key]
            st.metric(
                _SHORT_TITLES.get(key, metric.title),
                say_number(estimate.value, is_share=metric.is_share),
                delta=say_interval(estimate, is_share=metric.is_share),
                delta_color="off",
                delta_arrow="off",
                help=metric.meaning,
                border=True,
                width=_TILE_PX,
            )


def warn_of_bounds(split: str) -> None:
    """Say how far the numbers of a split may be trusted."""
    st.subheader("How far to trust these numbers", anchor=False)
    st.markdown(
        f"{_CAVEATS.get(split, '')} All films come from one hospital and from children aged 1 to "
        "5: elsewhere the networks do worse. The label is itself a reading of the film. Small "
        "differences between networks lie within the intervals, which are 95% intervals by a "
        "bootstrap that draws whole patient groups."
    )
