"""A piece of work → its outcome, in one transaction that is done wholly or not at all."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from pneumo.casebook.storage.failures import Task, explain_failure, lacks_tables, locate
from pneumo.casebook.storage.migration import migrate
from pneumo.casebook.storage.sqlite_file import DEADLINE, READS_ONLY, is_read_only, wipe_log
from pneumo.decision.turns import Turns
from pneumo.errors import CasebookError

Outcome = TypeVar("Outcome")

LONGEST_WAIT_S = dict.fromkeys(Task, 10.0) | {Task.OPEN: 5.0, Task.NOTE: 5.0}
"""How long work waits for others before it is given up, one's turn included."""

_DEADLOCK = "40P01"
_TURNS: WeakKeyDictionary[Engine, Turns] = WeakKeyDictionary()


def read(engine: Engine, work: Callable[[Session], Outcome]) -> Outcome:
    """Do work that reads only. Whoever writes meanwhile is neither seen nor waited for.

    Raises:
        CasebookError: the database failed.
    """
    deadline = time.monotonic() + LONGEST_WAIT_S[Task.OPEN]
    return _run(engine, {READS_ONLY: True, DEADLINE: deadline}, work, Task.OPEN)


def write(
    engine: Engine,
    work: Callable[[Session], Outcome],
    *,
    task: Task = Task.SAVE,
    within_s: float | None = None,
) -> Outcome:
    """Do work that writes. It is on the disk when this returns.

    Work is begun anew, once, if the connection was gone, or if somebody else made the same thing
    at the same moment: it must come to the same if it is done twice.

    SQLite lets whoever waits to write sleep and try again, so that of forty who write at once one
    can be passed over for seconds. Those of one process therefore write in the order in which they
    come. PostgreSQL keeps the order by itself. SQLite's log is emptied after each work if nobody
    reads just then, so that the file holds every case by itself.

    Args:
        engine: of the database.
        work: what to do.
        task: what it is, so that a failure says what to do again.
        within_s: the longest wait for others; None for the task's own.

    Raises:
        CasebookError: the database failed; nothing of the work is kept.
    """
    deadline = time.monotonic() + (LONGEST_WAIT_S[task] if within_s is None else within_s)
    if engine.dialect.name != "sqlite":
        return _run(engine, {}, work, task)
    with _turn(engine, deadline, task):
        outcome = _run(engine, {DEADLINE: deadline}, work, task)
        # What is done is done: should this fail, the log is brought in after the next work.
        with suppress(sqlite3.Error, DBAPIError, PoolTimeout, CasebookError):
            wipe_log(engine, wait_s=0)
    return outcome


@contextmanager
def _turn(engine: Engine, deadline: float, task: Task) -> Iterator[None]:
    turns = _TURNS.setdefault(engine, Turns())
    with ExitStack() as stack:
        try:
            stack.enter_context(turns.turn(within_s=max(0.0, deadline - time.monotonic())))
        except TimeoutError as error:
            raise explain_failure(error, locate(engine), task) from None
        yield


def _run(
    engine: Engine, options: dict[str, object], work: Callable[[Session], Outcome], task: Task
) -> Outcome:
    access = engine.execution_options(**options)
    try:
        return _attempt(access, work)
    except (DBAPIError, PoolTimeout) as error:
        if lacks_tables(error) and not is_read_only(engine):
            _make_tables_anew(engine)
        elif not _may_pass(error):
            raise explain_failure(error, locate(engine), task) from None
    try:
        return _attempt(access, work)
    except (DBAPIError, PoolTimeout) as error:
        raise explain_failure(error, locate(engine), task) from None


def _attempt(engine: Engine, work: Callable[[Session], Outcome]) -> Outcome:
    with Session(engine, expire_on_commit=False) as session, session.begin():
        return work(session)


def _make_tables_anew(engine: Engine) -> None:
    """Make the tables of a database that somebody has emptied while the server was running."""
    try:
        migrate(engine)
    except (DBAPIError, PoolTimeout, sqlite3.Error) as error:
        raise explain_failure(error, locate(engine)) from None


def _may_pass(error: DBAPIError | PoolTimeout) -> bool:
    """Whether the same work may succeed at once: a stale connection, a tie with somebody else."""
    if isinstance(error, IntegrityError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or getattr(error.orig, "sqlstate", "") == _DEADLOCK
