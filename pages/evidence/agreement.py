"""The page Agreement: whether a language model and the networks see the same in the same films."""

from pathlib import Path

import streamlit as st

from pneumo import read_plan, read_settings
from pneumo.ui.evidence.scored import scored_network
from pneumo.ui.evidence.surveyed import HOW_TO_SURVEY, agreement_of, surveyed_splits, surveys_of
from pneumo.ui.widgets import agreement as widgets
from pneumo.ui.widgets.surveyed import show_surveys_beside


def _show(models_dir: Path, split: str) -> None:
    plan = read_plan(models_dir)
    survey, name, point = widgets.choose_readers(surveys_of(models_dir, split), plan)
    scored = scored_network(models_dir, name, split)
    network = widgets.name_network(scored)
    agreement = agreement_of(scored, survey, point)
    widgets.describe_survey(survey, agreement)
    widgets.show_kappa(agreement)
    widgets.show_cross_table(survey, agreement, network)
    widgets.show_concords(agreement, network)
    widgets.show_false_alarms(survey)
    widgets.list_cell(survey, agreement, network)
    show_surveys_beside(models_dir, split)


def _page() -> None:
    st.title("Agreement", anchor=False)
    st.write("Do the language model and the networks see the same?")
    models_dir = read_settings().models_dir
    splits = surveyed_splits(models_dir)
    if not splits:
        st.info("No language model has been surveyed yet, so there is nothing to compare.")
        st.markdown(HOW_TO_SURVEY)
        return
    _show(models_dir, widgets.choose_split(splits))


_page()
