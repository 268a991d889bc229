"""The page Compare: which network is better at what, and whether chance could explain it."""

import streamlit as st

from pneumo import DataSetError, EnsemblePlan, read_plan, read_settings
from pneumo.ui.evidence.making import tabulate_making
from pneumo.ui.evidence.scored import scored_networks, scored_splits
from pneumo.ui.widgets import comparison as widgets
from pneumo.ui.widgets.latency import show_latency
from pneumo.ui.widgets.ledger import show_ledger
from pneumo.ui.widgets.pairs import show_agreement, show_tests
from pneumo.ui.widgets.performance import count_films, warn_of_bounds
from pneumo.ui.widgets.published import show_published
from pneumo.ui.widgets.surveyed import show_surveys_beside

_TEST = "test"
_MODELS = read_settings().models_dir


def _compare(plan: EnsemblePlan, split: str, point: str) -> None:
    try:
        networks = scored_networks(_MODELS, split)
    except DataSetError as error:
        st.error(str(error), title="The networks cannot be compared on these films")
        return
    count_films(networks[0])
    found = widgets.measure(networks, point)
    st.subheader("Side by side", anchor=False)
    widgets.show_table(networks, found, tabulate_making(_MODELS, plan))
    widgets.show_forest(networks, found, point)
    show_tests(networks, point)
    widgets.show_roc(networks, point)
    show_agreement(networks, point)


def _set_beside_others(point: str) -> None:
    try:
        networks = scored_networks(_MODELS, _TEST)
    except DataSetError:
        networks = []
    show_published(networks, widgets.measure(networks, point), point)


def _page() -> None:
    st.title("Compare the networks", anchor=False)
    st.write("Which network is better at what, and could chance alone explain the difference?")
    plan = read_plan(_MODELS)
    split, point = widgets.choose_comparison(plan, scored_splits(_MODELS) or [_TEST])
    _compare(plan, split, point)
    show_surveys_beside(_MODELS, split)
    show_latency(_MODELS, plan)
    _set_beside_others(point)
    show_ledger(_MODELS, plan)
    warn_of_bounds(split)


_page()
