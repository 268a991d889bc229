"""A session that has ended, and a seat in it → that student's own result, film by film."""

from __future__ import annotations

import math

import streamlit as st

from pneumo import CLASSES, ENSEMBLE, DataSetError, FilmError, ModelError, Settings
from pneumo.classroom.measures import OperatingPointOf, locate_network, locate_readers
from pneumo.classroom.records import RATINGS, ClassFilm, Seat, judge
from pneumo.classroom.results import CAVEAT
from pneumo.ui.classroom.films import picture_of
from pneumo.ui.classroom.room import Outcome
from pneumo.ui.classroom.words import SYNTHETIC_CAVEAT
from pneumo.ui.wording import percent


def show_own_result(outcome: Outcome, seat: Seat, settings: Settings) -> None:
    """Show a student's sensitivity and specificity beside the networks', and each film."""
    ratings, plan = outcome.ratings, outcome.session.plan
    readers = locate_readers(ratings, "left out")
    own = next((found.point for found in readers if found.seat.number == seat.number), None)
    if plan.is_synthetic:
        st.info(SYNTHETIC_CAVEAT, icon=":material/science:")
    if own is None:
        st.info("You answered no film, so there is no result of yours.")
        return
    you, networks = st.columns(2)
    with you.container(border=True):
        st.markdown(f"**You**: {own.answered} of {len(plan.films)} films answered")
        _show_shares(own)
    with networks.container(border=True):
        st.markdown("**The networks together**, on the same films")
        _show_shares(locate_network(ratings, plan.ensemble))
    st.caption(f"With 95% intervals (Wilson). {CAVEAT}")
    row = [found.number for found in ratings.seats].index(seat.number)
    for place, film in enumerate(plan.films):
        if place % 3 == 0:  # Rows of three, so that a phone too shows them in their order.
            columns = st.columns(3)
        rating = ratings.rating[row, place]
        with columns[place % 3]:
            _show_film(film, None if math.isnan(rating) else int(rating), settings)


def _show_shares(point: OperatingPointOf) -> None:
    for title, share, what in (
        ("Sensitivity", point.sensitivity, "pneumonias found"),
        ("Specificity", point.specificity, "normal films called so"),
    ):
        st.write(f"{title}: **{share:.0%}** of {share.n} {what}")


def _show_film(film: ClassFilm, rating: int | None, settings: Settings) -> None:
    label = CLASSES[film.label]
    if rating is None:
        mark, words = ":material/hourglass_disabled:", "no answer"
    else:
        is_right = judge(rating) == label
        mark = ":material/check_circle:" if is_right else ":material/cancel:"
        words = f"{RATINGS[rating].lower()}, {'right' if is_right else 'wrong'}"
    with st.container(border=True):
        try:
            st.image(picture_of(film, settings), width="stretch", alt=f"Film {film.place}")
        except (DataSetError, FilmError, ModelError) as error:
            st.caption(str(error))
        st.write(f"{mark} **Film {film.place}: {label}**")
        st.caption(f"You: {words}. Networks: {percent(film.probability[ENSEMBLE])} pneumonia.")
