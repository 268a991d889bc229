"""The page Casebook: what is looked for in, cases that were saved out, each as it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pneumo import MissingCaseError, Settings, read_settings
from pneumo.ui.access.visitor import current_owner
from pneumo.ui.casebook.listing import count
from pneumo.ui.casebook.opened import close_case, open_case
from pneumo.ui.casebook.opening import open_casebook
from pneumo.ui.casebook.places import CASE_PARAMETER
from pneumo.ui.widgets import casebook_case as widgets
from pneumo.ui.widgets.casebook_desk import hand_on, resolve
from pneumo.ui.widgets.casebook_files import hand_on_found
from pneumo.ui.widgets.casebook_list import choose_filter, greet, list_cases, tell_news
from pneumo.ui.widgets.casebook_now import compare_with_today, forget_today
from pneumo.ui.widgets.casebook_words import change_words, show_unsaved
from pneumo.ui.widgets.reader_summary import show_reader_summary

if TYPE_CHECKING:
    from pneumo.casebook.store import Casebook


def _list(casebook: Casebook, owner: str, settings: Settings) -> None:
    st.write("Which films were read here, what was said of them, and was it right?")
    total = casebook.find(owner, limit=0).total
    if total:
        query = choose_filter(casebook, owner)
        found = list_cases(casebook, owner, query, of=total)
    else:
        greet()
        query, found = None, 0
    hand_on_found(casebook, owner, query, found)
    kept = (
        f"A case is deleted {count(settings.retention_days, 'day', 'days')} after it was saved."
        if settings.retention_days
        else "Cases stay until you delete them."
    )
    st.caption(f"{count(total, 'case', 'cases')} kept in {casebook.location}. {kept}")
    show_reader_summary(casebook, owner)


def _show(casebook: Casebook, owner: str, case_id: str, settings: Settings) -> None:
    st.button("All cases", icon=":material/arrow_back:", on_click=_leave)
    try:
        opened = open_case(casebook, owner, case_id)
    except MissingCaseError as error:
        st.info(str(error))
        show_unsaved(case_id)
        return
    case = opened.case
    widgets.head_case(case)
    said = widgets.choose_prediction(case)
    widgets.show_case(case, said, opened.radiograph)
    if opened.problem:
        st.error(f"{opened.problem} The case is shown as it was last.")
    # Whatever the answer's part shows, the form below it keeps its place and what is typed: it is
    # drawn first, since an answer begins the page anew.
    answer = st.container()
    change_words(case, casebook)
    with answer:
        resolve(case, casebook)
    compare_with_today(case, said, opened.radiograph, casebook, settings)
    hand_on(case, opened.radiograph, casebook, settings)
    widgets.show_facts(case, settings)


def _leave() -> None:
    st.query_params.pop(CASE_PARAMETER, None)


def _page() -> None:
    settings = read_settings()
    st.title("Casebook", anchor=False)
    tell_news()
    owner = current_owner()
    casebook = open_casebook(settings)
    if casebook.is_read_only:
        st.warning(
            "This casebook can only be read: its file, or the disk that it lies on, may not be "
            "written to. Nothing can be saved, changed or deleted until it may, and opening a case "
            "is not noted in the log."
        )
    if case_id := st.query_params.get(CASE_PARAMETER):
        _show(casebook, owner, case_id, settings)
        return
    close_case()
    forget_today()
    _list(casebook, owner, settings)


_page()
