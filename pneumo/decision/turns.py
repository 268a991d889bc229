"""Callers from many threads → one at a time, in the order in which they came."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Turns:
    """A lock that serves whoever came first.

    `threading.Lock` wakes any of those who wait, so that one of eight visitors could be passed
    over again and again.
    """

    def __init__(self) -> None:
        """Begin with nobody in line."""
        self._line: deque[object] = deque()
        self._moved = Condition()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn, and hold it until the block ends."""
        caller = object()
        with self._moved:
            self._line.append(caller)
        try:
            with self._moved:
                self._moved.wait_for(lambda: self._line[0] is caller)
            yield
        finally:  # Also whoever gives up while waiting leaves the line.
            with self._moved:
                self._line.remove(caller)
                self._moved.notify_all()

    def __len__(self) -> int:
        """Return how many wait or are being served."""
        return len(self._line)
