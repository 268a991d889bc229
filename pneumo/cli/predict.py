"""`predict`: files, folders and zip archives → a row a film."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pneumo.cli.faults import say_fault, tell_of_output
from pneumo.cli.interruption import stop_when_asked
from pneumo.cli.options import add_models
from pneumo.cli.predict_folder import PROCESS, RAY, fill_folder
from pneumo.cli.predict_rows import Counted, end_reading, load_rows, name_members
from pneumo.errors import PneumoError
from pneumo.settings import read_settings

if TYPE_CHECKING:
    from pneumo.decision.worklist import WorklistRow

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
        help="leave out the films whose rows lie in the folder of --parquet already, but not those "
        "that a network failed on",
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
        return fill_folder(options, sources)
    with stop_when_asked() as stopped:
        ensemble, rows = load_rows(options, sources, stopped)
        counted = Counted(rows, len(sources))
        if options.csv is None:
            try:
                _write_json_lines(counted, sys.stdout)
            except OSError as error:
                raise PneumoError(tell_of_output(error)) from error
        else:
            try:
                with options.csv.open("w", newline="", encoding="utf-8") as file:
                    _write_csv(counted, name_members(ensemble), file)
            except OSError as error:
                raise PneumoError(
                    f"{options.csv} cannot be written: {say_fault(error)}. What was written before "
                    "is in it, its last row perhaps cut off. With --parquet a run can be gone on "
                    "with."
                ) from error
    return end_reading(stopped, counted.done, len(sources), was_read=counted.was_read)


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
