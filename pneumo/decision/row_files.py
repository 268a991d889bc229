"""Rows of a worklist ↔ a folder of Parquet files, each of them whole or not there at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pneumo.decision.worklist import WorklistRow
from pneumo.errors import PneumoError

ROWS_A_PART = 256
"""Most rows in a file: about a quarter of a minute's work for one worker."""

_MEASURES = ("probability", "spread")


def name_columns(members: Sequence[str]) -> list[str]:
    """Return a table's columns: the fields of a row, with one column a network."""
    return [
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


def flatten(row: WorklistRow, members: Sequence[str]) -> dict[str, Any]:
    """Return a row's cells by `name_columns`; None where a film has no score."""
    cells = asdict(row)
    scores = cells.pop("members")
    return cells | {f"member_{name}": scores.get(name) for name in members}


def write_part(
    folder: Path, number: int, rows: Iterable[WorklistRow], members: Sequence[str]
) -> None:
    """Write rows as the folder's part of that number; a part of that number is replaced.

    The part is moved into place when it is whole. A writer that is killed therefore leaves no
    half part, and one that starts over leaves no second one.
    """
    import pandas as pd

    columns = name_columns(members)
    # A part in which no film has a score must have columns of the same kind as the others.
    kinds = {
        name: "float64" if name in _MEASURES or name.startswith("member_") else "str"
        for name in columns
    }
    table = pd.DataFrame([flatten(row, members) for row in rows], columns=columns).astype(kinds)
    place = folder / f"part-{number:06}.parquet"
    # Readers of a folder of Parquet files leave out names that start with a dot.
    unfinished = place.with_name(f".{place.name}.unfinished")
    table.to_parquet(unfinished, index=False)
    unfinished.replace(place)


def open_folder(folder: Path, *, operating_point: str, model_version: str) -> frozenset[str]:
    """Make the folder if need be, and return the files whose rows it holds already.

    Raises:
        PneumoError: it cannot be written, or its rows are of other networks or of another
            operating point.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PneumoError(f"{folder} cannot be made a folder: {error.strerror}.") from error
    if not find_parts(folder):
        return frozenset()
    rows = _read(folder, ["file", "operating_point", "model_version"])
    kinds = set(zip(rows["operating_point"], rows["model_version"], strict=True))
    if kinds != {(operating_point, model_version)}:
        found = ", ".join(f"{point} of {version}" for point, version in sorted(kinds))
        raise PneumoError(
            f"{folder} holds rows at the operating point {found}; this run would add "
            f"{operating_point} of {model_version}. Choose another folder."
        )
    return frozenset(rows["file"])


def find_parts(folder: Path) -> list[Path]:
    """Return the folder's finished parts in order."""
    return sorted(folder.glob("part-*.parquet"))


def number_next_part(folder: Path) -> int:
    """Return a number above those of all finished parts."""
    parts = find_parts(folder)
    return int(parts[-1].stem.removeprefix("part-")) + 1 if parts else 0


def holds_a_verdict(folder: Path) -> bool:
    """Say whether at least one row of the folder is about a film that could be read."""
    return bool(find_parts(folder)) and bool((_read(folder, ["verdict"])["verdict"] != "").any())


def _read(folder: Path, columns: list[str]) -> Any:
    import pandas as pd

    return pd.read_parquet(folder, columns=columns)
