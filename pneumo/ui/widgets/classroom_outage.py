"""A database that fails under a class → a page that says so, and goes on by itself."""

from __future__ import annotations

import time

import streamlit as st

from pneumo.errors import CasebookError
from pneumo.ui.classroom.place import Place
from pneumo.ui.classroom.unsent import unsent_answer
from pneumo.ui.fragments import fragment, lengthen_pause

_FIRST_PAUSE_S = 2.0
_OUTAGES = "outages of a class in a row"


def wait_out(error: CasebookError, place: Place) -> None:
    """Say why a class stands still, what is held for its student, and draw the page anew soon."""
    count = st.session_state[_OUTAGES] = st.session_state.get(_OUTAGES, 0) + 1
    pause_s = lengthen_pause(_FIRST_PAUSE_S, count)
    again_at = time.monotonic() + pause_s / 2
    st.title("Classroom", anchor=False)
    held = unsent_answer(place)
    if held is not None:
        st.info(
            f"Your answer {held.words} is held on this page and sent as soon as it can be: leave "
            "the page open.",
            icon=":material/outbox:",
        )
    st.warning(
        f"The class waits. {error} Trying again by itself …", icon=":material/hourglass_top:"
    )
    st.button("Try again now", icon=":material/refresh:")

    @fragment(run_every=pause_s)
    def look() -> None:
        if time.monotonic() >= again_at:
            st.rerun()

    look()


def end_outage() -> None:
    """Forget past outages: the page was drawn."""
    st.session_state.pop(_OUTAGES, None)
