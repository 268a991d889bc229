"""What Streamlit does after each run of a page → as much as thirty visitors at once can bear.

All of it holds up whoever is served at that moment, since one thread at a time runs Python.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from streamlit import config
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.media_file_manager import MediaFileMetadata

_KEPT_S = 60.0

_watch = AppSession.register_file_watchers
_mark = MediaFileMetadata.mark_for_delete


def heed_configuration() -> None:
    """Watch the files of visitors who come back as little as those of visitors who come.

    Streamlit 1.67 asks its configuration whether to watch source files when somebody comes, but
    not when they come back after a lost connection: then it looks up the files of all modules
    after each run, on the thread that everybody's messages pass through.
    """
    AppSession.register_file_watchers = _watch_if_wanted  # type: ignore[method-assign, assignment]


def _watch_if_wanted(session: AppSession) -> None:
    if config.get_option("server.fileWatcherType") != "none":
        _watch(session)


def keep_files_a_while() -> None:
    """Keep a file that a button made for a minute, so that the browser can fetch it.

    Streamlit 1.67 deletes it when two runs of pages have ended since, whoever's they are: with a
    few visitors whose pages look again by themselves, that is sooner than the browser asks for it.
    """
    MediaFileMetadata.mark_for_delete = _mark_in_time  # type: ignore[method-assign, assignment]


def _mark_in_time(file: MediaFileMetadata) -> None:
    now = time.monotonic()
    if now - vars(file).setdefault("unused_since", now) >= _KEPT_S:
        _mark(file)


@contextmanager
def collecting(rest_s: float = 5.0) -> Iterator[None]:
    """Collect garbage every few seconds if there was any work, until the block ends.

    Streamlit would do so after each run of each page, and walk through what all visitors hold each
    time; `.streamlit/config.toml` tells it not to. Left to Python alone, films could stay too long,
    since Python counts objects and not their size.
    """
    over = Event()

    def collect() -> None:
        seen = gc.get_count()
        while not over.wait(rest_s):
            if gc.get_count() != seen:
                gc.collect()
                seen = gc.get_count()

    collector = Thread(target=collect)
    collector.start()
    try:
        yield
    finally:
        over.set()
        collector.join()


def spare_keras() -> None:
    """Leave Keras's session alone, if Keras was loaded to compile the networks.

    Streamlit clears it after each run of a page, which collects all garbage once more. What serves
    films is compiled, and not in that session.
    """
    keras = sys.modules.get("keras")
    if keras is not None:
        keras.backend.clear_session = _leave_alone


def _leave_alone(free_memory: bool = True) -> None:
    """Do nothing, in the place of `keras.backend.clear_session`."""
