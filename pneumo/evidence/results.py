"""Per-film scores → the table of results with intervals ⇄ `models/results.json`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pneumo.decision.operating import BALANCED
from pneumo.errors import DamagedWeightsError, DataSetError
from pneumo.evidence.metrics import Estimate
from pneumo.evidence.resampling import Resampling, measure_at, measure_ranking
from pneumo.evidence.scores import Scored, read_all_scored

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
        DataSetError: the split was not scored, or there is no operating point of that name.
        ModelError: there is no ensemble.
    """
    found = read_all_scored(models_dir, split)
    resampling = Resampling(found[0].groups)
    return [_measure(scored, resampling, operating_point) for scored in found]


def _measure(scored: Scored, resampling: Resampling, operating_point: str) -> Result:
    labels, probability = scored.y_true, scored.probability
    point = scored.find_point(operating_point)
    decided = measure_at(labels, probability, point.threshold, resampling)
    return Result(
        name=scored.name,
        title=scored.title,
        accuracy=decided["accuracy"],
        sensitivity=decided["recall"],
        specificity=decided["specificity"],
        auc=measure_ranking(labels, probability, resampling)["auc"],
    )


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
