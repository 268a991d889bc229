"""An act on a case → a line in the journal; lines → records of who did what, and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Engine, and_, func, insert, select, true
from sqlalchemy.orm import Session

from pneumo.casebook.people import name_of
from pneumo.casebook.records import now_utc
from pneumo.casebook.search import midnight
from pneumo.casebook.storage.failures import Task
from pneumo.casebook.storage.tables import JournalLine
from pneumo.casebook.storage.transactions import read, write
from pneumo.errors import UnwritableError


class Act(StrEnum):
    """What was done."""

    SAVED = "saved"
    CHANGED = "changed"
    OPENED = "opened"
    EXPORTED = "exported"
    IMPORTED = "imported"
    DELETED = "deleted"
    EXPIRED = "deleted because it was old"
    CLASS_BEGUN = "began a class"
    CLASS_STARTED = "let a class read"
    CLASS_ENDED = "ended a class"
    CLASS_SHOWN = "showed a class its results"
    CLASS_HIDDEN = "hid a class's results"
    CLASS_EXPORTED = "exported a class"
    CLASS_DELETED = "deleted a class"
    CLASS_EXPIRED = "deleted a class because it was old"
    SENT = "sent a film to a language model"
    REFUSED = "was refused"
    LOG_OPENED = "opened this log"
    LOG_EXPORTED = "exported this log"


SERVER = "this server"
"""Who deletes what is old: nobody who signs in has an address like that."""


@dataclass(frozen=True)
class JournalEntry:
    """One act.

    Attributes:
        at: when, UTC.
        owner: who; empty where nobody signs in.
        act: what.
        case_id: to which case, also of one that is gone; empty if to none.
        detail: which parts of it, such as "note, tags"; never a word of them.
        name: what the owner was called at that moment; empty if unknown.
    """

    at: datetime
    owner: str
    act: Act
    case_id: str
    detail: str = ""
    name: str = ""


@dataclass(frozen=True)
class JournalQuery:
    """What acts are looked for by.

    Attributes:
        owner: whose; None for everybody's.
        acts: which; empty for all.
        since: the first day, in UTC; None for no bound.
        until: the last day, itself included; likewise.
    """

    owner: str | None = None
    acts: frozenset[Act] = frozenset()
    since: date | None = None
    until: date | None = None


def note_down(
    session: Session, owner: str, act: Act, case_ids: Iterable[str], detail: str = ""
) -> None:
    """Add a line a case to the journal, in the transaction of the act itself."""
    facts = {"at": now_utc(), "owner": owner, "name": name_of(owner), "act": act.value}
    lines = [{**facts, "case_id": case_id, "detail": detail} for case_id in case_ids]
    if lines:
        session.execute(insert(JournalLine), lines)


class Journal:
    """Who did what, in the database of a casebook. Every method may raise `CasebookError`."""

    def __init__(self, engine: Engine) -> None:
        """Take a database that `pneumo.casebook.storage.database.open_database` has opened."""
        self._engine = engine

    def note(self, owner: str, act: Act, case_id: str = "", detail: str = "") -> None:
        """Note an act that changes nothing in the database.

        Where nobody signs in, a database that cannot be written to costs nobody the act.

        Args:
            owner: who did it.
            act: what.
            case_id: to which case; empty if to none.
            detail: what else there is to know; never a word of a case.
        """
        try:
            write(
                self._engine,
                lambda session: note_down(session, owner, act, [case_id], detail),
                task=Task.NOTE,
            )
        except UnwritableError:
            if owner:
                raise

    def find(
        self, query: JournalQuery | None = None, *, limit: int = 100, offset: int = 0
    ) -> list[JournalEntry]:
        """Return some of the acts that a query finds, the newest first.

        Args:
            query: what they are looked for by; None for all.
            limit: most of them.
            offset: how many to skip.
        """
        wanted = select(JournalLine).where(_find_by(query)).order_by(JournalLine.id.desc())
        wanted = wanted.limit(limit).offset(offset)
        return [
            JournalEntry(line.at, line.owner, Act(line.act), line.case_id, line.detail, line.name)
            for line in read(self._engine, lambda session: session.scalars(wanted).all())
        ]

    def count(self, query: JournalQuery | None = None) -> int:
        """Return how many acts a query finds."""
        wanted = select(func.count()).select_from(JournalLine).where(_find_by(query))
        return read(self._engine, lambda session: session.scalar(wanted)) or 0


def _find_by(query: JournalQuery | None) -> ColumnElement[bool]:
    query = query or JournalQuery()
    conditions: list[ColumnElement[bool]] = [true()]
    if query.owner is not None:
        conditions.append(JournalLine.owner == query.owner)
    if query.acts:
        conditions.append(JournalLine.act.in_(sorted(query.acts)))
    if query.since is not None:
        conditions.append(JournalLine.at >= midnight(query.since))
    if query.until is not None:
        conditions.append(JournalLine.at < midnight(query.until + timedelta(days=1)))
    return and_(*conditions)
