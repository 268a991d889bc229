"""The shell: every page gets its title, its place in the navigation and the caveat here."""

from pathlib import Path

import streamlit as st

from pneumo import PneumoError
from pneumo.ui.wording import CAVEAT

# A file of our own: Streamlit would fetch the icon of an emoji or a symbol from elsewhere.
ICON = Path(__file__).parent / "pneumo" / "ui" / "icon.svg"
WIDTH_PX = 1100

st.set_page_config(page_title="Pneumo", page_icon=str(ICON), layout="wide")
page = st.navigation(
    {
        "Reading": [
            st.Page(
                "pages/reading/analyze.py",
                title="Analyze",
                icon=":material/radiology:",
                default=True,
            )
        ],
        "Evidence": [
            st.Page(
                "pages/evidence/performance.py",
                title="Performance",
                icon=":material/monitoring:",
            ),
            st.Page(
                "pages/evidence/compare.py",
                title="Compare",
                icon=":material/compare_arrows:",
            ),
            st.Page(
                "pages/evidence/agreement.py",
                title="Agreement",
                icon=":material/handshake:",
            ),
            st.Page(
                "pages/evidence/dataset.py",
                title="The data",
                icon=":material/dataset:",
            ),
            st.Page(
                "pages/evidence/shortcuts.py",
                title="Is it cheating?",
                icon=":material/policy:",
            ),
            st.Page(
                "pages/evidence/about.py",
                title="About the networks",
                icon=":material/info:",
            ),
        ],
    }
)
with st.container(width=WIDTH_PX):
    st.warning(CAVEAT, icon=":material/warning:")
    try:
        page.run()
    except PneumoError as error:
        st.error(str(error))
