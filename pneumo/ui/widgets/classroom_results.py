"""A session that has ended → what an instructor shows the class, and takes home."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from pneumo import ENSEMBLE, Estimate, Settings
from pneumo.classroom.measures import (
    Unanswered,
    locate_network,
    locate_readers,
)
from pneumo.classroom.records import CALLED_FROM, HIGHEST, LOWEST
from pneumo.classroom.results import (
    CAVEAT,
    tabulate_readers,
)
from pneumo.classroom.store import Classroom
from pneumo.evidence.curves import roc_table
from pneumo.ui.classroom.place import Place, steerer_at
from pneumo.ui.classroom.room import Outcome, outcome_of
from pneumo.ui.classroom.words import describe_plan
from pneumo.ui.evidence.estimates import say_interval, say_number
from pneumo.ui.figures.classroom import draw_class_roc
from pneumo.ui.figures.comparison import Curve
from pneumo.ui.widgets.charts import offer_table, show_chart
from pneumo.ui.widgets.classroom_files import offer_files
from pneumo.ui.widgets.classroom_films import show_films

_CHOICES: dict[str, Unanswered] = {
    "Leave them out": "left out",
    "Count as wrong": "counted as wrong",
}
_MIDDLE = (CALLED_FROM - 0.5 - LOWEST) / (HIGHEST - LOWEST)
"""The class as a whole calls a film pneumonia from this score on: halfway between 3 and 4."""


def show_results(room: Classroom, place: Place, settings: Settings) -> None:
    """Show everybody's operating points, agreement, the hardest films, and what to keep."""
    progress = room.progress(place.code)
    # Before anything is measured: the last answer is to be seen at once.
    st.write(
        f"**{progress.answers} answers** of {len(progress.seats)} students to {progress.films} "
        "films are in."
    )
    outcome = outcome_of(room, place.code)
    ratings = outcome.ratings
    silent = len(outcome.seats) - len(ratings.seats)
    given = int(ratings.answered.sum())
    missing = ratings.answered.size - given
    if missing or silent:
        st.caption(
            f"{missing} times a film had no answer. {silent} who joined answered nothing and are "
            "left out of all that follows."
        )
    _release(room, place, outcome)

    steerer = steerer_at(place)

    def note(parts: str) -> None:
        room.note_export(place.code, steerer, parts)

    st.warning(CAVEAT, icon=":material/school:")
    if not given:
        st.info("There is nothing to show, since nobody answered.")
        offer_files(outcome, "left out", note)
        return
    choice = st.segmented_control(
        "Films without an answer",
        list(_CHOICES),
        default=next(iter(_CHOICES)),
        required=True,
        key="class unanswered",
    )
    unanswered = _CHOICES[str(choice)]
    _show_points(outcome, unanswered)
    _show_agreement(outcome)
    show_films(outcome, unanswered, settings)
    offer_files(outcome, unanswered, note)


def _release(room: Classroom, place: Place, outcome: Outcome) -> None:
    is_shown = st.toggle(
        "Show each student their own result",
        value=outcome.session.is_shown,
        key="class release",
        help="On their own screens: their answers beside the labels and the networks' scores.",
    )
    if is_shown != outcome.session.is_shown:
        room.show_results(place.code, steerer_at(place), is_shown=is_shown)


def _show_points(outcome: Outcome, unanswered: Unanswered) -> None:
    st.subheader("Everybody's operating point", anchor=False)
    ratings, plan = outcome.ratings, outcome.session.plan
    each = st.toggle("Each network too", key="class members")
    readers = locate_readers(ratings, unanswered)
    answered = ratings.answered.any(axis=0)
    score, labels = ratings.score, ratings.y_true
    called = score >= _MIDDLE
    curves = [
        Curve(
            "Class, mean rating",
            roc_table(labels[answered], score[answered]),
            _share(called[answered & (labels == 0)]),
            _share(called[answered & (labels == 1)]),
        )
    ]
    for network in reversed(plan.networks):
        if network.name == ENSEMBLE or each:
            point = locate_network(ratings, network)
            title = "Networks together" if network.name == ENSEMBLE else network.title
            curves.append(
                Curve(
                    title,
                    roc_table(labels, ratings.probability_of(network)),
                    1 - point.specificity.value,
                    point.sensitivity.value,
                )
            )
    show_chart(
        draw_class_roc(curves, readers),
        pd.concat([curve.table.assign(reader=curve.title) for curve in curves]),
        name="class_roc",
        alt="ROC curves of the class and of the networks, with a ring for each student",
        note=f"{describe_plan(plan)}. A ring is a student, or several with their number in it; "
        "filled marks are the class as a whole and the networks at their balanced threshold.",
    )
    _show_auc(outcome)
    table = tabulate_readers(readers)
    with st.expander(f"The {len(readers)} students one by one"):
        st.dataframe(_format_readers(table), hide_index=True, alt="One row a student")
        offer_table(
            table,
            name="class_students",
            note=f"Films without an answer are {unanswered}. Intervals: 95%, Wilson.",
        )


def _share(called: NDArray[np.bool_]) -> float:
    return float(called.mean()) if len(called) else float("nan")


def _show_auc(outcome: Outcome) -> None:
    names = {"class": "Class, mean rating"} | {
        network.name: "Networks together" if network.name == ENSEMBLE else network.title
        for network in reversed(outcome.session.plan.networks)
    }
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "Reader": title,
                    "AUC": say_number(outcome.auc[name].value, is_share=False),
                    "95% interval": say_interval(outcome.auc[name], is_share=False),
                    "Films": outcome.auc[name].n,
                }
                for name, title in names.items()
            ]
        ),
        hide_index=True,
        alt="AUC of the class and of each network with intervals",
    )
    st.caption(
        "AUC: the chance that a pneumonia is rated above a normal film; 0.5 is guessing. Intervals "
        "by drawing films anew 2,000 times (Newcombe 2006 where the AUC is 0 or 1): they tell how "
        "much hangs on these films, not on these students."
    )


def _show_agreement(outcome: Outcome) -> None:
    agreement = outcome.agreement
    st.subheader("How far the class agrees", anchor=False)
    st.metric(
        "Fleiss' kappa",
        say_number(agreement.kappa.value, is_share=False),
        say_interval(agreement.kappa, is_share=False),
        delta_color="off",
        delta_arrow="off",
        width="content",
    )
    st.caption(
        "1 is perfect agreement, 0 what chance would give; below: 95% interval by drawing films. "
        f"n = {agreement.kappa.n} films with at least two answers, {agreement.answers} answers of "
        f"{agreement.readers} students, {agreement.missing} missing: a film's agreement is counted "
        "among those who answered it. Agreement does not mean being right."
    )


def _format_readers(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Student": table["student"],
            "Answered": table["answered"],
            **{
                name.capitalize(): [
                    _say_share(Estimate(*row))
                    for row in zip(
                        table[name],
                        table[f"{name}_low"],
                        table[f"{name}_high"],
                        table[f"{name}_n"],
                        strict=True,
                    )
                ]
                for name in ("sensitivity", "specificity")
            },
        }
    )


def _say_share(estimate: Estimate) -> str:
    return f"{estimate:.0%}, n = {estimate.n}"
