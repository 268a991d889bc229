"""A student's press → an answer that is kept, or held here until the database takes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from pneumo.casebook.records import now_utc
from pneumo.classroom.desk import Desk
from pneumo.classroom.records import RATINGS
from pneumo.errors import ClassroomError
from pneumo.ui.classroom.place import Place

_UNSENT = "answer that is not kept yet"


@dataclass(frozen=True)
class UnsentAnswer:
    """A press that the database has not taken yet.

    Attributes:
        place: the student's seat.
        film: the film's place in the session.
        rating: a key of RATINGS.
        pressed_at: UTC; it counts from then, however late it is taken.
    """

    place: Place
    film: int
    rating: int
    pressed_at: datetime

    @property
    def words(self) -> str:
        """What was pressed, for people."""
        return f"“{RATINGS[self.rating]}” for film {self.film}"


def press(place: Place, film: int, rating: int) -> None:
    """Hold what a student pressed now; the first press of a film counts."""
    held = unsent_answer(place)
    if held is None or held.film != film:
        st.session_state[_UNSENT] = UnsentAnswer(place, film, rating, now_utc())


def unsent_answer(place: Place) -> UnsentAnswer | None:
    """Return what a seat's student pressed that is not kept yet."""
    held: UnsentAnswer | None = st.session_state.get(_UNSENT)
    return held if held is not None and held.place == place else None


def send_answer(place: Place, desk: Desk) -> str:
    """Hand over what is held, and return why the session refused it; empty if it did not.

    Raises:
        CasebookError: the database fails; it is held on.
    """
    held = unsent_answer(place)
    if held is None:
        return ""
    refusal = ""
    try:
        desk.answer(held.film, held.rating, pressed_at=held.pressed_at)
    except ClassroomError as error:
        refusal = str(error)
    st.session_state.pop(_UNSENT, None)
    return refusal
