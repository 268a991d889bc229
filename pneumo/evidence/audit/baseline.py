"""Properties of files, never a pixel → how well they alone tell pneumonia from normal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tqdm import tqdm

from pneumo.evidence.audit.records import Baseline

FOLDS = 5
FEATURES = ("width", "height", "aspect", "bytes")
_PAIR = ("width", "height")


def measure_baselines(
    source: str,
    properties: Mapping[str, ArrayLike],
    labels: ArrayLike,
    groups: Sequence[str],
    *,
    seed: int = 1,
) -> tuple[Baseline, ...]:
    """Measure classifiers on all properties together, on the size in pixels, and on each alone.

    Gradient boosting (Friedman 2001) learns in four folds and scores the fifth, in turn; no patient
    group is torn between folds. A property that is the same for all films is left out.

    Args:
        source: what the properties are of: FILMS or ORIGINALS.
        properties: n numbers for each of FEATURES.
        labels: shape (n,), 0 or 1.
        groups: n patient groups.
        seed: of the folds and the boosting.

    Returns:
        The strongest combination first as listed above; none if a class has fewer groups than
        folds.
    """
    from pneumo.evidence.resampling import Resampling, measure_ranking

    y_true = np.asarray(labels, dtype=np.int64)
    keys = np.asarray(groups)
    if min(len(np.unique(keys[y_true == label])) for label in (0, 1)) < FOLDS:
        return ()
    columns = {name: np.asarray(properties[name], dtype=float) for name in FEATURES}
    varying = tuple(name for name, values in columns.items() if np.ptp(values) > 0)
    resampling = Resampling(list(groups), seed=seed)
    found = []
    for features in tqdm(
        _combine(varying), f"classifying {source} unseen", unit="classifier", leave=False
    ):
        table = np.column_stack([columns[name] for name in features])
        probability = _score_out_of_fold(table, y_true, keys, seed=seed)
        auc = measure_ranking(y_true, probability, resampling)["auc"]
        found.append(Baseline(source, features, len(y_true), len(np.unique(keys)), auc))
    return tuple(found)


def _combine(varying: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return all together, the size in pixels, and each alone, without saying anything twice."""
    wanted = [varying, *([_PAIR] if set(_PAIR) <= set(varying) else [])]
    wanted += [(name,) for name in varying]
    return list(dict.fromkeys(features for features in wanted if features))


def _score_out_of_fold(
    table: NDArray[np.float64], y_true: NDArray[np.int64], groups: NDArray[np.str_], *, seed: int
) -> NDArray[np.float64]:
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.model_selection import StratifiedGroupKFold

    probability = np.zeros(len(y_true))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for learned, held_out in folds.split(table, y_true, groups):
        model = GradientBoostingClassifier(random_state=seed)
        model.fit(table[learned], y_true[learned])
        probability[held_out] = model.predict_proba(table[held_out])[:, 1]
    return probability
