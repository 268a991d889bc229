"""An instructor's token → the screen that steers a session, from the waiting room to its end."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from pneumo import Settings
from pneumo.casebook.records import now_utc
from pneumo.classroom.records import ClassSession, Progress, SessionState
from pneumo.classroom.store import Classroom
from pneumo.errors import CasebookError, ClassroomError
from pneumo.ui.classroom.place import SIGNED_IN, Place, leave, link_to, steerer_at
from pneumo.ui.classroom.room import progress_of
from pneumo.ui.classroom.words import (
    SYNTHETIC_CAVEAT,
    describe_plan,
    say_duration,
    say_time_left,
)
from pneumo.ui.fragments import fragment
from pneumo.ui.widgets.classroom_results import show_results

_POLL_S = 1.0
"""How often the screen asks how far everybody is: an answer is seen within two seconds."""


def show_instructor(room: Classroom, place: Place, settings: Settings) -> None:
    """Show an instructor's screen."""
    try:
        session = room.open(place.code)
        if not room.is_steered_by(place.code, steerer_at(place)):
            raise ClassroomError(
                "You cannot steer this session: whoever began it can, with the link that they "
                "were given or signed in as themselves."
            )
    except ClassroomError as error:
        st.title("Classroom", anchor=False)
        st.error(str(error))
        st.button("Back to the door", on_click=leave)
        return
    st.title(f"Classroom {session.code}", anchor=False)
    st.caption(describe_plan(session.plan))
    if session.plan.is_synthetic:
        st.info(SYNTHETIC_CAVEAT, icon=":material/science:")
    if session.state is SessionState.WAITING:
        _gather(room, place)
    elif session.state is SessionState.RUNNING:
        _follow(room, place, session)
    else:
        show_results(room, place, settings)
        _offer_end_of_all(room, place)


def _gather(room: Classroom, place: Place) -> None:
    joining, steering = st.columns([3, 2])
    with joining.container(border=True):
        st.markdown("**Students join with this code, or with the link**")
        st.header(place.code, anchor=False)
        st.code(link_to(Place(place.code)), language=None, wrap_lines=True)
    with steering.container(border=True, height="stretch"):
        st.markdown("**You steer**")
        _offer_way_back(place)
        if st.button("Start", type="primary", icon=":material/play_arrow:"):
            _do(lambda: room.start(place.code, steerer_at(place)))
        if st.button("Give it up", icon=":material/close:"):
            _do(lambda: room.delete(place.code, steerer_at(place)), then_leave=True)
    _watch_joining(room, place)


def _offer_way_back(place: Place) -> None:
    """Offer the link that steers where only a link can: the address that all see holds none."""
    if place.steer == SIGNED_IN:
        st.caption("Only you can steer it, signed in as now, from any browser.")
        return
    with st.popover("Your own link", icon=":material/key:"):
        st.write(
            "Copy this link before you begin, and show it to nobody: whoever opens it steers the "
            "session. It leads back if this page is closed or reloaded."
        )
        st.code(link_to(place), language=None, wrap_lines=True)


@fragment(run_every=_POLL_S)
def _watch_joining(room: Classroom, place: Place) -> None:
    progress = progress_of(room, place.code)
    if progress is None or progress.state is not SessionState.WAITING:
        st.rerun()
    count = len(progress.seats)
    st.subheader(f"{count} joined" if count else "Nobody has joined yet", anchor=False)
    st.text(" · ".join(found.seat.title for found in progress.seats))


def _follow(room: Classroom, place: Place, session: ClassSession) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("End it now", icon=":material/stop_circle:"):
            _do(lambda: room.end(place.code, steerer_at(place)))
        st.caption(
            f"It ends by itself when all are through. Code {place.code}: who comes late can still "
            "join."
        )
        _offer_way_back(place)
    _watch_reading(room, place, session)


@fragment(run_every=_POLL_S)
def _watch_reading(room: Classroom, place: Place, session: ClassSession) -> None:
    progress = progress_of(room, place.code)
    if progress is None or progress.state is not SessionState.RUNNING:
        st.rerun()
    everybody, total = len(progress.seats), progress.films * len(progress.seats)
    gone = (now_utc() - (session.started_at or now_utc())).total_seconds()
    with st.container(horizontal=True):
        st.metric("Through", f"{progress.finished} of {everybody}", width="content")
        st.metric("Answers", f"{progress.answers} of {total}", width="content")
        st.metric("Running for", say_duration(gone), width="content")
        st.metric("Left at most", say_time_left(progress, session.plan.seconds), width="content")
    st.progress(progress.answers / max(1, total))
    st.dataframe(
        _list_seats(progress),
        hide_index=True,
        column_config={
            "Films done": st.column_config.ProgressColumn(
                format="%d", min_value=0, max_value=progress.films
            )
        },
        height=min(420, 37 * (everybody + 1)),
        key="class progress",
        alt="One row a student: films answered, and films that are done with",
    )


def _list_seats(progress: Progress) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Student": [found.seat.title for found in progress.seats],
            "Answered": [found.answered for found in progress.seats],
            "Films done": [found.over for found in progress.seats],
        }
    )


def _offer_end_of_all(room: Classroom, place: Place) -> None:
    with st.container(horizontal=True):
        st.button("Another session", icon=":material/school:", on_click=leave)
        _offer_way_back(place)
        with st.popover("Delete this session", icon=":material/delete:"):
            st.write("Seats and answers are deleted for good. Keep what you need first.")
            if st.button("Delete it for good", type="primary"):
                _do(lambda: room.delete(place.code, steerer_at(place)), then_leave=True)


def _do(act: Callable[[], None], *, then_leave: bool = False) -> None:
    """Do what a press asks for and draw the page anew, or say why it cannot be done."""
    try:
        act()
    except (CasebookError, ClassroomError) as error:
        st.error(str(error))
        return
    if then_leave:
        leave()
    st.rerun()
