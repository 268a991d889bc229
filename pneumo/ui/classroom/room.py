"""The settings → the one classroom of this server, and what a session that has ended came to."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from threading import Thread

import streamlit as st

from pneumo import Estimate, Settings
from pneumo.casebook.storage.database import database_url
from pneumo.classroom.agreement import Agreement
from pneumo.classroom.ratings import Ratings, gather_ratings
from pneumo.classroom.records import Answer, ClassSession, Progress, Seat
from pneumo.classroom.results import load_measures, measure_all
from pneumo.classroom.store import Classroom
from pneumo.errors import ClassroomError
from pneumo.ui.access.visitor import current_person
from pneumo.ui.resources import casebook_in


@dataclass(frozen=True, eq=False)
class Outcome:
    """All that a session came to.

    Attributes:
        session: as it ended.
        seats: everybody who joined.
        answers: what became of each film that was shown.
        ratings: the answers as a table.
        agreement: of the class.
        auc: of the class, as "class", and of each network by its name.
    """

    session: ClassSession
    seats: tuple[Seat, ...]
    answers: tuple[Answer, ...]
    ratings: Ratings
    agreement: Agreement
    auc: dict[str, Estimate]


def current_room(settings: Settings) -> Classroom:
    """Return the classroom in the database that the settings name, for this session's person.

    Raises:
        AccessError: the sign-in does not say who it is.
        CasebookError: it cannot be opened.
    """
    engine = casebook_in(database_url(settings)).engine
    return Classroom(engine, by=current_person().owner)


def progress_of(room: Classroom, code: str) -> Progress | None:
    """Return how far everybody in a session is; None if it is there no longer.

    Raises:
        CasebookError: the database fails.
    """
    try:
        return room.progress(code)
    except ClassroomError:
        return None


def prepare_results() -> None:
    """Get ready in the background for a class: once it reads, nobody should wait."""
    Thread(target=_prepare, daemon=True).start()


def _prepare() -> None:
    load_measures()
    # Streamlit collects garbage after each run of a page, and forty students make many runs: what
    # was loaded for good is not to be walked through each time.
    gc.freeze()


def outcome_of(room: Classroom, code: str) -> Outcome:
    """Return what a session that has ended came to; measured once for all who look.

    Raises:
        ClassroomError: there is no such session.
        CasebookError: the database fails.
    """
    session = room.open(code)
    return _measure(f"{session.code} {session.created_at} {session.ended_at}", session, room)


# A resource: nobody changes it, and forty students need no copy each.
@st.cache_resource(show_spinner=False, max_entries=16)
def _measure(key: str, _session: ClassSession, _room: Classroom) -> Outcome:
    seats, answers = _room.seats(_session.code), _room.answers(_session.code)
    ratings = gather_ratings(_session.plan, seats, answers)
    agreement, auc = measure_all(ratings)
    return Outcome(_session, tuple(seats), tuple(answers), ratings, agreement, auc)
