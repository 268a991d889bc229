"""Per-film scores of distorted films → what each network reaches on them ⇄ `models/stress.json`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pneumo.decision.calibration import to_probability
from pneumo.decision.ensemble import read_plan
from pneumo.decision.operating import BALANCED
from pneumo.domain import ENSEMBLE
from pneumo.errors import DataSetError
from pneumo.evidence.metrics import Estimate
from pneumo.evidence.resampling import Resampling, measure_at, measure_ranking
from pneumo.evidence.shortcuts.stress import REMEDY, STRESS_SCORES, read_stress_scores

if TYPE_CHECKING:
    import pandas as pd

STRESS_FILE = "stress.json"
MEASURES = ("auc", "recall", "specificity", "mean_pneumonia", "mean_normal")
_COLUMNS = ["network", "distortion", "strength", "measure", "value", "low", "high"]


@dataclass(frozen=True, eq=False)
class Stress:
    """How the networks' scores bear distortion.

    Attributes:
        n: films that were distorted.
        n_pneumonia: how many of them are pneumonias.
        n_groups: how many patient groups they come from.
        n_held_out: all films that were held out, of which these are drawn.
        model_version: version of the ensemble that scored them.
        titles: each network's name for people, the ensemble's last.
        table: columns network, distortion, strength, measure, value, low, high. The ends are
            those of 95% intervals over patient groups. `measure` is one of MEASURES: recall and
            specificity at the network's own balanced operating point, and the mean calibrated
            probability of either class. The distortion of the films as they were is "unchanged".
    """

    n: int
    n_pneumonia: int
    n_groups: int
    n_held_out: int
    model_version: str
    titles: dict[str, str]
    table: pd.DataFrame


def write_stress(models_dir: Path, *, replicates: int = 2000) -> Stress:
    """Measure what the per-film scores say, and keep it beside them.

    Raises:
        DataSetError: there are no scores of distorted films.
        ModelError: there is no ensemble.
    """
    scores = read_stress_scores(models_dir)
    plan = read_plan(models_dir)
    films = scores.drop_duplicates("file")
    content = {
        "n": len(films),
        "n_pneumonia": int(films["label"].sum()),
        "n_groups": int(films["group"].nunique()),
        "n_held_out": int(plan.fitted_on["n"]),
        "model_version": plan.version,
        "scores_sha256": _digest(models_dir),
        "titles": {member.name: member.title for member in plan.members} | {ENSEMBLE: "Ensemble"},
        "columns": _COLUMNS,
        "rows": list(_measure(scores, _thresholds(models_dir), replicates)),
    }
    text = json.dumps(content, indent=1)
    # One measurement a line: a change shows as the lines that changed.
    text = text.replace("\n   ", " ").replace("\n  ]", "]")
    (models_dir / STRESS_FILE).write_text(text + "\n", encoding="utf-8")
    return read_stress(models_dir)


def _thresholds(models_dir: Path) -> dict[str, float]:
    plan = read_plan(models_dir)
    return {m.name: m.find_point(BALANCED).threshold for m in plan.members} | {
        ENSEMBLE: plan.find_point(BALANCED).threshold
    }


def _measure(
    scores: pd.DataFrame, thresholds: dict[str, float], replicates: int
) -> Iterator[list[Any]]:
    """Yield the rows of the table."""
    resampling = Resampling(scores.drop_duplicates("file")["group"].tolist(), replicates=replicates)
    for (distortion, strength), films in scores.groupby(["distortion", "strength"], sort=False):
        y_true = films["label"].to_numpy(dtype=np.int64)
        for name, threshold in thresholds.items():
            probability = to_probability(films[name].to_numpy())
            found = {
                **measure_at(y_true, probability, threshold, resampling),
                **measure_ranking(y_true, probability, resampling),
                "mean_normal": _mean(probability, y_true == 0, resampling),
                "mean_pneumonia": _mean(probability, y_true == 1, resampling),
            }
            for measure in MEASURES:
                yield [name, distortion, strength, measure, *_ends(found[measure])]


def _mean(
    probability: NDArray[np.float64], chosen: NDArray[np.bool_], resampling: Resampling
) -> Estimate:
    """Return the mean probability of the chosen films, with its interval over patient groups."""
    weights = resampling.weigh(chosen)
    sums, films = (resampling.add_up(values) for values in (probability * chosen, chosen))
    low, high = np.quantile((weights @ sums) / (weights @ films), [0.025, 0.975])
    return Estimate(float(probability[chosen].mean()), float(low), float(high), int(chosen.sum()))


def _ends(found: Estimate) -> list[float]:
    return [round(number, 5) for number in (found.value, found.low, found.high)]


def _digest(models_dir: Path) -> str:
    return hashlib.sha256((models_dir / STRESS_SCORES).read_bytes()).hexdigest()


def read_stress(models_dir: Path) -> Stress:
    """Read how the networks' scores bear distortion.

    Raises:
        DataSetError: it was not measured, the file is damaged, or it belongs to other scores.
    """
    import pandas as pd

    for name in (STRESS_SCORES, STRESS_FILE):
        if not (models_dir / name).is_file():
            raise DataSetError(f"The file {name} is missing: {REMEDY}")
    try:
        content = json.loads((models_dir / STRESS_FILE).read_text(encoding="utf-8"))
        if content["columns"] != _COLUMNS:
            raise ValueError("columns")
        stored_for = content["scores_sha256"]
        stress = Stress(
            n=int(content["n"]),
            n_pneumonia=int(content["n_pneumonia"]),
            n_groups=int(content["n_groups"]),
            n_held_out=int(content["n_held_out"]),
            model_version=str(content["model_version"]),
            titles=dict(content["titles"]),
            table=pd.DataFrame(content["rows"], columns=_COLUMNS),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise DataSetError(f"The file {STRESS_FILE} is cut off or corrupt: {REMEDY}") from error
    if stored_for != _digest(models_dir):
        raise DataSetError(
            f"The files {STRESS_FILE} and {STRESS_SCORES} do not belong together: {REMEDY}"
        )
    return stress
