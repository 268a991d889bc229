"""One case of the casebook → the page that shows it as it was read.

All that somebody typed, and all that came in with a file, is shown as plain text.
"""

from __future__ import annotations

import streamlit as st

from pneumo import Radiograph, Settings
from pneumo.casebook.records import REFUSED, Case, CasePrediction, ConflictState
from pneumo.casebook.reporting.provenance import say_distance
from pneumo.domain import Usability
from pneumo.intake.mending import say_mends
from pneumo.ui import wording
from pneumo.ui.casebook.drafting import say_moment
from pneumo.ui.casebook.listing import CONFLICTS
from pneumo.ui.casebook.reopening import informed_of, reopen, spread_of
from pneumo.ui.opinion import words
from pneumo.ui.session import Reading
from pneumo.ui.widgets.opinion import show_opinion
from pneumo.ui.widgets.reading import list_findings, show_headline, show_heat_map, show_verdict


def head_case(case: Case) -> None:
    """Show what the case is called, how it stands, and when it was saved."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(case.title)
        if case.film.synthetic:
            st.badge("SYNTHETIC", color="violet", icon=":material/science:")
        if case.reference:
            st.badge(f"Resolved: {case.reference.verdict}", color="green", icon=":material/flag:")
        else:
            st.badge("No answer yet", color="gray", icon=":material/hourglass_empty:")
    changed = (
        f", changed {say_moment(case.updated_at)}" if case.updated_at > case.created_at else ""
    )
    st.caption(f"Saved {say_moment(case.created_at)}{changed}.")
    if case.tags:
        st.text(f"Tags: {', '.join(case.tags)}")
    for state in case.conflicts:
        if state is not ConflictState.AGREE:
            st.warning(f"{CONFLICTS[state]}.", icon=":material/call_split:")


def choose_prediction(case: Case) -> CasePrediction:
    """Let the visitor choose which of the networks' readings is shown; the last one at first."""
    if len(case.predictions) == 1:
        return case.latest
    places = list(range(len(case.predictions)))[::-1]
    place = st.selectbox(
        "Reading of the networks",
        places,
        format_func=lambda place: f"{place + 1}: {_name(case.predictions[place])}",
        key=_reading_key(case, len(places)),
    )
    return case.predictions[place]


def keep_chosen(case: Case, said: CasePrediction) -> None:
    """Let the reading on show stay the chosen one when the case gets a further one."""
    key = _reading_key(case, len(case.predictions) + 1)
    st.session_state[key] = case.predictions.index(said)


def _reading_key(case: Case, readings: int) -> str:
    return f"case reading {case.id} {readings}"


def _name(said: CasePrediction) -> str:
    version = said.prediction.model_version
    return f"{say_moment(said.read_at)}, model version {version}"


def show_case(case: Case, said: CasePrediction, radiograph: Radiograph | None) -> None:
    """Show what was said of a film, and where the networks found it, as it was read.

    Args:
        case: the case.
        said: the networks' reading to show.
        radiograph: the film, None if its pixels were not kept.
    """
    reading = reopen(case, said, radiograph)
    _show_mends(case)
    _show_quality(said)
    spread = spread_of(case)
    first = spread.results[0] if spread else None
    networks, model = st.columns(2)
    with networks:
        show_verdict(reading.film, reading.analysis.prediction)
    with model, st.container(border=True, height="stretch"):
        st.markdown("**Second opinion: a language model**")
        if first is None:
            st.caption("None was asked for before the case was saved.")
        elif first.opinion is None:
            st.text(first.problem.title if first.problem else "It gave no opinion.")
        elif spread is not None:
            verdict = spread.modal if len(spread.results) > 1 else None
            show_opinion(first, first.opinion, verdict=verdict, spread=spread)
    _show_informed(case)
    _show_reads(case)
    if radiograph is None:
        st.info(
            "The film's pixels were not kept, so the heat maps lie on plain grey.",
            icon=":material/hide_image:",
        )
    show_heat_map(
        reading,
        reading.analysis.prediction.leaning,
        key=f"case {case.id} {said.read_at:%H%M%S%f}",
        opinion=first.opinion if first else None,
    )
    _show_members(reading)


def _show_mends(case: Case) -> None:
    """Show what the reader had done to the film before it was read."""
    if case.film.mends:
        st.info(f"Before it was read: {say_mends(case.film.mends)}", icon=":material/build:")


def _show_quality(said: CasePrediction) -> None:
    """Show what the gate said of the film before it was read."""
    usability = said.quality.get("usability")
    if usability not in (Usability.REFUSED, Usability.WARNED):
        return
    with st.container(border=True):
        st.markdown(
            f":material/block: **{REFUSED}. Whoever saved this film wanted the networks' answer "
            "all the same.**"
            if said.is_refused
            else ":material/warning: **The gate had doubts about this film.**"
        )
        for concern in said.concerns:
            st.text(concern)


def _show_informed(case: Case) -> None:
    informed = informed_of(case)
    if informed is None or informed.opinion is None:
        return
    with st.expander("What it said once it was told the networks' score"):
        show_headline(informed.opinion.verdict)
        st.write(words.say_opinion(informed.opinion))
        st.text(informed.opinion.changes)
        st.text(informed.opinion.impression)
        list_findings(informed.opinion.findings)


def _show_reads(case: Case) -> None:
    if not case.reads:
        return
    st.subheader("What the reader said", anchor=False)
    st.dataframe(
        [
            {
                "Read at (UTC)": f"{read.read_at:%Y-%m-%d %H:%M:%S}",
                "Read": str(read.stage),
                "Verdict": str(read.verdict),
                "Certainty": read.certainty,
                "Side": read.side,
                "Zone": read.zone,
                "Changed by": str(read.cause or ""),
                "Seconds on show": None if read.seconds is None else round(read.seconds, 1),
            }
            for read in case.reads
        ],
        hide_index=True,
        alt="One row a read of the human reader, the oldest first",
    )


def _show_members(reading: Reading) -> None:
    st.subheader("What each network said", anchor=False)
    prediction = reading.analysis.prediction
    st.dataframe(
        [
            {
                "Network": member.title,
                "Probability of pneumonia": wording.percent(member.probability),
                "Says": str(member.verdict),
            }
            for member in prediction.members
        ],
        hide_index=True,
        alt="One row a network with its probability and verdict",
    )
    st.caption(wording.describe_spread(prediction))


def show_facts(case: Case, settings: Settings) -> None:
    """Show versions, hashes and sizes: what is needed to tell where the case came from."""
    film, said = case.film, case.latest.prediction
    with st.expander("Versions and hashes"):
        for line in (
            f"Case: {case.id}",
            f"Film: {film.encoding}, {film.columns:,} by {film.rows:,} pixels"
            f"{', SYNTHETIC' if film.synthetic else ''}; pixels "
            f"{'kept' if case.has_film else 'not kept'}",
            f"SHA-256 of the film's pixels: {film.fingerprint}",
            *((f"The same of the film as chosen: {film.chosen_fingerprint}",) * bool(film.mends)),
            f"Networks: model version {said.model_version}, operating point "
            f"{said.operating_point.name} at {wording.percent(said.operating_point.threshold)}",
        ):
            st.text(line)
        if gate := case.latest.quality.get("gate_version"):
            st.text(f"Gate: version {gate}{say_distance(case.latest)}")
        for opinion in case.opinions:
            result = opinion.result
            told = "informed" if opinion.informed else "blind"
            st.text(
                f"Language model, {told}: {result.model} at {result.host}, prompt "
                f"{result.prompt_name} {result.prompt_version} (SHA-256 {result.prompt_hash})"
            )
        if settings.retention_days:
            st.text(f"Kept for {settings.retention_days} days after it was saved first.")
