"""A network's `history.csv` → the table of its epochs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pneumo import DataSetError

HISTORY_FILE = "history.csv"
_NUMBERS = ["epoch", "side", "loss", "validation_loss", "validation_auc"]


def read_history(folder: Path) -> pd.DataFrame:
    """Read what each epoch of a network's training reached.

    Returns:
        A row an epoch with the columns epoch, side (pixels), loss, validation_loss,
        validation_auc and kept (bool: the best average of weights so far, which stayed).

    Raises:
        DataSetError: the file is missing or holds something else.
    """
    path, name = folder / HISTORY_FILE, folder.name
    remedy = (
        f"Restore it from the release, or train the network anew: "
        f"`python -m pneumo train --data DIR --model {name}`."
    )
    if not path.is_file():
        raise DataSetError(f"The file {HISTORY_FILE} of the network {name} is missing. {remedy}")
    try:
        history = pd.read_csv(path)
        history[_NUMBERS] = history[_NUMBERS].astype(float)
        history[["epoch", "side"]] = history[["epoch", "side"]].astype(int)
        kept = history["kept"].astype(str).map({"True": True, "False": False})
        if history.empty or kept.isna().any() or history[_NUMBERS].isna().any(axis=None):
            raise ValueError("an epoch is incomplete")
    except (ValueError, KeyError) as error:
        raise DataSetError(
            f"Expected a row an epoch with {', '.join(_NUMBERS)} and kept in the file "
            f"{HISTORY_FILE} of the network {name}, which is cut off or corrupt. {remedy}"
        ) from error
    return history.assign(kept=kept.astype(bool))
