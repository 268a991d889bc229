"""The models folder → a model card a network, to read on the page and to keep as a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from pneumo import BALANCED, ENSEMBLE, DataSetError, EnsemblePlan, PneumoError, read_card
from pneumo.ui import wording
from pneumo.ui.evidence.card_files import to_json, to_markdown
from pneumo.ui.evidence.cards import INTENDED_USE, NOT_TESTED
from pneumo.ui.evidence.compared import estimates_of, subgroups_of
from pneumo.ui.evidence.history import read_history
from pneumo.ui.evidence.model_card import (
    Measured,
    ModelCard,
    describe_ensemble,
    describe_member,
    explain_calibration,
    tabulate_metrics,
    tabulate_points,
    tabulate_subgroups,
)
from pneumo.ui.evidence.scored import scored_network
from pneumo.ui.fragments import fragment

_SPLITS = ("test", "validation")
"""What a card tells results of: the official test films, and those that thresholds rest on."""


def show_purpose() -> None:
    """Show what all of the networks are for, and what no number on the page speaks for."""
    left, right = st.columns(2)
    left.subheader("What they are for", anchor=False)
    left.markdown("\n".join(f"- {line}" for line in INTENDED_USE))
    right.subheader("What they were not tested on", anchor=False)
    right.markdown("\n".join(f"- {line}" for line in NOT_TESTED))


@fragment()
def show_cards(models_dir: Path, plan: EnsemblePlan) -> None:
    """Show the model cards as tabs; what takes long is done for the open one only."""
    titles = {member.name: member.title for member in plan.members}
    titles[ENSEMBLE] = wording.ALL_TOGETHER
    tabs = st.tabs(list(titles.values()), on_change="rerun", key="model card")
    for name, tab in zip(titles, tabs, strict=True):
        with tab:
            st.markdown(f"**{titles[name]}**")
            try:
                card = _describe(models_dir, plan, name)
            except PneumoError as error:
                st.error(str(error))
                continue
            st.table(dict(card.facts), border="horizontal")
            if tab.open:
                _show_details(models_dir, card)


def _describe(models_dir: Path, plan: EnsemblePlan, name: str) -> ModelCard:
    if name == ENSEMBLE:
        return describe_ensemble(plan, name=name, title=wording.ALL_TOGETHER)
    content = read_card(models_dir / name)
    member = next(member for member in plan.members if member.name == name)
    if content.get("weights_sha256") != member.weights_sha256:
        st.warning("This card belongs to other weights than those that give the verdict.")
    return describe_member(plan, name, content)


def _show_details(models_dir: Path, card: ModelCard) -> None:
    measured = []
    for split in _SPLITS:
        st.markdown(f"**{wording.name_split(split)}, at the balanced operating point**")
        try:
            found = _measure(models_dir, card.name, split)
        except DataSetError as error:
            st.info(str(error))
            continue
        measured.append(found)
        _show_measured(found)
    with st.expander("Calibration and thresholds", icon=":material/tune:"):
        st.write(explain_calibration(card.calibration))
        st.table(tabulate_points(card.operating_points), border="horizontal")
        st.caption("Sensitivity and specificity here are those on the films it was chosen on.")
    if card.name != ENSEMBLE:
        with st.expander("How it was trained", icon=":material/model_training:"):
            card = _show_training(models_dir, card)
    _offer_files(replace(card, measured=tuple(measured)))


def _measure(models_dir: Path, name: str, split: str) -> Measured:
    scored = scored_network(models_dir, name, split)
    estimates = estimates_of(scored, BALANCED)
    return Measured(split, BALANCED, estimates, subgroups_of(scored, BALANCED))


def _show_measured(measured: Measured) -> None:
    subgroups = tabulate_subgroups(measured)
    if subgroups:
        st.table(subgroups, border="horizontal", hide_index=True)
        st.caption(
            "Called rightly: of the pneumonias those called PNEUMONIA (recall), of the normal "
            "films those called NORMAL (specificity). In brackets: 95% intervals."
        )
    else:
        st.info("The names of these films do not tell cause or series, so there are no subgroups.")
    with st.expander("All films together", icon=":material/query_stats:"):
        st.table(tabulate_metrics(measured), border="horizontal", hide_index=True)


def _show_training(models_dir: Path, card: ModelCard) -> ModelCard:
    """Show how a network was trained, and return its card with the history, where there is one."""
    if card.recipe:
        st.table(dict(card.recipe), border="horizontal")
    else:
        st.info("The card does not tell the recipe.")
    try:
        history = read_history(models_dir / card.name)
    except DataSetError as error:
        st.info(str(error))
        return card
    st.table(
        {
            "Epoch": history["epoch"],
            "Pixels a side": history["side"],
            "Loss": history["loss"].map("{:.3f}".format),
            "Loss, held-out": history["validation_loss"].map("{:.3f}".format),
            "AUC, held-out": history["validation_auc"].map("{:.4f}".format),
            "Kept": history["kept"].map({True: "yes", False: "no"}),
        },
        border="horizontal",
        hide_index=True,
    )
    return replace(card, history=tuple(history.to_dict("records")))


def _offer_files(card: ModelCard) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Keep this card, with every number in it:", width="content")
        for label, data, ending, mime in (
            ("JSON", to_json(card), "json", "application/json"),
            ("Markdown", to_markdown(card), "md", "text/markdown"),
        ):
            st.download_button(
                label,
                data.encode(),
                file_name=f"model_card_{card.name}.{ending}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"{card.name} {ending}",
            )
