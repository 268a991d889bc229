"""The name of a film of the data set → the film, read from the visitor's own copy."""

from __future__ import annotations

from pathlib import Path

from pneumo import CLASSES, DataSetError, Settings, read_radiograph
from pneumo.ui.pictures import show_film
from pneumo.ui.session import Film

_FOLDERS = {"validation": ("train", "val")}
"""Where a split's films lie, if not in a folder of its own name: held-out films come from both."""

HOW_TO_SET = (
    "To see a film with its heat map, start the dashboard with the environment variable "
    "`PNEUMO_DATA` set to your own copy of the data set, the folder that holds `train`, `val` "
    "and `test`."
)


def read_film(settings: Settings, file: str, *, split: str, label: int) -> Film:
    """Read one film of a split.

    Args:
        settings: with `data_dir`, the visitor's copy, set.
        file: name without folders.
        split: what it was scored as.
        label: 0 for NORMAL, 1 for PNEUMONIA.

    Raises:
        DataSetError: the copy does not hold it.
        FilmError: it cannot be read.
    """
    for folder in _FOLDERS.get(split, (split,)):
        # The name alone: whatever a table of scores says, nothing outside the copy is read.
        path = (settings.data_dir or Path()) / folder / CLASSES[label] / Path(file).name
        if path.is_file():
            radiograph = read_radiograph(
                path.read_bytes(), max_pixels=settings.max_pixels, max_bytes=settings.max_bytes
            )
            return Film(file, radiograph, show_film(radiograph))
    raise DataSetError(
        f"Expected {file} under {CLASSES[label]} in your copy of the data set, which is not "
        "there. Point PNEUMO_DATA at the folder that holds train, val and test."
    )
