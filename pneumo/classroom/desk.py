"""A student's seat in a session → the film that is read now, and the answers that are kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from pneumo.casebook.storage.transactions import read, write
from pneumo.classroom.lookups import (
    GRACE,
    PLAN,
    find_seat,
    find_session,
    time_limit,
    to_answer,
    to_seat,
)
from pneumo.classroom.records import RATINGS, Answer, OnShow, Seat, SessionState
from pneumo.classroom.tables import AnswerEntry, SeatEntry, SessionEntry
from pneumo.errors import ClassroomError

SLIP = timedelta(seconds=0.4)
"""An answer that comes sooner than this after its film is the second half of a double click, or
of a key held down: nobody has seen the film by then."""


class Desk:
    """Where one student reads. Every method is a transaction of its own.

    All raise CasebookError where the database fails, and ClassroomError where no session has the
    code or, but for `seat`, no seat of it the token.
    """

    def __init__(
        self, engine: Engine, code: str, token: str, *, clock: Callable[[], datetime]
    ) -> None:
        """Take the session's code and the seat's token; nothing is asked of the database yet."""
        self._engine = engine
        self._code = code
        self._token = token
        self._clock = clock

    def seat(self) -> Seat | None:
        """Return whose desk it is; None if the session has no such seat."""

        def work(db: Session) -> Seat | None:
            find_session(db, self._code)
            found = find_seat(db, self._code, self._token)
            return to_seat(found) if found else None

        return read(self._engine, work)

    def show_film(self) -> OnShow | None:
        """Return the film to read now; None where the session does not run, or after the last.

        A film stays the same however often this is asked, until it is answered or its time is
        over. Its clock begins when it is asked for first.
        """
        now = self._clock()
        shown, next_place = read(self._engine, lambda db: self._look(db, now))
        if not next_place:
            return shown

        def work(db: Session) -> OnShow | None:
            # Two windows of one student may ask at once: the session's lock makes them wait.
            entry = find_session(db, self._code, for_update=True)
            shown, place = self._look(db, now)
            if not place:
                return shown
            seat = self._sit(db)
            db.add(
                AnswerEntry(
                    code=seat.code,
                    seat=seat.number,
                    place=place,
                    shown_at=now,
                    rating=None,
                    answered_at=None,
                )
            )
            return _on_show(entry, place, now)

        return write(self._engine, work)

    def answer(self, place: int, rating: int, *, pressed_at: datetime | None = None) -> Answer:
        """Keep an answer to a film; if there is one already, that one stays.

        Args:
            place: the film's.
            rating: a key of RATINGS.
            pressed_at: when the server heard of it, UTC, if it could not be kept at once; None
                for now.

        Returns:
            The answer that is kept. It is on the disk.

        Raises:
            ClassroomError: the session does not run, the film was not shown to this student, its
                time is over or has only just begun, or the rating is none of RATINGS.
        """
        if rating not in RATINGS:
            raise ClassroomError(f"Expected a rating from 1 to {max(RATINGS)}, but got {rating}.")
        at = pressed_at or self._clock()

        def work(db: Session) -> Answer:
            # Shared, so that the session cannot end between this look and the answer.
            entry = find_session(db, self._code, for_share=True)
            seat = self._sit(db)
            answer = db.get(AnswerEntry, (seat.code, seat.number, place), with_for_update=True)
            if answer is None:
                raise ClassroomError(f"Film {place} was not shown to you yet, so wait for it.")
            if answer.rating is None:
                _check_in_time(entry, answer, at)
                answer.rating, answer.answered_at = rating, at
            return to_answer(answer)

        return write(self._engine, work)

    def answers(self) -> list[Answer]:
        """Return what became of every film that was shown here, in their order."""

        def work(db: Session) -> list[Answer]:
            seat = self._sit(db)
            found = select(AnswerEntry).where(
                AnswerEntry.code == seat.code, AnswerEntry.seat == seat.number
            )
            return [to_answer(entry) for entry in db.scalars(found.order_by(AnswerEntry.place))]

        return read(self._engine, work)

    def _sit(self, db: Session) -> SeatEntry:
        found = find_seat(db, self._code, self._token)
        if found is None:
            raise ClassroomError("This seat is in no such session: join it anew with its code.")
        return found

    def _look(self, db: Session, now: datetime) -> tuple[OnShow | None, int]:
        """Return the film before the student, or the place of the one that is due; 0 for none."""
        entry, seat = find_session(db, self._code), self._sit(db)
        if entry.state != SessionState.RUNNING:
            return None, 0
        last = db.scalar(
            select(AnswerEntry)
            .where(AnswerEntry.code == seat.code, AnswerEntry.seat == seat.number)
            .order_by(AnswerEntry.place.desc())
            .limit(1)
        )
        if last is None:
            return None, 1
        until = time_limit(last.shown_at, entry.seconds)
        if last.rating is None and (until is None or now < until):
            return _on_show(entry, last.place, last.shown_at), 0
        return None, last.place + 1 if last.place < entry.films else 0


def _on_show(entry: SessionEntry, place: int, shown_at: datetime) -> OnShow:
    film = PLAN.validate_json(entry.plan).films[place - 1]
    return OnShow(film, shown_at, time_limit(shown_at, entry.seconds))


def _check_in_time(entry: SessionEntry, answer: AnswerEntry, at: datetime) -> None:
    if entry.state != SessionState.RUNNING:
        raise ClassroomError("The session is over, so this answer was not kept.")
    if at < answer.shown_at + SLIP:
        raise ClassroomError(
            f"Film {answer.place} had only just appeared, so that press was taken for a slip and "
            "not kept: answer again."
        )
    until = time_limit(answer.shown_at, entry.seconds)
    if until is not None and at > until + GRACE:
        raise ClassroomError(
            f"The time for film {answer.place} was over before your answer came, so it was not "
            "kept."
        )
