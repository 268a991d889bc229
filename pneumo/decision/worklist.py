"""Files and folders → one row a film, verdict or reason; a bad file costs only its own row."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pneumo.decision.ensemble import Ensemble, predict
from pneumo.decision.operating import BALANCED
from pneumo.errors import PneumoError, UnsupportedFilmError
from pneumo.intake import read_radiograph
from pneumo.intake.quality import find_doubts
from pneumo.networks.films import NEEDED_SIDE, squash
from pneumo.networks.serving import Scores
from pneumo.settings import Settings

Status = Literal["ok", "warned", "refused", "error"]

_IN_WORK = 2
"""Batches scored at once: the films of the second keep busy what the first no longer needs."""


@dataclass(frozen=True)
class WorklistRow:
    """What is known about one file; the field names are the keys of the command's output.

    Attributes:
        file: the path as it was found.
        status: "ok"; "warned": scored, with a reason for doubt; "refused": a whole file that is
            no single grey film; "error": a file that cannot be read.
        reason: why it is not "ok", else empty.
        verdict: PNEUMONIA, NORMAL, INDETERMINATE, or empty where there is no score.
        probability: calibrated, of pneumonia, in [0, 1]; None where there is no score.
        members: each network's own calibrated probability.
        spread: largest minus smallest of them; None where there is no score.
        operating_point: name of the point that was applied.
        model_version: short hash of the ensemble.
    """

    file: str
    status: Status
    operating_point: str
    model_version: str
    reason: str = ""
    verdict: str = ""
    probability: float | None = None
    members: dict[str, float] = field(default_factory=dict)
    spread: float | None = None


@dataclass(frozen=True, eq=False)
class _Film:
    """What a row needs of a film: the networks' input, and reasons to doubt it."""

    pixels: NDArray[np.float32]
    doubts: tuple[str, ...]


_Opened = tuple[Path, _Film | PneumoError]
_Scored = tuple[Sequence[_Opened], Future[dict[str, Scores]]]


def find_files(paths: Iterable[Path]) -> list[Path]:
    """Replace folders by all the files in them, at any depth, in order; hidden ones left out."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(
                file
                for file in path.rglob("*")
                if file.is_file()
                and not any(part.startswith(".") for part in file.relative_to(path).parts)
            )
        else:
            found.append(path)
    return found


def read_files(
    ensemble: Ensemble,
    files: Sequence[Path],
    *,
    operating_point: str = BALANCED,
    settings: Settings | None = None,
    batch_size: int = 16,
) -> Iterator[WorklistRow]:
    """Score files in the order given, and yield each row as soon as it is known.

    Films that are many times as large as what the networks see are decoded at a fraction of
    their size where the decoder can.

    Raises:
        ModelError: no operating point has that name.
    """
    ensemble.plan.find_point(operating_point)
    limits = settings or Settings()
    opened = _opened(files, limits, ahead=2 * batch_size)
    scored: deque[_Scored] = deque()
    with ThreadPoolExecutor(_IN_WORK) as pool:
        while batch := list(islice(opened, batch_size)):
            scored.append((batch, pool.submit(_score, ensemble, batch)))
            if len(scored) == _IN_WORK:
                yield from _rows(ensemble, scored.popleft(), operating_point)
        for one in scored:
            yield from _rows(ensemble, one, operating_point)


def _score(ensemble: Ensemble, batch: Sequence[_Opened]) -> dict[str, Scores]:
    films = [film.pixels for _, film in batch if isinstance(film, _Film)]
    return ensemble.score(np.stack(films)) if films else {}


def _rows(ensemble: Ensemble, scored: _Scored, operating_point: str) -> Iterator[WorklistRow]:
    batch, future = scored
    scores = future.result()
    position = 0
    for path, film in batch:
        if isinstance(film, PneumoError):
            yield _failed(path, film, operating_point, ensemble.plan.version)
            continue
        logits = {name: float(score.logit[position]) for name, score in scores.items()}
        position += 1
        prediction = predict(ensemble.plan, logits, operating_point=operating_point)
        yield WorklistRow(
            file=str(path),
            status="warned" if film.doubts else "ok",
            reason=" ".join(film.doubts),
            verdict=str(prediction.verdict),
            probability=round(prediction.probability, 6),
            members={m.name: round(m.probability, 6) for m in prediction.members},
            spread=round(prediction.spread, 6),
            operating_point=operating_point,
            model_version=prediction.model_version,
        )


def _failed(path: Path, error: PneumoError, operating_point: str, version: str) -> WorklistRow:
    status: Status = "refused" if isinstance(error, UnsupportedFilmError) else "error"
    return WorklistRow(str(path), status, operating_point, version, reason=str(error))


def _opened(files: Sequence[Path], limits: Settings, *, ahead: int) -> Iterator[_Opened]:
    """Decode files in threads, a bounded number ahead of who asks, in order."""
    with ThreadPoolExecutor() as pool:
        waiting: deque[tuple[Path, Future[_Film | PneumoError]]] = deque()
        for path in files:
            waiting.append((path, pool.submit(_open, path, limits)))
            if len(waiting) > ahead:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()


def _open(path: Path, limits: Settings) -> _Film | PneumoError:
    try:
        data = path.read_bytes()
    except OSError as error:
        return PneumoError(f"The file cannot be opened: {error.strerror}. Check path and rights.")
    try:
        radiograph = read_radiograph(
            data,
            max_pixels=limits.max_pixels,
            max_bytes=limits.max_bytes,
            needed_side=NEEDED_SIDE,
        )
    except PneumoError as error:
        return error
    return _Film(squash(radiograph), find_doubts(radiograph))
