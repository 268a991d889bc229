"""Work that may take long → a thread's progress and outcome, for a page that must never wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from typing import Generic, TypeVar

Outcome = TypeVar("Outcome")
Tell = Callable[[str], None]

PATIENCE_S = 90.0
"""Seconds after which a visitor who looks no more counts as gone. Browsers let a page in the
background ask once a minute."""


class _Calling(threading.Event):
    """Set once the visitor cancels, or has not looked for a long time."""

    def __init__(self) -> None:
        super().__init__()
        self.looked_at = time.monotonic()

    def is_set(self) -> bool:
        return super().is_set() or time.monotonic() - self.looked_at > PATIENCE_S


class Errand(Generic[Outcome]):
    """Work in a daemon thread, begun when it is made. No Streamlit call may be part of it."""

    def __init__(self, work: Callable[[Tell, threading.Event], Outcome]) -> None:
        """Begin.

        Args:
            work: is given a function that takes the text so far, and an event that is set once
                nobody wants the outcome any more.
        """
        self._lock = threading.Lock()
        self._text = ""
        self._calling = _Calling()
        self._future: Future[Outcome] = Future()
        self._began = time.monotonic()
        threading.Thread(target=self._run, args=(work,), daemon=True, name="errand").start()

    @property
    def is_running(self) -> bool:
        """Whether there is no outcome yet. Whoever asks counts as still being there."""
        self._calling.looked_at = time.monotonic()
        return not self._future.done()

    @property
    def text(self) -> str:
        """The text so far."""
        with self._lock:
            return self._text

    @property
    def elapsed_s(self) -> float:
        """Seconds since it was begun."""
        return time.monotonic() - self._began

    def wait(self, timeout_s: float) -> bool:
        """Wait at most so long, and tell whether there is an outcome."""
        return bool(wait_for([self._future], timeout_s).done)

    def cancel(self) -> None:
        """Ask the work to end; whatever it ends with is its outcome."""
        self._calling.set()

    def outcome(self) -> Outcome:
        """Return what the work returned, or raise what it raised; waits for it."""
        return self._future.result()

    def _run(self, work: Callable[[Tell, threading.Event], Outcome]) -> None:
        try:
            self._future.set_result(work(self._tell, self._calling))
        except BaseException as error:  # whoever asks for the outcome gets it
            self._future.set_exception(error)

    def _tell(self, text: str) -> None:
        with self._lock:
            self._text = text
