"""A film's consultation → the language model's panel beside the networks' verdict.

All that a model wrote is shown as plain text: it is no markup of ours.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from pneumo import PneumoError, Verdict
from pneumo.domain import Opinion
from pneumo.opinion.problems import ProblemKind
from pneumo.opinion.repeats import Spread
from pneumo.opinion.result import OpinionResult
from pneumo.ui.fragments import fragment
from pneumo.ui.opinion import words
from pneumo.ui.opinion.errand import Errand
from pneumo.ui.opinion.subject import Subject
from pneumo.ui.widgets.reading import list_findings, show_headline
from pneumo.ui.widgets.sending import offer_first, offer_further, offer_retry

_POLL_S = 0.5
_TITLE = "Second opinion: a language model"
_NO = ":material/block:"


def show_second_opinion(subject: Subject) -> None:
    """Show the panel; it looks after itself as long as a reading is under way."""
    running = subject.consultation.is_running
    fragment(run_every=_POLL_S if running else None)(_show_panel)(subject, running)


def _show_panel(subject: Subject, was_running: bool) -> None:
    consultation = subject.consultation
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{_TITLE}**")
        try:
            _show_state(subject)
        except PneumoError as error:
            st.error(str(error), title="The language model cannot be asked", icon=_NO)
    if was_running and not consultation.is_running:
        st.rerun()  # The rest of the page shows the outcome too, and this panel need poll no more.


def _show_state(subject: Subject) -> None:
    consultation = subject.consultation
    blind, informed = consultation.blind, consultation.informed
    if blind is not None and blind.is_running:
        _show_progress(blind, "Reading the film", subject.key)
        return
    first = consultation.first
    if first is None:
        offer_first(subject)
        return
    if first.opinion is None:
        _show_problem(first)
        offer_retry(subject)
        return
    show_opinion(first, first.opinion, verdict=consultation.verdict, spread=consultation.spread)
    if informed is not None and informed.is_running:
        _show_progress(informed, "Reading the film again, informed", f"{subject.key} informed")
        return
    offer_further(subject)


def _show_progress(errand: Errand[Any], label: str, key: str) -> None:
    st.markdown(f":material/hourglass_top: **{label}** · {errand.elapsed_s:.0f} s")
    if errand.text:
        with st.container(height=170, autoscroll=True):
            st.text(errand.text)
        st.caption("What the model has written so far; it may change its mind until it ends.")
    else:
        st.skeleton(height=90)
        st.caption("Nothing has come back yet. The networks' verdict does not wait for it.")
    if st.button("Cancel", icon=":material/close:", key=f"cancel {key}"):
        errand.cancel()
        # It ends within a moment, whatever the server does; the panel never waits for more.
        errand.wait(1.0)
        st.rerun()


def _show_problem(result: OpinionResult) -> None:
    problem = result.problem
    if problem is None:
        return
    is_mild = problem.kind in (ProblemKind.CANCELLED, ProblemKind.NO_KEY)
    show = st.info if is_mild else st.warning
    detail = f" ({problem.detail})" if problem.detail else ""
    show(f"{problem.advice}{detail}", title=problem.title, icon=_NO)
    if result.text:
        with st.expander("The model's own words: unstructured, no verdict"):
            st.text(result.text)
    st.text(f"{result.model} at {result.host}, after {result.latency_s:.1f} s")
    st.caption("The networks' verdict is not touched.")


def show_opinion(
    result: OpinionResult, opinion: Opinion, *, verdict: Verdict | None, spread: Spread | None
) -> None:
    """Show an opinion with all that tells where it came from.

    Args:
        result: the reading that stands for all.
        opinion: its opinion.
        verdict: of all readings of the film; None for this one's.
        spread: what all of them said; None for this one alone.
    """
    show_headline(verdict or opinion.verdict)
    st.write(words.say_opinion(opinion))
    with st.container(horizontal=True):
        st.metric("Certainty, in its words", opinion.certainty.capitalize(), width="content")
        st.metric("Film good enough", opinion.image_adequate.capitalize(), width="content")
        st.metric("View", opinion.view, width="content")
    if opinion.image_adequate != "yes" and opinion.adequacy_reason:
        st.text(opinion.adequacy_reason)
    if spread is not None and len(spread.results) > 1:
        st.info(words.say_spread(spread), icon=":material/repeat:")
    st.markdown("**Impression**")
    st.text(opinion.impression)
    st.markdown("**Findings**")
    list_findings(opinion.findings)
    if opinion.limitations:
        st.markdown("**Limitations**")
        st.text(opinion.limitations)
    st.caption(words.CAVEAT)
    st.caption(words.say_numbers(result))
    with st.expander("Who answered, and what was asked"):
        for fact in words.list_facts(result):
            st.text(fact)
