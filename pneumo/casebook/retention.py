"""Days that cases are kept → older ones are neither shown nor there, whoever looks or not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Event, Thread

from sqlalchemy import ColumnElement, event, select
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from pneumo.casebook.storage.tables import CaseEntry
from pneumo.errors import CasebookError

EVERY_S = 60.0
"""Seconds between two looks for cases that are old."""


def is_older(moment: datetime) -> ColumnElement[bool]:
    """Return the condition that cases meet which were saved first before a moment."""
    return CaseEntry.created_at < moment


def earliest_kept(days: int, now: datetime) -> datetime:
    """Return since when a case was saved first that is still kept."""
    return now - timedelta(days=days)


def has_older(session: Session, moment: datetime) -> bool:
    """Tell whether a case is there that was saved first before a moment."""
    return session.scalar(select(CaseEntry.id).where(is_older(moment)).limit(1)) is not None


def hide_older(session: Session, moment: datetime) -> None:
    """Have a session find no case that was saved first before a moment.

    Such a case may still be there for a while: it cannot be deleted from a full disk.
    """

    def hide(state: ORMExecuteState) -> None:
        if state.is_select:
            state.statement = state.statement.options(
                with_loader_criteria(CaseEntry, CaseEntry.created_at >= moment)
            )

    event.listen(session, "do_orm_execute", hide)


class Rounds:
    """A thread that does the same again and again until it is stopped."""

    def __init__(self, act: Callable[[], object], *, every_s: float = EVERY_S) -> None:
        """Begin at once.

        Args:
            act: what to do; should the casebook fail, the next round tries again.
            every_s: seconds between two rounds.
        """
        self._act, self._every_s = act, every_s
        self._stopped = Event()
        self._thread = Thread(target=self._go_round, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait for a round that is under way, for a little."""
        self._stopped.set()
        self._thread.join(5.0)

    def _go_round(self) -> None:
        while True:
            with suppress(CasebookError):
                self._act()
            if self._stopped.wait(self._every_s):
                return
