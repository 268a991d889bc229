"""Trained networks and the data set → a calibrated ensemble, and its scores of whole splits."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from pneumo.decision.calibration import Calibration, fit_calibration, to_logit, to_probability
from pneumo.decision.ensemble import Ensemble, EnsemblePlan, Member, read_plan, write_plan
from pneumo.decision.operating import choose_operating_points
from pneumo.domain import ENSEMBLE
from pneumo.errors import DataSetError
from pneumo.evidence.ledger import record_look
from pneumo.evidence.results import Result, write_results
from pneumo.evidence.scores import read_scores, write_scores
from pneumo.intake.collection import CollectedFilm, collect_films
from pneumo.networks.cards import hash_network, read_card


def calibrate(models_dir: Path, names: Sequence[str]) -> EnsemblePlan:
    """Join networks into an ensemble on their scores of the held-out films, and write it.

    Every member weighs the same: on held-out films that are told apart almost without error there
    is nothing to prefer one by.

    Raises:
        DataSetError: a network has no scores of held-out films, or of other films than the rest.
        ModelError: a network's files are missing.
    """
    scores = {name: read_scores(models_dir, name, "validation") for name in names}
    films = scores[names[0]]
    for name, table in scores.items():
        if not table["file"].equals(films["file"]):
            raise DataSetError(
                f"{name} held other films out than {names[0]}: train both with the same --folds "
                "and --fold."
            )
    labels = films["label"].to_numpy()
    members = []
    for name, table in scores.items():
        logit = to_logit(table["probability"])
        calibration = fit_calibration(labels, logit)
        points = choose_operating_points(labels, to_probability(calibration.apply(logit)))
        title = str(read_card(models_dir / name)["title"])
        digest = hash_network(models_dir / name)
        members.append(Member(name, title, digest, 1 / len(names), calibration, points))
    plan = EnsemblePlan(tuple(members), Calibration(slope=1.0, midpoint=0.0), (), {}, "")
    logits = {name: to_logit(table["probability"]) for name, table in scores.items()}
    calibration = fit_calibration(labels, to_logit(plan.mix(logits)))
    plan = replace(plan, calibration=calibration)
    joint = plan.mix(logits)
    plan = replace(
        plan,
        operating_points=choose_operating_points(labels, joint),
        fitted_on={
            "films": "the held-out fold of train + val",
            "n": len(labels),
            "n_pneumonia": int(labels.sum()),
            "files_sha256": hashlib.sha256("\n".join(films["file"]).encode()).hexdigest(),
        },
    )
    write_plan(plan, models_dir)
    write_scores(films.assign(probability=joint), models_dir, ENSEMBLE, "validation")
    write_results(models_dir, "validation")
    return read_plan(models_dir)


def evaluate(data: Path, models_dir: Path, *, split: str, command: str) -> list[Result]:
    """Score a split with every member and the ensemble, and write one row a film for each.

    A look at the official test split is written to the ledger before the first film is scored.

    Returns:
        What was measured at the balanced operating point, the ensemble last.
    """
    from pneumo.networks.films import load_films

    films = collect_films(data, (split,))
    ensemble = Ensemble.load(models_dir, many_films=True)
    if split == "test":
        record_look(models_dir, ensemble.plan.version, command)
    array = load_films(films).astype(np.float32) / 255.0
    parts = [ensemble.score(array[start : start + 16]) for start in range(0, len(films), 16)]
    logits = {
        member.name: np.concatenate([part[member.name].logit for part in parts])
        for member in ensemble.plan.members
    }
    for name, logit in logits.items():
        write_scores(_table(films, to_probability(logit)), models_dir, name, split)
    write_scores(_table(films, ensemble.plan.mix(logits)), models_dir, ENSEMBLE, split)
    return write_results(models_dir, split)


def _table(films: Sequence[CollectedFilm], probability: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "file": [film.name for film in films],
            "label": [film.label for film in films],
            "group": [film.group for film in films],
            "probability": probability,
        }
    )
