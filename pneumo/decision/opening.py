"""Sources → films as the networks take them in, decoded a bounded number ahead of who asks."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pneumo.decision.sources import Source
from pneumo.domain import Radiograph
from pneumo.errors import PneumoError, UnsupportedFilmError
from pneumo.intake import read_radiograph
from pneumo.intake.quality import FilmFile
from pneumo.intake.reading import log_unforeseen
from pneumo.networks.films import NEEDED_SIDE, squash
from pneumo.settings import Settings

Watch = Callable[[int, Radiograph], None]
"""The place of a source and its film; called in a decoding thread, with no film twice."""

NO_MEMORY = (
    "The machine has run out of memory while it opened this film. Close other programs or wait a "
    "moment, then have it read again."
)
"""The reason where the machine failed, and not the file."""

MOST_DECODERS = 8
"""Most films that are in memory in their own size at once, also on a machine of many cores."""


@dataclass(frozen=True, eq=False)
class OpenedFilm:
    """What a row needs of a film when the film itself is gone.

    Attributes:
        pixels: the networks' input, shape (224, 224), float32.
        file: what is known of it besides, for the gate.
        fingerprint: SHA-256 of the pixels as they were read.
    """

    pixels: NDArray[np.float32]
    file: FilmFile
    fingerprint: str


@dataclass(frozen=True)
class Unread:
    """Why there is no film: a sound file that is none, "refused", or an "error".

    It is no exception: that would keep alive the bytes of what it is about.
    """

    status: Literal["refused", "error"]
    reason: str


Opened = tuple[Source, OpenedFilm | Unread]


def count_decoders() -> int:
    """Return how many threads decode: as many as there are cores, within MOST_DECODERS."""
    return min(MOST_DECODERS, os.cpu_count() or 1)


def open_sources(
    sources: Sequence[Source],
    limits: Settings,
    *,
    ahead: int,
    decoders: int | None = None,
    watch: Watch | None = None,
) -> Generator[Opened]:
    """Decode sources in threads, and yield in order what became of each.

    Films that are many times as large as what the networks see are decoded at a fraction of
    their size where the decoder can. Whoever stops asking stops the decoding.

    Args:
        sources: what to decode.
        limits: of the intake.
        ahead: most sources that are begun before who asks wants them.
        decoders: threads, and so films in memory; None for `count_decoders`.
        watch: is shown each film that can be read before it is let go.
    """
    pool = ThreadPoolExecutor(decoders or count_decoders())
    try:
        waiting: deque[tuple[Source, Future[OpenedFilm | Unread]]] = deque()
        for place, source in enumerate(sources):
            waiting.append((source, pool.submit(_open, place, source, limits, watch)))
            if len(waiting) > ahead:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _open(place: int, source: Source, limits: Settings, watch: Watch | None) -> OpenedFilm | Unread:
    try:
        radiograph = read_radiograph(
            source.read(),
            max_pixels=limits.max_pixels,
            max_bytes=limits.max_bytes,
            needed_side=NEEDED_SIDE,
        )
        if watch is not None:
            watch(place, radiograph)
        return OpenedFilm(squash(radiograph), FilmFile.of(radiograph), radiograph.fingerprint)
    except PneumoError as error:
        is_sound = isinstance(error, UnsupportedFilmError)
        return Unread("refused" if is_sound else "error", str(error))
    except MemoryError:
        return Unread("error", NO_MEMORY)
    except Exception as error:  # One file, whatever is wrong with it, costs its own row alone.
        log_unforeseen(error)
        return Unread(
            "error",
            "Expected a file that can be read, but this one led to an error that nobody foresaw: "
            "export the film again.",
        )
