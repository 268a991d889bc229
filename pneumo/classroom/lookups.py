"""A code or a token → what the tables hold under it, as records."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from pneumo.classroom.names import seal, tidy_code
from pneumo.classroom.records import (
    Answer,
    ClassPlan,
    ClassSession,
    Progress,
    Seat,
    SeatProgress,
    SessionState,
    Standing,
)
from pneumo.classroom.tables import AnswerEntry, SeatEntry, SessionEntry
from pneumo.errors import ClassroomError

GRACE = timedelta(seconds=1.5)
"""How much later than its film's time an answer may arrive: it was on its way."""

PLAN: TypeAdapter[ClassPlan] = TypeAdapter(ClassPlan)


def find_session(
    db: Session, code: str, *, for_update: bool = False, for_share: bool = False
) -> SessionEntry:
    """Return a session, kept from changing if asked to; on SQLite a writer is alone anyway.

    Raises:
        ClassroomError: there is none.
    """
    query = select(SessionEntry).where(SessionEntry.code == tidy_code(code))
    if for_update or for_share:
        query = query.with_for_update(read=for_share)
    entry = db.scalar(query.execution_options(populate_existing=True))
    if entry is None:
        raise _missing()
    return entry


def find_standing(db: Session, code: str) -> Standing:
    """Return what a student's browser may know of a session.

    Raises:
        ClassroomError: there is none.
    """
    found = db.execute(
        select(
            SessionEntry.state,
            SessionEntry.films,
            SessionEntry.seconds,
            SessionEntry.is_synthetic,
            SessionEntry.is_shown,
        ).where(SessionEntry.code == tidy_code(code))
    ).one_or_none()
    if found is None:
        raise _missing()
    state, films, seconds, is_synthetic, is_shown = found
    return Standing(SessionState(state), films, seconds, is_synthetic, is_shown)


def _missing() -> ClassroomError:
    return ClassroomError(
        "No session has this code. Check it with whoever gave it to you: it has six letters and "
        "digits, and a session may have been deleted."
    )


def find_seat(db: Session, code: str, token: str) -> SeatEntry | None:
    """Return the seat that a token was given for; None if this session has none."""
    return db.scalar(
        select(SeatEntry).where(
            SeatEntry.code == tidy_code(code), SeatEntry.sealed_token == seal(token)
        )
    )


def measure_progress(db: Session, code: str, *, now: datetime) -> Progress:
    """Return how far everybody in a session is, by one question to the database.

    Raises:
        ClassroomError: there is no such session.
    """
    standing = find_standing(db, code)
    is_over: ColumnElement[bool] = AnswerEntry.rating.is_not(None)
    if standing.seconds is not None:
        begun = now - timedelta(seconds=standing.seconds) - GRACE
        is_over = or_(is_over, AnswerEntry.shown_at < begun)
    of_seat = and_(AnswerEntry.code == SeatEntry.code, AnswerEntry.seat == SeatEntry.number)
    rows = db.execute(
        select(
            SeatEntry.number,
            SeatEntry.name,
            SeatEntry.nickname,
            func.count(AnswerEntry.rating),
            func.coalesce(func.sum(case((is_over, 1), else_=0)), 0),
        )
        .outerjoin(AnswerEntry, of_seat)
        .where(SeatEntry.code == tidy_code(code))
        .group_by(SeatEntry.number, SeatEntry.name, SeatEntry.nickname)
        .order_by(SeatEntry.number)
    )
    seats = tuple(
        SeatProgress(Seat(number, name, nickname), answered, over)
        for number, name, nickname, answered, over in rows
    )
    return Progress(standing.state, standing.films, seats)


def time_limit(shown_at: datetime, seconds: int | None) -> datetime | None:
    """Return until when a film shown then may be read; None without a clock."""
    return None if seconds is None else shown_at + timedelta(seconds=seconds)


def to_session(entry: SessionEntry) -> ClassSession:
    """Return a session's record."""
    return ClassSession(
        code=entry.code,
        plan=PLAN.validate_json(entry.plan),
        state=SessionState(entry.state),
        is_shown=entry.is_shown,
        created_at=entry.created_at,
        started_at=entry.started_at,
        ended_at=entry.ended_at,
    )


def to_seat(entry: SeatEntry) -> Seat:
    """Return a seat's record."""
    return Seat(entry.number, entry.name, entry.nickname)


def to_answer(entry: AnswerEntry) -> Answer:
    """Return an answer's record."""
    seconds = None
    if entry.answered_at is not None:
        seconds = (entry.answered_at - entry.shown_at) / timedelta(seconds=1)
    return Answer(entry.seat, entry.place, entry.rating, seconds)
