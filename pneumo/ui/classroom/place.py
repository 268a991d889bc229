"""A browser's address → which session it is in, as whom, and the links that lead there.

The address holds all of it, so that a reload or a lost connection comes back to the same seat.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import streamlit as st

from pneumo.classroom.names import tidy_code

_CODE, _SEAT, _STEER = "join", "seat", "steer"
_KEPT = "place in a class"


@dataclass(frozen=True)
class Place:
    """Where a browser is.

    Attributes:
        code: of the session; empty if it is in none.
        seat: a student's token; empty without a seat.
        steer: an instructor's token; empty for a student.
    """

    code: str = ""
    seat: str = ""
    steer: str = ""


def current_place() -> Place:
    """Return where this browser is; whoever comes back from another page is where they were."""
    given = st.query_params
    if _CODE not in given:
        kept: Place = st.session_state.get(_KEPT, Place())
        if kept.code:
            go_to(kept)
        return kept
    code = tidy_code(given[_CODE])
    seat, steer = given.get(_SEAT, ""), given.get(_STEER, "")
    kept = st.session_state.get(_KEPT, Place())
    if not (seat or steer) and kept.code == code:
        # The bare link was opened again in the browser session that already has a seat.
        go_to(kept)
        return kept
    st.session_state[_KEPT] = Place(code, seat, steer)
    return Place(code, seat, steer)


def go_to(place: Place) -> None:
    """Take this browser to a place."""
    st.session_state[_KEPT] = place
    st.query_params.from_dict(_parameters(place))


def leave() -> None:
    """Take this browser out of its session; the address alone leads back."""
    st.session_state.pop(_KEPT, None)
    st.query_params.clear()


def link_to(place: Place) -> str:
    """Return the full address of a place, or, where the browser's own is unknown, its end."""
    return f"{st.context.url or ''}?{urlencode(_parameters(place))}"


def _parameters(place: Place) -> dict[str, str]:
    pairs = ((_CODE, place.code), (_SEAT, place.seat), (_STEER, place.steer))
    return {name: value for name, value in pairs if value}
