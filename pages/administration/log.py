"""The page Who did what: each saved, opened, exported and deleted case, by whom and when."""

import streamlit as st

from pneumo import read_settings
from pneumo.ui.widgets.log import show_log

st.title("Who did what", anchor=False)
st.write("Who saved, opened, changed, exported or deleted which case, and when?")
show_log(read_settings())
