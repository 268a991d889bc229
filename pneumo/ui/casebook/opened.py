"""The casebook and a case's id → the case that this browser session has open.

The opening is noted in the journal once, however often the page is drawn; the film is read once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from pneumo import CasebookError, Radiograph
from pneumo.casebook.records import Case

if TYPE_CHECKING:
    from pneumo.casebook.store import Casebook

_KEY = "opened case"


@dataclass(frozen=True, eq=False)
class Opened:
    """A case with its film, if that is kept.

    Attributes:
        case: as it is now, or as it was last if there is a problem.
        radiograph: its film; None if it is not kept.
        problem: why it cannot be told how the case is now; empty if it can.
    """

    case: Case
    radiograph: Radiograph | None
    problem: str = ""


def open_case(casebook: Casebook, owner: str, case_id: str) -> Opened:
    """Return the open case as it is now, whoever changed it since it was opened.

    Raises:
        MissingCaseError: this owner has no such case, or no longer.
        CasebookError: it is damaged, or the casebook cannot be reached and it was not open.
    """
    opened: Opened | None = st.session_state.get(_KEY)
    if opened is not None and (opened.case.owner, opened.case.id) == (owner, case_id):
        try:
            case = casebook.find_case(owner, case_id)
        except CasebookError as error:
            return replace(opened, problem=str(error))
        if case is not None and case.has_film == opened.case.has_film:
            opened = st.session_state[_KEY] = Opened(case, opened.radiograph)
            return opened
    case = casebook.open(owner, case_id)
    film = casebook.film(owner, case_id) if case.has_film else None
    opened = st.session_state[_KEY] = Opened(case, film)
    return opened


def close_case() -> None:
    """Let go of the open case and its film."""
    st.session_state.pop(_KEY, None)
