"""Rows of a worklist ↔ a folder of Parquet files, each of them whole or not there at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pneumo.decision.worklist import WorklistRow
from pneumo.errors import PneumoError

if TYPE_CHECKING:
    import pandas as pd

ROWS_A_PART = 256
"""Most rows in a file: about a quarter of a minute's work for one worker."""

_MEASURES = ("probability", "spread", "quality_distance")


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
        "split_vote",
        "duplicate_of",
        *flatten_quality({}),
        "operating_point",
        "model_version",
        "fingerprint",
    ]


def flatten(row: WorklistRow, members: Sequence[str]) -> dict[str, Any]:
    """Return a row's cells by `name_columns`; None where a film has no score."""
    cells = asdict(row)
    scores, quality = cells.pop("members"), cells.pop("quality")
    networks = {f"member_{name}": scores.get(name) for name in members}
    return cells | networks | flatten_quality(quality)


def flatten_quality(quality: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cells of what the gate said, the same columns also where it was not asked.

    >>> flatten_quality({})
    {'quality_usability': '', 'quality_reasons': '', 'quality_distance': None}
    """
    concerns = quality.get("concerns", ())
    return {
        "quality_usability": str(quality.get("usability", "")),
        "quality_reasons": " ".join(str(concern["message"]) for concern in concerns),
        "quality_distance": quality.get("distance"),
    }


def tabulate(rows: Iterable[WorklistRow], members: Sequence[str]) -> pd.DataFrame:
    """Return rows as a table with the columns of `name_columns`.

    Columns are of the same kind in every table, also where no film has a score.
    """
    import pandas as pd

    columns = name_columns(members)
    kinds = {name: _kind(name) for name in columns}
    return pd.DataFrame([flatten(row, members) for row in rows], columns=columns).astype(kinds)


def _kind(column: str) -> str:
    if column in _MEASURES or column.startswith("member_"):
        return "float64"
    return "boolean" if column == "split_vote" else "str"


def write_part(
    folder: Path, number: int, rows: Iterable[WorklistRow], members: Sequence[str]
) -> None:
    """Write rows as the folder's part of that number; a part of that number is replaced.

    The part is moved into place when it is whole. A writer that is killed therefore leaves no
    half part, and one that starts over leaves no second one.
    """
    table = tabulate(rows, members)
    _put(table, folder / f"part-{number:06}.parquet")


def _put(table: pd.DataFrame, place: Path) -> None:
    # Readers of a folder of Parquet files leave out names that start with a dot.
    unfinished = place.with_name(f".{place.name}.unfinished")
    try:
        table.to_parquet(unfinished, index=False)
        unfinished.replace(place)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)  # On a full disk it is in the way.
        raise


def mark_duplicates(folder: Path) -> None:
    """Name the first file with the same pixels in each row, across all parts of a folder.

    Parts that are written by different workers, or in different runs, know nothing of each
    other. A part whose rows change is replaced; the others stay untouched.
    """
    import pandas as pd

    first: dict[str, str] = {}
    for part in find_parts(folder):
        rows = _read(part, ["file", "fingerprint", "duplicate_of"])
        marks = [
            "" if not mark or first.setdefault(mark, file) == file else first[mark]
            for file, mark in zip(rows["file"], rows["fingerprint"], strict=True)
        ]
        if marks != list(rows["duplicate_of"]):
            _put(_read(part).assign(duplicate_of=pd.Series(marks, dtype="str")), part)


def drop_passing(folder: Path) -> frozenset[str]:
    """Take the films that are to be asked about again out of a folder, and return their files.

    See `WorklistRow.is_passing`. A part that holds none of them stays untouched.
    """
    dropped: set[str] = set()
    for part in find_parts(folder):
        columns = _read(part, ["file", "status", "reason", "fingerprint"])
        rows = [
            WorklistRow(file, status, "", "", reason=reason, fingerprint=fingerprint)
            for file, status, reason, fingerprint in columns.itertuples(index=False)
        ]
        passing = {row.file for row in rows if row.is_passing}
        if len(passing) == len(rows):
            part.unlink()
        elif passing:
            table = _read(part)
            _put(table[~table["file"].isin(passing)], part)
        dropped |= passing
    return frozenset(dropped)


def open_folder(folder: Path, *, operating_point: str, model_version: str) -> frozenset[str]:
    """Make the folder if need be, and return the files whose rows it holds already.

    Raises:
        PneumoError: it cannot be written, or its rows are of other networks, of another
            operating point, or of a version that knew no duplicates.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PneumoError(f"{folder} cannot be made a folder: {error.strerror}.") from error
    if not find_parts(folder):
        return frozenset()
    if "duplicate_of" not in _read(find_parts(folder)[0]):
        raise PneumoError(
            f"{folder} holds rows of an earlier version, which have fewer columns. Choose another "
            "folder."
        )
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


def count_rows(folder: Path) -> int:
    """Return how many rows the folder's finished parts hold."""
    return sum(len(_read(part, ["file"])) for part in find_parts(folder))


def holds_a_verdict(folder: Path) -> bool:
    """Say whether at least one row of the folder is about a film that could be read."""
    return bool(find_parts(folder)) and bool((_read(folder, ["verdict"])["verdict"] != "").any())


def _read(place: Path, columns: list[str] | None = None) -> Any:
    import pandas as pd

    return pd.read_parquet(place, columns=columns)
