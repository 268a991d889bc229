"""Films to read and how → a folder of Parquet files, gone on with where a run was cut off."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from pneumo.cli.faults import say_fault
from pneumo.cli.interruption import stop_when_asked
from pneumo.cli.predict_rows import Counted, end_reading, load_rows, name_members
from pneumo.errors import PneumoError
from pneumo.settings import read_settings

if TYPE_CHECKING:
    from pneumo.decision.sources import Source

PROCESS, RAY = "process", "ray"
"""What reads: this process, or a cluster."""


def fill_folder(options: argparse.Namespace, sources: Sequence[Source]) -> int:
    """Write a folder of Parquet files, and return the exit status."""
    from pneumo.decision.ensemble import read_plan
    from pneumo.decision.row_files import (
        drop_passing,
        holds_a_verdict,
        mark_duplicates,
        open_folder,
    )

    out = options.parquet
    known = open_folder(
        out,
        operating_point=options.operating_point,
        model_version=read_plan(options.models).version,
    )
    if known and not options.resume:
        raise PneumoError(
            f"{out} holds the rows of {len(known):,} films already: add --resume to go on with "
            "them, or choose another folder."
        )
    done = 0
    with _keeping(out), stop_when_asked() as stopped:
        known -= drop_passing(out)
        rest = [source for source in sources if source.label not in known]
        if rest:
            fill = _fill_by_cluster if options.engine == RAY else _fill_by_process
            done = fill(options, rest, stopped)
        mark_duplicates(out)
    return end_reading(stopped, done, len(rest), was_read=holds_a_verdict(out))


@contextmanager
def _keeping(folder: Path) -> Iterator[None]:
    """Say what a folder holds, and how to go on, where it can no longer be written.

    Raises:
        PneumoError: with just that.
    """
    from pneumo.decision.row_files import count_rows

    try:
        yield
    except OSError as error:
        raise PneumoError(
            f"{folder} cannot be written: {say_fault(error)}. The rows of {count_rows(folder):,} "
            "films are kept there. Free some room, then give the same command with --resume, "
            "which reads the rest."
        ) from error


def _fill_by_process(options: argparse.Namespace, sources: Sequence[Source], stopped: Event) -> int:
    """Write part after part, and return how many rows they have."""
    from pneumo.decision.row_files import ROWS_A_PART, number_next_part, write_part

    ensemble, rows = load_rows(options, sources, stopped)
    counted = Counted(rows, len(sources))
    shown = iter(counted)
    number = number_next_part(options.parquet)
    while part := list(islice(shown, ROWS_A_PART)):
        write_part(options.parquet, number, part, name_members(ensemble))
        number += 1
    return counted.done


def _fill_by_cluster(options: argparse.Namespace, sources: Sequence[Source], stopped: Event) -> int:
    """Have a cluster write parts, and return how many rows those have that are finished."""
    from tqdm import tqdm

    from pneumo.decision.cluster import Job, read_on_cluster

    job = Job(
        models=options.models.resolve(),
        out=options.parquet.resolve(),
        base=Path.cwd(),
        operating_point=options.operating_point,
        show_refused=options.show_refused,
        settings=read_settings(),
    )
    address = options.address or os.environ.get("RAY_ADDRESS")
    parts = read_on_cluster(job, sources, address=address, workers=options.workers)
    done = 0
    with (
        closing(parts),
        tqdm(desc="reading", total=len(sources), unit="film", file=sys.stderr) as bar,
    ):
        for films in parts:
            done += films
            bar.update(films)
            if stopped.is_set():
                break
    return done
