"""Films to read and how → their rows, counted as they pass, and the exit status."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from threading import Event
from typing import TYPE_CHECKING

from pneumo.cli.interruption import STOPPED
from pneumo.settings import read_settings

if TYPE_CHECKING:
    from pneumo.decision.ensemble import Ensemble
    from pneumo.decision.sources import Source
    from pneumo.decision.worklist import WorklistRow


def load_rows(
    options: argparse.Namespace, sources: Sequence[Source], stopped: Event
) -> tuple[Ensemble, Iterator[WorklistRow]]:
    """Return the networks, and the rows of the films as they will come until it is stopped."""
    from pneumo.decision.ensemble import Ensemble
    from pneumo.decision.worklist import read_sources

    ensemble = Ensemble.load(options.models, many_films=True)
    return ensemble, read_sources(
        ensemble,
        sources,
        operating_point=options.operating_point,
        settings=read_settings(),
        show_refused=options.show_refused,
        cancelled=stopped,
    )


def name_members(ensemble: Ensemble) -> list[str]:
    """Return the names of an ensemble's networks in order."""
    return [member.name for member in ensemble.plan.members]


class Counted:
    """Rows behind a progress bar, counted as they pass."""

    def __init__(self, rows: Iterable[WorklistRow], total: int) -> None:
        self._rows = rows
        self._total = total
        self.done = 0
        self.was_read = False

    def __iter__(self) -> Iterator[WorklistRow]:
        from tqdm import tqdm

        unread = 0
        for row in tqdm(self._rows, "reading", self._total, unit="film", file=sys.stderr):
            self.done += 1
            self.was_read = self.was_read or bool(row.verdict)
            unread += row.is_passing
            yield row
        if unread:
            print(
                f"{unread:,} films were not read, as their rows say: the machine failed, not the "
                "files. Have them read again; with --parquet, --resume does so.",
                file=sys.stderr,
            )


def end_reading(stopped: Event, done: int, total: int, *, was_read: bool) -> int:
    """Return the exit status, and say what was kept where the run was cut short."""
    if stopped.is_set() and done < total:
        print(f"Stopped: {done:,} of {total:,} files are done and kept.", file=sys.stderr)
        return STOPPED
    return 0 if was_read else 1
