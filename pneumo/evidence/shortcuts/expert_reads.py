"""A CSV file of an expert's reads of the test films → a checked table in the scores' order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pneumo.errors import DataSetError
from pneumo.evidence.scores import Scored

if TYPE_CHECKING:
    import pandas as pd

FLAGS = ("unusable", "overlay", "borderline")
COLUMNS = {
    "image": None,
    "official_binary": 2,
    "expert_binary": 2,
    "official_3class": 3,
    "expert_3class": 3,
    **{f"expert_{flag}": 2 for flag in FLAGS},
}
"""Each column that a file of reads must have, and how many classes its numbers tell apart.

image is the film's file name; two classes are 0 normal and 1 pneumonia, or 0 no and 1 yes; three
are 0 normal, 1 bacterial and 2 viral pneumonia.
"""


def read_reads(path: Path, scored: Scored) -> pd.DataFrame:
    """Read an expert's reads of the films that the networks were scored on.

    Returns:
        COLUMNS, a row a film, in the order of the scored films.

    Raises:
        DataSetError: the file is no such table, or of other films or other official labels.
    """
    import pandas as pd

    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise DataSetError(
            f"{path} cannot be read as a table. Expected a CSV file with the columns "
            f"{', '.join(COLUMNS)}."
        ) from error
    absent = [column for column in COLUMNS if column not in table]
    if absent:
        raise DataSetError(f"{path.name} lacks the columns {', '.join(absent)}.")
    for column, classes in COLUMNS.items():
        if classes and not table[column].isin(range(classes)).all():
            raise DataSetError(
                f"The column {column} of {path.name} must hold whole numbers from 0 to "
                f"{classes - 1} only."
            )
    if table["image"].duplicated().any() or set(table["image"]) != set(scored.files):
        raise DataSetError(
            f"{path.name} must hold each of the {scored.n:,} scored test films once, by its file "
            f"name; it has {len(table):,} rows, of which "
            f"{len(set(table['image']) & set(scored.files)):,} name a scored film."
        )
    table = table.set_index("image").loc[list(scored.files)].reset_index()
    if (table["official_binary"].to_numpy() != scored.y_true).any():
        raise DataSetError(f"{path.name} gives other official labels than the data set's folders.")
    return table
