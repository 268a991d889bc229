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

from pneumo.decision.conformal import COVERAGES, Conformal, Level, fit_level
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
    levels = tuple(
        fit_level(held_out.y_true, held_out.probability, coverage) for coverage in COVERAGES
    )
    measured: dict[str, Any] = {}
    for level in levels:
        found = {"validation": _measure(held_out, _cross(held_out, level.coverage))}
        try:
            test = read_scored(models_dir, ENSEMBLE, "test")
        except DataSetError:
            pass
        else:
            found["test"] = _measure(test, level.list_classes(test.probability))
        measured[f"{level.coverage:.2f}"] = found
    conformal = Conformal(read_plan(models_dir).version, levels, measured)
    conformal.save(models_dir)
    return conformal


def _cross(scored: Scored, coverage: float) -> NDArray[np.bool_]:
    """Return each film's classes by thresholds from other patients' films than its own."""
    keys = {group: place % _FOLDS for place, group in enumerate(sorted(set(scored.groups)))}
    folds = np.array([keys[group] for group in scored.groups])
    classes = np.ones((scored.n, len(CLASSES)), dtype=bool)
    for fold in range(_FOLDS):
        rest, exam = folds != fold, folds == fold
        if 0 < scored.y_true[rest].sum() < rest.sum():
            level: Level = fit_level(scored.y_true[rest], scored.probability[rest], coverage)
            classes[exam] = level.list_classes(scored.probability[exam])
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
