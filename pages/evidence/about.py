"""The page About the networks: what they reach, what they are for, and a model card of each."""

import streamlit as st

from pneumo import DataSetError, ModelError, read_plan, read_results, read_settings
from pneumo.ui import wording
from pneumo.ui.widgets.model_cards import show_cards, show_purpose
from pneumo.ui.widgets.results import show_results

st.title("About the networks", anchor=False)
st.write("Which networks give the verdict, and where does each of them come from?")

models_dir = read_settings().models_dir
plan = read_plan(models_dir)

for split, title in wording.SPLITS.items():
    st.subheader(title, anchor=False)
    try:
        show_results(read_results(models_dir, split))
    except (DataSetError, ModelError) as error:
        st.info(str(error))
st.caption(wording.INTERVALS)

show_purpose()

st.subheader("A card of each network", anchor=False)
show_cards(models_dir, plan)

st.caption(wording.describe_fit(plan))
