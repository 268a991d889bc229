"""Per-film scores → the table of results with intervals ⇄ `models/results.json`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pneumo.decision.calibration import to_logit, to_probability
from pneumo.decision.ensemble import read_plan
from pneumo.decision.operating import BALANCED
from pneumo.domain import ENSEMBLE, OperatingPoint
from pneumo.errors import DamagedWeightsError, DataSetError
from pneumo.evidence.metrics import Estimate, accuracy, auc, estimate, sensitivity, specificity
from pneumo.evidence.scores import read_scores

if TYPE_CHECKING:
    import pandas as pd

RESULTS_FILE = "results.json"
_METRICS = ("accuracy", "sensitivity", "specificity", "auc")


@dataclass(frozen=True)
class Result:
    """What one network, or the ensemble, reached on one split at one operating point."""

    name: str
    title: str
    accuracy: Estimate
    sensitivity: Estimate
    specificity: Estimate
    auc: Estimate


def measure(models_dir: Path, split: str, *, operating_point: str = BALANCED) -> list[Result]:
    """Measure every member and, last, the ensemble, from their scores of a split.

    Raises:
        DataSetError: the split was not scored.
        ModelError: there is no ensemble, or no operating point of that name.
    """
    plan = read_plan(models_dir)
    results = []
    for member in plan.members:
        scores = read_scores(models_dir, member.name, split)
        calibrated = to_probability(member.calibration.apply(to_logit(scores["probability"])))
        scores = scores.assign(probability=calibrated)
        point = member.find_point(operating_point)
        results.append(_measure(scores, member.name, member.title, point))
    joint, point = read_scores(models_dir, ENSEMBLE, split), plan.find_point(operating_point)
    return [*results, _measure(joint, ENSEMBLE, "Ensemble", point)]


def _measure(scores: pd.DataFrame, name: str, title: str, point: OperatingPoint) -> Result:
    labels, probability = np.asarray(scores["label"]), np.asarray(scores["probability"])
    groups = list(scores["group"])
    statistics = {
        "accuracy": accuracy(point.threshold),
        "sensitivity": sensitivity(point.threshold),
        "specificity": specificity(point.threshold),
        "auc": auc,
    }
    found = {
        metric: estimate(labels, probability, groups, statistic)
        for metric, statistic in statistics.items()
    }
    return Result(name, title, **found)


def write_results(models_dir: Path, split: str) -> list[Result]:
    """Measure a split at the balanced operating point, and keep the table beside the others."""
    results = measure(models_dir, split)
    path = models_dir / RESULTS_FILE
    tables = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    tables[split] = [asdict(result) for result in results]
    path.write_text(json.dumps(tables, indent=2) + "\n", encoding="utf-8")
    return results


def read_results(models_dir: Path, split: str) -> list[Result]:
    """Read a split's table at the balanced operating point.

    Raises:
        DataSetError: the split was not measured.
        DamagedWeightsError: the file is no table of results.
    """
    path = models_dir / RESULTS_FILE
    if not path.is_file():
        raise DataSetError(f"The file {RESULTS_FILE} is missing: restore it from the release.")
    try:
        rows = json.loads(path.read_text(encoding="utf-8")).get(split)
        if rows is None:
            raise DataSetError(
                f"The split {split} was not measured: run `python -m pneumo evaluate` on it."
            )
        return [Result(**row | {m: Estimate(**row[m]) for m in _METRICS}) for row in rows]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedWeightsError(
            f"The file {RESULTS_FILE} is cut off or corrupt: restore it from the release."
        ) from error


def to_markdown(results: Sequence[Result]) -> str:
    """Format a table of results as Markdown, as the README shows it."""
    lines = [
        "| network | accuracy | recall (sensitivity) | specificity | AUC |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {row.title} | {row.accuracy:.1%} | {row.sensitivity:.1%} | {row.specificity:.1%} "
        f"| {row.auc:.3f} |"
        for row in results
    ]
    return "\n".join(lines)
