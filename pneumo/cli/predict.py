"""`predict`: files, folders and zip archives → a row a film."""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from threading import Event
from typing import IO, TYPE_CHECKING

from pneumo.cli.interruption import STOPPED, stop_when_asked
from pneumo.cli.options import add_models
from pneumo.errors import PneumoError
from pneumo.settings import read_settings

if TYPE_CHECKING:
    from pneumo.decision.ensemble import Ensemble
    from pneumo.decision.sources import Source
    from pneumo.decision.worklist import WorklistRow

PROCESS, RAY = "process", "ray"

_STATUSES = (
    "Exit status: 0 if at least one film got a verdict; 1 if none did, or with a reason on "
    "standard error; 2 for words that are no options; 130 after Ctrl-C, which keeps the rows that "
    "are done. A file that cannot be read is a row with its reason, and so is a film that was "
    "read before under another name."
)


def add_predict(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of `predict`."""
    from pneumo.decision.operating import BALANCED, OPERATING_POINTS

    parser.set_defaults(run=_predict)
    parser.epilog = _STATUSES
    add_models(parser)
    parser.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="FILE_OR_FOLDER",
        help="a film, a zip archive of films, or a folder of both",
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument(
        "--json", action="store_true", help="JSON Lines on standard output (the default)"
    )
    output.add_argument("--csv", type=Path, metavar="OUT", help="write a CSV file instead")
    output.add_argument(
        "--parquet",
        type=Path,
        metavar="OUT",
        help="write a folder of Parquet files instead, as the rows come",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="leave out the films whose rows lie in the folder of --parquet already",
    )
    parser.add_argument("--operating-point", choices=OPERATING_POINTS, default=BALANCED)
    parser.add_argument(
        "--show-refused",
        action="store_true",
        help="give a verdict also on what the gate refuses; its status stays refused",
    )
    cluster = parser.add_argument_group(
        "many machines",
        "With --engine ray the same rows are computed by a Ray cluster. Each node needs what "
        "requirements-cluster.txt lists, and must reach the films, the networks and OUT under the "
        "same paths: a file system that all of them share. A node lost on the way costs no film; "
        "if it is the one that this command runs on, start again with --resume.",
    )
    cluster.add_argument(
        "--engine", choices=(PROCESS, RAY), default=PROCESS, help="process by default"
    )
    cluster.add_argument(
        "--address",
        help="of a running cluster, as `ray start` prints it; without it RAY_ADDRESS, or a "
        "cluster of this machine alone",
    )
    cluster.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="processes that load the networks; they share all cores evenly; one a node by default",
    )


def _predict(options: argparse.Namespace) -> int:
    from pneumo.decision.sources import find_sources

    _check(options)
    sources = find_sources(options.paths, max_bytes=read_settings().max_bytes)
    if not sources:
        raise PneumoError("The folders given hold no file: point predict at chest films.")
    if options.parquet is not None:
        return _fill_folder(options, sources)
    with stop_when_asked() as stopped:
        ensemble, rows = _load(options, sources, stopped)
        counted = _Counted(rows, len(sources))
        if options.csv is None:
            _write_json_lines(counted, sys.stdout)
        else:
            try:
                with options.csv.open("w", newline="", encoding="utf-8") as file:
                    _write_csv(counted, _name_members(ensemble), file)
            except OSError as error:
                raise PneumoError(f"{options.csv} cannot be written: {error.strerror}.") from error
    return _end(stopped, counted.done, len(sources), was_read=counted.was_read)


def _end(stopped: Event, done: int, total: int, *, was_read: bool) -> int:
    """Return the exit status, and say what was kept where the run was cut short."""
    if stopped.is_set() and done < total:
        print(f"Stopped: {done:,} of {total:,} files are done and kept.", file=sys.stderr)
        return STOPPED
    return 0 if was_read else 1


class _Counted:
    """Rows behind a progress bar, counted as they pass."""

    def __init__(self, rows: Iterable[WorklistRow], total: int) -> None:
        self._rows = rows
        self._total = total
        self.done = 0
        self.was_read = False

    def __iter__(self) -> Iterator[WorklistRow]:
        from tqdm import tqdm

        for row in tqdm(self._rows, "reading", self._total, unit="film", file=sys.stderr):
            self.done += 1
            self.was_read = self.was_read or bool(row.verdict)
            yield row


def _check(options: argparse.Namespace) -> None:
    """Refuse options that would be passed over in silence."""
    if options.engine == RAY and options.parquet is None:
        raise PneumoError("The engine ray writes Parquet files: say where with --parquet OUT.")
    if options.engine == PROCESS and (options.address or options.workers):
        raise PneumoError("--address and --workers are for a cluster: add --engine ray.")
    if options.workers is not None and options.workers < 1:
        raise PneumoError(f"--workers must be at least 1, not {options.workers}.")
    if options.resume and options.parquet is None:
        raise PneumoError("--resume goes on with a folder of Parquet files: add --parquet OUT.")


def _load(
    options: argparse.Namespace, sources: Sequence[Source], stopped: Event
) -> tuple[Ensemble, Iterator[WorklistRow]]:
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


def _name_members(ensemble: Ensemble) -> list[str]:
    return [member.name for member in ensemble.plan.members]


def _write_json_lines(rows: Iterable[WorklistRow], out: IO[str]) -> None:
    for row in rows:
        out.write(json.dumps(asdict(row)) + "\n")
        out.flush()


def _write_csv(rows: Iterable[WorklistRow], members: Sequence[str], out: IO[str]) -> None:
    from pneumo.decision.row_files import flatten, name_columns
    from pneumo.spreadsheet import guard

    writer = csv.DictWriter(out, name_columns(members))
    writer.writeheader()
    for row in rows:
        writer.writerow({name: guard(cell) for name, cell in flatten(row, members).items()})


def _fill_folder(options: argparse.Namespace, sources: Sequence[Source]) -> int:
    """Write a folder of Parquet files, and return the exit status."""
    from pneumo.decision.ensemble import read_plan
    from pneumo.decision.row_files import holds_a_verdict, mark_duplicates, open_folder

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
    rest = [source for source in sources if source.label not in known]
    done = 0
    with stop_when_asked() as stopped:
        if rest:
            fill = _fill_by_cluster if options.engine == RAY else _fill_by_process
            done = fill(options, rest, stopped)
    mark_duplicates(out)
    return _end(stopped, done, len(rest), was_read=holds_a_verdict(out))


def _fill_by_process(options: argparse.Namespace, sources: Sequence[Source], stopped: Event) -> int:
    """Write part after part, and return how many rows they have."""
    from pneumo.decision.row_files import ROWS_A_PART, number_next_part, write_part

    ensemble, rows = _load(options, sources, stopped)
    counted = _Counted(rows, len(sources))
    shown = iter(counted)
    number = number_next_part(options.parquet)
    while part := list(islice(shown, ROWS_A_PART)):
        write_part(options.parquet, number, part, _name_members(ensemble))
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
