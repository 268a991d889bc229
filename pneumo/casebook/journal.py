"""An act on a case → a line in the journal; lines → records of who did what, and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from pneumo.casebook.records import now_utc
from pneumo.casebook.tables import JournalLine


class Act(StrEnum):
    """What was done to a case."""

    SAVED = "saved"
    CHANGED = "changed"
    OPENED = "opened"
    EXPORTED = "exported"
    IMPORTED = "imported"
    DELETED = "deleted"
    EXPIRED = "deleted because it was old"


@dataclass(frozen=True)
class JournalEntry:
    """One act.

    Attributes:
        at: when, UTC.
        owner: who; empty where nobody signs in.
        act: what.
        case_id: to which case, also of one that is gone.
        detail: which parts of it, such as "note, tags"; never a word of them.
    """

    at: datetime
    owner: str
    act: Act
    case_id: str
    detail: str = ""


def note_down(
    session: Session, owner: str, act: Act, case_ids: Iterable[str], detail: str = ""
) -> None:
    """Add a line a case to the journal, in the transaction of the act itself."""
    at = now_utc()
    lines = [
        {"at": at, "owner": owner, "act": act.value, "case_id": case_id, "detail": detail}
        for case_id in case_ids
    ]
    if lines:
        session.execute(insert(JournalLine), lines)


def read_journal(session: Session, *, limit: int, owner: str | None) -> list[JournalEntry]:
    """Return the last acts, the newest first; those of one owner if one is given."""
    wanted = select(JournalLine).order_by(JournalLine.id.desc()).limit(limit)
    if owner is not None:
        wanted = wanted.where(JournalLine.owner == owner)
    return [
        JournalEntry(line.at, line.owner, Act(line.act), line.case_id, line.detail)
        for line in session.scalars(wanted)
    ]
