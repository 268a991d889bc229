"""The casebook and a case's id → the case that this browser session has open.

The opening is noted in the journal once, however often the page is drawn; the film is read once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from pneumo import Radiograph
from pneumo.casebook.records import Case

if TYPE_CHECKING:
    from pneumo.casebook.store import Casebook

_KEY = "opened case"


@dataclass(frozen=True, eq=False)
class Opened:
    """A case with its film, if that is kept."""

    case: Case
    radiograph: Radiograph | None


def open_case(casebook: Casebook, owner: str, case_id: str) -> Opened:
    """Return the open case as it is now, whoever changed it since it was opened.

    Raises:
        MissingCaseError: this owner has no such case, or no longer.
        CasebookError: it is damaged, or the casebook cannot be reached.
    """
    opened: Opened | None = st.session_state.get(_KEY)
    if opened is not None and (opened.case.owner, opened.case.id) == (owner, case_id):
        case = casebook.find_case(owner, case_id)
        if case is not None and case.has_film == opened.case.has_film:
            return Opened(case, opened.radiograph)
    case = casebook.open(owner, case_id)
    film = casebook.film(owner, case_id) if case.has_film else None
    opened = st.session_state[_KEY] = Opened(case, film)
    return opened


def close_case() -> None:
    """Let go of the open case and its film."""
    st.session_state.pop(_KEY, None)
