"""Trained networks and the data set → calibration, per-film scores, and the table of results."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from pneumo.decision.calibration import Calibration, fit_calibration, to_logit, to_probability
from pneumo.decision.ensemble import Ensemble, EnsemblePlan, Member, read_plan, write_plan
from pneumo.decision.operating import BALANCED, choose_operating_points
from pneumo.domain import ENSEMBLE, OperatingPoint
from pneumo.errors import DataSetError, ModelError
from pneumo.evidence.metrics import Estimate, accuracy, auc, estimate, sensitivity, specificity
from pneumo.intake.collection import CollectedFilm, collect_films
from pneumo.networks.cards import hash_network, read_card

LEDGER = "test_ledger.csv"
_COLUMNS = ["file", "label", "group", "probability"]


def read_scores(models_dir: Path, name: str, split: str) -> pd.DataFrame:
    """Read the per-film scores of one network, or of the ensemble, on one split.

    Returns:
        Columns file, label (0 or 1), group, probability. A network's probability is uncalibrated,
        the ensemble's is calibrated.

    Raises:
        DataSetError: the split was not scored.
    """
    path = models_dir / name / f"scores_{split}.csv"
    if not path.is_file():
        raise DataSetError(
            f"{name} has no scores of the split {split}: run `python -m pneumo evaluate` or, for "
            "validation, train it again."
        )
    return pd.read_csv(path)[_COLUMNS]


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
    _write_scores(films.assign(probability=joint), models_dir, ENSEMBLE, "validation")
    return read_plan(models_dir)


def evaluate(data: Path, models_dir: Path, *, split: str, command: str) -> pd.DataFrame:
    """Score a split with every member and the ensemble, and write one row a film for each.

    A look at the official test split is written to the ledger before the first film is scored.

    Returns:
        The table of `tabulate`.
    """
    from pneumo.networks.films import load_films

    films = collect_films(data, (split,))
    ensemble = Ensemble.load(models_dir)
    if split == "test":
        _record_look(models_dir, ensemble.plan.version, command)
    array = load_films(films).astype(np.float32) / 255.0
    parts = [ensemble.score(array[start : start + 16]) for start in range(0, len(films), 16)]
    logits = {
        member.name: np.concatenate([part[member.name].logit for part in parts])
        for member in ensemble.plan.members
    }
    for name, logit in logits.items():
        _write_scores(_table(films, to_probability(logit)), models_dir, name, split)
    _write_scores(_table(films, ensemble.plan.mix(logits)), models_dir, ENSEMBLE, split)
    return tabulate(models_dir, split)


def _table(films: Sequence[CollectedFilm], probability: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "file": [film.name for film in films],
            "label": [film.label for film in films],
            "group": [film.group for film in films],
            "probability": probability,
        }
    )


def _write_scores(table: pd.DataFrame, models_dir: Path, name: str, split: str) -> None:
    folder = models_dir / name
    folder.mkdir(parents=True, exist_ok=True)
    rounded = table.assign(probability=table["probability"].astype(float).round(6))
    rounded[_COLUMNS].to_csv(folder / f"scores_{split}.csv", index=False)


def _record_look(models_dir: Path, version: str, command: str) -> None:
    path = models_dir / LEDGER
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(["date", "weights_hash", "command"])
        writer.writerow([datetime.now(UTC).isoformat(timespec="seconds"), version, command])


def tabulate(models_dir: Path, split: str, *, operating_point: str = BALANCED) -> pd.DataFrame:
    """Measure every member and the ensemble at one operating point, from the per-film scores.

    Returns:
        One row each for the members and the ensemble: name, title, n, and an `Estimate` in
        accuracy, sensitivity, specificity and auc.
    """
    plan = read_plan(models_dir)
    rows = []
    for member in plan.members:
        scores = read_scores(models_dir, member.name, split)
        calibrated = to_probability(member.calibration.apply(to_logit(scores["probability"])))
        point = member.find_point(operating_point)
        rows.append(
            _measure(scores.assign(probability=calibrated), member.name, member.title, point)
        )
    joint = read_scores(models_dir, ENSEMBLE, split)
    rows.append(_measure(joint, ENSEMBLE, "Ensemble", plan.find_point(operating_point)))
    return pd.DataFrame(rows)


def _measure(
    scores: pd.DataFrame, name: str, title: str, point: OperatingPoint
) -> dict[str, str | int | Estimate]:
    labels = scores["label"].to_numpy()
    probability = scores["probability"].to_numpy()
    groups = scores["group"].tolist()
    return {
        "name": name,
        "title": title,
        "n": len(scores),
        "accuracy": estimate(labels, probability, groups, accuracy(point.threshold)),
        "sensitivity": estimate(labels, probability, groups, sensitivity(point.threshold)),
        "specificity": estimate(labels, probability, groups, specificity(point.threshold)),
        "auc": estimate(labels, probability, groups, auc),
    }


def to_markdown(table: pd.DataFrame) -> str:
    """Format the table of results as Markdown, as the README shows it."""
    lines = [
        "| network | accuracy | recall (sensitivity) | specificity | AUC |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {row.title} | {row.accuracy:.1%} | {row.sensitivity:.1%} | {row.specificity:.1%} "
        f"| {row.auc:.3f} |"
        for row in table.itertuples()
    ]
    return "\n".join(lines)


__all__ = ["ModelError", "calibrate", "evaluate", "read_scores", "tabulate", "to_markdown"]
