"""What a network said about a split → how well it did on each kind of film in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pneumo.decision.operating import BALANCED
from pneumo.evidence.metrics import Estimate
from pneumo.evidence.resampling import REPLICATES, Resampling, measure_at, measure_ranking
from pneumo.evidence.scores import Scored

_KINDS = {
    "bacterial pneumonia": ("bacteria-", 1),
    "viral pneumonia": ("virus-", 1),
    "normal (IM series)": ("IM-", 0),
    "normal (NORMAL2-IM series)": ("NORMAL2-IM-", 0),
}
"""Each kind's name: how its patient groups begin, and its label."""


@dataclass(frozen=True)
class Subgroup:
    """How well one kind of film was judged.

    Attributes:
        name: the kind of film.
        share_right: recall for a kind of pneumonia, specificity for a kind of normal film.
        auc: of this kind of pneumonia against all normal films; None for normal films, and where
            the split has none.
    """

    name: str
    share_right: Estimate
    auc: Estimate | None


def measure_subgroups(
    scored: Scored, *, operating_point: str = BALANCED, replicates: int = REPLICATES
) -> list[Subgroup]:
    """Measure each kind of film that the split has, with intervals over patient groups.

    Args:
        scored: what one network said.
        operating_point: the name of its threshold.
        replicates: how many times the groups are drawn.

    Raises:
        DataSetError: there is no operating point of that name.
    """
    threshold = scored.find_point(operating_point).threshold
    groups, normal = np.asarray(scored.groups), scored.y_true == 0

    def resample(films: np.ndarray) -> tuple[np.ndarray, np.ndarray, Resampling]:
        drawn = Resampling(groups[films].tolist(), replicates=replicates)
        return scored.y_true[films], scored.probability[films], drawn

    found = []
    for name, (start, label) in _KINDS.items():
        kind = np.char.startswith(groups, start) & (scored.y_true == label)
        if not kind.any():
            continue
        y_true, probability, resampling = resample(kind)
        right = measure_at(y_true, probability, threshold, resampling)
        auc = None
        if label == 1 and normal.any():
            auc = measure_ranking(*resample(kind | normal))["auc"]
        found.append(Subgroup(name, right["recall" if label else "specificity"], auc))
    return found
