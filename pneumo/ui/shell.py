"""The shell: every page gets its title, its place in the navigation and the caveat here."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pneumo import PneumoError
from pneumo.settings import REPOSITORY
from pneumo.ui.access.signing_in import show_person, show_sign_in
from pneumo.ui.access.visitor import Person, Role, current_person
from pneumo.ui.wording import CAVEAT

PAGES = REPOSITORY / "pages"
# A file of our own: Streamlit would fetch the icon of an emoji or a symbol from elsewhere.
ICON = Path(__file__).with_name("icon.svg")
WIDTH_PX = 1100
_DOOR = ":material/login:"

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

# Who may open a page, where it is not every reader.
ROLES = {"reading/classroom.py": Role.STUDENT, "administration/log.py": Role.ADMIN}


def show_page() -> None:
    """Run the page that the visitor asked for, below the caveat."""
    st.set_page_config(page_title="Pneumo", page_icon=str(ICON), layout="wide")
    person, refusal = _meet()
    page = st.navigation(_list_pages(person))
    with st.container(width=WIDTH_PX):
        st.warning(CAVEAT, icon=":material/warning:")
        if refusal:
            st.error(refusal)
        show_person(person)
        try:
            page.run()
        except PneumoError as error:
            st.error(str(error))


def _meet() -> tuple[Person, str]:
    """Return who is there, and why somebody who tried is not let in."""
    try:
        return current_person(), ""
    except PneumoError as error:
        return Person("", "", Role.STUDENT), str(error)


def _list_pages(person: Person) -> dict[str, list[st.Page]]:
    """Return the pages that a person may open, by section; the first of all is the first page."""
    sections: dict[str, list[st.Page]] = {}
    if person.role is Role.STUDENT:
        sections["Welcome"] = [st.Page(show_sign_in, title="Sign in", icon=_DOOR, default=True)]
    for section, pages in NAVIGATION.items():
        for script, (title, symbol) in pages.items():
            if person.role >= ROLES.get(script, Role.READER):
                page = st.Page(
                    PAGES / script,
                    title=title,
                    icon=f":material/{symbol}:",
                    default=not sections,
                )
                sections.setdefault(section, []).append(page)
    return sections


if __name__ == "__main__":  # as Streamlit runs a script, anew for each visitor and action
    show_page()
