"""Sources of films → one row a film, verdict or reason; a bad file costs only its own row."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Any, Literal

from pneumo.decision.ensemble import Ensemble, predict
from pneumo.decision.gate import to_record
from pneumo.decision.opening import NO_MEMORY, Opened, OpenedFilm, Unread, Watch, open_sources
from pneumo.decision.operating import BALANCED
from pneumo.decision.scoring import Said, score_films
from pneumo.decision.sources import Source, find_sources
from pneumo.domain import Usability
from pneumo.settings import Settings

Status = Literal["ok", "warned", "refused", "error"]

_IN_WORK = 2
"""Batches scored at once: the films of the second keep busy what the first no longer needs."""


@dataclass(frozen=True)
class WorklistRow:
    """What is known about one file; the field names are the keys of the command's output.

    Attributes:
        file: its label: the path as it was found, and within an archive the name in it.
        status: "ok"; "warned": scored, with a reason for doubt; "refused": a whole file that is
            no single grey film, or one that the gate refuses; "error": a file that cannot be read,
            or a film that a network failed on, see `is_passing`.
        operating_point: name of the point that was applied.
        model_version: short hash of the ensemble.
        reason: why it is not "ok", else empty.
        verdict: PNEUMONIA, NORMAL, INDETERMINATE, or empty where there is no score: also for
            what the gate refuses, unless that was asked for.
        probability: calibrated, of pneumonia, in [0, 1]; None where there is no score.
        members: each network's own calibrated probability.
        spread: largest minus smallest of them; None where there is no score.
        split_vote: whether the networks' own thresholds disagree; None where there is no score.
        fingerprint: SHA-256 of the pixels as they were read, which for a large JPEG is at a
            fraction of its size; empty for what cannot be read.
        duplicate_of: the first file of the worklist with the same pixels, else empty. Pixels are
            compared, not files: a film that was renamed, moved into an archive or written in
            another format without loss is known again.
        quality: what the gate said of the film, and what the networks cannot rule out, as plain
            values for JSON, see `pneumo.decision.gate.to_record`; empty for what cannot be read.
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
    split_vote: bool | None = None
    fingerprint: str = ""
    duplicate_of: str = ""
    quality: dict[str, Any] = field(default_factory=dict)

    @property
    def is_refused_by_gate(self) -> bool:
        """Whether the gate refuses the film, with or without a verdict all the same."""
        return self.quality.get("usability") == Usability.REFUSED

    @property
    def is_passing(self) -> bool:
        """Whether the machine failed and not the file: asked again, the film may be read."""
        return self.status == "error" and (bool(self.fingerprint) or self.reason == NO_MEMORY)


def read_files(
    ensemble: Ensemble,
    files: Sequence[Path],
    *,
    operating_point: str = BALANCED,
    settings: Settings | None = None,
    batch_size: int = 16,
    show_refused: bool = False,
) -> Iterator[WorklistRow]:
    """Read files, and archives among them, as `read_sources` does.

    Raises:
        ModelError: no operating point has that name.
    """
    limits = settings or Settings()
    return read_sources(
        ensemble,
        find_sources(files, max_bytes=limits.max_bytes),
        operating_point=operating_point,
        settings=limits,
        batch_size=batch_size,
        show_refused=show_refused,
    )


def read_sources(
    ensemble: Ensemble,
    sources: Sequence[Source],
    *,
    operating_point: str = BALANCED,
    settings: Settings | None = None,
    batch_size: int = 16,
    gives_way: bool = False,
    show_refused: bool = False,
    cancelled: Event | None = None,
    watch: Watch | None = None,
) -> Iterator[WorklistRow]:
    """Score sources in the order given, and yield each row as soon as it is known.

    A film whose pixels came before is not scored again: its row has the scores of the first. One
    that a network fails on is a row with the reason, and costs no other film.

    Args:
        ensemble: the networks.
        sources: the films.
        operating_point: "rule-out", "balanced" or "rule-in".
        settings: the limits of the intake.
        batch_size: how many films are scored together.
        gives_way: score one film at a time, in turn with whoever else asks for a film. That
            takes somewhat longer in all, and whoever has a single film waits for at most one of
            these, however many worklists are being read.
        show_refused: give a verdict also on films that the gate refuses; they stay refused.
        cancelled: once it is set, no further film is begun; rows of those in work still come.
        watch: is shown each film that can be read, see `Watch`.

    Raises:
        ModelError: no operating point has that name.
    """
    ensemble.plan.find_point(operating_point)
    opened = open_sources(
        sources,
        settings or Settings(),
        ahead=2 * batch_size,
        decoders=1 if gives_way else None,
        watch=watch,
    )
    return _read(
        opened,
        _Reader(ensemble, operating_point, gives_way=gives_way, show_refused=show_refused),
        size=1 if gives_way else batch_size,
        in_work=1 if gives_way else _IN_WORK,
        cancelled=cancelled or Event(),
    )


def _read(
    opened: Generator[Opened],
    reader: _Reader,
    *,
    size: int,
    in_work: int,
    cancelled: Event,
) -> Iterator[WorklistRow]:
    scored: deque[tuple[Sequence[Opened], Future[list[Said | Unread]]]] = deque()
    with closing(opened), ThreadPoolExecutor(in_work) as pool:
        while not cancelled.is_set() and (batch := list(islice(opened, size))):
            scored.append((batch, pool.submit(reader.score, reader.find_new(batch))))
            if len(scored) == in_work:
                yield from reader.judge(*scored.popleft())
        for one in scored:
            yield from reader.judge(*one)


class _Reader:
    """Scores films, and knows those again that it has seen."""

    def __init__(
        self, ensemble: Ensemble, operating_point: str, *, gives_way: bool, show_refused: bool
    ) -> None:
        self._ensemble = ensemble
        self._gives_way = gives_way
        self._show_refused = show_refused
        self._point = operating_point
        self._begun: set[str] = set()
        self._known: dict[str, WorklistRow] = {}

    def find_new(self, batch: Sequence[Opened]) -> list[OpenedFilm]:
        """Return the films of a batch whose pixels never came before."""
        new = []
        for _, film in batch:
            if isinstance(film, OpenedFilm) and film.fingerprint not in self._begun:
                self._begun.add(film.fingerprint)
                new.append(film)
        return new

    def score(self, films: Sequence[OpenedFilm]) -> list[Said | Unread]:
        """Return what is said of films; safe in threads."""
        return score_films(self._ensemble, films, gives_way=self._gives_way)

    def judge(
        self, batch: Sequence[Opened], future: Future[list[Said | Unread]]
    ) -> Iterator[WorklistRow]:
        """Yield the rows of a batch; batches must come in the order of `find_new`."""
        said = iter(future.result())
        for source, film in batch:
            if isinstance(film, Unread):
                yield self._row(source.label, film.status, film.reason)
                continue
            first = self._known.get(film.fingerprint)
            if first is None:
                row = self._judge(source.label, film, next(said))
                self._known[film.fingerprint] = row
                yield row
            else:
                yield replace(first, file=source.label, duplicate_of=first.file)

    def _judge(self, label: str, film: OpenedFilm, said: Said | Unread) -> WorklistRow:
        if isinstance(said, Unread):
            row = self._row(label, said.status, said.reason)
            return replace(row, fingerprint=film.fingerprint)
        quality = said.quality
        prediction = predict(self._ensemble.plan, said.logits, operating_point=self._point)
        reason = " ".join(concern.message for concern in quality.concerns)
        row = replace(
            self._row(label, _STATUS[quality.usability], reason), fingerprint=film.fingerprint
        )
        if quality.usability is Usability.REFUSED and not self._show_refused:
            return replace(row, quality=to_record(quality))
        return replace(
            row,
            verdict=str(prediction.verdict),
            probability=round(prediction.probability, 6),
            members={m.name: round(m.probability, 6) for m in prediction.members},
            spread=round(prediction.spread, 6),
            split_vote=prediction.split_vote,
            quality=to_record(quality, self._ensemble.list_sets(prediction.probability)),
        )

    def _row(self, label: str, status: Status, reason: str) -> WorklistRow:
        return WorklistRow(label, status, self._point, self._ensemble.plan.version, reason=reason)


_STATUS: Mapping[Usability, Status] = {
    Usability.FINE: "ok",
    Usability.WARNED: "warned",
    Usability.REFUSED: "refused",
}
