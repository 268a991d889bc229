"""A film on show with all that was said of it → the panel that saves it as a case, on request.

Nothing is written, and no database is opened, before the button is pressed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from pneumo import PneumoError, Prediction, Settings
from pneumo.casebook.records import Case
from pneumo.ui.access.visitor import current_owner
from pneumo.ui.casebook.drafting import draft_case, is_as_saved, suggest_title
from pneumo.ui.casebook.opening import open_casebook
from pneumo.ui.casebook.places import CASE_PARAMETER, PAGE, say_where
from pneumo.ui.session import Visit

_TAGS = "tags of the casebook"
_ALWAYS = (
    "Kept in any case: a fingerprint, the size and the format of the film; the networks' scores "
    "and their coarse heat maps, which show no film; what the language model said; your reads; "
    "and what you type here. The file's name is never kept."
)
_LONGEST_TITLE, _LONGEST_NOTE = 120, 4_000


def keep_case(visit: Visit, place: int, prediction: Prediction, settings: Settings) -> Case:
    """Show the panel, save when asked to, and return the case as it stands, saved or not.

    Args:
        visit: with the film's reading, consultation and reads.
        place: the film's place among the readings.
        prediction: of that film at the operating point on show.
        settings: where cases are kept.
    """
    reading = visit.readings[place]
    saved = visit.saved.get(place)
    if saved and saved.film.fingerprint != reading.film.radiograph.fingerprint:
        saved = None  # The film was turned or inverted since: that is another film.
    key = f"{visit.number} {place} {reading.film.radiograph.fingerprint[:12]}"
    typed = _take_words(suggest_title(reading), key) | {"reference": visit.references.get(place)}
    keep_film = _offer_film(key)
    said = (reading, prediction, visit.consultation(place), visit.reads.get(place, ()))
    draft = draft_case(*said, **typed, earlier=saved)
    is_new = saved is None or not is_as_saved(draft, saved) or keep_film != saved.has_film
    if _press(saved, is_new=is_new, key=key):
        try:
            owner, casebook = current_owner(), open_casebook(settings)
            film = reading.film.radiograph if keep_film else None
            if saved is None:
                case = casebook.save(draft_case(*said, **typed, owner=owner), film=film)
            else:
                case = casebook.revise(
                    owner,
                    saved.id,
                    # One that was deleted meanwhile is wanted back by whoever saves it again.
                    lambda stored: draft_case(*said, **typed, earlier=stored or saved, seen=saved),
                    film=film,
                )
            if case.has_film and not keep_film:
                case = casebook.forget_film(owner, case.id)
            visit.saved[place] = replace(  # What stands here; others may have changed their own.
                case,
                title=draft.title,
                note=draft.note,
                tags=draft.tags,
                reference=draft.reference,
            )
            st.session_state[_TAGS] = casebook.all_tags(owner)
        except PneumoError as error:
            st.error(f"{error} What you typed is still here.", title="Not saved")
        else:
            st.rerun()
    _say_state(saved, settings, is_new=is_new)
    return draft


def _take_words(suggestion: str, key: str) -> dict[str, Any]:
    """Let the visitor type what the case is called, noted and tagged with."""
    left, right = st.columns([3, 2])
    title = left.text_input(
        "Title",
        placeholder=suggestion,
        max_chars=_LONGEST_TITLE,
        key=f"case title {key}",
        help="Type no patient's name. Left empty, the case is called by its date.",
    )
    chosen = f"case tags {key}"
    known = set(st.session_state.get(_TAGS, ())) | set(st.session_state.get(chosen, ()))
    tags = right.multiselect(
        "Tags",
        sorted(known),
        accept_new_options=True,
        placeholder="Type a word, then Enter",
        key=chosen,
    )
    note = st.text_area(
        "Note",
        placeholder="What you want to remember of this film; no patient's name.",
        max_chars=_LONGEST_NOTE,
        height=80,
        key=f"case note {key}",
    )
    return {"title": title, "note": note, "tags": tags}


def _offer_film(key: str) -> bool:
    keep = st.checkbox(
        "Keep the film's pixels too",
        key=f"case film {key}",
        help="They are encoded anew as a PNG without any metadata.",
    )
    st.caption(
        f"{_ALWAYS} With the pixels, the film itself is kept as well: what is written into it, "
        "a name for example, stays in it."
        if keep
        else f"{_ALWAYS} Without the pixels the heat maps are shown on plain grey later, and the "
        "film must be dropped again to be read by newer networks."
    )
    return bool(keep)


def _press(saved: Case | None, *, is_new: bool, key: str) -> bool:
    return st.button(
        "Save changes" if saved else "Save case",
        icon=":material/save:",
        disabled=not is_new,
        key=f"save case {key}",
    )


def _say_state(saved: Case | None, settings: Settings, *, is_new: bool) -> None:
    if saved is None:
        st.caption(f"Nothing of this film is saved yet. It would be kept in {say_where(settings)}.")
        return
    st.success(
        "Saved, but what has changed since is not." if is_new else "Saved.",
        icon=":material/check_circle:",
    )
    st.page_link(
        PAGE,
        label="Open the casebook",
        icon=":material/folder_open:",
        query_params={CASE_PARAMETER: saved.id},
    )
    st.caption(f"Kept in {say_where(settings)}.")
