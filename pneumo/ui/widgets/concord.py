"""What the networks and a language model say of one film → a card that sets them side by side."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pneumo import ENSEMBLE, PneumoError, Prediction, Verdict
from pneumo.opinion.agreement import Concord, ConcordRecord, concord_of, concord_record
from pneumo.opinion.informed import InformedRead
from pneumo.opinion.problems import ProblemKind
from pneumo.opinion.result import OpinionResult
from pneumo.opinion.surveys import OPINIONS, Survey, list_surveys
from pneumo.ui.evidence.scored import scored_network
from pneumo.ui.opinion import words
from pneumo.ui.opinion.consultation import Consultation
from pneumo.ui.widgets.reading import list_findings, show_headline

_SPLIT = "test"
_AGREE, _DIFFER = ":material/handshake:", ":material/call_split:"
Stamp = tuple[tuple[str, int, int], ...]


def show_concord(prediction: Prediction, consultation: Consultation, models_dir: Path) -> None:
    """Show whether both sides agree on a film, and what the informed reading changed.

    Nothing is shown before the language model was heard.
    """
    try:
        result, informed = consultation.first, consultation.informed_read
    except PneumoError:
        return  # The panel tells of it.
    if result is None:
        return
    _show_state(prediction, consultation.verdict, result, models_dir)
    if informed is not None:
        _show_informed(informed)


def _show_state(
    prediction: Prediction, verdict: Verdict | None, result: OpinionResult, models_dir: Path
) -> None:
    concord = concord_of(prediction.leaning, verdict)
    if concord is None:
        title, sentence = _explain_silence(result) if verdict is None else words.UNDECIDED
        st.info(f"{sentence} The networks' verdict stands.", title=title, icon=":material/help:")
        return
    title, sentence = words.STATES[concord]
    if prediction.verdict is Verdict.INDETERMINATE:
        sentence += f" The networks only lean towards {prediction.leaning}: their score is too "
        sentence += "close to the threshold for a verdict."
    record = _say_record(result, prediction.operating_point.name, concord, models_dir)
    differ = concord in (Concord.NETWORKS_ONLY, Concord.MODEL_ONLY)
    (st.warning if differ else st.info)(
        f"{sentence}\n\n{record}", title=title, icon=_DIFFER if differ else _AGREE
    )


def _explain_silence(result: OpinionResult) -> tuple[str, str]:
    refusals = (ProblemKind.REFUSED, ProblemKind.CONTENT_FILTER)
    refused = result.problem is not None and result.problem.kind in refusals
    return words.DECLINED if refused else words.SILENT


def _say_record(
    result: OpinionResult, operating_point: str, concord: Concord, models_dir: Path
) -> str:
    try:
        survey = _find_survey(result, models_dir)
        if survey is None:
            return words.say_unmeasured(result)
        stamp = _stamp(models_dir)
        return words.say_record(_measure(models_dir, survey.slug, operating_point, concord, stamp))
    except PneumoError as error:
        return str(error)


def _find_survey(result: OpinionResult, models_dir: Path) -> Survey | None:
    """Return a survey of the model that answered, rather one with the same prompt."""
    surveys = [
        survey
        for survey in _surveys(models_dir, _stamp(models_dir))
        if (survey.provider, survey.model) == (result.provider, result.model)
    ]
    same = [survey for survey in surveys if survey.prompt_hash == result.prompt_hash]
    return next(iter([*same, *surveys]), None)


def _stamp(models_dir: Path) -> Stamp:
    paths = [
        models_dir / "ensemble.json",
        models_dir / ENSEMBLE / f"scores_{_SPLIT}.csv",
        *sorted((models_dir / OPINIONS).glob(f"*/*_{_SPLIT}.*")),
    ]
    found = [(path, path.stat()) for path in paths if path.is_file()]
    return tuple((str(path), status.st_mtime_ns, status.st_size) for path, status in found)


@st.cache_data(show_spinner=False, max_entries=4)
def _surveys(models_dir: Path, stamp: Stamp) -> list[Survey]:
    return list_surveys(models_dir, _SPLIT)


@st.cache_data(show_spinner=False, max_entries=64)
def _measure(
    models_dir: Path, slug: str, operating_point: str, concord: Concord, stamp: Stamp
) -> ConcordRecord:
    survey = next(survey for survey in list_surveys(models_dir, _SPLIT) if survey.slug == slug)
    scored = scored_network(models_dir, ENSEMBLE, _SPLIT)
    return concord_record(scored, survey, operating_point=operating_point, concord=concord)


def _show_informed(read: InformedRead) -> None:
    st.subheader("Blind, then informed", anchor=False)
    second = read.second
    if second.opinion is None or read.first.opinion is None:
        problem = second.problem
        if problem is not None:
            st.warning(
                f"{problem.advice} The blind verdict stands.",
                title=f"The informed reading: {problem.title.lower()}",
                icon=":material/block:",
            )
        return
    if read.flipped:
        st.warning(
            f"From {read.first.verdict} to {second.verdict}, after it was told the networks' "
            "score. Language models follow authority: the blind verdict stays the second opinion.",
            title="The verdict flipped",
            icon=":material/swap_horiz:",
        )
    else:
        st.info(
            f"Told the networks' score, it still says {second.verdict}.",
            title="The verdict stayed",
            icon=":material/equal:",
        )
    columns = st.columns(2)
    titles = ("First, blind", "Second, told the networks' score and heat map")
    for column, title, opinion in zip(
        columns, titles, (read.first.opinion, second.opinion), strict=True
    ):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{title}**")
            show_headline(opinion.verdict)
            st.write(words.say_opinion(opinion))
            if opinion.changes:
                st.markdown("**What it changes, in its words**")
                st.text(opinion.changes)
            st.text(opinion.impression)
            list_findings(opinion.findings)
            if opinion is second.opinion:
                st.caption(words.say_numbers(second))
