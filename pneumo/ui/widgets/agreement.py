"""A survey and a network → how far they agree, in words, in tables, and film by film."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pneumo import BALANCED, CLASSES, ENSEMBLE, EnsemblePlan, Estimate
from pneumo.evidence.scores import Scored
from pneumo.opinion.agreement import CALLS, Agreement, cross_tabulate
from pneumo.opinion.surveys import Survey
from pneumo.ui.evidence.estimates import say_interval, say_number
from pneumo.ui.evidence.surveyed import metrics_of
from pneumo.ui.figures.agreement import draw_cross_table
from pneumo.ui.fragments import fragment
from pneumo.ui.opinion.words import STATES
from pneumo.ui.widgets.charts import keep_table, show_chart
from pneumo.ui.widgets.surveyed import say_share
from pneumo.ui.wording import ALL_TOGETHER, name_point, name_split

_TILE_PX = 228
_BANDS = (
    (0.0, "no better than chance"),
    (0.2, "slight"),
    (0.4, "fair"),
    (0.6, "moderate"),
    (0.8, "substantial"),
    (1.0, "almost perfect"),
)
"""Upper ends and names of kappa's bands, by Landis and Koch (1977)."""


def choose_split(splits: Sequence[str]) -> str:
    """Let the visitor choose which films the page is about."""
    return str(
        st.segmented_control(
            "Films",
            splits,
            default=splits[0],
            required=True,
            format_func=name_split,
            key="agreement films",
        )
    )


def choose_readers(surveys: Sequence[Survey], plan: EnsemblePlan) -> tuple[Survey, str, str]:
    """Let the visitor choose whose word is set against whose.

    Returns:
        A survey, the name of a network or ENSEMBLE, and that of an operating point.
    """
    by_slug = {survey.slug: survey for survey in surveys}
    titles = {ENSEMBLE: ALL_TOGETHER} | {member.name: member.title for member in plan.members}
    points = [point.name for point in plan.operating_points]
    left, middle, right = st.columns([2, 1, 1])
    slug = left.selectbox(
        "Language model",
        list(by_slug),
        format_func=lambda slug: by_slug[slug].title,
        key="agreement survey",
    )
    network = middle.selectbox(
        "Network", list(titles), format_func=titles.__getitem__, key="agreement network"
    )
    point = right.selectbox(
        "Operating point",
        points,
        index=points.index(BALANCED) if BALANCED in points else 0,
        format_func=name_point,
        key="agreement point",
    )
    return by_slug[str(slug)], str(network), str(point)


def describe_survey(survey: Survey, agreement: Agreement) -> None:
    """Say how many films both read, and how the language model was asked."""
    films = agreement.films
    ill = int(films["label"].sum())
    st.markdown(
        f"**{len(films):,} films** of {films['group'].nunique():,} patient groups were read by "
        f"both: **{ill:,}** with the official label PNEUMONIA, **{len(films) - ill:,}** with "
        f"NORMAL. The language model gave a verdict on **{agreement.n_decided:,}** of them."
    )
    host, day = survey.facts.get("host"), str(survey.facts.get("started_at", ""))[:10]
    asked = f"Asked with the prompt {survey.prompt_name}/{survey.prompt_version}"
    asked += f" at {host}" if host and host != "this machine" else ""
    asked += f", begun on {day}" if day else ""
    st.caption(f"{asked}. It saw the pixels alone, and knew neither label nor score.")
    if survey.n < survey.planned:
        st.warning(
            f"This survey is unfinished: {survey.n:,} of {survey.planned:,} films were read. Films "
            "were asked about in a drawn order, so these are a sample. The command that began it "
            "goes on with it."
        )


def show_kappa(agreement: Agreement) -> None:
    """Show agreement beyond chance, with its interval and in plain words."""
    st.subheader("How far they agree", anchor=False)
    if agreement.kappa is None or agreement.same is None:
        st.info("The language model gave no verdict on any of these films.")
        return
    with st.container(horizontal=True, gap="small"):
        _show_tile("Same verdict", agreement.same, is_share=True)
        _show_tile("Kappa, films with a verdict", agreement.kappa, is_share=False)
        _show_tile("Kappa, all films", agreement.kappa_of_all, is_share=False)
    st.markdown(_explain_kappa(agreement.kappa, agreement.same, agreement.same_by_chance))
    st.caption(
        "Kappa is 0 where two agree as often as chance would, and 1 where they always agree; the "
        "names of its bands are those of Landis and Koch (1977). *All films*: a film without a "
        "verdict counts as a disagreement. Below each number: its 95% interval by a bootstrap that "
        "draws whole patient groups. Readers that err on the same films agree too: "
        "agreement is no proof of being right."
    )


def _show_tile(title: str, estimate: Estimate, *, is_share: bool) -> None:
    st.metric(
        title,
        say_number(estimate.value, is_share=is_share),
        delta=f"{say_interval(estimate, is_share=is_share)}, n = {estimate.n:,}",
        delta_color="off",
        delta_arrow="off",
        border=True,
        width=_TILE_PX,
    )


def name_band(kappa: float) -> str:
    """Return what a kappa is called.

    >>> name_band(0.55), name_band(-0.1)
    ('moderate', 'no better than chance')
    """
    return next((name for upper, name in _BANDS if kappa <= upper), _BANDS[-1][1])


def _explain_kappa(kappa: Estimate, same: Estimate, by_chance: float) -> str:
    sentence = (
        f"On the {same.n:,} films with a verdict they say the same of {same.value:.1%}. Two "
        "readers who call films pneumonia as often as these two do, but without looking, would "
        f"say the same of {by_chance:.1%}."
    )
    if math.isnan(kappa.value):
        return f"{sentence} Both say the same of all films, so there is nothing beyond chance."
    low, high = name_band(kappa.low), name_band(kappa.high)
    sentence += f" Agreement beyond that is **{name_band(kappa.value)}**"
    return f"{sentence}." if low == high else f"{sentence}; by its interval, from {low} to {high}."


@fragment()
def show_cross_table(survey: Survey, agreement: Agreement, network: str) -> None:
    """Show what the model answered against the network's calls, or against the label."""
    st.subheader("Who says what", anchor=False)
    sides = {"called": f"{network} calls", "label": "The official label says"}
    side = str(
        st.segmented_control(
            "Against",
            list(sides),
            default="called",
            required=True,
            format_func={"called": "The network", "label": "The official label"}.__getitem__,
            key="agreement side",
        )
    )
    films = agreement.films
    other = films["called"] if side == "called" else films["label"].map(CLASSES.__getitem__)
    table = cross_tabulate(films["answer"].tolist(), other.tolist())
    show_chart(
        draw_cross_table(table, other=sides[side]),
        table.rename_axis("language_model").reset_index(),
        name=f"agreement_{survey.slug}_{survey.split}_{side}",
        alt=f"Films by what the language model says and by what {sides[side].lower()}",
        note=f"n = {len(films):,} films; shares of the column. No answer: refused or failed, "
        "which is no verdict on the film.",
    )


def show_concords(agreement: Agreement, network: str) -> None:
    """Show how often each side is right, in each of the four states."""
    st.subheader("Who is right when they agree, and when not", anchor=False)
    records = agreement.records
    st.table(
        {
            "State": [STATES[record.concord][0] for record in records],
            "Films": [f"{record.n:,}" for record in records],
            f"{network} right": [
                say_share(record.network_right) if record.n else "no such film"
                for record in records
            ],
            "Language model right": [
                say_share(record.model_right) if record.n else "no such film" for record in records
            ],
        },
        border="horizontal",
        hide_index=True,
        alt="A row a state: films, and how often each side is right",
    )
    table = pd.DataFrame(
        [
            {
                "state": str(record.concord),
                "n": record.n,
                "network_right": right.value if right else None,
                "low": right.low if right else None,
                "high": right.high if right else None,
            }
            for record in records
            for right in [record.network_right]
        ]
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            "Right means: as the official label says, which is itself a reading of the film. "
            "Where they differ, one of the two is right. These shares hold for a pile of films "
            "with as many pneumonias as this one.",
            width="stretch",
        )
        keep_table(table, name="agreement_states")


def show_false_alarms(survey: Survey) -> None:
    """Say how often the language model calls normal films pneumonia."""
    st.subheader("How often it calls normal films pneumonia", anchor=False)
    found = metrics_of(survey)
    alarms = found.normals_called_ill
    if alarms is None:
        st.info("None of the films is normal, so this cannot be told.")
        return
    st.markdown(
        f"Of the **{alarms.n:,} normal films** it calls **{say_share(alarms)}** PNEUMONIA. A "
        "reader that sees pneumonia everywhere finds every pneumonia, and helps nobody: look at "
        "this number before its sensitivity, which is "
        f"{say_share(found.all_films.sensitivity)} of {found.all_films.sensitivity.n:,} "
        "pneumonias, those without a verdict counted as not found."
    )


@fragment()
def list_cell(survey: Survey, agreement: Agreement, network: str) -> None:
    """List the films of one cell of the table."""
    st.subheader("The films of each cell", anchor=False)
    films = agreement.films
    counts = Counter(zip(films["answer"].tolist(), films["called"].tolist(), strict=True))
    first = [(str(a), str(c)) for a in CALLS for c in CALLS if a != c]
    rest = [cell for cell in sorted(counts) if cell not in first]
    cells = [cell for cell in (*first, *rest) if counts.get(cell)]
    cell = st.selectbox(
        "Cell",
        cells,
        format_func=lambda cell: (
            f"Language model: {cell[0]}, {network}: {cell[1]} ({counts[cell]:,} films)"
        ),
        key="agreement cell",
    )
    inside = films[(films["answer"] == cell[0]) & (films["called"] == cell[1])]
    # The surest calls of the network first: there one of the two is far off.
    order = (inside["probability"] - 0.5).abs().sort_values(ascending=False, kind="stable").index
    inside = inside.loc[order]
    columns: dict[str, Any] = {
        "Film": inside["file"],
        "Official label": [CLASSES[label] for label in inside["label"]],
        "Probability (%)": 100 * inside["probability"],
        "Patient group": inside["group"],
    }
    if (inside["problem"] != "").any():
        columns["Why"] = inside["problem"]
    st.dataframe(
        pd.DataFrame(columns),
        hide_index=True,
        height=min(360, 37 * (len(inside) + 1)),
        column_config={
            "Film": st.column_config.TextColumn(pinned=True),
            "Probability (%)": st.column_config.NumberColumn(format="%.1f"),
        },
        alt="A row a film of the chosen cell",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"The surest calls of {network} first; the probability of pneumonia is its own.",
            width="stretch",
        )
        keep_table(films, name=f"agreement_{survey.slug}_{survey.split}_films")


def name_network(scored: Scored) -> str:
    """Return what a network is called on the page."""
    return ALL_TOGETHER if scored.name == ENSEMBLE else scored.title
