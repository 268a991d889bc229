"""The open case → what can be done with it: an answer, files to hand on, deletion."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from pneumo import Radiograph, Settings, Verdict
from pneumo.casebook.records import Case, Reference, now_utc
from pneumo.ui.access.staying import current_stay
from pneumo.ui.casebook.drafting import say_moment
from pneumo.ui.widgets.casebook_files import offer_case
from pneumo.ui.widgets.casebook_list import confirm_deletion
from pneumo.ui.widgets.casebook_words import change
from pneumo.ui.widgets.making_files import offer_files
from pneumo.ui.widgets.reporting import offer_report

if TYPE_CHECKING:
    from pneumo.casebook.store import Casebook

LONGEST_SOURCE = 200
"""Characters that can be typed."""


def resolve(case: Case, casebook: Casebook) -> None:
    """Let the visitor say what the film turned out to show, and take that back."""
    st.subheader("What did it turn out to be?", anchor=False)
    if case.reference is not None:
        st.text(f"{case.reference.verdict}, by: {case.reference.source or 'no source given'}")
        st.caption(f"Resolved {say_moment(case.reference.resolved_at)}.")
        if st.button("Take the answer back", icon=":material/undo:", key=f"reopen {case.id}"):
            change(lambda: casebook.update(case.owner, case.id, reference=None, seen=case))
        return
    with st.form(f"answer {case.id}", border=False):
        verdict = st.segmented_control(
            "Reference answer", [Verdict.PNEUMONIA, Verdict.NORMAL], key=f"answer of {case.id}"
        )
        source = st.text_input(
            "By what",
            placeholder="follow-up film, clinical course, a radiologist's report …",
            max_chars=LONGEST_SOURCE,
            key=f"source of {case.id}",
        )
        pressed = st.form_submit_button("Resolve", icon=":material/flag:")
    if not pressed:
        return
    if verdict is None or not source.strip():
        st.info("Choose PNEUMONIA or NORMAL, and say by what it is known.")
        return
    answer = Reference(Verdict(verdict), source.strip(), now_utc())
    change(lambda: casebook.update(case.owner, case.id, reference=answer, seen=case))


def hand_on(
    case: Case, radiograph: Radiograph | None, casebook: Casebook, settings: Settings
) -> None:
    """Offer the case as files, and its deletion.

    Args:
        case: as it is open.
        radiograph: its film; None if the pixels are not kept.
        casebook: where it is.
        settings: where the networks are, whose records a report tells.
    """
    st.subheader("Hand on, or delete", anchor=False)
    offer_report(
        lambda: case,
        radiograph,
        models_dir=settings.models_dir,
        key=f"case {case.id}",
        note=partial(casebook.note_export, case.owner, case.id),
    )
    offer_files(offer_case(case, casebook), key=f"case files {case.id}")
    with st.container(horizontal=True):
        if case.has_film and st.button(
            "Delete the pixels only …", icon=":material/hide_image:", key=f"forget {case.id}"
        ):
            _confirm_forgetting(case, casebook)
        if st.button("Delete this case …", icon=":material/delete:", key=f"delete {case.id}"):
            confirm_deletion(casebook, case.owner, [case.id])


@st.dialog("Delete the film's pixels?", icon=":material/hide_image:")
def _confirm_forgetting(case: Case, casebook: Casebook) -> None:
    st.write(
        "The case stays. Its heat maps will be shown on plain grey, and the film must be dropped "
        "again to be read by newer networks."
    )
    if st.button("Delete the pixels", type="primary", key="forget for good"):
        if current_stay().is_over:
            st.rerun()  # The whole page, which leads to the door.
        change(lambda: casebook.forget_film(case.owner, case.id))
