"""What a reader committed to in a session or a casebook → the section "How you read"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pneumo import Prediction
from pneumo.casebook.reader import Performance, ReaderSummary, Switches, summarise_reader
from pneumo.ui.figures.reader import draw_performance, list_performances, tabulate_performance
from pneumo.ui.reader_first import words
from pneumo.ui.reader_first.desk import keep_reads
from pneumo.ui.session import Visit
from pneumo.ui.widgets.charts import show_chart

if TYPE_CHECKING:
    from pneumo.casebook.store import Casebook

_TITLE = "How you read"
_LINES: dict[str, Callable[[Performance], str]] = {
    "Pneumonias found (sensitivity)": lambda p: words.say_share(p.sensitivity),
    "Normal films called NORMAL (specificity)": lambda p: words.say_share(p.specificity),
    "Sensitivity, without “cannot tell”": lambda p: words.say_share(p.decided_sensitivity),
    "Specificity, without “cannot tell”": lambda p: words.say_share(p.decided_specificity),
    "Films called “cannot tell”": lambda p: f"{p.undecided:,}",
}


def show_reader_summary(casebook: Casebook, owner: str) -> None:
    """Show how the reader of a casebook's cases read them; measured once somebody looks.

    Args:
        casebook: where the cases lie.
        owner: whose cases.

    Raises:
        CasebookError: the casebook cannot be read.
    """
    section = st.expander(
        _TITLE, icon=":material/person_search:", key="how you read", on_change="rerun"
    )
    with section:
        if section.open:
            found = casebook.list_reads(owner)
            for problem in found.problems:
                st.warning(problem)
            _show_summary(
                summarise_reader(found.cases),
                name="reader_casebook",
                resolve="Open a case above and resolve it with its answer.",
            )


def show_session_summary(visit: Visit, predictions: Sequence[Prediction]) -> None:
    """Show how the visitor read the films of this session so far, in all of its visits.

    Args:
        visit: the one on show.
        predictions: what the networks say, at the operating point on show, a film each.
    """
    st.subheader(_TITLE, anchor=False)
    _show_summary(
        summarise_reader(keep_reads(visit, predictions)),
        name="reader_session",
        resolve="Enter the right answer above, for each film of which you know it; or save the "
        "case, and resolve it on the page Casebook once the answer is known.",
    )
    st.caption(
        "All films of this session that you read first, also those before this visit. It is "
        "forgotten when you leave, unless you save the cases."
    )


def _show_summary(summary: ReaderSummary, *, name: str, resolve: str) -> None:
    if not summary.n_read:
        st.info(
            "No film was read before the machine spoke. Switch on **Read it yourself first** on "
            "the page Analyze, and your own reads are measured here."
        )
        return
    st.write(words.say_counts(summary))
    if summary.n_measured:
        _show_performance(summary, name)
    elif summary.n_open:
        st.info(f"Nothing can be measured without an answer. {resolve}")
    if summary.n_measured and summary.n_open:
        st.caption(f"For the films that wait: {resolve}")
    if agreement := words.say_agreement(summary):
        st.write(agreement)


def _show_performance(summary: ReaderSummary, name: str) -> None:
    sides = list_performances(summary)
    table = tabulate_performance(summary)
    show_chart(
        draw_performance(table),
        table,
        name=name,
        alt="Sensitivity and specificity of your reads alone and with the machine, and of the "
        "networks on the same films",
        note=f"The same {summary.n_measured:,} films for all; 95% intervals after Wilson, each "
        "film taken as independent of the others.",
    )
    st.table(
        {"On films with a known answer": list(_LINES)}
        | {title: [line(found) for line in _LINES.values()] for title, found in sides.items()},
        border="horizontal",
    )
    st.caption(words.HOW_INDETERMINATE_COUNTS)
    if summary.test is not None:
        st.write(words.say_test(summary.test, summary.n_measured))
    _show_switches(summary.switches)


def _show_switches(switches: Sequence[Switches]) -> None:
    st.markdown("**What changed your verdict, and whether for better or for worse**")
    if not any(line.better or line.worse or line.neither for line in switches):
        st.caption("You kept your verdict on every film with a known answer.")
        return
    st.table(
        {
            "Because of": [str(line.cause or "not named") for line in switches],
            "For better": [line.better for line in switches],
            "For worse": [line.worse for line in switches],
            "Neither": [line.neither for line in switches],
        },
        border="horizontal",
    )
    st.caption(
        "For better: to the right verdict. For worse: away from it. Neither: from a verdict that "
        "was not right to another such. A film can count twice, after the networks and after the "
        "language model."
    )
