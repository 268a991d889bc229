"""The page About the networks: every shipped network's card, as it was written in training."""

import streamlit as st

from pneumo import DataSetError, read_card, read_plan, read_results, read_settings
from pneumo.ui import wording
from pneumo.ui.cards import describe_card
from pneumo.ui.widgets.results import show_results

st.title("About the networks", anchor=False)
st.write("Which networks give the verdict, and where does each of them come from?")

models_dir = read_settings().models_dir
plan = read_plan(models_dir)

for split, title in wording.SPLITS.items():
    st.subheader(title, anchor=False)
    try:
        show_results(read_results(models_dir, split))
    except DataSetError as error:
        st.info(str(error))
st.caption(wording.INTERVALS)

st.subheader("Where each network comes from", anchor=False)
for member in plan.members:
    with st.container(border=True):
        card = read_card(models_dir / member.name)
        st.markdown(f"**{member.title}**")
        facts = describe_card(card) | {"Share in the joint verdict": wording.percent(member.weight)}
        st.table(facts, border="horizontal")
        if card.get("weights_sha256") != member.weights_sha256:
            st.warning("This card belongs to other weights than those that give the verdict.")

st.caption(wording.describe_fit(plan))
