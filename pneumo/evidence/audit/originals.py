"""A CSV file with the sizes of films as they were before any shrinking → a checked table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pneumo.domain import CLASSES
from pneumo.errors import DataSetError
from pneumo.intake.collection import parse_name

COLUMNS = ("image", "label", "width", "height", "mode", "bytes")


@dataclass(frozen=True, eq=False)
class OriginalSizes:
    """Properties of films at original size, n each.

    Attributes:
        names: file names.
        series: the numbering that each name belongs to, by the same rule as in a collection.
        groups: patient groups, likewise.
        labels: 0 for NORMAL, 1 for PNEUMONIA.
        width: in pixels.
        height: in pixels.
        file_bytes: sizes of the files.
        colour: whether the file has several channels.
    """

    names: tuple[str, ...]
    series: tuple[str, ...]
    groups: tuple[str, ...]
    labels: NDArray[np.int64]
    width: NDArray[np.float64]
    height: NDArray[np.float64]
    file_bytes: NDArray[np.float64]
    colour: NDArray[np.bool_]

    @property
    def properties(self) -> dict[str, NDArray[np.float64]]:
        """The measures by the names that an audit gives them."""
        return {
            "width": self.width,
            "height": self.height,
            "aspect": self.width / self.height,
            "bytes": self.file_bytes,
        }


def read_original_sizes(path: Path) -> OriginalSizes:
    """Read a table with the columns image, label, width, height, mode and bytes.

    Raises:
        DataSetError: the file is missing, lacks a column or a row, or holds what is no size.
    """
    import pandas as pd

    if not path.is_file():
        raise DataSetError(
            f"Expected a CSV file at --original-sizes, but {path.name} is not there."
        )
    try:
        table = pd.read_csv(path)
    except (ValueError, UnicodeDecodeError) as error:
        raise _unfit(path, "is no table") from error
    if missing := [column for column in COLUMNS if column not in table]:
        raise _unfit(path, f"has no column {', '.join(missing)}")
    if table.empty:
        raise _unfit(path, "has no row")
    if not table["label"].isin(CLASSES).all():
        raise _unfit(path, f"has labels other than {' and '.join(CLASSES)}")
    sizes = table[["width", "height", "bytes"]].apply(pd.to_numeric, errors="coerce")
    if not bool((sizes > 0).all(axis=None)):
        raise _unfit(path, "has a size that is no positive number")
    names = tuple(str(name) for name in table["image"])
    keys = [parse_name(name) for name in names]
    return OriginalSizes(
        names=names,
        series=tuple(series for series, _ in keys),
        groups=tuple(f"{series}-{number}" for series, number in keys),
        labels=table["label"].map(CLASSES.index).to_numpy(dtype=np.int64),
        width=sizes["width"].to_numpy(dtype=float),
        height=sizes["height"].to_numpy(dtype=float),
        file_bytes=sizes["bytes"].to_numpy(dtype=float),
        colour=(table["mode"] != "L").to_numpy(dtype=bool),
    )


def _unfit(path: Path, what: str) -> DataSetError:
    return DataSetError(
        f"Expected a CSV file with the columns {', '.join(COLUMNS)}, one row a film, but "
        f"{path.name} {what}."
    )
