"""A database ⇄ the sessions of classes in it: begun, steered, joined, and read from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from pneumo.casebook.journal import Act, note_down
from pneumo.casebook.records import now_utc
from pneumo.casebook.storage.transactions import read, write
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
    Steerer,
)
from pneumo.classroom.tables import AnswerEntry, SeatEntry, SessionEntry
from pneumo.errors import ClassroomError

MOST_SEATS = 300


class Classroom:
    """The sessions in one database.

    Every method is a transaction of its own, and may be called from any thread or process. Codes
    are taken as they are typed. What only whoever began a session may do takes who asks for it.

    All raise CasebookError where the database fails, and ClassroomError where no session has the
    code or whoever asks may not steer it.
    """

    def __init__(
        self, engine: Engine, *, by: str = "", clock: Callable[[], datetime] = now_utc
    ) -> None:
        """Take the engine of an open database.

        Args:
            engine: the database.
            by: who acts, for the journal; empty where nobody signs in.
            clock: tells the time in UTC.
        """
        self._engine = engine
        self._by = by
        self._clock = clock

    def begin(self, plan: ClassPlan, *, owner: str = "") -> tuple[str, Steerer]:
        """Begin a session, which waits for students, and return its code and who steers it."""
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
            note_down(db, self._by, Act.CLASS_BEGUN, [code], f"{len(plan.films)} films")
            return code

        return write(self._engine, work), Steerer(token, owner)

    def is_steered_by(self, code: str, steerer: Steerer) -> bool:
        """Tell whether somebody may steer a session."""
        return read(self._engine, lambda db: _may_steer(steerer, find_session(db, code)))

    def start(self, code: str, steerer: Steerer) -> None:
        """Let the students read; a session that runs or has ended stays as it is.

        Raises:
            ClassroomError: nobody has joined.
        """

        def work(entry: SessionEntry, db: Session) -> None:
            if not db.scalar(select(func.count()).where(SeatEntry.code == entry.code)):
                raise ClassroomError("Nobody has joined yet: start when the students are here.")
            if entry.state == SessionState.WAITING:
                entry.state, entry.started_at = SessionState.RUNNING, self._clock()
                note_down(db, self._by, Act.CLASS_STARTED, [entry.code])

        self._steer(code, steerer, work)

    def end(self, code: str, steerer: Steerer) -> None:
        """End a session: answers that come later are refused."""

        def work(entry: SessionEntry, db: Session) -> None:
            if entry.state != SessionState.ENDED:
                entry.state, entry.ended_at = SessionState.ENDED, self._clock()
                note_down(db, self._by, Act.CLASS_ENDED, [entry.code])

        self._steer(code, steerer, work)

    def show_results(self, code: str, steerer: Steerer, *, is_shown: bool) -> None:
        """Let each student see their own results, or no longer.

        Raises:
            ClassroomError: the session has not ended.
        """

        def work(entry: SessionEntry, db: Session) -> None:
            if entry.state != SessionState.ENDED:
                raise ClassroomError("Results are shown when the session has ended: end it first.")
            entry.is_shown = is_shown
            act = Act.CLASS_SHOWN if is_shown else Act.CLASS_HIDDEN
            note_down(db, self._by, act, [entry.code])

        self._steer(code, steerer, work)

    def delete(self, code: str, steerer: Steerer) -> None:
        """Delete a session with its seats and answers."""

        def work(entry: SessionEntry, db: Session) -> None:
            db.delete(entry)
            note_down(db, self._by, Act.CLASS_DELETED, [entry.code])

        self._steer(code, steerer, work)

    def note_export(self, code: str, steerer: Steerer, parts: str) -> None:
        """Note in the journal that parts of a session are handed out as a file."""
        self._steer(
            code,
            steerer,
            lambda entry, db: note_down(db, self._by, Act.CLASS_EXPORTED, [entry.code], parts),
        )

    def delete_expired(self, days: int) -> int:
        """Delete the sessions that were begun longer ago, and return how many they were."""
        oldest = self._clock() - timedelta(days=days)

        def work(db: Session) -> int:
            gone = delete(SessionEntry).where(SessionEntry.created_at < oldest)
            found = db.execute(gone.returning(SessionEntry.owner, SessionEntry.code)).all()
            for owner, code in found:
                note_down(db, owner, Act.CLASS_EXPIRED, [code])
            return len(found)

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
                note_down(db, entry.owner, Act.CLASS_ENDED, [entry.code], "everybody was through")
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

    def _steer(
        self, code: str, steerer: Steerer, work: Callable[[SessionEntry, Session], None]
    ) -> None:
        def steer(db: Session) -> None:
            entry = find_session(db, code, for_update=True)
            if not _may_steer(steerer, entry):
                raise ClassroomError("Only whoever began this session may do this.")
            work(entry, db)

        write(self._engine, steer)


def _may_steer(steerer: Steerer, entry: SessionEntry) -> bool:
    """Whether somebody may steer a session: an address is seen by others, a sign-in is not."""
    if not entry.owner and entry.sealed_token == seal(steerer.token):
        return True
    return bool(steerer.owner) and (steerer.is_admin or steerer.owner == entry.owner)


def _is_to_end(progress: Progress) -> bool:
    """Whether a session runs in which everybody is through with all films."""
    everybody = len(progress.seats)
    is_running = progress.state is SessionState.RUNNING
    return is_running and everybody > 0 and progress.finished == everybody
