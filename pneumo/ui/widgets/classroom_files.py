"""A session that has ended → the files that an instructor takes home."""

from __future__ import annotations

import json
from collections.abc import Callable

import streamlit as st

from pneumo.casebook.exchange.case_table import write_table
from pneumo.classroom.measures import Unanswered
from pneumo.classroom.results import list_answers, record_session, tabulate_films
from pneumo.ui.classroom.room import Outcome
from pneumo.ui.widgets import making_files
from pneumo.ui.widgets.making_files import FileOffer


def offer_files(outcome: Outcome, unanswered: Unanswered, note: Callable[[str], None]) -> None:
    """Offer the answers, the films and the whole session as files.

    Args:
        outcome: of the session.
        unanswered: what to make of films without an answer.
        note: is told which of them is made, before it is.
    """

    def make_answers() -> bytes:
        note("answers")
        return write_table(list_answers(session, outcome.seats, outcome.answers))

    def make_films() -> bytes:
        note("films")
        return _write_films(outcome, unanswered)

    def make_session() -> bytes:
        note("whole session")
        return json.dumps(record, indent=2, allow_nan=False).encode()

    st.subheader("Keep it", anchor=False)
    session, code = outcome.session, outcome.session.code
    record = record_session(
        session, outcome.seats, outcome.answers, agreement=outcome.agreement, auc=outcome.auc
    )
    table, icon = "text/csv", ":material/download:"
    making_files.offer_files(
        [
            FileOffer("Answers (CSV)", f"class_{code}_answers.csv", table, icon, make_answers),
            FileOffer("Films (CSV)", f"class_{code}_films.csv", table, icon, make_films),
            FileOffer(
                "Whole session (JSON)", f"class_{code}.json", "application/json", icon, make_session
            ),
        ],
        key=f"class {code}",
        caption="Nicknames, where students typed any, are in the answers and in the session's "
        "file. No film is in any of them; the names of films of the data set are.",
    )


def _write_films(outcome: Outcome, unanswered: Unanswered) -> bytes:
    table = tabulate_films(outcome.ratings, unanswered)
    return write_table(
        {str(name): cell for name, cell in row.items()} for row in table.to_dict("records")
    )
