"""What a case holds: frozen records, the same before they are saved and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from pneumo.casebook.film_facts import FilmFacts
from pneumo.domain import Certainty, Explanation, Prediction, Side, Usability, Verdict, Zone
from pneumo.opinion.result import OpinionResult

REFUSED, SYNTHETIC = "REFUSED BY THE GATE", "SYNTHETIC"
"""What whatever shows or tells of such a film carries."""


class Stage(StrEnum):
    """What a reader had been shown when a read was committed."""

    ALONE = "alone"
    AFTER_NETWORKS = "after the networks"
    AFTER_OPINION = "after the language model"


class Cause(StrEnum):
    """What a reader names as the cause of a change of mind."""

    NETWORKS = "the networks"
    HEAT_MAP = "the heat map"
    OPINION = "the language model"
    SECOND_LOOK = "a second look at the film"


class ConflictState(StrEnum):
    """Whether those who read a film call it alike."""

    AGREE = "agree"
    SPLIT_VOTE = "networks split"
    OPINION_DIFFERS = "networks and language model differ"
    READER_DIFFERS = "reader and machine differ"


def now_utc() -> datetime:
    """Return the time in UTC, to the millisecond."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@dataclass(frozen=True, eq=False)
class CasePrediction:
    """What the networks said, when, and where they found it.

    Attributes:
        prediction: with model version and operating point.
        explanations: the heat maps on the networks' own coarse grids; they show no film.
        read_at: time in UTC.
        quality: what the gate said of the film, as plain values for JSON; empty if not asked.
    """

    prediction: Prediction
    explanations: tuple[Explanation, ...]
    read_at: datetime
    quality: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_refused(self) -> bool:
        """Whether the gate refused the film, and the reader wanted the answer all the same."""
        return self.quality.get("usability") == Usability.REFUSED

    @property
    def concerns(self) -> tuple[str, ...]:
        """What the gate had against the film, in whole sentences."""
        return tuple(str(each.get("message", "")) for each in self.quality.get("concerns", ()))


@dataclass(frozen=True)
class CaseOpinion:
    """What a language model said, with the prompt's version, and whether it knew the score."""

    result: OpinionResult
    informed: bool = False


@dataclass(frozen=True)
class Read:
    """What a human reader committed to.

    Attributes:
        verdict: PNEUMONIA, NORMAL, or INDETERMINATE.
        certainty: how sure the reader is.
        side: the patient's side of the finding that decided.
        zone: the part of the lung.
        stage: what had been shown before.
        read_at: time in UTC.
        cause: what changed the reader's mind since the read before; None if nothing did.
        seconds: how long the film had been on show when the read was committed; None if unknown.
    """

    verdict: Verdict
    certainty: Certainty
    side: Side
    zone: Zone
    stage: Stage
    read_at: datetime
    cause: Cause | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Reference:
    """The answer that a case was resolved with: PNEUMONIA or NORMAL, by what, and when."""

    verdict: Verdict
    source: str
    resolved_at: datetime


@dataclass(frozen=True, eq=False)
class Case:
    """One film with all that was said about it.

    Attributes:
        film: what is kept of the film.
        title: what the reader calls the case; a file's name is never taken, it may name a patient.
        predictions: of the networks, the oldest first; at least one.
        opinions: of language models, the oldest first.
        reads: of the human reader, the oldest first.
        note: the reader's own words.
        tags: short words to find it by, sorted.
        reference: the answer it was resolved with; None if it is open.
        has_film: whether the film's pixels are kept with it.
        created_at: when it was saved first, UTC.
        updated_at: when it was changed last, UTC.
        owner: whose case it is; empty where nobody signs in.
        id: 32 hexadecimal digits; saving the same id twice keeps one case.
    """

    film: FilmFacts
    title: str
    predictions: tuple[CasePrediction, ...]
    opinions: tuple[CaseOpinion, ...] = ()
    reads: tuple[Read, ...] = ()
    note: str = ""
    tags: tuple[str, ...] = ()
    reference: Reference | None = None
    has_film: bool = False
    created_at: datetime = field(default_factory=now_utc)
    updated_at: datetime = field(default_factory=now_utc)
    owner: str = ""
    id: str = field(default_factory=lambda: uuid4().hex)

    @property
    def latest(self) -> CasePrediction:
        """What the networks said last."""
        return self.predictions[-1]

    @property
    def marks(self) -> tuple[str, ...]:
        """What the networks' last verdict must not be told without; empty for most cases."""
        return (REFUSED,) * self.latest.is_refused + (SYNTHETIC,) * self.film.synthetic

    @property
    def opinion(self) -> OpinionResult | None:
        """The last blind opinion that is one; None without any."""
        blind = [o.result for o in self.opinions if not o.informed and o.result.opinion]
        return blind[-1] if blind else None

    @property
    def conflicts(self) -> tuple[ConflictState, ...]:
        """Who differs from whom; (AGREE,) if nobody does."""
        prediction = self.latest.prediction
        found = []
        if prediction.split_vote:
            found.append(ConflictState.SPLIT_VOTE)
        if _differ(self.opinion.verdict if self.opinion else None, prediction.leaning):
            found.append(ConflictState.OPINION_DIFFERS)
        if self.reads and _differ(self.reads[-1].verdict, prediction.leaning):
            found.append(ConflictState.READER_DIFFERS)
        return tuple(found) or (ConflictState.AGREE,)


@dataclass(frozen=True)
class Damaged:
    """A case that is there and cannot be read: its id, and in a sentence why."""

    case_id: str
    reason: str


@dataclass(frozen=True)
class CaseReads:
    """What is needed of one film to measure its reader, light enough for thousands at once.

    Attributes:
        case_id: the case's id; anything that tells one film of a visit from another.
        fingerprint: of the film; one that is there twice was read twice.
        reads: of the human reader, the oldest first.
        leaning: what the networks said last, PNEUMONIA or NORMAL by the threshold alone.
        probability: their calibrated probability of pneumonia, in [0, 1].
        operating_point: name of the point that was applied.
        opinion: the verdict of the last blind opinion; None without any.
        reference: the answer the film was resolved with; None if it is open.
    """

    case_id: str
    fingerprint: str
    reads: tuple[Read, ...]
    leaning: Verdict
    probability: float
    operating_point: str
    opinion: Verdict | None = None
    reference: Reference | None = None


def _differ(one: Verdict | None, other: Verdict) -> bool:
    """Whether two decided verdicts contradict each other; an undecided one contradicts nobody."""
    return one not in (None, Verdict.INDETERMINATE, other)
