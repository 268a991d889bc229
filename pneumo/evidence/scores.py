"""Per-film scores ⇄ `models/<name>/scores_<split>.csv` → what each network says, checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pneumo.decision.calibration import Calibration, to_logit, to_probability
from pneumo.decision.ensemble import EnsemblePlan, read_plan
from pneumo.domain import ENSEMBLE, OperatingPoint
from pneumo.errors import DataSetError

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ["file", "label", "group", "probability"]


@dataclass(frozen=True, eq=False)
class Scored:
    """What one network, or the ensemble, said about each film of a split.

    Attributes:
        name: the network's name, or ENSEMBLE.
        title: the name for people.
        split: "test", "validation" or another split that was scored.
        files: n file names, each once.
        groups: n patient groups, such as "IM-31" or "bacteria-147".
        y_true: shape (n,), 1 for pneumonia, 0 for normal.
        probability: shape (n,), of pneumonia, calibrated, in [0, 1].
        uncalibrated: shape (n,), the same before its calibration.
        operating_points: the named thresholds on `probability`.
    """

    name: str
    title: str
    split: str
    files: tuple[str, ...]
    groups: tuple[str, ...]
    y_true: NDArray[np.int64]
    probability: NDArray[np.float64]
    uncalibrated: NDArray[np.float64]
    operating_points: tuple[OperatingPoint, ...]

    @property
    def n(self) -> int:
        """Number of films."""
        return len(self.files)

    def find_point(self, name: str) -> OperatingPoint:
        """Return the operating point of that name.

        Raises:
            DataSetError: there is none.
        """
        for point in self.operating_points:
            if point.name == name:
                return point
        names = ", ".join(point.name for point in self.operating_points)
        raise DataSetError(f"{self.title} has no operating point {name!r}, but {names}.")


def list_splits(models_dir: Path) -> list[str]:
    """List the splits that the ensemble or a member has scores of: test, validation, others.

    Raises:
        ModelError: there is no ensemble.
    """
    names = [member.name for member in read_plan(models_dir).members]
    found = {
        path.stem.removeprefix("scores_")
        for name in [*names, ENSEMBLE]
        for path in (models_dir / name).glob("scores_?*.csv")
    }
    first = [split for split in ("test", "validation") if split in found]
    return first + sorted(found.difference(first))


def read_scored(models_dir: Path, name: str, split: str) -> Scored:
    """Read what one member of the ensemble, or ENSEMBLE itself, said about a split.

    Raises:
        DataSetError: no member has that name, or its scores are missing or damaged; the message
            names the command that makes them.
        ModelError: there is no ensemble.
    """
    return _read_scored(models_dir, read_plan(models_dir), name, split)


def read_all_scored(models_dir: Path, split: str) -> list[Scored]:
    """Read what all members and, last, the ensemble said about the same films, in one order.

    Raises:
        DataSetError: scores are missing or damaged, or of other films than the first member's.
        ModelError: there is no ensemble.
    """
    plan = read_plan(models_dir)
    names = [*(member.name for member in plan.members), ENSEMBLE]
    scored = [_read_scored(models_dir, plan, name, split) for name in names]
    return [scored[0], *(_align(other, scored[0]) for other in scored[1:])]


def _read_scored(models_dir: Path, plan: EnsemblePlan, name: str, split: str) -> Scored:
    known = {member.name: member for member in plan.members}
    if name != ENSEMBLE and name not in known:
        raise DataSetError(
            f"No network of the ensemble is called {name!r}. Choose from: "
            f"{', '.join([*known, ENSEMBLE])}."
        )
    table = read_scores(models_dir, name, split)
    probability = table["probability"].to_numpy(dtype=np.float64)
    if name == ENSEMBLE:
        title, points = "Ensemble", plan.operating_points
        calibrated, uncalibrated = probability, _undo(plan.calibration, probability)
    else:
        member = known[name]
        title, points = member.title, member.operating_points
        calibrated = to_probability(member.calibration.apply(to_logit(probability)))
        uncalibrated = probability
    return Scored(
        name=name,
        title=title,
        split=split,
        files=tuple(table["file"]),
        groups=tuple(table["group"]),
        y_true=table["label"].to_numpy(dtype=np.int64),
        probability=calibrated,
        uncalibrated=uncalibrated,
        operating_points=points,
    )


def _undo(calibration: Calibration, probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probabilities that a calibration was applied to."""
    return to_probability(to_logit(probability) / calibration.slope + calibration.midpoint)


def _align(other: Scored, first: Scored) -> Scored:
    """Return the other scores in the order of the first's films."""
    place = {file: position for position, file in enumerate(other.files)}
    if place.keys() != set(first.files):
        raise _disagree(other, first, "different films")
    order = np.array([place[file] for file in first.files])
    aligned = replace(
        other,
        files=first.files,
        groups=tuple(other.groups[k] for k in order),
        y_true=other.y_true[order],
        probability=other.probability[order],
        uncalibrated=other.uncalibrated[order],
    )
    if aligned.groups != first.groups or not np.array_equal(aligned.y_true, first.y_true):
        raise _disagree(other, first, "different labels or patient groups of the same films")
    return aligned


def _disagree(other: Scored, first: Scored, what: str) -> DataSetError:
    return DataSetError(
        f"{first.title} and {other.title} were scored on {what} of the split {first.split}, so "
        f"they cannot be compared. Score them together: {_advise(first.split)}."
    )


def read_scores(models_dir: Path, name: str, split: str) -> pd.DataFrame:
    """Read the per-film scores of one network, or of the ensemble, on one split.

    Returns:
        Columns file, label (0 or 1), group, probability. A network's probability is uncalibrated,
        the ensemble's is calibrated.

    Raises:
        DataSetError: the split was not scored, or the file is no table of scores; the message
            names the command that makes it.
    """
    import pandas as pd

    path = models_dir / name / f"scores_{split}.csv"
    if not path.is_file():
        raise DataSetError(f"{name} has no scores of the split {split}. {_make(split)}")
    try:
        table = pd.read_csv(path, dtype={"file": str, "group": str})
        fault = _find_fault(table)
    except (ValueError, OSError):  # what pandas raises are ValueErrors
        fault = "is no table"
    if fault:
        raise DataSetError(f"The file {name}/{path.name} {fault}. {_make(split)}")
    return table[_COLUMNS].astype({"label": "int64", "probability": "float64"})


def _find_fault(table: pd.DataFrame) -> str:
    """Say why a table's rows are no scores of films; nothing where they are."""
    import pandas as pd

    if missing := [column for column in _COLUMNS if column not in table]:
        return f"has no column {', '.join(missing)}"
    label, probability = (
        pd.to_numeric(table[column], errors="coerce") for column in ("label", "probability")
    )
    faults = {
        "has no film in it": table.empty,
        "has a film without a name or a patient group": table[["file", "group"]]
        .isna()
        .any(axis=None),
        "has labels other than 0 and 1": not label.isin([0, 1]).all(),
        "has probabilities that are missing or outside 0 to 1": not probability.between(0, 1).all(),
        "has a film twice": table["file"].duplicated().any(),
    }
    return next((fault for fault, is_there in faults.items() if is_there), "")


def _make(split: str) -> str:
    return f"To make it, run {_advise(split)}."


def _advise(split: str) -> str:
    if split == "validation":
        return "`python -m pneumo train --data DIR` and then `python -m pneumo calibrate`"
    return f"`python -m pneumo evaluate --data DIR --split {split}`"


def write_scores(table: pd.DataFrame, models_dir: Path, name: str, split: str) -> None:
    """Write the columns file, label, group and probability, the last to six decimals."""
    folder = models_dir / name
    folder.mkdir(parents=True, exist_ok=True)
    rounded = table.assign(probability=table["probability"].astype(float).round(6))
    rounded[_COLUMNS].to_csv(folder / f"scores_{split}.csv", index=False)
