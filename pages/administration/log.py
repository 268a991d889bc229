"""The page Who did what: each act on a case, and each refusal, by whom and when."""

import streamlit as st

from pneumo import read_settings
from pneumo.ui.widgets.log import show_log

st.title("Who did what", anchor=False)
st.write("Who saved, opened, changed, exported, sent or deleted what, and when?")
show_log(read_settings())
