"""A survey's answers → what it measured of the language model, each number with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pneumo.domain import Verdict
from pneumo.evidence.metrics import Estimate
from pneumo.evidence.resampling import Resampling, measure_at
from pneumo.opinion.problems import ProblemKind
from pneumo.opinion.surveys import Survey

if TYPE_CHECKING:
    import pandas as pd

DECLINED = (ProblemKind.REFUSED, ProblemKind.CONTENT_FILTER)
"""Problems by which the model or its provider declines to read a film."""


@dataclass(frozen=True)
class Accuracy:
    """How often verdicts are as the label says; nan where a class is missing."""

    sensitivity: Estimate
    specificity: Estimate
    balanced_accuracy: Estimate


@dataclass(frozen=True)
class SurveyMetrics:
    """What a survey measured.

    Attributes:
        n: films that were asked about.
        n_groups: their patient groups.
        n_decided: films with the verdict PNEUMONIA or NORMAL.
        decided: accuracy among those; None if there is none.
        all_films: accuracy among all films, where a pneumonia without such a verdict counts as
            not found and a normal film without one as not cleared.
        normals_called_ill: share of all normal films called PNEUMONIA; None without any.
        indeterminate: share of all films called INDETERMINATE.
        refused: share of all films that the model or its provider declined to read.
        failed: share of all films without an opinion for another reason.
        consistency: mean share of the most frequent verdict among several readings of a film;
            None where one reading was made.
        cost_usd: mean cost of a film in US dollars; None where no price is on file.
        latency_s: median over the films of the mean seconds of a reading.
    """

    n: int
    n_groups: int
    n_decided: int
    decided: Accuracy | None
    all_films: Accuracy
    normals_called_ill: Estimate | None
    indeterminate: Estimate
    refused: Estimate
    failed: Estimate
    consistency: Estimate | None
    cost_usd: float | None
    latency_s: float


def measure_survey(survey: Survey) -> SurveyMetrics:
    """Measure a survey; every interval is a 95% one that draws whole patient groups."""
    table = survey.table
    groups = table["group"].tolist()
    label = table["label"].to_numpy(dtype=np.int64)
    verdict, problem = table["verdict"], table["problem"]
    said_ill = (verdict == Verdict.PNEUMONIA).to_numpy()
    decided = said_ill | (verdict == Verdict.NORMAL).to_numpy()
    refused = problem.isin(list(DECLINED)).to_numpy()
    normal = label == 0
    repeated = table["consistency"].notna().to_numpy()
    cost = table["cost_usd"].dropna()
    return SurveyMetrics(
        n=len(table),
        n_groups=len(set(groups)),
        n_decided=int(decided.sum()),
        decided=_measure(label[decided], said_ill[decided], _pick(groups, decided))
        if decided.any()
        else None,
        all_films=_measure(label, np.where(decided, said_ill, 1 - label), groups),
        normals_called_ill=share_of(said_ill[normal], _pick(groups, normal))
        if normal.any()
        else None,
        indeterminate=share_of(verdict == Verdict.INDETERMINATE, groups),
        refused=share_of(refused, groups),
        failed=share_of((problem != "").to_numpy() & ~refused, groups),
        consistency=mean_of(table["consistency"][repeated], _pick(groups, repeated))
        if repeated.any()
        else None,
        cost_usd=float(cost.mean()) if len(cost) else None,
        latency_s=float(table["latency_s"].median()),
    )


def _pick(groups: Sequence[str], chosen: NDArray[np.bool_]) -> list[str]:
    return [group for group, is_chosen in zip(groups, chosen, strict=True) if is_chosen]


def _measure(label: NDArray[np.int64], called: ArrayLike, groups: Sequence[str]) -> Accuracy:
    found = measure_at(label, np.asarray(called, dtype=np.float64), 0.5, Resampling(groups))
    n_ill = int(label.sum())
    return Accuracy(
        sensitivity=replace(found["recall"], n=n_ill),
        specificity=replace(found["specificity"], n=len(label) - n_ill),
        balanced_accuracy=found["balanced_accuracy"],
    )


def share_of(flags: ArrayLike, groups: Sequence[str]) -> Estimate:
    """Measure the share of films of which something is true, with its 95% interval.

    Args:
        flags: shape (n,), whether it is true.
        groups: n patient groups, which are drawn whole.

    Raises:
        DataSetError: there is no film.
    """
    yes = np.asarray(flags, dtype=np.float64)
    # As if all films were ill and these were found: recall then is a share of all of them.
    return measure_at(np.ones(len(yes)), yes, 0.5, Resampling(groups))["recall"]


def mean_of(values: pd.Series, groups: Sequence[str]) -> Estimate:
    """Measure a mean over films with its 95% percentile interval.

    Args:
        values: n numbers.
        groups: n patient groups, which are drawn whole.

    Raises:
        DataSetError: there is no film.
    """
    numbers = values.to_numpy(dtype=np.float64)
    resampling = Resampling(groups)
    weights = resampling.weigh(np.ones(len(numbers)))
    drawn = weights @ resampling.add_up(numbers) / (weights @ resampling.add_up(numbers * 0 + 1))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(float(numbers.mean()), float(low), float(high), len(numbers))
