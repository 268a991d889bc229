"""A path → a SQLite file for its user's eyes only, whose commits stay and whose deletions go."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from pneumo.errors import CasebookError

WAIT_S = 30
"""Seconds that a transaction waits for another's; each takes some milliseconds."""

READS_ONLY = "reads_only"
"""Execution option of transactions that write nothing, and need not wait for those that do."""

_WAL_ATTEMPTS = 200


def make_file(path: Path) -> None:
    """Make an empty file that only its user may read, and its folder, unless they are there.

    Raises:
        CasebookError: they cannot be made, or the file not be opened.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise CasebookError(
            f"Expected a folder that cases can be kept in, but {path.parent} gave: "
            f"{error.strerror or 'no access'}. Make it writable, or set PNEUMO_CASEBOOK to "
            "another folder."
        ) from None


def set_up(engine: Engine) -> None:
    """Have each connection and each transaction of an engine keep the house's rules."""
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    path = Path(str(engine.url.database))
    opened = _identify(path)

    def check(*_: object) -> None:
        # A file that was deleted goes on taking cases in, from whoever holds it open, and what
        # it took in is gone with the last connection.
        if _identify(path) != opened:
            raise CasebookError(
                f"The casebook ({path}) was moved, deleted or replaced since this server opened "
                "it. Put it back, or restart the server to go on with what is there now. Nothing "
                "was saved."
            )

    event.listen(engine, "checkout", check)


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
    """Empty the log, which still holds what was deleted; return whether nobody was in the way.

    The file itself holds none of it: SQLite overwrites what it deletes (secure_delete).

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
            cursor.execute(_WAIT)
        finally:
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
    reads_only = connection.get_execution_options().get(READS_ONLY)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")
