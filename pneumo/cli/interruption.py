"""Ctrl-C → an event that ends work in order, with what is done kept."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

STOPPED = 130
"""The exit status after Ctrl-C, as shells have it."""


@contextmanager
def stop_when_asked() -> Iterator[Event]:
    """Set an event at the first Ctrl-C instead of ending at once; the second ends as usual.

    For the main thread only, as all that concerns signals.
    """
    stopped = Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()
        signal.signal(signal.SIGINT, usual)

    usual = signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, usual)
