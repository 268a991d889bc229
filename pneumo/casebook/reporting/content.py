"""A case → all that stands in its report, in words and in order; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pneumo.casebook.records import REFUSED, SYNTHETIC, Case, Read
from pneumo.casebook.reporting.measures import Measured
from pneumo.casebook.reporting.opinion import OpinionLines, compose_opinion, say_silence
from pneumo.casebook.reporting.provenance import trace
from pneumo.casebook.reporting.text import (
    UNPRINTABLE,
    Fit,
    Paragraph,
    Passage,
    Setter,
    beyond,
    say_cut,
    say_moment,
)
from pneumo.domain import CLASSES, MemberScore, Prediction
from pneumo.intake.mending import say_mends
from pneumo.wording import (
    describe_spread,
    describe_vote,
    explain_verdict,
    join_names,
    say_place,
)

_IN_FULL = {
    REFUSED: f"{REFUSED}, SHOWN AT THE READER'S WISH",
    SYNTHETIC: f"{SYNTHETIC} FILM: IT SHOWS NO CHILD",
}


@dataclass(frozen=True)
class ReadLine:
    """A row of the reader's reads, in words."""

    number: int
    stage: str
    verdict: str
    certainty: str
    place: str
    cause: str
    seconds: str
    when: str


@dataclass(frozen=True)
class Content:
    """What stands in a report on one case; sentences are empty where there is nothing to say.

    Attributes:
        title: what the reader calls the case.
        case_id: the case's id.
        document: the file's own title; there are no words of anybody's in it.
        made_at: when the report was made.
        marks: what is printed across the page, and above it in full.
        prediction: the networks' verdict.
        explanation: how the verdict follows from the probability.
        sets: what is known of the score's uncertainty, a sentence each.
        vote: who disagrees with whom, and how far the networks lie apart.
        members: the networks' own scores.
        measured: what they reached on test films; None if that is not known.
        measured_on: on how many films, and when.
        unmeasured: why it is not known.
        mended: what the reader had done to the film before it was read.
        remarks: what the gate says of the film.
        opinion: the last second opinion; None without one.
        no_opinion: why there is none.
        reads: of the reader, the oldest first.
        reference: the answer that the case was resolved with.
        note: the reader's own words.
        tags: to find the case by.
        shortened: what is left out here, and where it stands.
        picture_mm: height of the pictures on paper.
        text_pt: size of the letters on paper.
        provenance: names and values that the report can be traced by.
    """

    title: Paragraph
    case_id: str
    document: str
    made_at: str
    marks: tuple[tuple[str, str], ...]
    prediction: Prediction
    explanation: str
    sets: tuple[str, ...]
    vote: str
    members: tuple[MemberScore, ...]
    measured: Measured | None
    measured_on: str
    unmeasured: str
    mended: str
    remarks: tuple[str, ...]
    opinion: OpinionLines | None
    no_opinion: str
    reads: tuple[ReadLine, ...]
    reference: Paragraph
    note: Passage
    tags: tuple[Paragraph, ...]
    shortened: str
    picture_mm: int
    text_pt: float
    provenance: tuple[tuple[str, str], ...]
    unprintable: str


def compose(
    case: Case, measured: Measured | str, *, fit: Fit, setter: Setter, made_at: datetime
) -> Content:
    """Say in words what a case holds.

    Args:
        case: saved or not.
        measured: what its networks reached on test films, or why that is not known.
        fit: how much of it is printed.
        setter: sets whatever is not our own words.
        made_at: the report's time, UTC.
    """
    prediction = case.latest.prediction
    remarks = case.latest.concerns
    note = setter.set_passage(case.note, most=fit.note)
    opinion, left_out = compose_opinion(case.opinions, fit, setter)
    tags = tuple(setter.set_line(tag, most=fit.line) for tag in case.tags)
    vote = [describe_vote(prediction.members), describe_spread(prediction)]
    cut = [
        *say_cut("the note", note.left_out, "letters"),
        *left_out,
        *say_cut("the reads", len(case.reads) - len(_ends(case.reads, fit.rows))),
        *say_cut("the tags", len(tags) - len(tags[: fit.rows])),
        *say_cut("the networks", beyond(prediction.members, fit.rows)),
        *say_cut("the gate's remarks", beyond(remarks, fit.rows)),
    ]
    return Content(
        title=setter.set_line(case.title or "Untitled case", most=fit.line),
        case_id=case.id,
        document=f"Pneumo report on case {case.id[:8]}",
        made_at=say_moment(made_at),
        marks=tuple((mark, _IN_FULL[mark]) for mark in case.marks),
        prediction=prediction,
        explanation=explain_verdict(prediction),
        sets=tuple(_say_sets(case)),
        vote=" ".join(vote) if prediction.split_vote else vote[1],
        members=prediction.members[: fit.rows],
        measured=None if isinstance(measured, str) else measured,
        measured_on="" if isinstance(measured, str) else say_measured_on(measured),
        unmeasured=measured if isinstance(measured, str) else "",
        mended=say_mends(case.film.mends),
        remarks=remarks[: fit.rows],
        opinion=opinion,
        no_opinion=say_silence(case.opinions),
        reads=tuple(_tell_read(place, read) for place, read in _ends(case.reads, fit.rows)),
        reference=setter.set_line(_say_reference(case), most=fit.line and 2 * fit.line),
        note=note,
        tags=tags[: fit.rows],
        shortened=_say_shortened(cut),
        picture_mm=fit.picture_mm,
        text_pt=fit.text_pt,
        provenance=tuple(trace(case, setter, made_at, fit)),
        unprintable=UNPRINTABLE if setter.unprintable else "",
    )


def say_measured_on(measured: Measured) -> str:
    """Say on how many films the networks were measured, when, and what the table shows."""
    looks = "once" if measured.looks == 1 else f"{measured.looks:,} times"
    return (
        "Shaded: the point applied here. In brackets: 95% intervals. All networks together on the "
        f"official test films: sensitivity of {measured.n_pneumonia:,} with pneumonia, specificity "
        f"of {measured.n_normal:,} normal ones, scored {say_moment(measured.measured_at)}; the "
        f"project has scored these films {looks}. Films from elsewhere: expect worse."
    )


def _say_sets(case: Case) -> list[str]:
    """Say what is known of the score's uncertainty; whatever is calibrated later joins here."""
    sentences = []
    for found in case.latest.quality.get("sets", ()):
        classes = [name for name in CLASSES if name in found["classes"]]
        held = join_names(classes) if classes else "neither class"
        sentences.append(f"Prediction set at {found['coverage']:.0%} coverage: {held}.")
    return sentences


def _ends(reads: Sequence[Read], most: int | None) -> list[tuple[int, Read]]:
    """Number the reads; of too many, keep the first and the last ones."""
    numbered = list(enumerate(reads, start=1))
    if most is None or len(numbered) <= most:
        return numbered
    return [numbered[0], *numbered[len(numbered) - most + 1 :]]


def _tell_read(number: int, read: Read) -> ReadLine:
    untold = read.side == "cannot tell" and read.zone == "cannot tell"
    return ReadLine(
        number=number,
        stage=read.stage,
        verdict=read.verdict,
        certainty=read.certainty,
        place="none named" if untold else say_place(read),
        cause=read.cause or "",
        seconds="" if read.seconds is None else f"{read.seconds:.0f} s",
        when=say_moment(read.read_at),
    )


def _say_reference(case: Case) -> str:
    if case.reference is None:
        return "Reference answer: none yet; the case is open."
    when = say_moment(case.reference.resolved_at)
    return f"Reference answer: {case.reference.verdict}, by {case.reference.source}, {when}."


def _say_shortened(cut: Sequence[str]) -> str:
    if not cut:
        return ""
    return (
        f"Shortened to fit one page: {join_names(cut)} are left out. The HTML report of this case "
        "holds all of them."
    )
