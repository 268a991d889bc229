"""A visit whose films are read before the machine speaks → the controls that lead through it."""

from __future__ import annotations

import streamlit as st

from pneumo.casebook.records import Stage
from pneumo.ui.fragments import fragment
from pneumo.ui.reader_first import words
from pneumo.ui.reader_first.desk import (
    Draft,
    commit,
    current_reader,
    is_answered,
    reads_of,
    time_film,
)
from pneumo.ui.session import Film, Visit
from pneumo.ui.widgets.reader_first_form import MIRRORED, choose_read, outline_place


def offer_reader_first() -> None:
    """Show the switch by which the machine waits until the visitor has read the film."""
    desk = current_reader()
    desk.reads_first = st.toggle(
        "Read it yourself first",
        value=desk.reads_first,
        key="read it yourself first",
        help="You commit to a verdict, how sure you are, and a zone. Only then you see what the "
        "networks say, and after that you may ask the language model.",
    )


def follow_films(visit: Visit) -> int:
    """Show how far a visitor has come with several films, and return the place of the one to read.

    The films are read one after another, but any can be looked at again.
    """
    total = len(visit.readings)
    if total == 1:
        return 0
    done = sum(bool(reads_of(visit, place)) for place in range(total))
    st.progress(done / total, text=f"{done} of {total} read")
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    chosen: int = left.selectbox(
        "Film on show",
        range(total),
        format_func=lambda place: f"Film {place + 1}",
        key=_film_key(visit),
    )
    with right:
        offer_next(visit, chosen, key="above")
    return chosen


def label_film(visit: Visit, place: int) -> str:
    """Return what a film is called: its own label only once the reader's mind is made up.

    A file's name can give the answer away, and those of the official data set do.
    """
    if is_answered(visit, place):
        return visit.readings[place].film.label
    return f"Film {place + 1}"


def _film_key(visit: Visit) -> str:
    return f"film {visit.number}"


def offer_next(visit: Visit, chosen: int, *, key: str) -> None:
    """Show the button to the next film that is still to be read; it waits for this one's answer.

    Args:
        visit: whose films are read.
        chosen: place of the film on show.
        key: tells this button from another on the page.
    """
    total = len(visit.readings)
    order = [(chosen + step) % total for step in range(1, total)]
    unread = [place for place in order if not reads_of(visit, place)]
    if not unread:
        return

    def show_next() -> None:
        st.session_state[_film_key(visit)] = unread[0]

    st.button(
        "Next film",
        icon=":material/arrow_forward:",
        type="primary",
        disabled=not is_answered(visit, chosen),
        on_click=show_next,
        key=f"next {key} {visit.number} {chosen}",
        help="After you have read this film, and said whether the networks change your mind.",
    )


def take_own_read(visit: Visit, place: int) -> bool:
    """Ask for a read of a film, and return whether there is one: whether the machine may speak."""
    if reads_of(visit, place):
        time_film(visit, place)
        return True
    _show_first_form(visit, place)
    return False


@fragment()
def _show_first_form(visit: Visit, place: int) -> None:
    time_film(visit, place)
    key = f"read {visit.number} {place}"
    left, right = st.columns([3, 2])
    with right, st.container(border=True):
        st.markdown("**Your read, before the machine speaks**")
        draft = choose_read(Draft(), key=key)
        if draft.missing:
            st.caption(words.say_missing(draft.missing))
        pressed = st.button(
            "Commit my read",
            type="primary",
            icon=":material/check:",
            disabled=bool(draft.missing),
            key=f"commit {key}",
        )
        st.caption(
            "A read that you have committed to stays as it is. Only then the networks' verdict is "
            "shown. Nothing is saved by this."
        )
    _show_own_film(left, visit.readings[place].film, draft)
    if pressed:
        commit(visit, place, draft, Stage.ALONE)
        st.rerun()


def _show_own_film(column: st.delta_generator.DeltaGenerator, film: Film, draft: Draft) -> None:
    """Show the film, large, with the zone that is chosen so far."""
    outlined = outline_place(film.picture, draft.side, draft.zone)
    said = "with the zone that you chose" if outlined is not None else "without a zone chosen"
    column.image(
        film.picture if outlined is None else outlined,
        width="stretch",
        caption=f"{'Synthetic film' if film.synthetic else 'Film'} {said}. {MIRRORED} The button "
        "in its corner enlarges it.",
        alt=f"Chest film {said}",
    )
