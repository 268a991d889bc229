"""Many threads that ask one server → no more requests a minute than agreed, and common pauses."""

from __future__ import annotations

import random
import threading
import time

LONGEST_BACKOFF_S = 60.0


class Pace:
    """Lets requests go one after the other, evenly spaced, and holds all of them back in a pause.

    Several threads may share one.
    """

    def __init__(self, requests_per_minute: float | None = None) -> None:
        """Set the pace.

        Args:
            requests_per_minute: None for no bound.
        """
        self._interval_s = 60.0 / requests_per_minute if requests_per_minute else 0.0
        self._next = 0.0
        self._paused_until = 0.0
        self._lock = threading.Lock()

    def wait(self, stopped: threading.Event) -> bool:
        """Wait for one's turn; return False at once where the run is stopped meanwhile."""
        while not stopped.is_set():
            with self._lock:
                now = time.monotonic()
                # A pause may be prolonged by another thread while this one sleeps.
                due = max(self._next, self._paused_until)
                if due <= now:
                    self._next = now + self._interval_s
                    return True
            stopped.wait(due - now)
        return False

    def charge(self, requests: int) -> None:
        """Count requests that were sent without waiting for a turn: those after it come later."""
        with self._lock:
            self._next += requests * self._interval_s

    def pause(self, seconds: float) -> None:
        """Hold back everybody for so long from now."""
        with self._lock:
            self._paused_until = max(self._paused_until, time.monotonic() + seconds)


def back_off(tries: int, base_s: float) -> float:
    """Return how many seconds to wait after so many failed tries.

    Twice as long each time, up to a minute, and by chance between half of that and all of it, so
    that threads that failed together do not come back together.
    """
    longest = min(base_s * 2 ** (tries - 1), LONGEST_BACKOFF_S)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads requests, guards nothing
