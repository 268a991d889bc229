"""Our numbers on the official test films → the same beside those that others published."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pneumo import DataSetError
from pneumo.evidence.metrics import METRICS
from pneumo.evidence.published import NOT_STATED, PROTOCOLS, Published, read_published
from pneumo.evidence.scores import Scored
from pneumo.ui.evidence.scored import describe_films
from pneumo.ui.figures.published import Mark, draw_published
from pneumo.ui.fragments import fragment
from pneumo.ui.widgets.charts import show_chart
from pneumo.ui.widgets.comparison import Estimates

_FIELDS = {
    "accuracy": "accuracy",
    "auc": "auc",
    "recall": "sensitivity",
    "specificity": "specificity",
}
"""Our metric's key, and the field of a published result that holds the same."""


@fragment()
def show_published(networks: Sequence[Scored], found: Estimates, point: str) -> None:
    """Show what others published, beside ours where the test films were scored.

    Args:
        networks: what ours said of the official test films; empty if nothing can be read.
        found: our metrics of them.
        point: name of the operating point of ours.
    """
    st.subheader("Beside what others published", anchor=False)
    st.write(
        "**Published by others, not measured here.** A number says little without what it was "
        "measured on: only those on the official test films can be set beside ours."
    )
    try:
        published = read_published()
    except DataSetError as error:
        st.error(str(error))
        return
    if networks:
        _draw(networks, found, published, point)
    else:
        st.info("Ours are missing here until the official test films are scored.")
    _list(published)


def _draw(
    networks: Sequence[Scored], found: Estimates, published: Sequence[Published], point: str
) -> None:
    key = str(
        st.segmented_control(
            "Metric",
            list(_FIELDS),
            default="accuracy",
            required=True,
            format_func=lambda key: METRICS[key].title,
            key="published metric",
        )
    )
    metric, marks = METRICS[key], list_marks(published, key)
    titles = [network.title for network in networks]
    estimates = [found[network.name][key] for network in networks]
    ours: list[dict[str, object]] = [
        {"what": title, "protocol": "measured here", "n": e.n}
        | {"value": e.value, "low": e.low, "high": e.high}
        for title, e in zip(titles, estimates, strict=True)
    ]
    theirs: list[dict[str, object]] = [
        {"what": mark.label, "protocol": mark.protocol, "n": None}
        | {"value": mark.low, "low": mark.low, "high": mark.high}
        for mark in marks
    ]
    at = f", at the operating point {point}" if metric.at_threshold else ""
    show_chart(
        draw_published(titles, estimates, marks, metric=metric.title, is_share=metric.is_share),
        pd.DataFrame(ours + theirs),
        name=f"published_{key}",
        alt=f"{metric.title}: ours with intervals, and published numbers",
        note=f"Ours (bold): {describe_films(networks[0])}{at}. Published numbers come without an "
        f"interval; at 624 films it would be about two points to either side of an accuracy, so "
        "most differences between them are no more than chance.",
    )


def list_marks(published: Sequence[Published], key: str) -> list[Mark]:
    """Return what was published of a metric, as shares.

    Args:
        published: the sources.
        key: of METRICS; one that is published.
    """
    marks = []
    for entry in published:
        value: float | None = getattr(entry, _FIELDS[key])
        if value is not None:
            upper = entry.accuracy_up_to if key == "accuracy" else None
            high = value if upper is None else upper
            marks.append(Mark(entry.source, entry.protocol, value, high))
    return marks


def _list(published: Sequence[Published]) -> None:
    def say(value: float | None, *, places: int = 1, scale: int = 100) -> str:
        return NOT_STATED if value is None else f"{scale * value:.{places}f}" + "%" * (scale == 100)

    def accuracy(entry: Published) -> str:
        upper = entry.accuracy_up_to
        return say(entry.accuracy) + (f" to {say(upper)}" if upper is not None else "")

    st.dataframe(
        {
            "Source": [entry.source for entry in published],
            "Network": [entry.network for entry in published],
            "Measured on": [entry.protocol for entry in published],
            "Comparable with ours": ["yes" if entry.comparable else "no" for entry in published],
            "Why": [entry.why for entry in published],
            "Accuracy": [accuracy(entry) for entry in published],
            "Recall (sensitivity)": [say(entry.sensitivity) for entry in published],
            "Specificity": [say(entry.specificity) for entry in published],
            "AUC": [say(entry.auc, places=4, scale=1).rstrip("0") for entry in published],
            "Films": [NOT_STATED if entry.n is None else f"{entry.n:,}" for entry in published],
            "Published in": [entry.citation for entry in published],
            "DOI": [f"https://doi.org/{entry.doi}" if entry.doi else None for entry in published],
        },
        hide_index=True,
        column_config={
            "Source": st.column_config.TextColumn(pinned=True, width=180),
            "DOI": st.column_config.LinkColumn(display_text=r"https://doi\.org/(.*)"),
        },
        alt="A row a source: what was published, and on which films it was measured",
    )
    meanings = {entry.protocol: PROTOCOLS[entry.protocol] for entry in published}
    st.caption(" ".join(f"*{name}*: {meaning}" for name, meaning in meanings.items()))
