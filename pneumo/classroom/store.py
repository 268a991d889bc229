"""A database ⇄ the sessions of classes in it: begun, steered, joined, and read from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from pneumo.casebook.records import now_utc
from pneumo.casebook.transactions import read, write
from pneumo.classroom.desk import Desk
from pneumo.classroom.lookups import (
    PLAN,
    find_session,
    find_standing,
    measure_progress,
    to_answer,
    to_seat,
    to_session,
)
from pneumo.classroom.names import draw_code, draw_name, draw_token, seal, tidy_code, tidy_nickname
from pneumo.classroom.records import (
    Answer,
    ClassPlan,
    ClassSession,
    Progress,
    Seat,
    SessionState,
    Standing,
)
from pneumo.classroom.tables import AnswerEntry, SeatEntry, SessionEntry
from pneumo.errors import ClassroomError

MOST_SEATS = 300


class Classroom:
    """The sessions in one database.

    Every method is a transaction of its own, and may be called from any thread or process. Codes
    are taken as they are typed. What only whoever began a session may do takes its token.

    All raise CasebookError where the database fails, and ClassroomError where no session has the
    code or the token is not the session's.
    """

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = now_utc) -> None:
        """Take the engine of an open database, and what tells the time in UTC."""
        self._engine = engine
        self._clock = clock

    def begin(self, plan: ClassPlan, *, owner: str = "") -> tuple[str, str]:
        """Begin a session, which waits for students, and return its code and its token."""
        token, now = draw_token(), self._clock()

        def work(db: Session) -> str:
            code = draw_code()
            while db.get(SessionEntry, code) is not None:
                code = draw_code()
            db.add(
                SessionEntry(
                    code=code,
                    owner=owner,
                    sealed_token=seal(token),
                    state=SessionState.WAITING,
                    films=len(plan.films),
                    seconds=plan.seconds,
                    is_synthetic=plan.is_synthetic,
                    is_shown=False,
                    plan=PLAN.dump_json(plan).decode(),
                    created_at=now,
                    started_at=None,
                    ended_at=None,
                )
            )
            return code

        return write(self._engine, work), token

    def is_steered_by(self, code: str, token: str) -> bool:
        """Tell whether a token is the one that a session was begun with."""
        return read(self._engine, lambda db: find_session(db, code).sealed_token == seal(token))

    def start(self, code: str, token: str) -> None:
        """Let the students read; a session that runs or has ended stays as it is.

        Raises:
            ClassroomError: nobody has joined.
        """

        def work(entry: SessionEntry, db: Session) -> None:
            if not db.scalar(select(func.count()).where(SeatEntry.code == entry.code)):
                raise ClassroomError("Nobody has joined yet: start when the students are here.")
            if entry.state == SessionState.WAITING:
                entry.state, entry.started_at = SessionState.RUNNING, self._clock()

        self._steer(code, token, work)

    def end(self, code: str, token: str) -> None:
        """End a session: answers that come later are refused."""

        def work(entry: SessionEntry, _: Session) -> None:
            if entry.state != SessionState.ENDED:
                entry.state, entry.ended_at = SessionState.ENDED, self._clock()

        self._steer(code, token, work)

    def show_results(self, code: str, token: str, *, is_shown: bool) -> None:
        """Let each student see their own results, or no longer.

        Raises:
            ClassroomError: the session has not ended.
        """

        def work(entry: SessionEntry, _: Session) -> None:
            if entry.state != SessionState.ENDED:
                raise ClassroomError("Results are shown when the session has ended: end it first.")
            entry.is_shown = is_shown

        self._steer(code, token, work)

    def delete(self, code: str, token: str) -> None:
        """Delete a session with its seats and answers."""
        self._steer(code, token, lambda entry, db: db.delete(entry))

    def delete_expired(self, days: int) -> int:
        """Delete the sessions that were begun longer ago, and return how many they were."""
        oldest = self._clock() - timedelta(days=days)

        def work(db: Session) -> int:
            gone = delete(SessionEntry).where(SessionEntry.created_at < oldest)
            return len(db.scalars(gone.returning(SessionEntry.code)).all())

        return write(self._engine, work)

    def open(self, code: str) -> ClassSession:
        """Return a session with its films, their labels and what the networks said."""
        return read(self._engine, lambda db: to_session(find_session(db, code)))

    def standing(self, code: str) -> Standing:
        """Return what a student's browser may know: one short question to the database."""
        return read(self._engine, lambda db: find_standing(db, code))

    def seats(self, code: str) -> list[Seat]:
        """Return who joined, in that order."""
        found = select(SeatEntry).where(SeatEntry.code == tidy_code(code))
        ordered = found.order_by(SeatEntry.number)
        return read(self._engine, lambda db: [to_seat(entry) for entry in db.scalars(ordered)])

    def answers(self, code: str) -> list[Answer]:
        """Return what became of every film that was shown to a student, by seat and place."""
        found = select(AnswerEntry).where(AnswerEntry.code == tidy_code(code))
        ordered = found.order_by(AnswerEntry.seat, AnswerEntry.place)
        return read(self._engine, lambda db: [to_answer(entry) for entry in db.scalars(ordered)])

    def progress(self, code: str) -> Progress:
        """Return how far everybody is; a session in which all are through ends by this."""
        now = self._clock()
        progress = read(self._engine, lambda db: measure_progress(db, code, now=now))
        if not _is_to_end(progress):
            return progress

        def work(db: Session) -> Progress:
            entry = find_session(db, code, for_update=True)
            if _is_to_end(measure_progress(db, code, now=now)):
                entry.state, entry.ended_at = SessionState.ENDED, now
                db.flush()
            return measure_progress(db, code, now=now)

        return write(self._engine, work)

    def join(self, code: str, nickname: str = "") -> str:
        """Take a seat in a session, and return the token that one comes back to it with.

        Raises:
            ClassroomError: the session has ended, or is full.
        """
        token, now = draw_token(), self._clock()

        def work(db: Session) -> None:
            entry = find_session(db, code, for_update=True)
            if entry.state == SessionState.ENDED:
                raise ClassroomError("This session has ended: ask for the code of the next one.")
            names = set(db.scalars(select(SeatEntry.name).where(SeatEntry.code == entry.code)))
            if len(names) >= MOST_SEATS:
                raise ClassroomError(
                    f"All {MOST_SEATS} seats of this session are taken: ask for a second session."
                )
            name = draw_name()
            while name in names:
                name = draw_name()
            db.add(
                SeatEntry(
                    code=entry.code,
                    number=len(names) + 1,
                    name=name,
                    nickname=tidy_nickname(nickname),
                    sealed_token=seal(token),
                    joined_at=now,
                )
            )

        write(self._engine, work)
        return token

    def desk(self, code: str, token: str) -> Desk:
        """Return where the student with that token sits."""
        return Desk(self._engine, code, token, clock=self._clock)

    def _steer(self, code: str, token: str, work: Callable[[SessionEntry, Session], None]) -> None:
        def steer(db: Session) -> None:
            entry = find_session(db, code, for_update=True)
            if entry.sealed_token != seal(token):
                raise ClassroomError("Only whoever began this session may do this.")
            work(entry, db)

        write(self._engine, steer)


def _is_to_end(progress: Progress) -> bool:
    """Whether a session runs in which everybody is through with all films."""
    everybody = len(progress.seats)
    is_running = progress.state is SessionState.RUNNING
    return is_running and everybody > 0 and progress.finished == everybody
