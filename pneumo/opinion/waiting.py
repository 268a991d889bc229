"""Work that may hang → its result, or a problem once the deadline passes or somebody cancels.

The work runs in a thread of its own. Whoever waits is set free in time, whatever a server does;
the connection is then cut, and the thread ends.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TypeVar

from pneumo.opinion.diagnosis import Fault, read_fault
from pneumo.opinion.problems import Problem, ProblemKind

Result = TypeVar("Result")

_GLANCE_S = 0.05


@dataclass(frozen=True)
class _Text:
    text: str


@dataclass(frozen=True)
class _Done:
    result: object


@dataclass(frozen=True)
class Line:
    """What the work knows of whoever waits for it.

    Attributes:
        deadline: the moment of `time.monotonic` at which waiting ends.
    """

    deadline: float
    _events: SimpleQueue[_Text | _Done | Exception] = field(default_factory=SimpleQueue)
    _abandoned: threading.Event = field(default_factory=threading.Event)
    _cuts: list[Callable[[], None]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def seconds_left(self) -> float:
        """Seconds until the deadline, a little more than 0 after it."""
        return max(self.deadline - time.monotonic(), 0.001)

    def tell(self, text: str) -> None:
        """Hand on the text so far."""
        self._events.put(_Text(text))

    def when_abandoned(self, cut: Callable[[], None]) -> None:
        """Have something done once nobody waits any more; at once if that is so already."""
        with self._lock:
            self._cuts.append(cut)
            too_late = self._abandoned.is_set()
        if too_late:
            cut()

    def abandon(self) -> None:
        """Wait no more."""
        with self._lock:
            self._abandoned.set()
            cuts = tuple(self._cuts)
        for cut in cuts:
            cut()


_LINE: ContextVar[Line | None] = ContextVar("line", default=None)


def current_line() -> Line | None:
    """Return the line of the work that this thread does; None if nobody waits for it."""
    return _LINE.get()


def wait_for(
    work: Callable[[Line], Result | Fault],
    *,
    deadline: float,
    cancelled: threading.Event | None = None,
    on_text: Callable[[str], None] | None = None,
) -> Result | Fault:
    """Do some work and wait for it.

    Args:
        work: asks a server; what the server or the connection does wrong becomes a fault, any
            other exception surfaces here.
        deadline: the moment of `time.monotonic` at which waiting ends.
        cancelled: set by somebody else to end waiting now.
        on_text: called in this thread with the newest text that the work tells.
    """
    if cancelled is not None and cancelled.is_set():
        return Fault(Problem(ProblemKind.CANCELLED))
    line = Line(deadline)
    threading.Thread(target=_work, args=(work, line), daemon=True, name="opinion").start()
    try:
        while True:
            if cancelled is not None and cancelled.is_set():
                return Fault(Problem(ProblemKind.CANCELLED))
            left = deadline - time.monotonic()
            if left <= 0:
                return Fault(Problem(ProblemKind.TIMED_OUT))
            try:
                event = line._events.get(timeout=min(left, _GLANCE_S))
            except Empty:
                continue
            newest = event if isinstance(event, _Text) else None
            # Whoever shows the text may be slower than it comes: only the newest is shown.
            while isinstance(event, _Text) and not line._events.empty():
                event = line._events.get()
                newest = event if isinstance(event, _Text) else newest
            if newest is not None and on_text is not None:
                on_text(newest.text)
            if isinstance(event, Exception):
                raise event
            if isinstance(event, _Done):
                return event.result  # type: ignore[return-value]
    finally:
        line.abandon()


def _work(work: Callable[[Line], object], line: Line) -> None:
    _LINE.set(line)
    try:
        line._events.put(_Done(work(line)))
    except Exception as error:
        fault = read_fault(error)
        line._events.put(error if fault is None else _Done(fault))
