"""The casebook's journal → who did what, to look through, to search and to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from pneumo import Settings
from pneumo.ui.access.visitor import current_owner
from pneumo.ui.casebook.listing import count
from pneumo.ui.casebook.opening import open_casebook
from pneumo.ui.widgets.casebook_list import read_days
from pneumo.ui.widgets.making_files import FileOffer, offer_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pneumo.casebook.journal import JournalEntry, JournalQuery
    from pneumo.casebook.store import Casebook

ACTS_A_PAGE = 500
MOST_IN_A_FILE = 100_000
"""Most acts that one file holds."""

NOBODY = "whoever used this machine"
"""Who it was where nobody signs in."""

_SEEN = "log was opened"


def show_log(settings: Settings) -> None:
    """Show the acts, the newest first, a page at a time.

    Where readers sign in, that somebody looks is an act too, noted once a browser session.

    Raises:
        CasebookError: the casebook cannot be opened, or the looking cannot be noted.
    """
    casebook, owner = open_casebook(settings), current_owner()
    _note_looking(casebook, owner)
    if not casebook.journal.count():
        st.info(
            "Nothing yet: the first line comes with the first case that somebody saves.",
            icon=":material/history:",
        )
        return
    query = _choose()
    found = casebook.journal.count(query)
    if not found:
        st.info("Nobody did such a thing on those days. Take a filter away.")
        return
    _show_page(casebook, query, found)
    st.caption(
        "The log names cases by their numbers and classes by their codes; what a case says is "
        "never in it. Whoever signs in is named as their sign-in page named them at that moment, "
        f"and by their number there. The casebook lies here: {casebook.location}."
    )
    _offer(casebook, owner, query, found)


def write_log(entries: Sequence[JournalEntry]) -> bytes:
    """Return acts as CSV, in their order, times in ISO 8601 and UTC."""
    from pneumo.casebook.exchange.case_table import say_time, write_table

    return write_table(
        {
            "at": say_time(entry.at),
            "name": entry.name,
            "owner": entry.owner or NOBODY,
            "act": str(entry.act),
            "case_id": entry.case_id,
            "detail": entry.detail,
        }
        for entry in entries
    )


def make_log(casebook: Casebook, owner: str, query: JournalQuery) -> bytes:
    """Note that the log is handed on where readers sign in, then return it as `write_log` does.

    Raises:
        CasebookError: it could not be noted; nothing is handed on then.
    """
    from pneumo.casebook.journal import Act

    entries = casebook.journal.find(query, limit=MOST_IN_A_FILE)
    if owner:
        casebook.journal.note(owner, Act.LOG_EXPORTED, detail=f"{len(entries)} lines")
    return write_log(entries)


def _note_looking(casebook: Casebook, owner: str) -> None:
    from pneumo.casebook.journal import Act

    if owner and st.session_state.get(_SEEN) != owner:
        casebook.journal.note(owner, Act.LOG_OPENED)
        st.session_state[_SEEN] = owner


def _choose() -> JournalQuery:
    from pneumo.casebook.journal import Act, JournalQuery

    left, right = st.columns(2)
    acts = left.multiselect("Only these acts", list(Act), format_func=str, key="acts")
    days: Any = right.date_input(
        "Only on the days (UTC)", value=[], format="YYYY-MM-DD", key="log days"
    )
    since, until = read_days(days)
    return JournalQuery(acts=frozenset(acts), since=since, until=until)


def _show_page(casebook: Casebook, query: JournalQuery, found: int) -> None:
    counter, table, pages = st.container(), st.container(), st.container()
    key = f"log page {hash(query)}"
    page = int(st.session_state.get(key, 1))
    offset = (page - 1) * ACTS_A_PAGE
    entries = casebook.journal.find(query, limit=ACTS_A_PAGE, offset=offset)
    shown = f"; shown are {offset + 1:,} to {offset + len(entries):,}"
    counter.write(
        f"{count(found, 'act', 'acts')}, the newest first{shown if found > ACTS_A_PAGE else ''}."
    )
    table.dataframe(
        pd.DataFrame(
            {
                "When (UTC)": [entry.at.replace(tzinfo=None) for entry in entries],
                "Who": [entry.name or entry.owner or NOBODY for entry in entries],
                "Did what": [str(entry.act) for entry in entries],
                "Case or class": [entry.case_id for entry in entries],
                "More": [entry.detail for entry in entries],
                "Their number": [entry.owner for entry in entries],
            }
        ),
        hide_index=True,
        column_config={"When (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss")},
        alt="One row an act: when, who, what, which case or class",
    )
    if found > ACTS_A_PAGE:
        with pages:
            st.pagination(-(-found // ACTS_A_PAGE), key=key)


def _offer(casebook: Casebook, owner: str, query: JournalQuery, found: int) -> None:
    if found > MOST_IN_A_FILE:
        st.caption(f"A file holds at most {MOST_IN_A_FILE:,} acts: choose fewer days to keep them.")
        return
    offer = FileOffer(
        "CSV",
        "who-did-what.csv",
        "text/csv",
        ":material/download:",
        lambda: make_log(casebook, owner, query),
        "All acts that were found, not only those on this page.",
    )
    offer_files([offer], key="log")
