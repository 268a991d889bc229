"""What is looked for in the casebook → the list of cases, to be opened or deleted from there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import streamlit as st

from pneumo import PneumoError, Verdict
from pneumo.casebook.records import ConflictState
from pneumo.ui.access.staying import current_stay
from pneumo.ui.casebook.listing import CONFLICTS, PROBABILITY, SAVED, count, tabulate_rows
from pneumo.ui.casebook.places import ANALYZE, CASE_PARAMETER

if TYPE_CHECKING:
    from pneumo.casebook.search import CaseQuery, CaseRow
    from pneumo.casebook.store import Casebook

ROWS_A_PAGE = 50
_ROUND, _NEWS = "casebook round", "casebook news"
_STATES = {True: "Resolved", False: "Without an answer"}


def choose_filter(casebook: Casebook, owner: str) -> CaseQuery:
    """Let the visitor say what is looked for; all that is said must hold."""
    from pneumo.casebook.search import CaseQuery

    text = st.text_input(
        "Search titles and notes", icon=":material/search:", key="casebook text", max_chars=200
    )
    with st.expander("Filter", icon=":material/filter_list:", key="casebook filter"):
        left, middle, right = st.columns(3)
        verdict = left.selectbox(
            "Verdict of the networks",
            list(Verdict),
            index=None,
            placeholder="Any",
            key="casebook verdict",
        )
        conflict = middle.selectbox(
            "Who differs",
            list(ConflictState),
            index=None,
            placeholder="Any",
            format_func=CONFLICTS.__getitem__,
            key="casebook conflict",
        )
        resolved = right.selectbox(
            "Answer",
            list(_STATES),
            index=None,
            placeholder="Any",
            format_func=_STATES.__getitem__,
            key="casebook resolved",
        )
        tag = left.selectbox(
            "Tag", casebook.all_tags(owner), index=None, placeholder="Any", key="casebook tag"
        )
        version = middle.selectbox(
            "Model version",
            casebook.model_versions(owner),
            index=None,
            placeholder="Any",
            key="casebook version",
        )
        days: Any = right.date_input(
            "Saved on the days (UTC)", value=[], format="YYYY-MM-DD", key="casebook days"
        )
    since, until = read_days(days)
    return CaseQuery(
        text=text,
        verdict=verdict,
        conflict=conflict,
        model_version=version or "",
        tag=tag or "",
        resolved=resolved,
        since=since,
        until=until,
    )


def read_days(days: Sequence[date]) -> tuple[date | None, date | None]:
    """Return the first and the last day; while only one is chosen, it is both."""
    return (days[0], days[-1]) if days else (None, None)


def list_cases(casebook: Casebook, owner: str, query: CaseQuery, *, of: int) -> int:
    """Show what was found, a page at a time, and return how many cases that are.

    Args:
        casebook: where the cases are.
        owner: whose.
        query: what is looked for.
        of: how many cases there are in all.
    """
    # A row's number means another case in another list: the choice must not outlive the list.
    key = f"{st.session_state.get(_ROUND, 0)} {hash(query)}"
    counter, pages = st.container(), st.container()
    page = int(st.session_state.get(f"casebook page {key}", 1))
    found = casebook.find(owner, query, limit=ROWS_A_PAGE, offset=(page - 1) * ROWS_A_PAGE)
    with counter:
        _say_found(found.total, of, page)
    for problem in found.problems:
        st.warning(problem)
    if found.rows:
        _act_on(_choose_rows(found.rows, f"cases {key} {page}"), casebook, owner)
    if found.total > ROWS_A_PAGE:
        with pages:
            st.pagination(-(-found.total // ROWS_A_PAGE), key=f"casebook page {key}")
    return found.total


def _say_found(total: int, of: int, page: int) -> None:
    if not total:
        st.info("No case is like that. Take a filter away, or search for fewer words.")
        return
    first = (page - 1) * ROWS_A_PAGE + 1
    last = min(total, page * ROWS_A_PAGE)
    shown = "" if total <= ROWS_A_PAGE else f", the newest first; shown are {first:,} to {last:,}"
    number = count(total, "case", "cases") if total == of else f"{total:,} of {of:,} cases"
    st.write(f"{number} found{shown}. Choose rows to open or delete them.")


def _choose_rows(rows: Sequence[CaseRow], key: str) -> list[CaseRow]:
    event: Any = st.dataframe(
        tabulate_rows(rows),
        hide_index=True,
        height=min(600, 37 * (len(rows) + 1)),
        column_config={
            PROBABILITY: st.column_config.NumberColumn(
                format="%.1f", help="The networks' calibrated probability of pneumonia."
            ),
            SAVED: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            "Answer": st.column_config.TextColumn(
                width=110, help="What the case was resolved with."
            ),
            "Conflict": st.column_config.TextColumn(width=170),
            "Tags": st.column_config.TextColumn(width=120),
        },
        on_select="rerun",
        selection_mode="multi-row",
        key=key,
        alt="One row a case with what the networks, the language model and the reader said",
    )
    return [rows[place] for place in event.selection.rows if place < len(rows)]


def _act_on(chosen: Sequence[CaseRow], casebook: Casebook, owner: str) -> None:
    with st.container(horizontal=True):
        if st.button(
            "Open",
            type="primary",
            icon=":material/folder_open:",
            disabled=len(chosen) != 1,
            help="Choose one row.",
        ):
            st.query_params[CASE_PARAMETER] = chosen[0].id
            st.rerun()
        if st.button(
            f"Delete {count(len(chosen), 'case', 'cases')} …" if chosen else "Delete …",
            icon=":material/delete:",
            disabled=not chosen,
        ):
            confirm_deletion(casebook, owner, [row.id for row in chosen])


@st.dialog("Delete for good?", icon=":material/delete:")
def confirm_deletion(casebook: Casebook, owner: str, case_ids: Sequence[str]) -> None:
    """Ask once more, then delete cases with all that was kept of them."""
    number = count(len(case_ids), "case", "cases")
    st.write(
        f"{number} will be deleted with all notes, opinions, reads and pixels, and cannot be "
        "brought back."
    )
    with st.container(horizontal=True):
        if st.button(
            f"Delete {number}",
            type="primary",
            key="delete for good",
            on_click=_delete,
            args=(casebook, owner, tuple(case_ids)),
        ) or st.button("Keep", key="delete nothing"):
            st.rerun()


def _delete(casebook: Casebook, owner: str, case_ids: Sequence[str]) -> None:
    try:
        current_stay().require()
        deleted = casebook.delete(owner, case_ids)
    except PneumoError as error:
        st.session_state[_NEWS] = (False, str(error))
        return
    st.session_state[_NEWS] = (True, f"{count(deleted, 'case', 'cases')} deleted.")
    st.query_params.pop(CASE_PARAMETER, None)
    begin_anew()


def tell_news() -> None:
    """Tell once what became of a deletion."""
    place = st.empty()  # There without news too, so that what follows keeps its place and state.
    news: tuple[bool, str] | None = st.session_state.pop(_NEWS, None)
    if news is not None:
        (place.success if news[0] else place.error)(news[1])


def begin_anew() -> None:
    """Forget which rows and which page were chosen, since the list is another one now."""
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def greet() -> None:
    """Tell a visitor without any case how cases come here."""
    st.info(
        "No case is kept yet. Analyze a film, then press **Save case** below its result; nothing "
        "is ever saved by itself.",
        title="Your casebook is empty",
        icon=":material/folder_open:",
    )
    st.page_link(ANALYZE, label="Analyze a film", icon=":material/radiology:")
