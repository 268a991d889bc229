"""Held-out films under every distortion → what each network says of them, one row a film.

Only films held out of train and val are used; the official test films are not looked at.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from pneumo.decision.calibration import to_logit
from pneumo.decision.ensemble import Ensemble
from pneumo.domain import ENSEMBLE
from pneumo.errors import DataSetError
from pneumo.evidence.scores import read_scores
from pneumo.evidence.shortcuts.distortions import DISTORTIONS, distort
from pneumo.intake.collection import CollectedFilm, collect_films
from pneumo.networks.films import load_films

if TYPE_CHECKING:
    import pandas as pd

STRESS_SCORES = "stress_scores.csv.gz"
UNCHANGED = "unchanged"
REMEDY = "make both stress files with `python -m pneumo stress --data DIR`."
FILM_COLUMNS = ["file", "label", "group", "distortion", "strength"]
_BATCH = 16

Condition = tuple[str, float]


def list_conditions() -> list[Condition]:
    """Return (distortion, strength) of all that is measured, the unchanged films first."""
    return [
        (UNCHANGED, 0.0),
        *(
            (distortion.name, float(strength))
            for distortion in DISTORTIONS.values()
            for strength in distortion.strengths
        ),
    ]


def draw_held_out(scores: pd.DataFrame, *, limit: int | None = None, seed: int = 1) -> pd.DataFrame:
    """Draw about so many held-out films: whole groups, in the classes' own proportion.

    Args:
        scores: columns file, label, group, as `read_scores` returns them.
        limit: how many films; None for all of them. As groups stay whole, slightly more come.
        seed: of the drawing.

    Returns:
        Rows of `scores` in their own order.
    """
    if limit is None or limit >= len(scores):
        return scores
    rng = np.random.default_rng(seed)
    chosen: set[str] = set()
    for _, of_class in scores.groupby("label"):
        wanted, films = round(limit * len(of_class) / len(scores)), 0
        sizes = of_class.groupby("group").size()
        for place in rng.permutation(len(sizes)):
            if films >= wanted:
                break
            chosen.add(str(sizes.index[place]))
            films += int(sizes.iloc[place])
    return scores[scores["group"].isin(chosen)]


def stress(
    data: Path, models_dir: Path, *, limit: int | None = None, resume: bool = False
) -> pd.DataFrame:
    """Score the held-out films after each distortion at each strength, and keep the scores.

    Finished conditions are kept in a file of their own until all are there, so that `resume`
    goes on where a run was cut off; a run with other weights or other films starts anew.

    Args:
        data: the data set, of which train and val are read.
        models_dir: the trained networks; the scores are written here.
        limit: about how many films; None for all that were held out.
        resume: whether to go on with what an earlier run left.

    Returns:
        What STRESS_SCORES holds; see `read_stress_scores`.

    Raises:
        DataSetError: there are no scores of held-out films, or a film is not in the data set.
        ModelError: the networks cannot be served.
    """
    import pandas as pd

    held_out = draw_held_out(read_scores(models_dir, ENSEMBLE, "validation"), limit=limit)
    films = _find_films(data, held_out["file"].tolist())
    ensemble = Ensemble.load(models_dir, many_films=True)
    partial = models_dir / f"stress_partial_{ensemble.plan.version}_{len(films)}.csv"
    done = _read_partial(partial) if resume else {}
    array = load_films(films)
    conditions = list_conditions()
    missing = [condition for condition in conditions if condition not in done]
    left = len(missing) * len(films)
    with tqdm(total=left, desc="scoring distorted films", unit="film", mininterval=2) as bar:
        for name, strength in missing:
            changed = array if name == UNCHANGED else distort(array, DISTORTIONS[name], strength)
            rows = held_out[["file", "label", "group"]].assign(distortion=name, strength=strength)
            done[name, strength] = rows.assign(**_score(ensemble, changed, bar))
            _replace(partial, pd.concat(list(done.values())).to_csv(index=False).encode())
    table = pd.concat([done[condition] for condition in conditions], ignore_index=True)
    _replace(models_dir / STRESS_SCORES, _pack(table))
    partial.unlink()
    return read_stress_scores(models_dir)


def _find_films(data: Path, names: Sequence[str]) -> list[CollectedFilm]:
    by_name = {film.name: film for film in collect_films(data, ("train", "val"))}
    absent = [name for name in names if name not in by_name]
    if absent:
        raise DataSetError(
            f"{len(absent)} of the {len(names)} held-out films, such as {absent[0]}, are neither "
            f"in train nor in val of {data}. Point --data at the whole data set that the networks "
            "were trained on."
        )
    return [by_name[name] for name in names]


def _read_partial(path: Path) -> dict[Condition, pd.DataFrame]:
    import pandas as pd

    if not path.is_file():
        return {}
    table = pd.read_csv(path)
    found = {
        condition: table[
            (table["distortion"] == condition[0]) & (table["strength"] == condition[1])
        ]
        for condition in list_conditions()
    }
    return {condition: rows for condition, rows in found.items() if len(rows)}


def _score(
    ensemble: Ensemble, films: NDArray[np.uint8], bar: tqdm
) -> dict[str, NDArray[np.float64]]:
    """Return calibrated log odds of every member and, last, of the ensemble, three decimals."""
    parts = []
    for batch in _cut(films):
        parts.append(ensemble.score(batch.astype(np.float32) / 255.0))
        bar.update(len(batch))
    logits = {
        member.name: np.concatenate([part[member.name].logit for part in parts])
        for member in ensemble.plan.members
    }
    odds = {m.name: m.calibration.apply(logits[m.name]) for m in ensemble.plan.members}
    odds[ENSEMBLE] = to_logit(ensemble.plan.mix(logits))
    return {name: values.round(3) for name, values in odds.items()}


def _cut(films: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    return (films[start : start + _BATCH] for start in range(0, len(films), _BATCH))


def _pack(table: pd.DataFrame) -> bytes:
    # Without a time of day equal scores give equal bytes.
    return gzip.compress(table.to_csv(index=False).encode(), 9, mtime=0)


def _replace(path: Path, content: bytes) -> None:
    """Write a file in one go, so that a run cut off leaves the old one or the new one."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)


def read_stress_scores(models_dir: Path) -> pd.DataFrame:
    """Read the per-film scores of distorted films.

    Returns:
        Columns file, label, group, distortion, strength, then one a network and `ensemble`, each
        with calibrated log odds of pneumonia to three decimals.

    Raises:
        DataSetError: they were not made, or the file is damaged.
    """
    import pandas as pd

    path = models_dir / STRESS_SCORES
    if not path.is_file():
        raise DataSetError(f"The file {STRESS_SCORES} is missing: {REMEDY}")
    try:
        table = pd.read_csv(io.BytesIO(gzip.decompress(path.read_bytes())))
        names = list(table.columns[len(FILM_COLUMNS) :])
        if list(table.columns[: len(FILM_COLUMNS)]) != FILM_COLUMNS or ENSEMBLE not in names:
            raise ValueError("columns")
        table[names].astype(float)
    except (OSError, EOFError, ValueError) as error:
        raise DataSetError(f"The file {STRESS_SCORES} is cut off or corrupt: {REMEDY}") from error
    return table
