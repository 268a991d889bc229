"""An expert's second read of the test films → how it, the labels and the networks agree."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from pneumo import CLASSES, ENSEMBLE
from pneumo.evidence.metrics import METRICS
from pneumo.evidence.shortcuts.expert import (
    AGREED,
    DISPUTED,
    EXPERT,
    EXPERT_FILE,
    OFFICIAL,
    ExpertRead,
    read_expert_read,
)
from pneumo.ui.evidence.estimates import say_interval, say_number
from pneumo.ui.figures.shortcuts import draw_comparisons
from pneumo.ui.fragments import fragment
from pneumo.ui.widgets.charts import show_chart
from pneumo.ui.widgets.shortcuts import Stamp, stamp_files
from pneumo.ui.wording import join_names

_REFERENCES = {
    OFFICIAL: "official label",
    EXPERT: "the expert",
    AGREED: "where both agree",
}
_PLACES = {
    OFFICIAL: "against the official label",
    EXPERT: "against the expert",
    AGREED: "on the {:,} films where both agree",
}
_FLAGS = {
    "unusable": "flagged unusable",
    "overlay": "flagged overlay (something lies over the lungs)",
    "borderline": "flagged borderline",
    "none": "without any flag",
}
_KINDS = ("normal", "bacterial", "viral")


def expert_of(models_dir: Path) -> ExpertRead:
    """Return the statistics of the second read, read once a change of the file.

    Raises:
        DataSetError: it was not measured, or the file is damaged.
    """
    return _read_expert(models_dir, stamp_files(models_dir, EXPERT_FILE))


@st.cache_data(show_spinner=False, max_entries=4)
def _read_expert(models_dir: Path, stamp: Stamp) -> ExpertRead:
    return read_expert_read(models_dir)


def show_expert(read: ExpertRead) -> None:
    """Show how the second read, the official label and the networks agree."""
    st.markdown(
        f"Expert and official label agree on **{read.agreement:.1%}** of {read.n:,} films of "
        f"{read.n_groups:,} patient groups. Cohen's kappa, which takes off what chance alone would "
        f"give, is **{read.kappa:.2f}**; 0 is chance, 1 is full agreement. Taking the official "
        f"label for the truth, the expert finds {read.sensitivity:.1%} of the pneumonias "
        f"(sensitivity) and calls {read.specificity:.1%} of the normal films normal (specificity). "
        "In brackets: 95% intervals over patient groups."
    )
    _show_networks(read)
    st.markdown(explain_expert(read))
    _show_tables(read)
    st.caption(f"{read.source}. Model version {read.model_version}.")


@fragment()
def _show_networks(read: ExpertRead) -> None:
    key = st.segmented_control(
        "Measure against each reading",
        list(read.networks[0].found),
        default="auc",
        required=True,
        format_func=lambda key: METRICS[key].title,
        key="expert measure",
    )
    metric = METRICS[key]
    comparisons = {
        title: {row.title: row.found[key] for row in read.networks if row.reference == reference}
        for reference, title in _REFERENCES.items()
        if any(row.reference == reference for row in read.networks)
    }
    table = pd.DataFrame(
        [
            {"network": network, "reference": title, "metric": key} | vars(found)
            for title, row in comparisons.items()
            for network, found in row.items()
        ]
    )
    show_chart(
        draw_comparisons(comparisons, metric=metric.title, is_share=metric.is_share),
        table,
        name=f"expert_{key}",
        alt=f"{metric.title} of each network against the official label, against the expert, and "
        "where both agree",
        note=metric.meaning
        + (" At each network's own balanced threshold." if metric.at_threshold else ""),
    )
    st.table(
        {"Network": list(next(iter(comparisons.values())))}
        | {
            f"{title.capitalize()} (n = {next(iter(row.values())).n:,})": [
                f"{say_number(found.value, is_share=metric.is_share)} "
                f"({say_interval(found, is_share=metric.is_share)})"
                for found in row.values()
            ]
            for title, row in comparisons.items()
        },
        border="horizontal",
    )


def explain_expert(read: ExpertRead) -> str:
    """Say in plain words what the comparison comes to for the ensemble."""
    found = {row.reference: row.found for row in read.networks if row.name == ENSEMBLE}
    reached = [
        f"{found[reference]['auc']:.3f} {place.format(found[reference]['auc'].n)}"
        for reference, place in _PLACES.items()
        if reference in found
    ]
    words = f"**In plain words.** The ensemble reaches AUC {join_names(reached)}."
    if DISPUTED not in found:
        return words
    side = found[DISPUTED]["accuracy"]
    words += (
        f" On the {side.n:,} films where they disagree, the ensemble calls {side:.1%} as the "
        "official label does, although the expert saw the opposite."
    )
    if side.low > 0.5:
        words += (
            " So the networks do not judge as just any expert would: they have learned how these "
            "films were labelled. They may have learned it from the lungs, and the label be the "
            "better reading; or from something that merely goes with the label. Which of the two, "
            "this comparison cannot tell."
        )
    return words


def _show_tables(read: ExpertRead) -> None:
    left, right = st.columns(2)
    for place, title, names, counts in (
        (left, "Films by class", CLASSES, read.two_classes),
        (right, "Films by kind", _KINDS, read.three_classes),
    ):
        with place:
            st.markdown(f"**{title}** (n = {read.n:,}): label in rows, expert in columns")
            st.table(
                {"Label": list(names)}
                | {name: [row[column] for row in counts] for column, name in enumerate(names)},
                border="horizontal",
            )
    st.markdown("**Agreement by the expert's own flags** (a film can have several)")
    st.table(
        {
            "Films": [_FLAGS.get(flag.flag, flag.flag) for flag in read.flags],
            "n": [flag.agreement.n for flag in read.flags],
            "Agree (95% interval)": [f"{flag.agreement:.1%}" for flag in read.flags],
        },
        border="horizontal",
    )
