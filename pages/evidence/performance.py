"""The page Performance: how good one network is on films that it did not learn from."""

import streamlit as st

from pneumo import DataSetError, read_plan, read_settings
from pneumo.ui.evidence.scored import scored_network, scored_networks, scored_splits
from pneumo.ui.widgets import performance as widgets
from pneumo.ui.widgets.ranking import show_ranking
from pneumo.ui.widgets.surveyed import show_surveys_beside
from pneumo.ui.widgets.threshold import show_at_threshold
from pneumo.ui.widgets.training import show_training


def _page() -> None:
    st.title("Performance", anchor=False)
    st.write("How good is a network, how sure is that, and what would its calls mean for children?")
    settings = read_settings()
    models_dir = settings.models_dir
    plan = read_plan(models_dir)
    splits = scored_splits(models_dir) or ["test"]
    name, split = widgets.choose_scores(plan, splits)
    try:
        scored = scored_network(models_dir, name, split)
    except DataSetError as error:
        st.error(str(error))
    else:
        try:
            scored_networks(models_dir, split)
        except DataSetError as error:
            st.warning(str(error), title="The networks cannot be compared on these films")
        widgets.count_films(scored)
        show_at_threshold(scored, settings)
        show_ranking(scored)
    show_training(models_dir, name)
    show_surveys_beside(models_dir, split)
    widgets.warn_of_bounds(split)


_page()
