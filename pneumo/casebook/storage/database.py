"""A database's address → an engine whose tables are those of this version."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import URL, Engine, MetaData, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase

from pneumo.casebook.storage.failures import explain_failure, locate
from pneumo.casebook.storage.migration import migrate
from pneumo.casebook.storage.sqlite_file import (
    FILE,
    WAIT_S,
    SqliteFile,
    is_read_only,
    make_file,
    set_up,
    wipe_log,
)
from pneumo.errors import CasebookError
from pneumo.settings import Settings

FILE_NAME = "casebook.sqlite3"

_CONNECTIONS, _MORE_CONNECTIONS, _POOL_WAIT_S = 5, 25, 5


class Base(DeclarativeBase):
    """The parent of every table: those of the casebook, and those of the classroom."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def database_url(settings: Settings) -> str:
    """Return the address of the database that the settings ask for. It may hold a password."""
    if settings.database_url:
        return settings.database_url
    folder = settings.casebook_dir
    if folder is None:
        from platformdirs import user_data_path

        folder = user_data_path("pneumo", appauthor=False)
    path = str(folder.absolute() / FILE_NAME)
    return URL.create("sqlite", database=path).render_as_string(hide_password=False)


def open_database(url: str) -> Engine:
    """Return the engine of a database, made and brought up to date if need be.

    On SQLite the file and its folder are made for the user's eyes only. A transaction that does
    not say it only reads takes the right to write when it begins, so that none fails half-way; a
    commit is on the disk when it returns; what is deleted is overwritten. A file that may only be
    read is opened for that.

    Args:
        url: `sqlite:///path` or `postgresql://user:password@host/name`.

    Raises:
        CasebookError: no such database can be opened; the message says why and what to do.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise _unknown_address("something else") from None
    kind = address.get_backend_name()
    if kind == "sqlite":
        engine = _engine_of_file(address)
    elif kind in ("postgresql", "postgres"):
        engine = _engine_of_server(address.set(drivername="postgresql+psycopg"))
    else:
        raise _unknown_address(f"an address that begins with {kind}:")
    try:
        migrate(engine)
        if kind == "sqlite" and not is_read_only(engine):
            wipe_log(engine, wait_s=0)  # A process may have been killed before it could.
    except (DBAPIError, PoolTimeout, sqlite3.Error) as error:
        engine.dispose()
        raise explain_failure(error, locate(engine)) from None
    except BaseException:
        engine.dispose()
        raise
    return engine


def _unknown_address(came: str) -> CasebookError:
    return CasebookError(
        "Expected PNEUMO_DATABASE_URL to be sqlite:////folder/file.sqlite3 or "
        f"postgresql://user:password@host/name, but it is {came}: set it anew."
    )


def _engine_of_file(address: URL) -> Engine:
    if not address.database or address.database == ":memory:" or "mode=memory" in str(address):
        raise CasebookError(
            "Expected a file to keep cases in, but the address names none, and cases in memory "
            "would be gone tomorrow: set PNEUMO_DATABASE_URL to sqlite:////folder/file.sqlite3."
        )
    path = Path(address.database)
    make_file(path)
    file = SqliteFile(path)
    engine = create_engine(
        address.set(drivername="sqlite"),
        creator=file.connect,
        execution_options={FILE: file},
        pool_size=_CONNECTIONS,
        max_overflow=_MORE_CONNECTIONS,
        pool_timeout=_POOL_WAIT_S,
        hide_parameters=True,
    )
    set_up(engine, file)
    return engine


def _engine_of_server(address: URL) -> Engine:
    try:
        return create_engine(
            address,
            connect_args={
                "connect_timeout": 10,
                "keepalives_idle": 30,
                "tcp_user_timeout": WAIT_S * 1000,
                "options": f"-c lock_timeout={WAIT_S}s -c timezone=UTC",
            }
            | dict(address.query),
            pool_size=_CONNECTIONS,
            max_overflow=_MORE_CONNECTIONS,
            pool_timeout=_POOL_WAIT_S,
            hide_parameters=True,
        )
    except ImportError:
        raise CasebookError(
            "Expected the PostgreSQL driver psycopg, but it is not installed: run "
            "`pip install -r requirements.txt`, or unset PNEUMO_DATABASE_URL."
        ) from None
