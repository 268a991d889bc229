"""The ensemble's scores of held-out and test films → prediction sets and their measured coverage.

The sets are calibrated on the held-out films. The test films' scores, which lie beside them since
the one look at that split, are only measured on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pneumo.decision.conformal import COVERAGES, Conformal, Level, fit_level, nest_levels
from pneumo.decision.ensemble import read_plan
from pneumo.domain import CLASSES, ENSEMBLE
from pneumo.errors import DataSetError
from pneumo.evidence.metrics import Estimate
from pneumo.evidence.resampling import Resampling, measure_at
from pneumo.evidence.scores import Scored, read_scored

_FOLDS = 5


def calibrate_sets(models_dir: Path) -> Conformal:
    """Calibrate prediction sets, measure them, and write `conformal.json`.

    Raises:
        DataSetError: the held-out films were not scored, or are all of one class. Test scores
            that are missing leave their part of the measurement out.
        ModelError: there is no ensemble.
    """
    held_out = read_scored(models_dir, ENSEMBLE, "validation")
    if not 0 < held_out.y_true.sum() < held_out.n:
        raise DataSetError("Prediction sets need held-out films of both classes, but one is there.")
    levels = _fit(held_out.y_true, held_out.probability)
    measured: dict[str, Any] = {
        f"{level.coverage:.2f}": {"validation": _measure(held_out, classes)}
        for level, classes in zip(levels, _cross(held_out), strict=True)
    }
    try:
        test = read_scored(models_dir, ENSEMBLE, "test")
    except DataSetError:
        pass
    else:
        found = nest_levels(levels, test.probability)
        for level, classes in zip(levels, found, strict=True):
            measured[f"{level.coverage:.2f}"]["test"] = _measure(test, classes)
    conformal = Conformal(read_plan(models_dir).version, levels, measured)
    conformal.save(models_dir)
    return conformal


def _fit(y_true: NDArray[np.int64], probability: NDArray[np.float64]) -> tuple[Level, ...]:
    return tuple(fit_level(y_true, probability, coverage) for coverage in COVERAGES)


def _cross(scored: Scored) -> NDArray[np.bool_]:
    """Return each film's classes by thresholds from other patients' films than its own.

    The shape is (levels, n, 2).
    """
    keys = {group: place % _FOLDS for place, group in enumerate(sorted(set(scored.groups)))}
    folds = np.array([keys[group] for group in scored.groups])
    classes = np.ones((len(COVERAGES), scored.n, len(CLASSES)), dtype=bool)
    for fold in range(_FOLDS):
        rest, exam = folds != fold, folds == fold
        if 0 < scored.y_true[rest].sum() < rest.sum():
            levels = _fit(scored.y_true[rest], scored.probability[rest])
            classes[:, exam] = nest_levels(levels, scored.probability[exam])
    return classes


def _measure(scored: Scored, classes: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the coverage of sets, shape (n, 2), over all films and by class, and their size."""
    covered = classes[np.arange(scored.n), scored.y_true]
    by_class = {
        name: asdict(_share(covered[scored.y_true == label], _pick(scored, label)))
        for label, name in enumerate(CLASSES)
        if (scored.y_true == label).any()
    }
    return {
        "covered": asdict(_share(covered, scored.groups)),
        "covered_by_class": by_class,
        "undecided": float(classes.all(axis=1).mean()),
        "n": scored.n,
        "groups": len(set(scored.groups)),
    }


def _pick(scored: Scored, label: int) -> list[str]:
    return [group for group, own in zip(scored.groups, scored.y_true, strict=True) if own == label]


def _share(covered: NDArray[np.bool_], groups: Sequence[str]) -> Estimate:
    """Return the share of films that are covered, with an interval over whole patient groups.

    It is the recall of a score that is 1 for covered films, where all films are to be found.
    """
    everyone = np.ones(len(covered), dtype=np.int64)
    return measure_at(everyone, covered.astype(np.float64), 0.5, Resampling(groups))["recall"]
