"""The casebook's journal → a table of who did what, to search and to keep."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pneumo import Settings
from pneumo.ui.casebook.opening import open_casebook
from pneumo.ui.widgets.charts import keep_table

MOST = 5_000
"""Most acts that the page shows; the journal itself holds all."""

NOBODY = "whoever used this machine"
"""Who it was where nobody signs in."""


def show_log(settings: Settings) -> None:
    """Show the last acts, the newest first.

    Raises:
        CasebookError: the casebook cannot be opened.
    """
    casebook = open_casebook(settings)
    entries = casebook.journal_entries(limit=MOST)
    if not entries:
        st.info(
            "Nothing yet: the first line comes with the first case that somebody saves.",
            icon=":material/history:",
        )
        return
    table = pd.DataFrame(
        {
            "When (UTC)": [entry.at.replace(tzinfo=None) for entry in entries],
            "Who": [entry.owner or NOBODY for entry in entries],
            "Did what": [str(entry.act) for entry in entries],
            "Case": [entry.case_id for entry in entries],
            "Parts of it": [entry.detail for entry in entries],
        }
    )
    acts = st.multiselect("Only these acts", sorted(set(table["Did what"])), key="acts")
    if acts:
        table = table[table["Did what"].isin(acts)]
    st.dataframe(
        table,
        hide_index=True,
        column_config={"When (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss")},
        alt="One row an act: when, who, what, which case",
    )
    people = table["Who"].nunique()
    older = f"; older ones than the last {MOST:,} are not shown" if len(entries) == MOST else ""
    st.caption(
        f"{len(table):,} acts by {people:,} {'person' if people == 1 else 'people'}, the newest "
        f"first{older}. "
        "The log names cases by their numbers; what a case says is never in it. Whoever signs in "
        "is named as their sign-in page names them: its address, and their number there. The "
        f"casebook lies here: {casebook.location}."
    )
    keep_table(table, name="who-did-what")
