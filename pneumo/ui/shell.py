"""The shell: every page gets its title, its place in the navigation and the caveat here."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

import streamlit as st

from pneumo import AccessError, PneumoError, read_settings
from pneumo.settings import REPOSITORY
from pneumo.ui.access.signing_in import show_person, show_sign_in
from pneumo.ui.access.visitor import Person, Role, current_person, require
from pneumo.ui.casebook.noting import note_refusal
from pneumo.ui.fragments import forget_mishaps
from pneumo.ui.wording import CAVEAT

PAGES = REPOSITORY / "pages"
# A file of our own: Streamlit would fetch the icon of an emoji or a symbol from elsewhere.
ICON = Path(__file__).with_name("icon.svg")
WIDTH_PX = 1100
_DOOR = ":material/login:"
# Streamlit writes what is chosen in the theme's primary colour, which has to be dark enough for
# the white letters of a button, and so is too dark for letters on dark ground. The browser can turn
# dark at any time.
_CHOSEN = """<style>
[data-variant="segmented_control"][data-selected="true"] p,
[data-variant="pills"][data-selected="true"] p,
[data-testid="stSliderThumbValue"] p,
[data-testid="stTab"][aria-selected="true"] p { color: light-dark(#0b5c8a, #8cc8f2); }
</style>"""


class _Look(TypedDict):
    title: str
    icon: str
    default: bool


# Section → script → title and symbol.
NAVIGATION = {
    "Reading": {
        "reading/analyze.py": ("Analyze", "radiology"),
        "reading/batch.py": ("Batch", "stacks"),
        "reading/casebook.py": ("Casebook", "folder_open"),
        "reading/classroom.py": ("Classroom", "school"),
    },
    "Evidence": {
        "evidence/performance.py": ("Performance", "monitoring"),
        "evidence/compare.py": ("Compare", "compare_arrows"),
        "evidence/agreement.py": ("Agreement", "handshake"),
        "evidence/dataset.py": ("The data", "dataset"),
        "evidence/shortcuts.py": ("Is it cheating?", "policy"),
        "evidence/about.py": ("About the networks", "info"),
    },
    "Administration": {"administration/log.py": ("Who did what", "history")},
}
_FIRST = "reading/analyze.py"

# Who may open a page, where it is not every reader.
ROLES = {"reading/classroom.py": Role.STUDENT, "administration/log.py": Role.ADMIN}


def show_page() -> None:
    """Run the page that the visitor asked for, below the caveat."""
    st.set_page_config(page_title="Pneumo", page_icon=str(ICON), layout="wide")
    person, refusal = _meet()
    pages = {
        script: _make_page(script, title, symbol, person)
        for section in NAVIGATION.values()
        for script, (title, symbol) in section.items()
    }
    # Streamlit's own list has its sections' names inside a list of links, which a screen reader
    # cannot make sense of.
    sections = {name: [pages[script] for script in NAVIGATION[name]] for name in NAVIGATION}
    page = st.navigation(sections, position="hidden")
    _show_ways(pages, person)
    st.html(_CHOSEN)
    with st.container(width=WIDTH_PX):
        st.warning(CAVEAT, icon=":material/warning:")
        if refusal:
            st.error(refusal)
        forget_mishaps()
        try:
            page.run()
        except AccessError as error:
            st.error(str(error))
        except PneumoError as error:
            st.error(str(error))
            st.button("Try again", icon=":material/refresh:", key="try the page again")


def _meet() -> tuple[Person, str]:
    """Return who is there, and why somebody who tried is not let in."""
    try:
        return current_person(), ""
    except PneumoError as error:
        return Person("", "", Role.STUDENT), str(error)


def _make_page(script: str, title: str, symbol: str, person: Person) -> st.Page:
    """Return a page, or what stands at its address for somebody who may not open it."""
    role, name = ROLES.get(script, Role.READER), Path(script).stem
    look: _Look = {"title": title, "icon": f":material/{symbol}:", "default": script == _FIRST}
    if person.role >= role:
        return st.Page(PAGES / script, **look)
    if person.role is Role.STUDENT:
        return st.Page(show_sign_in, url_path=name, **look)
    return st.Page(lambda: _turn_away(person, role, title), url_path=name, **look)


def _turn_away(person: Person, role: Role, title: str) -> None:
    """Say why somebody may not open a page, and note that they tried."""
    note_refusal(read_settings(), person, f"the page {title}")
    require(role, person)


def _show_ways(pages: dict[str, st.Page], person: Person) -> None:
    """Link the pages that a person may open, by section, and the way in or out."""
    with st.sidebar:
        for section, scripts in NAVIGATION.items():
            ways = [pages[s] for s in scripts if person.role >= ROLES.get(s, Role.READER)]
            if ways:
                st.caption(section)
            for way in ways:
                st.page_link(way)
        if person.role is Role.STUDENT:
            st.page_link(pages[_FIRST], label="Sign in", icon=_DOOR)
        show_person(person)


if __name__ == "__main__":  # as Streamlit runs a script, anew for each visitor and action
    show_page()
