"""The sources of a batch → its rows and thumbnails, read in a thread that the session owns."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import streamlit as st

from pneumo import EnsemblePlan, ModelError, PneumoError, Settings
from pneumo.decision.progress import Progress, follow
from pneumo.decision.sources import Source
from pneumo.decision.worklist import WorklistRow, read_sources
from pneumo.networks.faults import told_as_model_error
from pneumo.ui.batch.presence import Presence, watch_visitor
from pneumo.ui.batch.thumbnails import draw_thumbnail
from pneumo.ui.resources import EnsembleLoader
from pneumo.ui.session import Film, Reading

_KEY = "batch"


@dataclass
class _State:
    """What the thread and the page share; the thread writes, the page reads."""

    rows: list[WorklistRow] = field(default_factory=list)
    thumbnails: dict[int, str] = field(default_factory=dict)
    progress: Progress | None = None
    failure: str = ""
    plan: EnsemblePlan | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def known(self) -> dict[str, str]:
        """The files of the films that have been read, each by what its pixels are known by."""
        read = [row for row in self.rows if row.fingerprint and not row.is_passing]
        return {row.fingerprint: row.duplicate_of or row.file for row in read}

    def put(self, place: int, row: WorklistRow) -> None:
        """Take the row of the film at a place: a first one, or one in the place of another."""
        if place < len(self.rows):
            self.rows[place] = row
        else:
            self.rows.append(row)


class Batch:
    """A batch that is being read, or has been; reading begins when it is made.

    It lies in the visitor's session and nowhere else. When the visitor leaves, the thread stops;
    when the session is forgotten so is the batch, which the thread does not hold.

    Attributes:
        sources: the films, in the order of the rows.
        operating_point: the name of the point that verdicts are given at.
        film: the film on show by its place; None for none.
        reading: what the networks say of it with heat maps, once that was asked for.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        loader: EnsembleLoader,
        settings: Settings,
        *,
        operating_point: str,
    ) -> None:
        """Begin to read.

        Args:
            sources: the films.
            loader: of the networks, which may still be on their way.
            settings: the limits of the intake.
            operating_point: "rule-out", "balanced" or "rule-in".
        """
        self.sources = tuple(sources)
        self.operating_point = operating_point
        self._loader = loader
        self._settings = settings
        self.film: tuple[int, Film] | None = None
        self.reading: Reading | None = None
        self._state = _State()
        weakref.finalize(self, self._state.stop.set)
        self._begin()

    def _begin(self) -> None:
        """Have a thread read the films that are unread."""
        thread = threading.Thread(
            target=_work,
            args=(self._state,),
            kwargs={
                "presence": watch_visitor(),
                "sources": {place: self.sources[place] for place in self.unread},
                "loader": self._loader,
                "settings": self._settings,
                "operating_point": self.operating_point,
            },
            daemon=True,
            name="batch",
        )
        try:
            with told_as_model_error("The films could not be read"):
                thread.start()
        except ModelError as error:  # The system lets no further thread begin.
            self._state.failure = str(error)
            self._state.ended.set()

    @property
    def is_running(self) -> bool:
        """Whether rows may still come."""
        return not self._state.ended.is_set()

    @property
    def rows(self) -> tuple[WorklistRow, ...]:
        """The rows so far; the first belongs to the first source."""
        return tuple(self._state.rows)

    @property
    def thumbnails(self) -> dict[int, str]:
        """The URL of each film's small picture by its place; none for what cannot be read."""
        return dict(self._state.thumbnails)

    @property
    def progress(self) -> Progress | None:
        """How far it is; None while the networks are on their way."""
        return self._state.progress

    @property
    def failure(self) -> str:
        """Why it ended before its time, empty if it did not."""
        return self._state.failure

    @property
    def plan(self) -> EnsemblePlan | None:
        """By which plan the rows were made; None while the networks are on their way."""
        return self._state.plan

    @property
    def unread(self) -> tuple[int, ...]:
        """The places of the films that may yet be read: a network failed on them, or none began."""
        rows = self._state.rows
        failed = [place for place, row in enumerate(rows) if row.is_passing]
        return (*failed, *range(len(rows), len(self.sources)))

    def read_again(self) -> None:
        """Have the unread ones read, once the batch has ended; each row takes its place."""
        state = self._state
        state.failure, state.progress = "", None
        state.stop.clear()
        state.ended.clear()
        self._begin()

    @property
    def was_cut_short(self) -> bool:
        """Whether it ended with films unread."""
        return not self.is_running and len(self._state.rows) < len(self.sources)

    def cancel(self) -> None:
        """Ask for no further film; rows that are there stay."""
        self._state.stop.set()

    def wait(self, timeout_s: float) -> bool:
        """Wait at most so long, and tell whether it has ended."""
        return self._state.ended.wait(timeout_s)


def _work(
    state: _State,
    *,
    presence: Presence,
    sources: Mapping[int, Source],
    loader: EnsembleLoader,
    settings: Settings,
    operating_point: str,
) -> None:
    places, known = list(sources), state.known

    def tell(progress: Progress) -> None:
        state.progress = progress

    try:
        loader.begin_anew()
        while not (loader.is_done(timeout_s=0.3) or state.stop.is_set()):
            pass
        if state.stop.is_set():
            return
        ensemble = loader.ensemble()
        state.plan = ensemble.plan
        rows = read_sources(
            ensemble,
            list(sources.values()),
            operating_point=operating_point,
            settings=settings,
            gives_way=True,
            cancelled=state.stop,
            watch=lambda nth, film: state.thumbnails.update({places[nth]: draw_thumbnail(film)}),
        )
        # One at a time: the page counts them meanwhile.
        for place, row in zip(places, follow(rows, len(places), tell), strict=False):
            first = known.get(row.fingerprint, row.duplicate_of)
            state.put(place, replace(row, duplicate_of=first))
            if not presence.lasts():
                state.stop.set()
    except PneumoError as error:
        state.failure = str(error)
    except MemoryError:
        state.failure = "The machine has run out of memory."
    except BaseException:
        state.failure = "The films could not all be read, for a reason that is a bug of this page."
        raise
    finally:
        state.ended.set()


def current_batch() -> Batch | None:
    """Return this browser session's batch, None if there is none."""
    batch: Batch | None = st.session_state.get(_KEY)
    return batch


def begin_batch(batch: Batch) -> None:
    """Make a batch this browser session's."""
    st.session_state[_KEY] = batch


def forget_batch() -> None:
    """Stop this browser session's batch and forget its films."""
    batch = st.session_state.pop(_KEY, None)
    if batch is not None:
        batch.cancel()
