"""A folder or an address → what all visitors share of it: the networks, the casebook."""

from __future__ import annotations

import gc
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

import streamlit as st

from pneumo import Ensemble, EnsemblePlan, ModelError, read_plan, read_settings
from pneumo.decision.freshness import Stamp, is_current, stamp_files
from pneumo.networks.faults import told_as_model_error
from pneumo.ui.housekeeping import spare_keras

if TYPE_CHECKING:
    from pneumo.casebook.store import Casebook

_LOADING = "The networks could not be loaded"


class EnsembleLoader:
    """The networks of one folder, on their way into memory or there.

    A daemon thread loads them, so that pages are drawn meanwhile and the server can be stopped
    at any time. A failed attempt is kept only until the next one is asked for.
    """

    def __init__(self, models_dir: Path) -> None:
        """Take the folder; nothing is loaded before `begin`."""
        self._models_dir = models_dir
        self._lock = Lock()
        self._urgent = Event()
        self._attempt: Future[Ensemble] | None = None
        self._stamp: Stamp | None = None
        self._is_current = True

    def begin(self, *, delay_s: float = 0.0) -> Future[Ensemble]:
        """Start to load, unless an attempt was made before, and return the attempt.

        Args:
            delay_s: how long to leave the processor to others first, as long as nobody waits.
        """
        with self._lock:
            if self._attempt is None:
                self._attempt = self._start(delay_s)
            return self._attempt

    def begin_anew(self) -> None:
        """Load now, without delay, if there was no attempt or if the last one failed."""
        self._urgent.set()
        with self._lock:
            if self._attempt is None or (self._attempt.done() and self._attempt.exception()):
                self._attempt = self._start(0.0)

    def is_done(self, *, timeout_s: float = 0.0) -> bool:
        """Wait at most so long, and tell whether the attempt has come to an end."""
        return self._attempt is not None and bool(wait_for([self._attempt], timeout_s).done)

    @property
    def plan(self) -> EnsemblePlan:
        """The plan of the networks in memory, and as long as there are none, that on disk.

        Raises:
            ModelError: there are none, and the file is missing or damaged.
        """
        if self._is_loaded():
            return self.ensemble().plan
        return read_plan(self._models_dir)

    @property
    def failure(self) -> str:
        """Why the last attempt failed, empty while it runs or if it did not fail."""
        if self._attempt is None or not self._attempt.done():
            return ""
        error = self._attempt.exception()
        return str(error) if isinstance(error, ModelError) else ""

    @property
    def replaced(self) -> str:
        """The version in memory if the files on disk are others by now, else empty."""
        if not self._is_loaded():
            return ""
        plan = self.ensemble().plan
        stamp = stamp_files(self._models_dir, plan)
        with self._lock:
            if stamp != self._stamp:
                self._stamp, self._is_current = stamp, is_current(self._models_dir, plan)
            return "" if self._is_current else plan.version

    def ensemble(self) -> Ensemble:
        """Return the networks, waiting for them as long as it takes.

        Raises:
            ModelError: a file is missing or damaged, or the machine has no room for them.
        """
        return self.begin().result()

    def _is_loaded(self) -> bool:
        attempt = self._attempt
        return attempt is not None and attempt.done() and attempt.exception() is None

    def _start(self, delay_s: float) -> Future[Ensemble]:
        attempt: Future[Ensemble] = Future()
        try:
            with told_as_model_error(_LOADING):
                Thread(target=self._load, args=(attempt, delay_s), daemon=True).start()
        except ModelError as error:  # The system lets no further thread begin.
            attempt.set_exception(error)
        return attempt

    def _load(self, attempt: Future[Ensemble], delay_s: float) -> None:
        self._urgent.wait(delay_s)
        try:
            with told_as_model_error(_LOADING):
                ensemble = Ensemble.load(self._models_dir)
                ensemble.warm_up()
            # Should a file be replaced in these seconds, the next restart finds out.
            self._stamp, self._is_current = stamp_files(self._models_dir, ensemble.plan), True
            attempt.set_result(ensemble)
        except BaseException as error:  # whoever waits gets it, as from any other call
            attempt.set_exception(error)
        spare_keras()
        # What is in memory by now stays for good, and to walk through all of it whenever garbage is
        # collected would hold visitors up.
        gc.freeze()


@st.cache_resource(show_spinner=False)
def networks_in(models_dir: Path) -> EnsembleLoader:
    """Return the one loader of a folder, shared by all visitors; the folder is the key."""
    return EnsembleLoader(models_dir)


@st.cache_resource(show_spinner=False, on_release=lambda casebook: casebook.close())
def casebook_in(database_url: str) -> Casebook:
    """Return the one casebook of a database, shared by all visitors; a failure is not kept.

    Raises:
        CasebookError: it cannot be opened.
    """
    # SQLAlchemy takes a third of a second, which the first page need not wait for.
    from pneumo.casebook.storage.database import open_database
    from pneumo.casebook.store import Casebook

    days = read_settings().retention_days
    casebook = Casebook(open_database(database_url), retention_days=days)
    casebook.keep_to_retention()
    return casebook
