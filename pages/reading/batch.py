"""The page Batch: many films in, a worklist of the networks' verdicts out."""

import streamlit as st

from pneumo import read_settings
from pneumo.ui.batch.running import current_batch
from pneumo.ui.resources import networks_in
from pneumo.ui.widgets.batch import choose_batch, show_progress
from pneumo.ui.widgets.batch_results import show_results
from pneumo.ui.widgets.reading import tell_of_replaced


def _page() -> None:
    settings, batch = read_settings(), current_batch()
    loader = networks_in(settings.models_dir)
    st.title("Read many films", anchor=False)
    tell_of_replaced(loader.replaced)
    st.write("Which of many films should be looked at first? Have the networks read them all.")
    if batch is None:
        choose_batch(loader.plan, settings)
    elif batch.is_running:
        show_progress(batch)
    else:
        show_results(batch, settings)


_page()
