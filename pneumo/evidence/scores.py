"""Per-film scores ⇄ `models/<name>/scores_<split>.csv`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pneumo.errors import DataSetError

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ["file", "label", "group", "probability"]


def read_scores(models_dir: Path, name: str, split: str) -> pd.DataFrame:
    """Read the per-film scores of one network, or of the ensemble, on one split.

    Returns:
        Columns file, label (0 or 1), group, probability. A network's probability is uncalibrated,
        the ensemble's is calibrated.

    Raises:
        DataSetError: the split was not scored.
    """
    import pandas as pd

    path = models_dir / name / f"scores_{split}.csv"
    if not path.is_file():
        raise DataSetError(
            f"{name} has no scores of the split {split}: run `python -m pneumo evaluate` or, for "
            "validation, train it again."
        )
    return pd.read_csv(path)[_COLUMNS]


def write_scores(table: pd.DataFrame, models_dir: Path, name: str, split: str) -> None:
    """Write the columns file, label, group and probability, the last to six decimals."""
    folder = models_dir / name
    folder.mkdir(parents=True, exist_ok=True)
    rounded = table.assign(probability=table["probability"].astype(float).round(6))
    rounded[_COLUMNS].to_csv(folder / f"scores_{split}.csv", index=False)
