"""A visitor of the page Classroom → a seat in a session, or a session of their own."""

from __future__ import annotations

import streamlit as st

from pneumo import Settings, read_plan
from pneumo.classroom.choice import FEWEST_FILMS, MOST_FILMS, Hardness, Wish
from pneumo.classroom.names import CODE_LENGTH, MOST_NICKNAME, tidy_code
from pneumo.classroom.records import ClassPlan
from pneumo.classroom.store import Classroom
from pneumo.errors import CasebookError, ClassroomError, PneumoError
from pneumo.ui.access.visitor import Role, current_person
from pneumo.ui.classroom.films import (
    SPLIT,
    list_present,
    plan_scored,
    plan_synthetic,
    prepare_pictures,
)
from pneumo.ui.classroom.place import (
    SIGNED_IN,
    Place,
    go_to,
    leave,
    steer_from_here,
    steerer_at,
)
from pneumo.ui.classroom.room import prepare_results
from pneumo.ui.classroom.words import SYNTHETIC_CAVEAT, say_clock
from pneumo.ui.evidence.data_copy import HOW_TO_SET
from pneumo.ui.evidence.scored import scored_networks

_OWN, _DRAWN = "Films of the data set", "Synthetic films"
_CLOCKS = (10, 15, 20, 30, 45, 60, 90, None)
_SHARES = tuple(range(10, 100, 10))


def show_door(room: Classroom, place: Place, settings: Settings) -> None:
    """Show how to join a session and, to whom that is open, how to begin one."""
    st.title("Classroom", anchor=False)
    if place.code:
        _show_invitation(room, place, settings)
        return
    st.write("A room full of students reads the same films, before the networks say a word.")
    _offer_seat(room, "")
    if current_person().role >= Role.INSTRUCTOR:
        _offer_session(room, settings)
    else:
        st.caption("Only instructors begin sessions on this server: sign in to begin one.")


def _show_invitation(room: Classroom, place: Place, settings: Settings) -> None:
    try:
        standing = room.standing(place.code)
    except ClassroomError as error:
        st.error(str(error))
        st.button("Type another code", on_click=leave)
        return
    st.write(
        f"You are invited to read {standing.films} films, {say_clock(standing.seconds)}. Take a "
        "seat and wait for the start."
    )
    if standing.is_synthetic:
        st.info(SYNTHETIC_CAVEAT, icon=":material/science:")
    _offer_seat(room, place.code)
    person = current_person()
    if person.owner and room.is_steered_by(place.code, steerer_at(place)):
        st.button("Steer this session", on_click=go_to, args=(Place(place.code, steer=SIGNED_IN),))
    elif not person.owner and person.role >= Role.INSTRUCTOR:  # Nobody signs in on this server.
        st.caption("Did you begin this session? Open your own link to steer it.")


def _offer_seat(room: Classroom, code: str) -> None:
    with st.form("join a class", width=520):
        st.markdown("**Take a seat**")
        typed = code
        if not code:
            typed = st.text_input(
                "Join code", max_chars=CODE_LENGTH + 4, placeholder="six letters and digits"
            )
        nickname = st.text_input(
            "Nickname (not needed)",
            max_chars=MOST_NICKNAME,
            help="Your instructor sees it beside your seat, and it is kept with your answers.",
        )
        st.caption(
            "You get a seat with a drawn name, such as Blue heron. No name of yours is needed; "
            "rather take none that tells who you are."
        )
        pressed = st.form_submit_button("Join", type="primary", icon=":material/login:")
    if pressed:
        try:
            token = room.join(typed, nickname)
        except (CasebookError, ClassroomError) as error:
            st.error(str(error))
            return
        go_to(Place(tidy_code(typed), seat=token))
        st.rerun()


def _offer_session(room: Classroom, settings: Settings) -> None:
    with st.container(border=True):
        st.markdown("**Begin a session as instructor**")
        present = list_present(settings)
        if present:
            source = st.segmented_control(
                "What is read", [_OWN, _DRAWN], default=_OWN, required=True, key="class source"
            )
        else:
            source = _DRAWN
            st.caption(
                "Films of the data set can be read where the dashboard was started with the "
                "environment variable PNEUMO_DATA set to a copy of it."
                if settings.data_dir is None
                else f"PNEUMO_DATA holds no folder {SPLIT} with films. {HOW_TO_SET}"
            )
        if source == _DRAWN:
            st.info(SYNTHETIC_CAVEAT, icon=":material/science:")
        wish, seconds = _ask_wish(hard_too=source == _OWN)
        if st.button("Open the classroom", type="primary", icon=":material/school:"):
            try:
                plan = _make_plan(str(source), wish, seconds, settings)
                with st.spinner("Preparing the films …"):
                    prepare_pictures(plan, settings)
                if settings.retention_days is not None:
                    room.delete_expired(settings.retention_days)
                code, steerer = room.begin(plan, owner=current_person().owner)
            except PneumoError as error:
                st.error(str(error))
                return
            prepare_results()
            go_to(steer_from_here(code, steerer))
            st.rerun()


def _ask_wish(*, hard_too: bool) -> tuple[Wish, int | None]:
    left, right = st.columns(2)
    films = left.slider("Films", FEWEST_FILMS, MOST_FILMS, 12, key="class films")
    share = right.select_slider(
        "Share of pneumonias",
        _SHARES,
        value=50,
        format_func=lambda per_cent: f"{per_cent}%",
        key="class share",
    )
    seconds = left.select_slider(
        "Clock",
        _CLOCKS,
        value=30,
        format_func=say_clock,
        key="class seconds",
    )
    seed = right.number_input(
        "Drawing",
        min_value=1,
        max_value=1_000_000,
        key="class seed",
        help="The same number draws the same films again: take another for another class.",
    )
    hardness = Hardness.AS_THEY_COME
    if hard_too:
        hardness = st.segmented_control(
            "Hard films",
            list(Hardness),
            default=Hardness.HARD_INCLUDED,
            required=True,
            format_func=lambda choice: choice.capitalize(),
            key="class hardness",
            help="Hard: all networks together call it wrong, or they disagree among themselves.",
        )
    return Wish(films, share / 100, Hardness(hardness), int(seed)), seconds


def _make_plan(source: str, wish: Wish, seconds: int | None, settings: Settings) -> ClassPlan:
    if source == _DRAWN:
        return plan_synthetic(wish, seconds=seconds, settings=settings)
    return plan_scored(
        scored_networks(settings.models_dir, SPLIT),
        wish,
        seconds=seconds,
        settings=settings,
        version=read_plan(settings.models_dir).version,
    )
