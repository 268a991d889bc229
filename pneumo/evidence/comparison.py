"""What several networks said about the same films → whether they differ, pair by pair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pneumo.decision.operating import BALANCED
from pneumo.domain import ENSEMBLE
from pneumo.errors import DataSetError
from pneumo.evidence.metrics import METRICS, Estimate, score_at, score_ranking
from pneumo.evidence.paired_tests import DeLong, McNemar, compare_auc, compare_decisions
from pneumo.evidence.resampling import Resampling, resample_at, resample_ranking
from pneumo.evidence.scores import Scored

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Calls = NDArray[np.bool_]


@dataclass(frozen=True)
class Paired:
    """The difference of two networks in one metric, by its key, with its two-sided p."""

    key: str
    difference: Estimate
    p: float


@dataclass(frozen=True)
class Pair:
    """Two networks, by name, under both tests; the p values are corrected for all the pairs."""

    first: str
    second: str
    delong: DeLong
    mcnemar: McNemar
    auc_p_corrected: float
    decision_p_corrected: float


def compare_metric(
    key: str,
    scored_a: Scored,
    scored_b: Scored,
    resampling: Resampling,
    *,
    operating_point: str = BALANCED,
) -> Paired:
    """Measure the difference of two networks in any metric, on the same draws of patient groups.

    The interval is the percentile one. p is twice the smaller share of draws on one side of zero,
    the level at which that interval just reaches zero (Efron and Tibshirani 1993, section 15.4);
    one is added to draws and to hits, so that p is never zero (Davison and Hinkley 1997, 4.2.3).

    Args:
        key: one of METRICS.
        scored_a: what the first network said.
        scored_b: what the second said of the same films.
        resampling: of these films.
        operating_point: the name of each one's own threshold, for metrics that need one.

    Raises:
        DataSetError: the films differ, or there is no operating point of that name.
    """
    check_same_films([scored_a, scored_b])
    drawn_a, drawn_b = (
        draw_metric(key, scored, resampling, operating_point=operating_point)
        for scored in (scored_a, scored_b)
    )
    return subtract(drawn_a, drawn_b)


@dataclass(frozen=True, eq=False)
class Drawn:
    """One network's metric, by its key, on n films and, shape (replicates,), in every drawing."""

    key: str
    value: float
    replicates: Floats
    n: int


def draw_metric(key: str, scored: Scored, resampling: Resampling, *, operating_point: str) -> Drawn:
    """Measure any metric on the films and in every drawing of their patient groups.

    Raises:
        DataSetError: there is no operating point of that name.
    """
    labels, probability = scored.y_true, scored.probability
    if METRICS[key].at_threshold:
        threshold = scored.find_point(operating_point).threshold
        value = score_at(labels, probability, threshold)[key]
        replicates = resample_at(labels, probability, threshold, resampling)[key]
    else:
        value = score_ranking(labels, probability)[key]
        replicates = resample_ranking(labels, probability, resampling)[key]
    return Drawn(key, value, replicates, scored.n)


def subtract(a: Drawn, b: Drawn) -> Paired:
    """Return the difference of two networks' metric, both drawn from the same drawings."""
    drawn = a.replicates - b.replicates
    drawn = drawn[~np.isnan(drawn)]
    value = a.value - b.value
    if np.isnan(value) or not len(drawn):
        return Paired(a.key, Estimate(np.nan, np.nan, np.nan, a.n), np.nan)
    low, high = np.quantile(drawn, [0.025, 0.975])
    fewer = min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    p = min(1.0, 2 * (fewer + 1) / (len(drawn) + 1))
    return Paired(a.key, Estimate(value, float(low), float(high), a.n), p)


def compare_pairs(scored: Sequence[Scored], *, operating_point: str = BALANCED) -> list[Pair]:
    """Test every pair of networks once, each p corrected by Holm (1979) for the number of pairs.

    DeLong's test and McNemar's are two families, corrected each for itself. Both take the films
    as independent; `compare_metric` respects the patient groups.

    Raises:
        DataSetError: the films differ, or there is no operating point of that name.
    """
    check_same_films(scored)
    tested = [
        (
            a,
            b,
            compare_auc(a.y_true, a.probability, b.probability),
            compare_decisions(a.y_true, _call(a, operating_point), _call(b, operating_point)),
        )
        for a, b in combinations(scored, 2)
    ]
    auc_p = correct_p([delong.p for _, _, delong, _ in tested])
    decision_p = correct_p([mcnemar.p for _, _, _, mcnemar in tested])
    return [
        Pair(a.name, b.name, delong, mcnemar, auc_p[k], decision_p[k])
        for k, (a, b, delong, mcnemar) in enumerate(tested)
    ]


def correct_p(p: Sequence[float]) -> list[float]:
    """Return p values corrected by Holm (1979) for their number; nan stays, and does not count.

    >>> correct_p([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    from statsmodels.stats.multitest import multipletests

    values = np.asarray(p, dtype=np.float64)
    known = ~np.isnan(values)
    if known.any():
        values[known] = multipletests(values[known], method="holm")[1]
    return [float(value) for value in values]


def agreement_table(scored: Sequence[Scored], *, operating_point: str = BALANCED) -> pd.DataFrame:
    """Return the share of films on which each two networks decide the same, by title.

    Raises:
        DataSetError: the films differ, or there is no operating point of that name.
    """
    return _tabulate(scored, operating_point, lambda a, b: float((a == b).mean()))


def cohen_kappa_table(scored: Sequence[Scored], *, operating_point: str = BALANCED) -> pd.DataFrame:
    """Return each two networks' agreement beyond chance (Cohen 1960), by title.

    nan where both call all films the same, so that chance alone would agree.

    Raises:
        DataSetError: the films differ, or there is no operating point of that name.
    """
    from sklearn.metrics import cohen_kappa_score

    def measure(a: Calls, b: Calls) -> float:
        all_the_same = len(np.unique(np.concatenate([a, b]))) == 1
        return np.nan if all_the_same else float(cohen_kappa_score(a, b))

    return _tabulate(scored, operating_point, measure)


def _tabulate(
    scored: Sequence[Scored], operating_point: str, measure: Callable[[Calls, Calls], float]
) -> pd.DataFrame:
    import pandas as pd

    check_same_films(scored)
    calls = [_call(one, operating_point) for one in scored]
    titles = [one.title for one in scored]
    return pd.DataFrame([[measure(a, b) for b in calls] for a in calls], titles, titles)


def list_disagreements(
    scored: Sequence[Scored], *, operating_point: str = BALANCED
) -> pd.DataFrame:
    """List the films that some networks call pneumonia and some normal, the most even votes first.

    Returns:
        Columns file, label (0 or 1), group, each one's probability under its title, and
        networks_saying_pneumonia. The ensemble has a column, but no vote.

    Raises:
        DataSetError: the films differ, or there is no operating point of that name.
    """
    import pandas as pd

    check_same_films(scored)
    if not scored:
        raise DataSetError("At least one network is needed to list disagreements, but none came.")
    voters = [one for one in scored if one.name != ENSEMBLE]
    votes = sum((_call(one, operating_point).astype(np.int64) for one in voters), start=0)
    table = pd.DataFrame(
        {
            "file": scored[0].files,
            "label": scored[0].y_true,
            "group": scored[0].groups,
            **{one.title: one.probability for one in scored},
            "networks_saying_pneumonia": votes,
        }
    )
    split = table["networks_saying_pneumonia"].between(1, len(voters) - 1)
    found = table[split]
    evenness = (found["networks_saying_pneumonia"] - len(voters) / 2).abs()
    return found.loc[evenness.sort_values(kind="stable").index].reset_index(drop=True)


def _call(scored: Scored, operating_point: str) -> Calls:
    """Return which films are called pneumonia at an operating point, shape (n,)."""
    return scored.probability >= scored.find_point(operating_point).threshold


def check_same_films(scored: Sequence[Scored]) -> None:
    """Raise DataSetError unless all were scored on the same films in the same order."""
    for other in scored[1:]:
        if other.files != scored[0].files:
            raise DataSetError(
                f"Networks are compared on the same films in the same order, but {other.title} "
                f"was scored on other films than {scored[0].title}. Score them together with "
                "`python -m pneumo evaluate --data DIR`."
            )
