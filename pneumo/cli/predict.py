"""`predict`: files and folders → a row a film."""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pneumo.cli.options import add_models
from pneumo.errors import PneumoError
from pneumo.settings import read_settings

if TYPE_CHECKING:
    from pneumo.decision.ensemble import Ensemble
    from pneumo.decision.worklist import WorklistRow

PROCESS, RAY = "process", "ray"


def add_predict(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of `predict`."""
    from pneumo.decision.operating import BALANCED, OPERATING_POINTS

    parser.set_defaults(run=_predict)
    add_models(parser)
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE_OR_FOLDER")
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
    from pneumo.decision.worklist import find_files

    _check(options)
    files = find_files(options.paths)
    if not files:
        raise PneumoError("The folders given hold no file: point predict at chest films.")
    if options.parquet is not None:
        return 0 if _fill_folder(options, files) else 1
    ensemble, rows = _load(options, files)
    shown = _show(rows, files)
    if options.csv is None:
        was_read = _write_json_lines(shown, sys.stdout)
    else:
        try:
            with options.csv.open("w", newline="", encoding="utf-8") as file:
                was_read = _write_csv(shown, _name_members(ensemble), file)
        except OSError as error:
            raise PneumoError(f"{options.csv} cannot be written: {error.strerror}.") from error
    return 0 if was_read else 1


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
    options: argparse.Namespace, files: Sequence[Path]
) -> tuple[Ensemble, Iterator[WorklistRow]]:
    from pneumo.decision.ensemble import Ensemble
    from pneumo.decision.worklist import read_files

    ensemble = Ensemble.load(options.models, many_films=True)
    return ensemble, read_files(
        ensemble, files, operating_point=options.operating_point, settings=read_settings()
    )


def _show(rows: Iterable[WorklistRow], files: Sequence[Path]) -> Iterable[WorklistRow]:
    from tqdm import tqdm

    shown: Iterable[WorklistRow] = tqdm(rows, "reading", len(files), unit="film", file=sys.stderr)
    return shown


def _name_members(ensemble: Ensemble) -> list[str]:
    return [member.name for member in ensemble.plan.members]


def _write_json_lines(rows: Iterable[WorklistRow], out: IO[str]) -> bool:
    was_read = False
    for row in rows:
        out.write(json.dumps(asdict(row)) + "\n")
        out.flush()
        was_read = was_read or bool(row.verdict)
    return was_read


def _write_csv(rows: Iterable[WorklistRow], members: Sequence[str], out: IO[str]) -> bool:
    from pneumo.decision.row_files import flatten, name_columns

    writer = csv.DictWriter(out, name_columns(members))
    writer.writeheader()
    was_read = False
    for row in rows:
        writer.writerow(flatten(row, members))
        was_read = was_read or bool(row.verdict)
    return was_read


def _fill_folder(options: argparse.Namespace, files: Sequence[Path]) -> bool:
    """Write a folder of Parquet files, and say whether a film in it could be read."""
    from pneumo.decision.ensemble import read_plan
    from pneumo.decision.row_files import holds_a_verdict, open_folder

    out = options.parquet
    done = open_folder(
        out,
        operating_point=options.operating_point,
        model_version=read_plan(options.models).version,
    )
    if done and not options.resume:
        raise PneumoError(
            f"{out} holds the rows of {len(done):,} films already: add --resume to go on with "
            "them, or choose another folder."
        )
    rest = [file for file in files if str(file) not in done]
    if rest and options.engine == RAY:
        _fill_by_cluster(options, rest)
    elif rest:
        _fill_by_process(options, rest)
    return holds_a_verdict(out)


def _fill_by_process(options: argparse.Namespace, files: Sequence[Path]) -> None:
    from pneumo.decision.row_files import ROWS_A_PART, number_next_part, write_part

    ensemble, rows = _load(options, files)
    shown = iter(_show(rows, files))
    number = number_next_part(options.parquet)
    while part := list(islice(shown, ROWS_A_PART)):
        write_part(options.parquet, number, part, _name_members(ensemble))
        number += 1


def _fill_by_cluster(options: argparse.Namespace, files: Sequence[Path]) -> None:
    from tqdm import tqdm

    from pneumo.decision.cluster import Job, read_on_cluster

    job = Job(
        models=options.models.resolve(),
        out=options.parquet.resolve(),
        base=Path.cwd(),
        operating_point=options.operating_point,
        settings=read_settings(),
    )
    address = options.address or os.environ.get("RAY_ADDRESS")
    with tqdm(desc="reading", total=len(files), unit="film", file=sys.stderr) as bar:
        for films in read_on_cluster(job, files, address=address, workers=options.workers):
            bar.update(films)
