"""What is done after each run of a page: no more than was asked for."""

from __future__ import annotations

import gc
import sys
import time
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from streamlit import config
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.media_file_manager import MediaFileManager, MediaFileMetadata
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from pneumo.ui import housekeeping


@pytest.mark.parametrize(("configured", "watched"), [("none", 0), ("poll", 1)])
def test_visitor_who_comes_back_is_watched_as_configured(
    monkeypatch: pytest.MonkeyPatch, configured: str, watched: int
) -> None:
    stands_for_session = cast(AppSession, object())
    sessions: list[AppSession] = []
    monkeypatch.setattr(housekeeping, "_watch", sessions.append)
    monkeypatch.setattr(AppSession, "register_file_watchers", sessions.append)
    monkeypatch.setattr(config, "get_option", lambda _: configured)
    housekeeping.heed_configuration()
    AppSession.register_file_watchers(stands_for_session)
    assert sessions == [stands_for_session] * watched


def make_file() -> tuple[MediaFileManager, str]:
    """Have a button make a file that no page shows, and return where it lies and its name."""
    storage = MemoryMediaFileStorage("/media")
    manager = MediaFileManager(storage)
    file_id = manager.add_deferred(lambda: b"a report", "text/csv", "place", file_name="a.csv")
    return manager, Path(manager.execute_deferred(file_id)).name


def test_file_outlives_other_visitors_runs_until_it_is_fetched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(MediaFileMetadata, "mark_for_delete", MediaFileMetadata.mark_for_delete)
    housekeeping.keep_files_a_while()
    manager, name = make_file()
    for _ in range(5):
        manager.remove_orphaned_files()
    file = manager.read_file(name)
    assert file is not None
    assert file.content == b"a report"
    monkeypatch.setattr(housekeeping, "_KEPT_S", 0.0)
    for _ in range(2):
        manager.remove_orphaned_files()
    assert manager.read_file(name) is None


class Film:
    """Something that only a collection of garbage lets go of."""

    def __init__(self) -> None:
        self.itself = self


def test_garbage_of_a_busy_server_is_collected_soon() -> None:
    gc.disable()  # Python would collect some of it by itself.
    try:
        with housekeeping.collecting(rest_s=0.01):
            film = weakref.ref(Film())
            until = time.monotonic() + 30
            while film() is not None and time.monotonic() < until:
                time.sleep(0.01)
        assert film() is None
    finally:
        gc.enable()


def test_session_of_keras_is_left_alone_once_the_networks_are_compiled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cleared: list[bool] = []
    stands_for_keras = SimpleNamespace(backend=SimpleNamespace(clear_session=cleared.append))
    monkeypatch.setitem(sys.modules, "keras", stands_for_keras)
    housekeeping.spare_keras()
    stands_for_keras.backend.clear_session()
    assert cleared == []
