"""A student's seat → what the student's browser shows, from the waiting room to the own result.

Nothing that is sent there before the session has ended tells a label, a score or a film's name.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import streamlit as st

from pneumo import Settings
from pneumo.casebook.records import now_utc
from pneumo.classroom.desk import Desk
from pneumo.classroom.records import (
    RATINGS,
    OnShow,
    Seat,
    SessionState,
    Standing,
)
from pneumo.classroom.store import Classroom
from pneumo.errors import CasebookError, ClassroomError
from pneumo.ui.classroom.films import picture_of
from pneumo.ui.classroom.place import Place, leave
from pneumo.ui.classroom.room import outcome_of, progress_of
from pneumo.ui.classroom.unsent import press, send_answer
from pneumo.ui.classroom.words import SYNTHETIC_CAVEAT, say_task
from pneumo.ui.fragments import fragment
from pneumo.ui.widgets.classroom_clock import show_countdown
from pneumo.ui.widgets.classroom_own import show_own_result

_POLL_S = 2.0
"""How often a waiting browser asks whether anything has changed."""

_LATE_S = 0.15
"""How long after its time a film is left, so that the server agrees that it is over."""

_RATING_PX = 168
"""Two of them go side by side on a phone."""

_REFUSED = "refused answer"


def show_student(room: Classroom, place: Place, settings: Settings) -> None:
    """Show a student's screen."""
    desk = room.desk(place.code, place.seat)
    refused = st.session_state.pop(_REFUSED, "")
    try:
        standing, seat = room.standing(place.code), desk.seat()
    except ClassroomError:
        _show_lost("This class is over: it was closed by whoever began it. Nothing is left to do.")
        return
    if seat is None:
        _show_lost("This seat is in no such session: join with the session's code.")
        return
    if refused := send_answer(place, desk) or refused:
        st.toast(refused, icon=":material/info:")
    if standing.state is SessionState.RUNNING:
        _read(room, place, desk, standing, settings)
    elif standing.state is SessionState.WAITING:
        _wait_for_start(room, place, seat, standing)
    else:
        _show_end(room, place, seat, standing, settings)


def _show_lost(message: str) -> None:
    st.title("Classroom", anchor=False)
    st.info(message, icon=":material/school:")
    st.button("Type another code", on_click=leave)


def _wait_for_start(room: Classroom, place: Place, seat: Seat, standing: Standing) -> None:
    st.title(f"You are {seat.name}", anchor=False)
    st.write(say_task(standing))
    if standing.is_synthetic:
        st.info(SYNTHETIC_CAVEAT, icon=":material/science:")
    st.info(
        "Waiting for your instructor to start. Leave this page open; if it is closed or "
        "reloaded, its address leads back to this seat.",
        icon=":material/hourglass_top:",
    )
    st.button("Leave the class", on_click=leave)
    _watch(lambda: room.standing(place.code) != standing, _POLL_S)


def _read(
    room: Classroom, place: Place, desk: Desk, standing: Standing, settings: Settings
) -> None:
    shown = desk.show_film()
    if shown is None:
        _wait_for_others(room, place)
        return
    now = now_utc()
    left = shown.seconds_left(now)
    st.subheader(f"Film {shown.film.place} of {standing.films}", anchor=False)
    if left is not None and standing.seconds is not None:
        show_countdown(left, limit=standing.seconds)
    film, ratings = st.columns([3, 1])
    film.image(
        picture_of(shown.film, settings),
        width="stretch",
        alt=f"Film {shown.film.place} of {standing.films}",
    )
    with ratings:
        _ask_rating(place, desk, shown)
    # Asked in equal steps, the last of which comes just after the film's time is over.
    step = _POLL_S if left is None else (left + _LATE_S) / max(1, round(left / _POLL_S))
    until = shown.until
    _watch(
        lambda: (
            room.standing(place.code).state is not SessionState.RUNNING
            or (until is not None and now_utc() >= until)
        ),
        step,
    )


def _ask_rating(place: Place, desk: Desk, shown: OnShow) -> None:
    # Beside the film on a broad screen, in pairs below it on a phone.
    with st.container(horizontal=True, gap="small"):
        for rating, words in RATINGS.items():
            st.button(
                words,
                shortcut=str(rating),
                width=_RATING_PX,
                # The film is part of the key: a press meant for one never rates the next.
                key=f"rate {shown.film.place} {rating}",
                on_click=_answer,
                args=(place, desk, shown.film.place, rating),
            )


def _answer(place: Place, desk: Desk, film: int, rating: int) -> None:
    press(place, film, rating)
    with suppress(CasebookError):  # The page sends it again, and says so if it cannot.
        st.session_state[_REFUSED] = send_answer(place, desk)


def _wait_for_others(room: Classroom, place: Place) -> None:
    st.title("You are through", anchor=False)
    st.success("All films are read, and your answers are kept.", icon=":material/task_alt:")
    _count_others(room, place)


@fragment(run_every=_POLL_S)
def _count_others(room: Classroom, place: Place) -> None:
    progress = progress_of(room, place.code)
    if progress is None or progress.state is not SessionState.RUNNING:
        st.rerun()
    st.write(f"{progress.finished} of {len(progress.seats)} are through. Wait for the others.")


def _show_end(
    room: Classroom, place: Place, seat: Seat, standing: Standing, settings: Settings
) -> None:
    st.title("The session has ended", anchor=False)
    st.text(f"You were {seat.title}.")
    if standing.is_shown:
        show_own_result(outcome_of(room, place.code), seat, settings)
    else:
        st.info(
            "Your answers are kept. Your own result appears here when your instructor shows it.",
            icon=":material/hourglass_top:",
        )
    st.button("Leave the class", on_click=leave)
    if not standing.is_shown:
        _watch(lambda: room.standing(place.code) != standing, _POLL_S)


def _watch(has_changed: Callable[[], bool], every_s: float) -> None:
    """Look again and again, in the background, and draw the page anew when there is a reason."""

    @fragment(run_every=every_s)
    def look() -> None:
        try:
            is_other = has_changed()
        except ClassroomError:  # The session is gone: the page says so.
            is_other = True
        if is_other:
            st.rerun()

    look()
