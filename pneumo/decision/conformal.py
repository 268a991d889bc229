"""A calibrated probability → the classes that cannot be ruled out at a stated coverage.

Split conformal prediction, one threshold a class (Vovk 2012, "Mondrian"): a class stays in the
set unless its probability is lower than for all but a stated share of that class's held-out films.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pneumo.domain import CLASSES, PredictionSet
from pneumo.errors import DamagedWeightsError

CONFORMAL_FILE = "conformal.json"
COVERAGES = (0.95, 0.99)


@dataclass(frozen=True)
class Level:
    """One stated coverage.

    Attributes:
        coverage: the share of films of each class whose true class the sets shall hold.
        least: for each of CLASSES, the smallest probability of it at which it stays in the set.
        n: films that each was calibrated on, in the same order.
    """

    coverage: float
    least: tuple[float, float]
    n: tuple[int, int]

    def list_classes(self, probability: ArrayLike) -> NDArray[np.bool_]:
        """Return which classes stay, shape (..., 2) in the order of CLASSES.

        Where neither does, a film is like the films of neither class; then both stay, since
        nothing can be ruled out by that. It makes sets cover more, never less. Of several levels
        `nest_levels` tells what stays.
        """
        ill = np.asarray(probability, dtype=np.float64)
        stays = np.stack([1 - ill >= self.least[0], ill >= self.least[1]], axis=-1)
        return np.asarray(stays | ~stays.any(axis=-1, keepdims=True))


@dataclass(frozen=True)
class Conformal:
    """Every stated coverage, with what was measured of it.

    Attributes:
        model_version: of the ensemble whose probabilities were calibrated.
        levels: one a stated coverage, ascending.
        measured: by coverage and split, see `pneumo.evidence.coverage`.
    """

    model_version: str
    levels: tuple[Level, ...]
    measured: Mapping[str, Any]

    @classmethod
    def load(cls, models_dir: Path) -> Conformal | None:
        """Read `conformal.json`, None if it is not there.

        Raises:
            DamagedWeightsError: it is cut off or corrupt.
        """
        path = models_dir / CONFORMAL_FILE
        if not path.is_file():
            return None
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            levels = tuple(
                Level(
                    float(level["coverage"]),
                    (float(level["least"][0]), float(level["least"][1])),
                    (int(level["n"][0]), int(level["n"][1])),
                )
                for level in content["levels"]
            )
            return cls(str(content["model_version"]), levels, dict(content["measured"]))
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            raise DamagedWeightsError(
                f"The file {CONFORMAL_FILE} is cut off or corrupt. Restore the folder models from "
                "the release, or make it anew with `python -m pneumo coverage`."
            ) from error

    def save(self, models_dir: Path) -> None:
        """Write `conformal.json`."""
        stored = json.dumps(asdict(self), indent=2) + "\n"
        (models_dir / CONFORMAL_FILE).write_text(stored, encoding="utf-8")

    def list_sets(self, probability: float) -> tuple[PredictionSet, ...]:
        """Return the set of one film at each stated coverage, ascending, each in the next."""
        return tuple(
            PredictionSet(
                level.coverage,
                tuple(name for name, stays in zip(CLASSES, kept, strict=True) if stays),
            )
            for level, kept in zip(self.levels, nest_levels(self.levels, probability), strict=True)
        )


def nest_levels(levels: Sequence[Level], probability: ArrayLike) -> NDArray[np.bool_]:
    """Return which classes stay at each level, shape (levels, ..., 2) in the order of CLASSES.

    What cannot be ruled out at one coverage cannot at a higher one: sets must be nested (Vovk,
    Gammerman and Shafer 2005, section 2.1). Thresholds alone make them so, but a level at which
    neither class fits names both; so each set also holds those of the levels below it.

    Args:
        levels: of one calibration, by ascending coverage.
        probability: of pneumonia, any shape, in [0, 1].
    """
    stays = np.stack([level.list_classes(probability) for level in levels])
    return np.asarray(np.logical_or.accumulate(stays, axis=0))


def fit_level(y_true: ArrayLike, probability: ArrayLike, coverage: float) -> Level:
    """Choose each class's threshold on held-out films.

    Of n films of a class, the k = ceil((n + 1) * coverage) with the highest probability of it
    stay (Vovk, Gammerman and Shafer 2005, section 4.1); with too few films all do.

    Args:
        y_true: shape (n,), 0 or 1; both must occur.
        probability: shape (n,), of pneumonia, in [0, 1].
        coverage: in (0, 1).
    """
    labels, ill = np.asarray(y_true, dtype=bool), np.asarray(probability, dtype=np.float64)
    own = (np.sort(1 - ill[~labels])[::-1], np.sort(ill[labels])[::-1])
    least = [_least(of_class, coverage) for of_class in own]
    return Level(coverage, (least[0], least[1]), (len(own[0]), len(own[1])))


def _least(descending: NDArray[np.float64], coverage: float) -> float:
    kept = ceil((len(descending) + 1) * coverage)
    return float(descending[kept - 1]) if kept <= len(descending) else 0.0


def to_records(sets: Sequence[PredictionSet]) -> list[dict[str, Any]]:
    """Return prediction sets as plain values for JSON."""
    return [{"coverage": one.coverage, "classes": list(one.classes)} for one in sets]
