"""What one session has settled about reading first, and what was read in all of its visits.

There is no pixel and no file's name in it: what is kept past a visit names no film to people.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import streamlit as st

from pneumo import Prediction, Verdict
from pneumo.casebook.records import CaseReads, Cause, Read, Reference, Stage, now_utc
from pneumo.domain import Certainty, Side, Zone
from pneumo.ui.session import Visit

ANSWER_SOURCE = "entered by the reader"
"""Where an answer comes from that was entered on the page Analyze."""

_KEY = "reader first"


@dataclass(frozen=True)
class Draft:
    """A read before it is committed, as far as the reader has chosen; None where not yet."""

    verdict: Verdict | None = None
    certainty: Certainty | None = None
    side: Side | None = None
    zone: Zone | None = None

    @classmethod
    def of(cls, read: Read) -> Draft:
        """Return a read as a draft of the next."""
        return cls(read.verdict, read.certainty, read.side, read.zone)

    @property
    def missing(self) -> list[str]:
        """What is still to be chosen, in words; a normal film has no place to name."""
        wanted: dict[str, str | None] = {"verdict": self.verdict, "certainty": self.certainty}
        if self.verdict is not Verdict.NORMAL:
            wanted |= {"side": self.side, "zone": self.zone}
        return [name for name, value in wanted.items() if value is None]


@dataclass
class Stopwatch:
    """For how long each film has been on show, one at a time; switched by showing another."""

    _seconds: dict[tuple[int, int], float] = field(default_factory=dict)
    _current: tuple[int, int] | None = None
    _since: float = 0.0

    def show(self, film: tuple[int, int], now: float) -> float:
        """Tell that a film is on show at a time, and return for how many seconds it has been.

        The clock runs on while the visitor looks at another page: only another film stops it.
        """
        if self._current is not None:
            passed = now - self._since
            self._seconds[self._current] = self._seconds.get(self._current, 0.0) + passed
        self._current, self._since = film, now
        return self._seconds.get(film, 0.0)


@dataclass
class ReaderDesk:
    """What this session has settled.

    Attributes:
        reads_first: whether the machine waits until the reader has committed.
        watch: how long each film has been on show, by visit and place.
        films: what was read, by visit and place.
    """

    reads_first: bool = False
    watch: Stopwatch = field(default_factory=Stopwatch)
    films: dict[tuple[int, int], CaseReads] = field(default_factory=dict)


def current_reader() -> ReaderDesk:
    """Return this browser session's desk, laid out if there is none."""
    desk: ReaderDesk = st.session_state.setdefault(_KEY, ReaderDesk())
    return desk


def reads_of(visit: Visit, place: int) -> tuple[Read, ...]:
    """Return what was committed to about a film, the oldest first."""
    return visit.reads.get(place, ())


def stages_of(visit: Visit, place: int) -> set[Stage]:
    """Return what had been shown when the visitor committed to something about a film."""
    return {read.stage for read in reads_of(visit, place)}


def is_answered(visit: Visit, place: int) -> bool:
    """Tell whether the visitor has said what the networks' verdict did to their mind."""
    return bool(stages_of(visit, place) - {Stage.ALONE})


def time_film(visit: Visit, place: int) -> float:
    """Tell the session's stopwatch which film is on show, and return its seconds so far."""
    return current_reader().watch.show((visit.number, place), time.monotonic())


def commit(
    visit: Visit, place: int, draft: Draft, stage: Stage, *, cause: Cause | None = None
) -> None:
    """Add a read to what a visitor committed to; earlier ones stay as they are.

    Args:
        visit: whose reads are added to.
        place: the film's, among the visit's readings.
        draft: with nothing missing.
        stage: what had been shown.
        cause: what changed the reader's mind; None if nothing did.
    """
    if draft.missing or draft.verdict is None or draft.certainty is None:
        return
    normal = draft.verdict is Verdict.NORMAL
    read = Read(
        draft.verdict,
        draft.certainty,
        "cannot tell" if normal or draft.side is None else draft.side,
        "cannot tell" if normal or draft.zone is None else draft.zone,
        stage,
        now_utc(),
        cause,
        round(time_film(visit, place), 1),
    )
    visit.reads[place] = (*reads_of(visit, place), read)


def enter_answer(visit: Visit, place: int, verdict: Verdict | None) -> None:
    """Resolve a film of a visit, or open it again.

    A corrected answer keeps the time of the first: the reader has known one since then.
    """
    earlier = visit.references.get(place)
    if verdict is None:
        visit.references.pop(place, None)
    else:
        resolved_at = earlier.resolved_at if earlier else now_utc()
        visit.references[place] = Reference(verdict, ANSWER_SOURCE, resolved_at)


def keep_reads(visit: Visit, predictions: Sequence[Prediction]) -> list[CaseReads]:
    """Note what was read in a visit so far, and return what was in the whole session.

    The networks' side of a film stays what was on show when its last read was committed, also
    where another operating point is chosen afterwards.

    Args:
        visit: the one on show.
        predictions: what the networks say, at the operating point on show, a film each.
    """
    films = current_reader().films
    for place, prediction in enumerate(predictions):
        reads, key = reads_of(visit, place), (visit.number, place)
        if not reads:
            continue
        opinion = visit.consultation(place).opinion
        if key not in films or films[key].reads != reads:
            films[key] = CaseReads(
                case_id=f"{visit.number}/{place}",
                fingerprint=visit.readings[place].film.radiograph.fingerprint,
                reads=reads,
                leaning=prediction.leaning,
                probability=prediction.probability,
                operating_point=prediction.operating_point.name,
            )
        films[key] = replace(
            films[key],
            opinion=opinion.verdict if opinion else None,
            reference=visit.references.get(place),
        )
    return list(films.values())
