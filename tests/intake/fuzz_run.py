"""A case → how it ended, how long that took and how much memory."""

from __future__ import annotations

import contextlib
import logging
import os
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pneumo.errors import FilmError
from pneumo.intake.reading import read_unguarded
from pneumo.settings import Settings
from tests.intake.fuzzing import Case

MOST_S, MOST_MB = 5.0, 1000


@dataclass(frozen=True)
class Outcome:
    """How a case ended.

    Attributes:
        kind: "film", or the name of the error.
        seconds: on the processor, a decoder's own process not counted.
        peak_mb: memory over what the process held before; 0 if it was not measured.
    """

    kind: str
    seconds: float
    peak_mb: float = 0.0


def read_case(case: Case, *, measure_memory: bool = False) -> Outcome:
    """Read a case; anything but a sound film or a FilmError with a message raises."""
    before = _forget_peak() if measure_memory else None
    began = time.process_time()
    with warnings.catch_warnings():
        # pydicom and Pillow warn about files that break the standard, and read on.
        warnings.simplefilter("ignore", UserWarning)
        try:
            # Below the net, which would take every bug for one more damaged file.
            film = read_unguarded(
                case.data, max_pixels=Settings.max_pixels, max_bytes=Settings.max_bytes
            )
        except FilmError as refusal:
            kind = type(refusal).__name__ if str(refusal) else "refused without a word"
        else:
            kind = "film"
            assert np.isfinite(film.pixels).all(), case.name
            assert film.pixels.min() >= 0.0, case.name
            assert film.pixels.max() <= 1.0, case.name
    assert kind != "refused without a word", case.name
    seconds = time.process_time() - began
    return Outcome(kind, seconds, 0.0 if before is None else memory_mb("VmHWM") - before)


def keep(case: Case, folder: Path) -> Path:
    """Write a case's bytes to a file that a message can name."""
    path = folder / f"fuzz_case_{case.number}.bin"
    path.write_bytes(case.data)
    return path


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what pydicom logs and libtiff prints about broken files from the report."""
    log = logging.getLogger("pydicom")
    level, errors = log.level, os.dup(2)
    log.setLevel(logging.CRITICAL)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(errors, 2)
        os.close(errors)
        os.close(nowhere)
        log.setLevel(level)


def memory_mb(field: str) -> float:
    """Return VmRSS, what the process holds, or VmHWM, the most that it held."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) / 1024


def _forget_peak() -> float | None:
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        return memory_mb("VmRSS")
    except OSError:
        return None
