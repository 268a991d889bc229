"""The open case → its title, tags and note in a form, in which nothing that is typed is lost.

What is typed stays in the browser until it is sent, so that the form is filled anew only once its
words were saved, or when the visitor asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from pneumo import CasebookError
from pneumo.casebook.records import Case
from pneumo.errors import ChangedCaseError

if TYPE_CHECKING:
    from pneumo.casebook.store import Casebook

LONGEST_TITLE, LONGEST_NOTE = 120, 4_000
"""Characters that can be typed."""

_TAGS = "tags of the casebook"


def change_words(case: Case, casebook: Casebook) -> None:
    """Let the visitor change title, tags and note."""
    st.subheader("Note and tags", anchor=False)
    seen = _fill(case)
    if _words(case) != _words(seen) or _is_refused(case.id):
        _show_saved(case)
    with st.form(f"words {case.id}", border=False):
        left, right = st.columns([3, 2])
        title = left.text_input("Title", max_chars=LONGEST_TITLE, key=f"title {case.id}")
        tags = right.multiselect(
            "Tags",
            sorted({*_list_tags(casebook, case.owner), *case.tags}),
            accept_new_options=True,
            placeholder="Type a word, then Enter",
            key=f"tags {case.id}",
        )
        note = st.text_area("Note", max_chars=LONGEST_NOTE, key=f"note {case.id}")
        pressed = st.form_submit_button("Save note and tags", icon=":material/save:")
    if not pressed:
        return

    def save() -> None:
        casebook.update(  # What the visitor left as it was stays as others may have changed it.
            case.owner,
            case.id,
            title=title.strip() if title.strip() not in ("", seen.title) else None,
            note=note if note != seen.note else None,
            tags=tags if set(tags) != set(seen.tags) else None,
            seen=seen,
        )
        _empty(case.id)

    change(save, when_changed=lambda: _refuse(case.id))


def show_unsaved(case_id: str) -> None:
    """Show the note that was typed for a case that is gone."""
    seen: Case | None = st.session_state.get(f"seen {case_id}")
    note = str(st.session_state.get(f"note {case_id}", ""))
    if seen is not None and note not in ("", seen.note):
        st.caption("What you typed is not saved. Your note was:")
        st.text(note)


def change(act: Callable[[], object], *, when_changed: Callable[[], None] | None = None) -> None:
    """Make a change and show the case anew; if it fails, what was typed stays.

    Args:
        act: the change.
        when_changed: what to do if somebody else was first; None shows the case as it is now.
    """
    try:
        act()
    except ChangedCaseError as error:
        if when_changed is not None:
            when_changed()
            st.rerun()
        st.error(f"{error} It was not overwritten: see what is there now.", title="Not saved")
    except CasebookError as error:
        st.error(f"{error} What you typed is still here.", title="Not saved")
    else:
        st.rerun()


def _fill(case: Case) -> Case:
    """Fill an empty form, and return the case that its words were changed from."""
    key = f"seen {case.id}"
    if key not in st.session_state or f"title {case.id}" not in st.session_state:
        st.session_state[key] = case
        st.session_state[f"title {case.id}"] = case.title
        st.session_state[f"tags {case.id}"] = list(case.tags)
        st.session_state[f"note {case.id}"] = case.note
    seen: Case = st.session_state[key]
    return seen


def _empty(case_id: str) -> None:
    for name in ("seen", "refused"):
        st.session_state.pop(f"{name} {case_id}", None)


def _refuse(case_id: str) -> None:
    """Remember that the visitor's words were not saved, since others had changed the same."""
    st.session_state[f"refused {case_id}"] = True


def _is_refused(case_id: str) -> bool:
    return bool(st.session_state.get(f"refused {case_id}"))


def _show_saved(case: Case) -> None:
    """Show the words that somebody else has saved, and let the visitor choose."""
    with st.container(border=True):
        if _is_refused(case.id):
            st.error(
                "Somebody else, or you in another tab, changed the same in the meantime. Yours is "
                "still in the form: save once more to put it in place of this, or take this.",
                title="Not saved",
            )
            st.session_state[f"seen {case.id}"] = case
        else:
            st.info("This was changed elsewhere since the form below was filled.")
        st.text(f"Title: {case.title}")
        st.text(f"Tags: {', '.join(case.tags) or 'none'}")
        st.text(f"Note: {case.note or 'none'}")
        st.button(
            "Take this into the form",
            icon=":material/download:",
            key=f"take {case.id}",
            on_click=_empty,
            args=(case.id,),
        )


def _words(case: Case) -> tuple[object, ...]:
    return case.title, case.tags, case.note


def _list_tags(casebook: Casebook, owner: str) -> list[str]:
    """Return the tags to choose from: those known last if the casebook cannot be reached."""
    with suppress(CasebookError):
        st.session_state[_TAGS] = casebook.all_tags(owner)
    known: list[str] = st.session_state.get(_TAGS, [])
    return known
