"""A session that has ended → its films with what the class called them, the hardest first."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pneumo import ENSEMBLE, DataSetError, FilmError, ModelError, Settings
from pneumo.classroom.measures import Unanswered
from pneumo.classroom.records import ClassFilm
from pneumo.classroom.results import tabulate_films
from pneumo.ui.classroom.films import picture_of
from pneumo.ui.classroom.room import Outcome
from pneumo.ui.evidence.estimates import say_number
from pneumo.ui.figures.classroom import draw_films
from pneumo.ui.widgets.charts import show_chart
from pneumo.ui.wording import percent

_HARDEST = 6
"""Films that are shown with their picture."""

_COLUMNS = {
    "film": "Film",
    "label": "Class",
    "called_pneumonia": "Called PNEUMONIA",
    "called_normal": "Called NORMAL",
    "unanswered": "No answer",
    "share_right": "Right",
    "mean_rating": "Mean rating",
    "median_seconds": "Seconds, median",
    "file": "File",
}


def show_films(outcome: Outcome, unanswered: Unanswered, settings: Settings) -> None:
    """Show what each film was called, the hardest with their pictures."""
    st.subheader("The films, the hardest first", anchor=False)
    table = tabulate_films(outcome.ratings, unanswered)
    order = table.sort_values(["share_right", "film"], na_position="last")
    show_chart(
        draw_films(order),
        order,
        name="class_films",
        alt="What the class called each film, and the networks' probability",
        note=f"n = {len(outcome.ratings.seats)} students. The share of right answers leaves films "
        f"without an answer {'out' if unanswered == 'left out' else 'in, as wrong'}.",
    )
    films = {film.place: film for film in outcome.session.plan.films}
    for place, row in enumerate(order.head(_HARDEST).itertuples()):
        if place % 3 == 0:  # Rows of three, so that a phone too shows them in their order.
            columns = st.columns(3)
        with columns[place % 3]:
            _show_thumbnail(films[int(str(row.film))], row, settings)
    st.markdown("**Confusion by film**")
    titles = {network.name: network.title for network in outcome.session.plan.networks}
    shown = order[[*_COLUMNS, *titles]].rename(columns=_COLUMNS | titles)
    st.dataframe(
        shown,
        hide_index=True,
        column_config={
            "Right": st.column_config.NumberColumn(format="percent"),
            "Mean rating": st.column_config.NumberColumn(format="%.1f"),
            "Seconds, median": st.column_config.NumberColumn(format="%.1f"),
        }
        | {title: st.column_config.NumberColumn(format="percent") for title in titles.values()},
        alt="One row a film: label, calls of the class, and the networks' probabilities",
    )


def _show_thumbnail(film: ClassFilm, row: Any, settings: Settings) -> None:
    try:
        picture = picture_of(film, settings)
    except (DataSetError, FilmError, ModelError) as error:
        st.caption(str(error))
        return
    st.image(picture, width="stretch", alt=f"Film {film.place}")
    st.caption(
        f"Film {film.place}: {row.label}. {say_number(row.share_right, is_share=True)} right, "
        f"n = {row.answered}. Networks: {percent(film.probability[ENSEMBLE])}."
    )
