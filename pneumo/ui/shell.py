"""The shell: every page gets its title, its place in the navigation and the caveat here."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pneumo import PneumoError
from pneumo.settings import REPOSITORY
from pneumo.ui.wording import CAVEAT

PAGES = REPOSITORY / "pages"
# A file of our own: Streamlit would fetch the icon of an emoji or a symbol from elsewhere.
ICON = Path(__file__).with_name("icon.svg")
WIDTH_PX = 1100

# Section → script → title and symbol; the first page is the one that the dashboard opens with.
NAVIGATION = {
    "Reading": {"reading/analyze.py": ("Analyze", "radiology")},
    "Evidence": {
        "evidence/performance.py": ("Performance", "monitoring"),
        "evidence/compare.py": ("Compare", "compare_arrows"),
        "evidence/agreement.py": ("Agreement", "handshake"),
        "evidence/dataset.py": ("The data", "dataset"),
        "evidence/shortcuts.py": ("Is it cheating?", "policy"),
        "evidence/about.py": ("About the networks", "info"),
    },
}


def show_page() -> None:
    """Run the page that the visitor asked for, below the caveat."""
    st.set_page_config(page_title="Pneumo", page_icon=str(ICON), layout="wide")
    page = st.navigation(
        {
            section: [
                st.Page(
                    PAGES / script,
                    title=title,
                    icon=f":material/{symbol}:",
                    default=section == "Reading",
                )
                for script, (title, symbol) in pages.items()
            ]
            for section, pages in NAVIGATION.items()
        }
    )
    with st.container(width=WIDTH_PX):
        st.warning(CAVEAT, icon=":material/warning:")
        try:
            page.run()
        except PneumoError as error:
            st.error(str(error))


if __name__ == "__main__":  # as Streamlit runs a script, anew for each visitor and action
    show_page()
