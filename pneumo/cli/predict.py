"""`predict`: files and folders → a row a film."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from pneumo.cli.options import add_models
from pneumo.errors import PneumoError
from pneumo.settings import read_settings

if TYPE_CHECKING:
    from pneumo.decision.worklist import WorklistRow


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
    parser.add_argument("--operating-point", choices=OPERATING_POINTS, default=BALANCED)


def _predict(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from pneumo.decision.ensemble import Ensemble
    from pneumo.decision.worklist import find_files, read_files

    files = find_files(options.paths)
    if not files:
        raise PneumoError("The folders given hold no file: point predict at chest films.")
    ensemble = Ensemble.load(options.models)
    rows = tqdm(
        read_files(
            ensemble, files, operating_point=options.operating_point, settings=read_settings()
        ),
        "reading",
        len(files),
        unit="film",
        file=sys.stderr,
    )
    if options.csv is None:
        was_read = _write_json_lines(rows, sys.stdout)
    else:
        members = [member.name for member in ensemble.plan.members]
        try:
            with options.csv.open("w", newline="", encoding="utf-8") as file:
                was_read = _write_csv(rows, members, file)
        except OSError as error:
            raise PneumoError(f"{options.csv} cannot be written: {error.strerror}.") from error
    return 0 if was_read else 1


def _write_json_lines(rows: Iterable[WorklistRow], out: IO[str]) -> bool:
    was_read = False
    for row in rows:
        out.write(json.dumps(asdict(row)) + "\n")
        out.flush()
        was_read = was_read or bool(row.verdict)
    return was_read


def _write_csv(rows: Iterable[WorklistRow], members: Sequence[str], out: IO[str]) -> bool:
    columns = [
        "file",
        "status",
        "reason",
        "verdict",
        "probability",
        *(f"member_{name}" for name in members),
        "spread",
        "operating_point",
        "model_version",
    ]
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    was_read = False
    for row in rows:
        cells: dict[str, Any] = asdict(row)
        scores = cells.pop("members")
        writer.writerow(cells | {f"member_{name}": scores.get(name) for name in members})
        was_read = was_read or bool(row.verdict)
    return was_read
