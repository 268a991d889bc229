"""What a database complains of → a `CasebookError` in plain words, without any of its data."""

from __future__ import annotations

import sqlite3
from enum import StrEnum

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pneumo.errors import CasebookError, UnwritableError


class Task(StrEnum):
    """What was asked of the casebook, so that its message says what to do again."""

    OPEN = "open"
    SAVE = "save"
    DELETE = "delete"
    EXPORT = "export"
    NOTE = "note"


_AGAIN = {
    Task.OPEN: "open it again.",
    Task.SAVE: "save again. Nothing was saved halfway.",
    Task.DELETE: "delete again: a deletion needs a little room for a moment. Nothing was deleted.",
    Task.EXPORT: "make the file again.",
    Task.NOTE: "try again: here nothing is handed on without a line in the log of who did what.",
}

_SPACE = "No room is left on the disk: free some, then "
_RIGHTS = "It cannot be written to: give its user the right to, or choose another place."
_BUSY = "Others have kept it busy for too long: try again in a moment."
_GONE = "It cannot be reached: see that its server runs and that the address is right, then retry."
_EMPTIED = (
    "Its tables are gone: bring it back from a backup, or give the program an empty database and "
    "import the last export."
)
_UNWRITABLE = (_SPACE, _RIGHTS, _BUSY)

_SQLITE = {
    sqlite3.SQLITE_FULL: _SPACE,
    sqlite3.SQLITE_READONLY: _RIGHTS,
    sqlite3.SQLITE_CANTOPEN: "It cannot be opened: see that its folder is there and may be "
    "written to, or set PNEUMO_CASEBOOK to another one.",
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_NOTADB: "The file is no casebook: move it away, or set PNEUMO_CASEBOOK to "
    "another folder.",
    sqlite3.SQLITE_CORRUPT: "The file is damaged: bring it back from a backup, or move it away "
    "and import the last export.",
    sqlite3.SQLITE_IOERR: "The disk failed to read or write it: check the disk, then try again.",
}
"""Primary result codes (sqlite.org/rescode.html)."""

_SQLITE_IN_FULL = {sqlite3.SQLITE_IOERR_SHMSIZE: _SPACE}
"""Extended result codes that say more: no room for the index of the log."""

_POSTGRESQL = {
    "08": _GONE,
    "25006": _RIGHTS,
    "28": "It does not accept the user or the password in PNEUMO_DATABASE_URL: set it anew.",
    "3D000": "There is no database of that name: make it with `createdb`, or set "
    "PNEUMO_DATABASE_URL anew.",
    "3F000": _EMPTIED,
    "40P01": _BUSY,
    "42501": "Its user may not do this: grant the right to make and change tables.",
    "42P01": _EMPTIED,
    "53100": _SPACE,
    "53300": "It has too many connections: try again in a moment, or raise max_connections.",
    "55P03": _BUSY,
    "57": _GONE,
}
"""SQLSTATE or its class (PostgreSQL manual, appendix A)."""


def locate(engine: Engine) -> str:
    """Say where a database lies, for people: a path, or a name and a host, never a password."""
    url = engine.url
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    host = url.host or url.query.get("host") or "this machine"
    port = f", port {url.port}" if url.port else ""
    return f"PostgreSQL database {url.database} on {host}{port}"


def explain_failure(
    error: DBAPIError | PoolTimeout | TimeoutError | sqlite3.Error,
    location: str,
    task: Task = Task.OPEN,
) -> CasebookError:
    """Return what to tell people of an error of the database; its own words are left out.

    It is an `UnwritableError` where the cases may still be read.
    """
    advice = _advise(error)
    kind = UnwritableError if advice in _UNWRITABLE else CasebookError
    if advice is _SPACE:
        advice += _AGAIN[task]
    return kind(f"The casebook ({location}) failed. {advice}")


def lacks_tables(error: DBAPIError | PoolTimeout) -> bool:
    """Tell whether the tables that are asked for are not there, as in a database made anew."""
    if not isinstance(error, DBAPIError):
        return False
    if getattr(error.orig, "sqlstate", "") in ("42P01", "3F000"):
        return True
    return str(error.orig).startswith("no such table")  # SQLite has no number for it.


def _advise(error: DBAPIError | PoolTimeout | TimeoutError | sqlite3.Error) -> str:
    if isinstance(error, PoolTimeout | TimeoutError):  # No connection, or no turn, in time.
        return _BUSY
    if isinstance(error, DBAPIError) and lacks_tables(error):
        return _EMPTIED
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE_IN_FULL.get(code) or _SQLITE.get(
            code & 0xFF, f"SQLite calls it {getattr(cause, 'sqlite_errorname', '')}"
        )
    state = getattr(cause, "sqlstate", None)
    if state is None:  # The driver has but a sentence for what goes wrong at the door.
        return _POSTGRESQL[_guess_state(str(cause))]
    return _POSTGRESQL.get(state) or _POSTGRESQL.get(
        state[:2], f"PostgreSQL calls it SQLSTATE {state}."
    )


def _guess_state(sentence: str) -> str:
    if "authentication" in sentence or "password" in sentence:
        return "28"
    return "3D000" if 'database "' in sentence else "08"
