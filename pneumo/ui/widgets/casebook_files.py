"""Cases of the casebook ⇄ files: a table, a FHIR bundle, a whole casebook to carry elsewhere."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import streamlit as st

from pneumo import CasebookError
from pneumo.casebook.records import Case
from pneumo.ui.casebook.listing import count
from pneumo.ui.widgets.casebook_list import begin_anew
from pneumo.ui.widgets.making_files import FileOffer, offer_files

if TYPE_CHECKING:
    from pneumo.casebook.search import CaseQuery
    from pneumo.casebook.store import Casebook

_REPORT = "casebook import"
_MOST_REASONS = 20
_LARGEST_MIB = 1024


def offer_table(cases: Callable[[], Iterable[Case]], *, name: str) -> FileOffer:
    """Return the offer of cases as CSV.

    Args:
        cases: gives the cases, asked upon a press only.
        name: of the file, without an ending.
    """

    def make() -> bytes:
        from pneumo.casebook.case_table import tabulate_cases, write_table

        return write_table(tabulate_cases(cases()))

    return FileOffer(
        "CSV",
        f"{name}.csv",
        "text/csv",
        ":material/table:",
        make,
        "One row a case, times in UTC. A text that a spreadsheet would run as a formula, since it "
        "starts with one of = + - @ or with a tab or a new line, gets an apostrophe before it.",
    )


def offer_bundle(cases: Callable[[], Iterable[Case]], *, name: str) -> FileOffer:
    """Return the offer of cases as FHIR.

    Args:
        cases: gives the cases, asked upon a press only.
        name: of the file, without an ending.
    """

    def make() -> bytes:
        from pneumo.casebook.fhir import write_bundle

        return write_bundle(cases())

    return FileOffer(
        "FHIR (JSON)",
        f"{name}.fhir.json",
        "application/fhir+json",
        ":material/data_object:",
        make,
        "A bundle of FHIR R4B: one preliminary DiagnosticReport a case, with an Observation for "
        "each who said something. It names no patient.",
    )


def hand_on_found(casebook: Casebook, owner: str, query: CaseQuery | None, found: int) -> None:
    """Offer what was found as files, the whole casebook as one, and take such a file in.

    Args:
        casebook: where the cases are.
        owner: whose.
        query: what is shown; None for all.
        found: how many cases that are.
    """
    from pneumo.casebook.fhir import MOST_CASES

    st.subheader("Hand on, or bring back", anchor=False)
    if found:
        st.write(f"What was found, {count(found, 'case', 'cases')}:")
        offers = [offer_table(lambda: casebook.hand_out(owner, query), name="casebook")]
        if found <= MOST_CASES:
            offers.append(offer_bundle(lambda: casebook.hand_out(owner, query), name="casebook"))
        else:
            st.caption(f"FHIR is made of at most {MOST_CASES:,} cases: filter for fewer.")
        offer_files(offers, key="casebook found")
        _offer_archive(casebook, owner)
    _take_archive(casebook, owner)


def _offer_archive(casebook: Casebook, owner: str) -> None:
    def make() -> bytes:
        out = io.BytesIO()
        casebook.export(owner, out)
        return out.getvalue()

    st.write("The whole casebook:")
    offer = FileOffer(
        "Casebook (ZIP)",
        "casebook.zip",
        "application/zip",
        ":material/archive:",
        make,
        "Every case with all that was kept of it, films included. It can be brought back here or "
        "on another server.",
    )
    offer_files([offer], key="casebook archive")


def _take_archive(casebook: Casebook, owner: str) -> None:
    report: tuple[str, tuple[str, ...]] | None = st.session_state.pop(_REPORT, None)
    if report is not None:
        st.success(report[0], icon=":material/check_circle:")
        for reason in report[1]:
            st.text(reason)
    with st.form("bring back", border=False, clear_on_submit=True):
        file = st.file_uploader(
            "Bring cases back from such a file",
            max_upload_size=_LARGEST_MIB,
            key="casebook file",
            help="A case that is here already stays as it is.",
        )
        pressed = st.form_submit_button("Bring back", icon=":material/unarchive:")
    if not pressed:
        return
    if file is None:
        st.info("Choose a casebook's ZIP file first.")
        return
    try:
        brought = casebook.import_(owner, file)
    except CasebookError as error:
        st.error(str(error))
        return
    said = (
        f"{count(brought.added, 'case', 'cases')} brought back; {brought.present:,} were here "
        f"already and stay as they are; {len(brought.refused):,} refused."
    )
    reasons = brought.refused[:_MOST_REASONS]
    if more := len(brought.refused) - len(reasons):
        reasons = (*reasons, f"… and {more:,} more.")
    st.session_state[_REPORT] = (said, reasons)
    begin_anew()
    st.rerun()
