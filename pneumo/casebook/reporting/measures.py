"""The version of the networks that read a film → what they reached on the official test films."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from pneumo.decision.ensemble import read_plan
from pneumo.domain import ENSEMBLE, OperatingPoint
from pneumo.errors import DataSetError
from pneumo.evidence.ledger import read_ledger
from pneumo.evidence.metrics import Estimate
from pneumo.evidence.resampling import Resampling, measure_at
from pneumo.evidence.scores import read_scored

_SPLIT = "test"


@dataclass(frozen=True)
class MeasuredPoint:
    """What the networks together reached at one operating point."""

    point: OperatingPoint
    sensitivity: Estimate
    specificity: Estimate


@dataclass(frozen=True)
class Measured:
    """What the networks together reached on the official test films.

    Attributes:
        points: every operating point.
        n_pneumonia: test films with pneumonia, those that sensitivity is a share of.
        n_normal: normal test films, those that specificity is a share of.
        measured_at: when they were scored last, UTC.
        looks: how often any networks of this project were scored on them.
    """

    points: tuple[MeasuredPoint, ...]
    n_pneumonia: int
    n_normal: int
    measured_at: datetime
    looks: int


def measure_points(models_dir: Path, model_version: str) -> Measured:
    """Measure the networks of one version at each of their operating points.

    Raises:
        DataSetError: they are not the networks of the folder, or were not scored on these films.
        ModelError: there is no ensemble in the folder.
    """
    today = read_plan(models_dir).version
    if today != model_version:
        raise DataSetError(
            f"The film was read by networks of version {model_version}, but those of this "
            f"installation have version {today}: what these reached says nothing about those."
        )
    looks = read_ledger(models_dir)
    scored = [look for look in looks if look.model_version == model_version]
    if not scored:
        raise DataSetError(
            f"Networks of version {model_version} were not scored on the official test films: "
            "`python -m pneumo evaluate --data DIR` does it."
        )
    points, n_pneumonia, n_normal = _measure(models_dir, model_version)
    return Measured(points, n_pneumonia, n_normal, scored[-1].date, len(looks))


@lru_cache(maxsize=8)
def _measure(models_dir: Path, model_version: str) -> tuple[tuple[MeasuredPoint, ...], int, int]:
    # The version is part of the key: other networks have other scores.
    scored = read_scored(models_dir, ENSEMBLE, _SPLIT)
    resampling = Resampling(scored.groups)
    n_pneumonia = int(scored.y_true.sum())
    found = []
    for point in scored.operating_points:
        rates = measure_at(scored.y_true, scored.probability, point.threshold, resampling)
        found.append(MeasuredPoint(point, rates["recall"], rates["specificity"]))
    return tuple(found), n_pneumonia, scored.n - n_pneumonia
