"""Looks at the official test split ⇄ `models/test_ledger.csv`, which only ever grows."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pneumo.errors import DataSetError

LEDGER = "test_ledger.csv"
_COLUMNS = ["date", "weights_hash", "command"]


@dataclass(frozen=True)
class Look:
    """One time that networks were scored on the official test split.

    Attributes:
        date: when, in UTC.
        model_version: the ensemble's, see `EnsemblePlan.version`.
        command: what was called.
    """

    date: datetime
    model_version: str
    command: str


def read_ledger(models_dir: Path) -> list[Look]:
    """Read every look, the oldest first.

    Raises:
        DataSetError: there is no ledger, or it is no such table.
    """
    path = models_dir / LEDGER
    if not path.is_file():
        raise DataSetError(
            f"There is no ledger {LEDGER} beside the networks: `python -m pneumo evaluate --data "
            "DIR` writes it when it scores the official test films. If they were scored, restore "
            "it from the release."
        )
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file, strict=True)
            if rows.fieldnames != _COLUMNS:
                raise ValueError(rows.fieldnames)
            return [_read_look(row) for row in rows]
    except (ValueError, csv.Error) as error:
        raise DataSetError(
            f"The ledger {LEDGER} is damaged: expected the columns {', '.join(_COLUMNS)} with a "
            "date in each row. Restore it from the release."
        ) from error


def _read_look(row: dict[str | None, str | None]) -> Look:
    date, version, command = (row[column] or "" for column in _COLUMNS)
    if not (version and command) or None in row:
        raise ValueError(row)
    return Look(datetime.fromisoformat(date), version, command)


def record_look(models_dir: Path, model_version: str, command: str) -> None:
    """Add a look that happens now."""
    path = models_dir / LEDGER
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(_COLUMNS)
        writer.writerow([datetime.now(UTC).isoformat(timespec="seconds"), model_version, command])
