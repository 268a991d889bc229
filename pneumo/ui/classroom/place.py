"""A browser's address → which session it is in, as whom, and the links that lead there.

The address holds the code and a student's seat, so that a reload or a lost connection comes back to
it. An instructor's address is seen by the whole class, so their token is in it only where it is
worth nothing to others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

import streamlit as st

from pneumo.classroom.names import tidy_code
from pneumo.classroom.records import Steerer
from pneumo.ui.access.visitor import Role, current_person

_CODE, _SEAT, _STEER = "join", "seat", "steer"
_KEPT = "place in a class"

SIGNED_IN = "signed-in"
"""Stands for an instructor's token where their sign-in tells who they are."""


@dataclass(frozen=True)
class Place:
    """Where a browser is.

    Attributes:
        code: of the session; empty if it is in none.
        seat: a student's token; empty without a seat.
        steer: an instructor's token, or SIGNED_IN; empty for a student.
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
    place = st.session_state[_KEPT] = Place(code, seat, steer)
    if steer and steer != SIGNED_IN:
        go_to(place)
    return place


def go_to(place: Place) -> None:
    """Take this browser to a place; its address shows no token that steers."""
    st.session_state[_KEPT] = place
    shown = place if place.steer == SIGNED_IN else replace(place, steer="")
    st.query_params.from_dict(_parameters(shown))


def steer_from_here(code: str, steerer: Steerer) -> Place:
    """Return the place of whoever has just begun a session."""
    return Place(code, steer=SIGNED_IN if steerer.owner else steerer.token)


def steerer_at(place: Place) -> Steerer:
    """Return who this browser's visitor is to a session that they want to steer.

    Raises:
        AccessError: the sign-in does not say who it is.
        SettingsError: a setting is wrong, so that no role can be told.
    """
    person = current_person()
    is_admin = bool(person.owner) and person.role >= Role.ADMIN
    return Steerer(place.steer, person.owner, is_admin=is_admin)


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
