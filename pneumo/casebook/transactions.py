"""A piece of work → its outcome, in one transaction that is done wholly or not at all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from pneumo.casebook.failures import explain_failure, locate
from pneumo.casebook.sqlite_file import READS_ONLY
from pneumo.decision.turns import Turns

Outcome = TypeVar("Outcome")

_DEADLOCK = "40P01"
_TURNS: WeakKeyDictionary[Engine, Turns] = WeakKeyDictionary()


def read(engine: Engine, work: Callable[[Session], Outcome]) -> Outcome:
    """Do work that reads only. Whoever writes meanwhile is neither seen nor waited for.

    Raises:
        CasebookError: the database failed.
    """
    return _run(engine.execution_options(**{READS_ONLY: True}), work)


def write(engine: Engine, work: Callable[[Session], Outcome]) -> Outcome:
    """Do work that writes. It is on the disk when this returns.

    Work is begun anew, once, if the connection was gone, or if somebody else made the same thing
    at the same moment: it must come to the same if it is done twice.

    SQLite lets whoever waits to write sleep and try again, so that of forty who write at once one
    can be passed over for seconds. Those of one process therefore write in the order in which they
    come. PostgreSQL keeps the order by itself.

    Raises:
        CasebookError: the database failed; nothing of the work is kept.
    """
    in_turn = engine.dialect.name == "sqlite"
    with _TURNS.setdefault(engine, Turns()).turn() if in_turn else nullcontext():
        return _run(engine, work)


def _run(engine: Engine, work: Callable[[Session], Outcome]) -> Outcome:
    try:
        return _attempt(engine, work)
    except (DBAPIError, PoolTimeout) as error:
        if not _may_pass(error):
            raise explain_failure(error, locate(engine)) from None
    try:
        return _attempt(engine, work)
    except (DBAPIError, PoolTimeout) as error:
        raise explain_failure(error, locate(engine)) from None


def _attempt(engine: Engine, work: Callable[[Session], Outcome]) -> Outcome:
    with Session(engine, expire_on_commit=False) as session, session.begin():
        return work(session)


def _may_pass(error: DBAPIError | PoolTimeout) -> bool:
    """Whether the same work may succeed at once: a stale connection, a tie with somebody else."""
    if isinstance(error, IntegrityError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or getattr(error.orig, "sqlstate", "") == _DEADLOCK
