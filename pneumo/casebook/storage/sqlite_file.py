"""A path → a SQLite file for its user's eyes only, whose commits stay and whose deletions go."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from pneumo.errors import CasebookError

WAIT_S = 10
"""Seconds that a transaction waits for another's, if it has no deadline of its own."""

READS_ONLY = "reads_only"
"""Execution option of transactions that write nothing, and need not wait for those that do."""

FILE = "file"
"""Execution option of the engine of a `SqliteFile`."""

DEADLINE = "deadline"
"""Execution option: until when a transaction waits for others, on the monotonic clock."""

_WAL_ATTEMPTS = 200


def make_file(path: Path) -> None:
    """Make an empty file that only its user may read, and its folder, unless they are there.

    A file that is there and may only be read is left to be read.

    Raises:
        CasebookError: they cannot be made, or the file not be opened.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.is_file() and not may_write(path) and os.access(path, os.R_OK):
            return
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise CasebookError(
            f"Expected a folder that cases can be kept in, but {path.parent} gave: "
            f"{error.strerror or 'no access'}. Make it writable, or set PNEUMO_CASEBOOK to "
            "another folder."
        ) from None


def may_write(path: Path) -> bool:
    """Tell whether a file may be written to: SQLite makes others beside it while it does."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


class SqliteFile:
    """One file, told from any other that takes its name, and the way to connect to it.

    SQLite would make a file where it finds none, and take the log of the one that was there for
    that of the new one: it never may.
    """

    def __init__(self, path: Path) -> None:
        """Take a file that `make_file` has made."""
        self.path = path
        self._identity = _identify(path)

    @property
    def mode(self) -> str:
        """How it can be opened now, in the words of SQLite's addresses (sqlite.org/uri.html)."""
        if may_write(self.path):
            return "rw"
        # SQLite reads a log with the help of an index, which it may have to make.
        return "ro" if os.access(self.path.parent, os.W_OK) or self._has_log else "ro&immutable=1"

    @property
    def is_read_only(self) -> bool:
        """Whether nothing can be kept in it."""
        return self.path.exists() and self.mode != "rw"

    @property
    def _has_log(self) -> bool:
        log = self.path.with_name(f"{self.path.name}-wal")
        return log.exists() and log.stat().st_size > 0

    def connect(self) -> sqlite3.Connection:
        """Return a new connection.

        Raises:
            CasebookError: the file is not where it was.
        """
        self.check()
        return sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode={self.mode}",
            uri=True,
            timeout=WAIT_S,
            check_same_thread=False,
        )

    def check(self) -> None:
        """Make sure that the file is where it was.

        A file that was deleted goes on taking cases in, from whoever holds it open, and what it
        took in is gone with the last connection.

        Raises:
            CasebookError: it is not.
        """
        if _identify(self.path) != self._identity:
            raise CasebookError(
                f"The casebook ({self.path}) was moved, deleted or replaced since this server "
                "opened it. Move the very file back, and all goes on; or restart the server to go "
                "on with what is there now. Nothing was saved."
            )


def set_up(engine: Engine, file: SqliteFile) -> None:
    """Have each connection and each transaction of an engine keep the house's rules."""
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)

    def note_mode(_: object, record: ConnectionPoolEntry) -> None:
        record.info[FILE] = file.mode

    def check(_: object, record: ConnectionPoolEntry, __: object) -> None:
        try:
            file.check()
        except CasebookError:
            engine.dispose()  # The log of those who hold the file open may be another's by now.
            raise
        if record.info[FILE] != file.mode:
            raise DisconnectionError  # The pool makes a new one.

    event.listen(engine, "connect", note_mode)
    event.listen(engine, "checkout", check)


def is_read_only(engine: Engine) -> bool:
    """Tell whether a database is a file in which nothing can be kept."""
    file: SqliteFile | None = engine.get_execution_options().get(FILE)
    return file is not None and file.is_read_only


def keep_log(engine: Engine) -> None:
    """Have SQLite write ahead into a log (WAL), so that readers and a writer go side by side.

    The change is for good. SQLite does not wait for others while it makes it, so this does.

    Raises:
        sqlite3.Error: the file is damaged, no database, or held for too long.
    """
    for attempt in range(_WAL_ATTEMPTS):
        try:
            _run_outside_transaction(engine, "PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            is_busy = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or attempt == _WAL_ATTEMPTS - 1:
                raise
            time.sleep(0.05)


def wipe_log(engine: Engine, *, wait_s: int) -> bool:
    """Bring all of the log into the file and empty it; return whether nobody was in the way.

    A file without a log can be moved, copied and backed up by itself. What was deleted is in the
    log only: in the file SQLite overwrites it (secure_delete).

    Args:
        engine: of the file.
        wait_s: how long to wait for those who are reading.

    Raises:
        sqlite3.Error: the disk failed.
    """
    wait = f"PRAGMA busy_timeout = {wait_s * 1000}"
    rows = _run_outside_transaction(engine, wait, "PRAGMA wal_checkpoint(TRUNCATE)")
    return not rows[0][0]


def _run_outside_transaction(engine: Engine, *statements: str) -> list[Any]:
    """Run statements that no transaction allows, and return the rows of the last one."""
    connection = engine.raw_connection()
    rows: list[Any] = []
    try:
        cursor = connection.cursor()
        try:
            for statement in statements:
                rows = cursor.execute(statement).fetchall()
        finally:
            cursor.execute(_WAIT)
            cursor.close()
    finally:
        connection.close()
    return rows


def _identify(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from any other that takes its name; None if none has it."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


_WAIT = f"PRAGMA busy_timeout = {WAIT_S * 1000}"


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # Transactions begin where `_begin` says, not by guess.
    cursor = connection.cursor()
    try:
        cursor.execute(_WAIT)
        for setting in (
            "foreign_keys = ON",
            "synchronous = FULL",
            "secure_delete = ON",
            "temp_store = MEMORY",
        ):
            cursor.execute(f"PRAGMA {setting}")
    finally:
        cursor.close()


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    left_s = options[DEADLINE] - time.monotonic() if DEADLINE in options else WAIT_S
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {max(1, round(1000 * left_s))}")
    connection.exec_driver_sql("BEGIN" if options.get(READS_ONLY) else "BEGIN IMMEDIATE")
