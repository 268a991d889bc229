"""A metric of several networks on the same films → every pair's difference, p values corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from pneumo.evidence.comparison import (
    Paired,
    check_same_films,
    correct_p,
    draw_metric,
    subtract,
)
from pneumo.evidence.resampling import Resampling
from pneumo.evidence.scores import Scored


@dataclass(frozen=True)
class PairedMetric:
    """How far two networks differ in a metric.

    Attributes:
        first: name of one network.
        second: name of the other.
        paired: the first's metric less the second's, with interval and p of this pair alone.
        p_corrected: p after Holm's correction for the number of pairs; nan where p is.
    """

    first: str
    second: str
    paired: Paired
    p_corrected: float


def compare_metric_pairs(
    key: str, scored: Sequence[Scored], resampling: Resampling, *, operating_point: str
) -> list[PairedMetric]:
    """Compare every pair once by a bootstrap that draws whole patient groups.

    Args:
        key: one of METRICS.
        scored: networks on the same films in the same order.
        resampling: drawings of these films' patient groups.
        operating_point: at whose thresholds a metric that needs one is taken.

    Raises:
        DataSetError: the films differ, or there is no operating point of that name.
    """
    check_same_films(scored)
    drawn = [draw_metric(key, one, resampling, operating_point=operating_point) for one in scored]
    pairs = list(combinations(scored, 2))
    found = [subtract(first, second) for first, second in combinations(drawn, 2)]
    corrected = correct_p([paired.p for paired in found])
    return [
        PairedMetric(first.name, second.name, paired, p)
        for (first, second), paired, p in zip(pairs, found, corrected, strict=True)
    ]
