"""Cases of the casebook ⇄ files: a table, a FHIR bundle, a whole casebook to carry elsewhere."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pneumo import CasebookError
from pneumo.casebook.records import Case, Damaged
from pneumo.ui.casebook.listing import count
from pneumo.ui.widgets.casebook_list import begin_anew
from pneumo.ui.widgets.making_files import FileOffer, offer_files

if TYPE_CHECKING:
    from pneumo.casebook.search import CaseQuery
    from pneumo.casebook.store import Casebook

_REPORT = "casebook import"
_LEFT_OUT = "casebook left out"
_MOST_REASONS = 20
_LARGEST_MIB = 1024


Cases = Iterable[Case | Damaged]


def offer_table(cases: Callable[[], Cases], *, name: str) -> FileOffer:
    """Return the offer of cases as CSV.

    Args:
        cases: gives the cases and notes that in the journal, asked upon a press only.
        name: of the file, without an ending.
    """

    def make() -> bytes:
        from pneumo.casebook.exchange.case_table import tabulate_cases, write_table

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


def offer_bundle(cases: Callable[[], Cases], *, name: str) -> FileOffer:
    """Return the offer of cases as FHIR.

    Args:
        cases: gives the cases and notes that in the journal, asked upon a press only.
        name: of the file, without an ending.
    """

    def make() -> bytes:
        from pneumo.casebook.exchange.fhir import write_bundle

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


def offer_case(case: Case, casebook: Casebook) -> tuple[FileOffer, FileOffer]:
    """Return the offers of one case as FHIR and as CSV."""
    name = f"case-{case.id[:8]}"

    def hand_out(kind: str) -> list[Case]:
        casebook.note_export(case.owner, case.id, kind)
        return [case]

    bundle = offer_bundle(lambda: hand_out("FHIR"), name=name)
    return bundle, offer_table(lambda: hand_out("CSV"), name=name)


def hand_on_found(casebook: Casebook, owner: str, query: CaseQuery | None, found: int) -> None:
    """Offer what was found as files, the whole casebook as one, and take such a file in.

    Args:
        casebook: where the cases are.
        owner: whose.
        query: what is shown; None for all.
        found: how many cases that are.
    """
    from pneumo.casebook.exchange.fhir import MOST_CASES

    st.subheader("Hand on, or bring back", anchor=False)
    if found:
        st.write(f"What was found, {count(found, 'case', 'cases')}:")
        left_out: list[str] = st.session_state.setdefault(_LEFT_OUT, [])

        def hand_out() -> Cases:
            return name_damaged(casebook.hand_out(owner, query), left_out)

        offers = [offer_table(hand_out, name="casebook")]
        if found <= MOST_CASES:
            offers.append(offer_bundle(hand_out, name="casebook"))
        else:
            st.caption(f"FHIR is made of at most {MOST_CASES:,} cases: filter for fewer.")
        offer_files(offers, key="casebook found", left_out=left_out)
        _offer_archive(casebook, owner)
    _take_archive(casebook, owner)


def name_damaged(cases: Cases, left_out: list[str]) -> Iterator[Case | Damaged]:
    """Pass cases on, and make a list hold why those of them that are damaged cannot be read."""
    left_out.clear()
    reasons = []
    for case in cases:
        if isinstance(case, Damaged):
            reasons.append(case.reason)
        yield case
    left_out.extend(_shorten(reasons))


def _shorten(reasons: Sequence[str]) -> tuple[str, ...]:
    shown = tuple(reasons[:_MOST_REASONS])
    more = len(reasons) - len(shown)
    return (*shown, f"… and {more:,} more.") if more else shown


def _offer_archive(casebook: Casebook, owner: str) -> None:
    left_out: list[str] = st.session_state.setdefault(f"{_LEFT_OUT} of the whole", [])

    def make() -> bytes:
        out = io.BytesIO()
        left_out[:] = _shorten(casebook.export(owner, out).problems)
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
    offer_files([offer], key="casebook archive", left_out=left_out)


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
    st.session_state[_REPORT] = (said, _shorten(brought.refused))
    begin_anew()
    st.rerun()
