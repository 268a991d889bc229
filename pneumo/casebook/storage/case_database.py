"""A database of cases → work done in it that finds no old case, and is noted where it has to be."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from pneumo.casebook.journal import SERVER, Act
from pneumo.casebook.records import now_utc
from pneumo.casebook.retention import Rounds, earliest_kept, has_older, hide_older, is_older
from pneumo.casebook.shelf import remove
from pneumo.casebook.storage import transactions
from pneumo.casebook.storage.failures import Task, explain_failure, locate
from pneumo.casebook.storage.sqlite_file import is_read_only, wipe_log
from pneumo.errors import CasebookError, UnwritableError

Outcome = TypeVar("Outcome")

_PURGE_WITHIN_S = 1.0
_UNNOTED = "Where people sign in, no case is shown without a line in the log of who did what."


class CaseDatabase:
    """The database below a casebook. It can be used by many threads at once."""

    def __init__(self, engine: Engine, *, retention_days: int | None) -> None:
        """Take an open database, and for how many days cases are kept; None for ever."""
        self.engine = engine
        self.retention_days = retention_days
        self._rounds: Rounds | None = None
        self._log_to_wipe = False

    @property
    def location(self) -> str:
        """Where the data lies, for people; without a password."""
        return locate(self.engine)

    def close(self) -> None:
        """Let go of the database's connections; they are made anew if need be."""
        if self._rounds:
            self._rounds.stop()
        self.engine.dispose()

    @property
    def is_read_only(self) -> bool:
        """Whether nothing can be kept, changed or deleted here, as on a disk that is read-only."""
        return is_read_only(self.engine)

    def keep_to_retention(self) -> None:
        """Have a thread delete what is old until `close`, whether anybody looks or not."""
        if self.retention_days is not None and self._rounds is None:
            self._rounds = Rounds(self.delete_old)

    def delete_expired(self, days: int, now: datetime) -> int:
        """Delete every owner's cases that were saved first more than so many days ago.

        Returns:
            How many there were.
        """

        def work(session: Session) -> int:
            old = (is_older(earliest_kept(days, now)),)
            return remove(session, old, Act.EXPIRED, by=SERVER)

        count = transactions.write(self.engine, work, task=Task.DELETE, within_s=_PURGE_WITHIN_S)
        if count:
            self._wipe_deleted()
        return count

    def delete_old(self) -> int:
        """Delete every owner's cases that have been kept for long enough; return how many.

        The journal says that the server did it.
        """
        earliest = self._earliest()
        if earliest is None or not transactions.read(
            self.engine, lambda session: has_older(session, earliest)
        ):
            return 0
        return self.delete_expired(self.retention_days or 0, now_utc())

    def _earliest(self) -> datetime | None:
        days = self.retention_days
        return None if days is None else earliest_kept(days, now_utc())

    def _read(self, work: Callable[[Session], Outcome]) -> Outcome:
        return transactions.read(self.engine, self._without_old(work))

    def _write(self, work: Callable[[Session], Outcome], *, task: Task = Task.SAVE) -> Outcome:
        return transactions.write(self.engine, self._without_old(work), task=task)

    def _without_old(self, work: Callable[[Session], Outcome]) -> Callable[[Session], Outcome]:
        """Return work that finds no case that has been kept for long enough."""

        def restricted(session: Session) -> Outcome:
            if (earliest := self._earliest()) is not None:
                hide_older(session, earliest)
            return work(session)

        return restricted

    def _show(
        self,
        owner: str,
        look: Callable[[Session], Outcome],
        note: Callable[[Session, Outcome], None],
        *,
        task: Task,
    ) -> Outcome:
        """Look something up and note it in the journal.

        A journal that cannot be written to costs a reader nothing where nobody signs in.
        """

        def work(session: Session) -> Outcome:
            found = look(session)
            note(session, found)
            return found

        try:
            return self._write(work, task=task)
        except UnwritableError as error:
            if owner:
                raise UnwritableError(f"{error} {_UNNOTED}") from None
            return self._read(look)

    def _delete_what_is_old(self) -> None:
        """Delete what is old, or hide it if it cannot be deleted now; finish what is half wiped."""
        with suppress(CasebookError):  # What cannot be reached at all fails in what follows.
            self.delete_old()
            if self._log_to_wipe:
                self._wipe_deleted(wait_s=0)

    def _wipe_deleted(self, *, wait_s: int = 2) -> None:
        """Empty SQLite's log of what was deleted; if others read just now, at the next act."""
        if self.engine.dialect.name != "sqlite":
            return
        self._log_to_wipe = True
        try:
            self._log_to_wipe = not wipe_log(self.engine, wait_s=wait_s)
        except sqlite3.Error as error:
            raise explain_failure(error, self.location) from None
