"""Callers from many threads → so many at a time, in the order in which they came."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from threading import Event, Lock


class Turns:
    """A lock that serves whoever came first.

    `threading.Lock` wakes any of those who wait, so that one of eight visitors could be passed
    over again and again. Only the next one is woken: the rest would take the processor from the
    film that is being read.
    """

    def __init__(self, *, places: int = 1) -> None:
        """Begin with nobody in line.

        Args:
            places: how many are served at a time.
        """
        self._places = places
        self._line: deque[Event] = deque()
        self._lock = Lock()

    @contextmanager
    def turn(self, *, within_s: float | None = None) -> Iterator[None]:
        """Wait for one's turn, and hold it until the block ends.

        Args:
            within_s: the longest wait; None for as long as it takes.

        Raises:
            TimeoutError: the turn did not come in time.
        """
        called = Event()
        with self._lock:
            self._line.append(called)
            self._call()
        try:
            if not called.wait(within_s):
                raise TimeoutError
            yield
        finally:  # Also whoever gives up while waiting leaves the line.
            with self._lock:
                self._line.remove(called)
                self._call()

    def _call(self) -> None:
        for called in islice(self._line, self._places):
            called.set()

    def __len__(self) -> int:
        """Return how many wait or are being served."""
        return len(self._line)
