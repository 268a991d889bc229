"""A visit's film with all that was said of it → the case that saving it would keep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pneumo import PneumoError, Prediction
from pneumo.casebook.film_facts import FilmFacts
from pneumo.casebook.records import (
    Case,
    CaseOpinion,
    CasePrediction,
    Read,
    Reference,
    now_utc,
)
from pneumo.decision.gate import to_record
from pneumo.opinion.result import OpinionResult
from pneumo.ui.opinion.consultation import Consultation
from pneumo.ui.session import Reading


def draft_case(
    reading: Reading,
    prediction: Prediction,
    consultation: Consultation,
    reads: Sequence[Read] = (),
    *,
    title: str = "",
    note: str = "",
    tags: Iterable[str] = (),
    reference: Reference | None = None,
    owner: str = "",
    earlier: Case | None = None,
    seen: Case | None = None,
) -> Case:
    """Return the case of a film as it stands; nothing is saved.

    Args:
        reading: the film with what the networks said.
        prediction: the same at the operating point on show.
        consultation: what a language model was asked, and said.
        reads: of the human reader, the oldest first.
        title: what the reader calls it; empty for one made of the date. The file's name is
            never taken, since it may name a patient.
        note: the reader's own words.
        tags: short words to find it by, in any order.
        reference: the answer that the reader entered beside the film; None without any.
        owner: whose case it is.
        earlier: the same film's case as it lies in the casebook, if it does. The draft keeps its
            identity, its answer, and whatever else was added to it there.
        seen: the draft as the reader saved it last. Title, note, tags and answer that the reader
            has left as they were since are taken from `earlier`.
    """
    said = record_prediction(reading, prediction)
    film = reading.film
    draft = Case(
        film=FilmFacts.of(
            film.radiograph,
            synthetic=film.synthetic,
            mends=film.mends,
            chosen=film.before.radiograph if film.before else None,
        ),
        title=title.strip() or suggest_title(reading),
        predictions=(said,),
        opinions=tuple(_list_opinions(consultation)),
        reads=tuple(reads),
        note=note.strip(),
        tags=tidy_tags(tags),
        reference=reference,
        owner=owner,
    )
    return draft if earlier is None else _join(earlier, draft, seen or earlier)


def record_prediction(reading: Reading, prediction: Prediction) -> CasePrediction:
    """Return what the networks and the gate said of a film, at the operating point on show."""
    analysis = reading.analysis
    quality = to_record(analysis.quality, analysis.sets)
    return CasePrediction(prediction, analysis.explanations, reading.read_at, quality)


def suggest_title(reading: Reading) -> str:
    """Return what a case is called as long as nobody calls it something else."""
    kind = "Synthetic film" if reading.film.synthetic else "Film"
    return f"{kind} of {say_moment(reading.read_at)}"


def say_moment(moment: datetime) -> str:
    """Return a time for people.

    >>> from datetime import UTC
    >>> say_moment(datetime(2026, 11, 3, 14, 5, tzinfo=UTC))
    '3 November 2026, 14:05 UTC'
    """
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def tidy_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return tags as they are kept: without blanks around them, each once, sorted.

    >>> tidy_tags(["winter ", "ward", "", "winter"])
    ('ward', 'winter')
    """
    return tuple(sorted({tag.strip() for tag in tags} - {""}))


def is_as_saved(draft: Case, saved: Case) -> bool:
    """Whether saving a draft would change nothing but the time of the last change."""
    return _list_content(draft) == _list_content(saved)


def _list_content(case: Case) -> tuple[Any, ...]:
    """Return all that a reader can have changed; heat maps never change without the rest."""
    said = [(p.read_at, p.prediction, dict(p.quality)) for p in case.predictions]
    words = (case.title, case.note, case.tags, case.reference)
    return (case.id, *words, said, case.opinions, case.reads)


def _join(earlier: Case, draft: Case, seen: Case) -> Case:
    """Lay a draft over the case that it is of; what the reader saw and left counts as not said."""
    said = draft.latest
    kept = tuple(p for p in earlier.predictions if p.read_at != said.read_at)
    known = {_identify(opinion) for opinion in earlier.opinions}
    news = tuple(opinion for opinion in draft.opinions if _identify(opinion) not in known)
    moments = {read.read_at for read in earlier.reads}
    reads = (*earlier.reads, *(read for read in draft.reads if read.read_at not in moments))
    return replace(
        earlier,
        title=earlier.title if draft.title == seen.title else draft.title,
        note=earlier.note if draft.note == seen.note else draft.note,
        tags=earlier.tags if draft.tags == seen.tags else draft.tags,
        reference=earlier.reference if draft.reference == seen.reference else draft.reference,
        predictions=tuple(sorted((*kept, said), key=lambda p: p.read_at)),
        opinions=(*earlier.opinions, *news),
        reads=tuple(sorted(reads, key=lambda read: read.read_at)),
        updated_at=now_utc(),
    )


def _identify(opinion: CaseOpinion) -> tuple[object, ...]:
    """Tell one opinion from another: the same model is never asked twice in one millisecond."""
    result = opinion.result
    return opinion.informed, result.asked_at, result.host, result.model, result.latency_s


def _list_opinions(consultation: Consultation) -> list[CaseOpinion]:
    """Return what a language model has said so far, the one that stands for all last."""
    try:
        first, spread = consultation.first, consultation.spread
        informed = consultation.informed_read
    except PneumoError:
        return []  # The panel tells of it.
    if first is None or spread is None:
        return []
    blind: list[OpinionResult] = [result for result in spread.results if result is not first]
    opinions = [CaseOpinion(result) for result in (*blind, first)]
    if informed is not None:
        opinions.append(CaseOpinion(informed.second, informed=True))
    return opinions
