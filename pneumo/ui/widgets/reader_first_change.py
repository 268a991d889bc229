"""A read that was committed → what the machine says beside it, and whether it changes a mind."""

from __future__ import annotations

import streamlit as st

from pneumo import ENSEMBLE, Prediction, Verdict
from pneumo.casebook.records import Cause, Read, Stage
from pneumo.opinion.overlap import peak_in_regions
from pneumo.ui.reader_first import words
from pneumo.ui.reader_first.desk import Draft, commit, enter_answer, reads_of, stages_of
from pneumo.ui.session import Visit
from pneumo.ui.widgets.reader_first_form import choose_read, outline_place

_CAUSES = {
    Stage.AFTER_NETWORKS: [Cause.NETWORKS, Cause.HEAT_MAP, Cause.SECOND_LOOK],
    Stage.AFTER_OPINION: [Cause.OPINION, Cause.NETWORKS, Cause.HEAT_MAP, Cause.SECOND_LOOK],
}


def list_own_reads(visit: Visit, place: int) -> None:
    """Show what a visitor committed to about a film, beside where the heat map peaks.

    For a film that was read: it shows where the networks looked.
    """
    reading, reads = visit.readings[place], reads_of(visit, place)
    last = reads[-1]
    maps = {explanation.name: explanation.evidence for explanation in reading.analysis.explanations}
    with st.container(border=True):
        left, right = st.columns([1, 3])
        with right:
            st.markdown("**Your read**")
            for before, read in zip((None, *reads), reads, strict=False):
                st.markdown(words.say_step(read, before))
            if ENSEMBLE not in maps:
                return
            overlap = peak_in_regions(maps[ENSEMBLE], words.place_of(last.side, last.zone))
            st.caption(words.say_own_overlap(overlap, last.verdict))
        marks = ["Box: your zone."] if overlap.named else []
        marks += ["Ring: the heat map's peak."] if overlap.peak else []
        picture = outline_place(reading.film.picture, last.side, last.zone, overlap.peak)
        left.image(
            reading.film.picture if picture is None else picture,
            width="stretch",
            caption=" ".join(marks) or None,
            alt="Chest film with the zone that you named and the heat map's peak",
        )


def ask_after_networks(visit: Visit, place: int, prediction: Prediction) -> None:
    """Ask whether the networks' verdict changes the reader's mind."""
    last = reads_of(visit, place)[-1]
    with st.container(border=True, height="stretch"):
        st.markdown("**Do you change your mind?**")
        st.write(
            f"You said {words.say_read(last)}. The networks "
            f"{_say_side(prediction)}. Look at their heat map below, and at the film again, "
            "before you answer. After that you may ask the language model."
        )
        _ask(visit, place, last, Stage.AFTER_NETWORKS)


def _say_side(prediction: Prediction) -> str:
    if prediction.verdict is Verdict.INDETERMINATE:
        return f"give no verdict and lean towards {prediction.leaning}"
    return f"say {prediction.verdict}"


def ask_further(visit: Visit, place: int, *, opinion: Verdict | None) -> None:
    """Ask whether the language model changes the reader's mind; later, take further changes.

    Args:
        visit: whose read it is.
        place: the film's.
        opinion: what the language model says; None before it was heard.
    """
    reads = reads_of(visit, place)
    if place in visit.references:
        st.caption("You know this film's answer now, so no further read of it would count.")
        return
    if opinion is not None and Stage.AFTER_OPINION not in stages_of(visit, place):
        with st.container(border=True):
            st.markdown("**Do you change your mind, now that you know the language model's?**")
            st.write(
                f"You said {words.say_read(reads[-1])}. The language model says "
                f"{words.say_verdict(opinion)}."
            )
            _ask(visit, place, reads[-1], Stage.AFTER_OPINION)
        return
    stage = Stage.AFTER_NETWORKS if opinion is None else Stage.AFTER_OPINION
    _offer_change("I change my mind after all", visit, place, reads[-1], stage)


def _ask(visit: Visit, place: int, last: Read, stage: Stage) -> None:
    if st.button(
        "No, I keep my read",
        icon=":material/check:",
        type="primary",
        key=f"keep {visit.number} {place} {stage}",
    ):
        commit(visit, place, Draft.of(last), stage)
        st.rerun()
    _offer_change("Yes, I change it", visit, place, last, stage)


def _offer_change(label: str, visit: Visit, place: int, last: Read, stage: Stage) -> None:
    # A number of its own for each read: the next form starts with what was committed last.
    key = f"change {visit.number} {place} {len(reads_of(visit, place))}"
    form = st.expander(label, key=key, on_change="rerun", icon=":material/edit:")
    with form:
        if not form.open:
            return
        start = Draft.of(last)
        draft = choose_read(start, key=key)
        cause = st.segmented_control("What changed your mind?", _CAUSES[stage], key=f"{key} cause")
        missing = draft.missing + ([] if cause else ["what changed your mind"])
        if _is_same(draft, last):
            st.caption("Nothing is changed yet.")
        elif missing:
            st.caption(words.say_missing(missing))
        if st.button(
            "Commit the change",
            icon=":material/check:",
            disabled=bool(missing) or _is_same(draft, last),
            key=f"commit {key}",
        ):
            commit(visit, place, draft, stage, cause=cause)
            st.rerun()


def _is_same(draft: Draft, last: Read) -> bool:
    start = Draft.of(last)
    if draft.verdict is last.verdict is Verdict.NORMAL:
        return draft.certainty == start.certainty
    return draft == start


def ask_answer(visit: Visit, place: int) -> None:
    """Ask for the right answer of a film that was read, for those who know it."""
    if visit.readings[place].film.synthetic:
        st.caption("A synthetic film has no diagnosis, so there is no answer to read against.")
        return
    known = visit.references.get(place)
    answer = st.segmented_control(
        "The right answer for this film, if you know it",
        [Verdict.PNEUMONIA, Verdict.NORMAL],
        default=known.verdict if known else None,
        key=f"answer {visit.number} {place}",
        help="From follow-up, an expert or the collection's label. What you read before you enter "
        "it is measured against it; press it again to take it back.",
    )
    if answer is not (known.verdict if known else None):
        enter_answer(visit, place, answer)
        st.rerun()
