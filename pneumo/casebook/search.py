"""What is asked for → the conditions of a search, and the light rows that it finds."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, not_, or_, select

from pneumo.casebook.records import Case, ConflictState
from pneumo.casebook.storage.tables import CaseEntry, CaseTag
from pneumo.domain import Verdict

LONGEST_QUERY = 200
"""Characters of a searched text; what follows them is not looked at."""

_STATES = {
    ConflictState.SPLIT_VOTE: CaseEntry.split_vote,
    ConflictState.OPINION_DIFFERS: CaseEntry.opinion_differs,
    ConflictState.READER_DIFFERS: CaseEntry.reader_differs,
}


@dataclass(frozen=True)
class CaseQuery:
    """What cases are looked for by; everything that is given must hold.

    Attributes:
        text: a part of the title or of the note; case does not matter, `%` and `_` are letters.
        verdict: of the networks, last.
        conflict: who differs from whom, or AGREE for nobody.
        model_version: of the networks that spoke last; empty for any.
        tag: one of its tags; empty for any.
        resolved: whether there is a reference answer; None for either.
        since: first day it was saved on, by UTC.
        until: last such day.
        fingerprint: of the film; empty for any.
    """

    text: str = ""
    verdict: Verdict | None = None
    conflict: ConflictState | None = None
    model_version: str = ""
    tag: str = ""
    resolved: bool | None = None
    since: date | None = None
    until: date | None = None
    fingerprint: str = ""


@dataclass(frozen=True)
class CaseRow:
    """One case as a list shows it.

    Attributes:
        id: the case's id.
        title: what the reader calls it.
        created_at: when it was saved first, UTC.
        updated_at: when it was changed last, UTC.
        verdict: of the networks, last.
        leaning: theirs by the threshold alone.
        probability: theirs, calibrated, in [0, 1].
        operating_point: name of the point that was applied.
        model_version: of the networks.
        opinion: verdict of the last blind opinion; None without any.
        reader: the reader's last verdict; None without any.
        reference: the answer it was resolved with; None if it is open.
        conflicts: who differs from whom; (AGREE,) if nobody does.
        tags: sorted.
        note: the reader's own words.
        has_film: whether the pixels are kept.
        synthetic: whether the film was drawn from statistics.
        refused: whether the gate refused it.
        fingerprint: of the film.
    """

    id: str
    title: str
    created_at: datetime
    updated_at: datetime
    verdict: Verdict
    leaning: Verdict
    probability: float
    operating_point: str
    model_version: str
    opinion: Verdict | None
    reader: Verdict | None
    reference: Verdict | None
    conflicts: tuple[ConflictState, ...]
    tags: tuple[str, ...]
    note: str
    has_film: bool
    synthetic: bool
    refused: bool
    fingerprint: str


@dataclass(frozen=True)
class CasePage:
    """Some of the cases that a search found, and how many there are.

    Attributes:
        rows: newest first.
        total: of all that were found.
        problems: of each case on the page that cannot be read, its id and why.
    """

    rows: tuple[CaseRow, ...]
    total: int
    problems: tuple[str, ...] = ()


def fold(text: str) -> str:
    """Return a text as it is searched: without case, and without widths of letters.

    >>> fold("STRASSE") == fold("Straße")
    True
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def plain(text: str) -> str:
    """Return a text without what PostgreSQL (NUL) or UTF-8 (halves of a letter) cannot hold."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def find_by(owner: str, query: CaseQuery) -> ColumnElement[bool]:
    """Return the condition that an owner's cases meet which a query asks for."""
    found: list[ColumnElement[bool]] = [CaseEntry.owner == owner]
    if text := fold(plain(query.text).strip()[:LONGEST_QUERY]):
        found.append(CaseEntry.words.contains(text, autoescape=True))
    if query.verdict is not None:
        found.append(CaseEntry.verdict == query.verdict.value)
    if query.conflict is ConflictState.AGREE:
        found.append(not_(or_(*_STATES.values())))
    elif query.conflict is not None:
        found.append(_STATES[query.conflict].is_(True))
    if query.model_version:
        found.append(CaseEntry.model_version == plain(query.model_version))
    if query.tag:
        tagged = select(CaseTag.case_id).where(
            CaseTag.owner == owner, CaseTag.tag == plain(query.tag)
        )
        found.append(CaseEntry.id.in_(tagged))
    if query.resolved is not None:
        found.append((CaseEntry.reference_verdict != "") == query.resolved)
    if query.since is not None:
        found.append(CaseEntry.created_at >= midnight(query.since))
    if query.until is not None and query.until < date.max:
        found.append(CaseEntry.created_at < midnight(query.until + timedelta(days=1)))
    if query.fingerprint:
        found.append(CaseEntry.fingerprint == query.fingerprint)
    return and_(*found)


def list_entry(entry: CaseEntry, tags: tuple[str, ...]) -> CaseRow:
    """Return an entry as a list shows it.

    Raises:
        ValueError: it holds a verdict that is none.
    """
    states = tuple(state for state, column in _STATES.items() if getattr(entry, column.key))
    return CaseRow(
        id=entry.id,
        title=entry.title,
        created_at=entry.created_at,
        updated_at=entry.updated_at,
        verdict=Verdict(entry.verdict),
        leaning=Verdict(entry.leaning),
        probability=entry.probability,
        operating_point=entry.operating_point,
        model_version=entry.model_version,
        opinion=read_verdict(entry.opinion_verdict),
        reader=read_verdict(entry.reader_verdict),
        reference=read_verdict(entry.reference_verdict),
        conflicts=states or (ConflictState.AGREE,),
        tags=tags,
        note=entry.note,
        has_film=entry.has_film,
        synthetic=entry.synthetic,
        refused=entry.refused,
        fingerprint=entry.fingerprint,
    )


def fill_entry(entry: CaseEntry, case: Case) -> None:
    """Write what a case is found by and listed with into its entry."""
    said, film, states = case.latest.prediction, case.film, case.conflicts
    opinion = case.opinion
    entry.created_at, entry.updated_at = case.created_at, case.updated_at
    entry.fingerprint = plain(film.fingerprint)
    entry.rows, entry.columns = film.rows, film.columns
    entry.source, entry.encoding, entry.synthetic = (
        film.source,
        plain(film.encoding),
        film.synthetic,
    )
    entry.mends = json.dumps(film.mends)
    entry.chosen_fingerprint = plain(film.chosen_fingerprint)
    entry.refused = case.latest.is_refused
    entry.has_film = case.has_film
    entry.verdict, entry.leaning = said.verdict.value, said.leaning.value
    entry.probability = float(said.probability)
    entry.operating_point = plain(said.operating_point.name)
    entry.model_version = plain(said.model_version)
    entry.opinion_verdict = _word(opinion.verdict if opinion else None)
    entry.reader_verdict = _word(case.reads[-1].verdict if case.reads else None)
    for state, column in _STATES.items():
        setattr(entry, column.key, state in states)
    reference = case.reference
    entry.reference_verdict = _word(reference.verdict if reference else None)
    entry.reference_source = plain(reference.source) if reference else ""
    entry.resolved_at = reference.resolved_at if reference else None
    entry.title, entry.note = case.title, case.note
    entry.words = fold(f"{case.title}\n{case.note}")


def read_verdict(word: str) -> Verdict | None:
    """Return the verdict that a word names; None for an empty one.

    Raises:
        ValueError: it names none.
    """
    return Verdict(word) if word else None


def _word(verdict: Verdict | None) -> str:
    return verdict.value if verdict else ""


def midnight(day: date) -> datetime:
    """Return the moment at which a day begins, by UTC."""
    return datetime.combine(day, time(), UTC)
