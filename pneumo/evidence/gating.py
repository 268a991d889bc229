"""The data set, distorted and counterfeited → `models/gate.json` with its measured rates.

Only films of train and val are looked at. The heads and the distance are fitted on the folds that
the networks learned from; every threshold is set on the fold that they held out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pneumo.decision.ensemble import read_plan
from pneumo.decision.gate import Gate
from pneumo.decision.sight import Lens, scale_features
from pneumo.errors import DataSetError
from pneumo.evidence.gate_films import KINDS, Amounts, Darkroom, GateFilms
from pneumo.evidence.gate_rates import (
    COLOURED_REFUSAL,
    FILM_WARNING,
    MARGIN,
    UNSURE_POSE,
    UNSURE_STRANGENESS,
    VARIED_DISTANCE_REFUSAL,
    VARIED_DOUBT,
    VARIED_REFUSAL,
    choose_thresholds,
    go_beyond,
    measure_gate,
)
from pneumo.intake.collection import assign_folds, collect_films
from pneumo.intake.pixel_quality import Range, measure_pixels
from pneumo.networks.films import load_films
from pneumo.networks.poses import POSES
from pneumo.networks.serving import load_served_network
from pneumo.networks.zoo import Tap

NETWORK = "mobilenetv2"
TAPS: tuple[Tap, ...] = (("block_9_add", 1), ("block_12_add", 7))
"""Layers halfway up: later ones know little but the two classes, earlier ones little but edges.
The grid of the second tells where things lie, by which a chest is told from its pieces."""

STATISTICS = 2 * (64 + 96)
"""Of the features, those that come first: means and spreads of both layers' channels."""

FOLDS, HELD_OUT = 5, 0
"""As the networks' own training has it."""

_MAIN, _DIRECTIONS = 160, 256


def fit_gate(
    data: Path, models_dir: Path, *, amounts: Amounts | None = None, seed: int = 1
) -> Gate:
    """Fit the gate for the shipped ensemble, and write it.

    Args:
        data: the data set's folder; its test split is not opened.
        models_dir: the folder of the networks.
        amounts: how much is made of each kind.
        seed: of all chance.

    Raises:
        DataSetError: the folder is in another layout, or the ensemble lacks the network whose
            features are looked at.
        ModelError: there is no ensemble, or that network's files are damaged.
    """
    member = next((m for m in read_plan(models_dir).members if m.name == NETWORK), None)
    if member is None:
        raise DataSetError(
            f"The gate looks at features of {NETWORK}, which the ensemble does not have: train it "
            f"and name it to `python -m pneumo calibrate`."
        )
    amounts = amounts or Amounts()
    films = collect_films(data, ("train", "val"))
    array = load_films(films)
    rng = np.random.default_rng(seed)
    is_held_out = np.array(assign_folds(films, FOLDS)) == HELD_OUT
    learn, hold = (rng.permutation(np.flatnonzero(part)) for part in (~is_held_out, is_held_out))
    hold = hold[: amounts.held_out]
    network = load_served_network(
        models_dir / NETWORK, weights_sha256=member.weights_sha256, many_films=True, taps=TAPS
    )
    sets = Darkroom(network, array, seed).make(learn, hold, amounts)
    lens = _fit_lens(sets)
    used = learn[: max(amounts.plain, amounts.posed, amounts.decoys * len(KINDS))]
    seen = [lens.look(x) for x in (sets.held_out, sets.held_out_varied, sets.held_out_coloured)]
    groups = [films[place].group for place in hold]
    measures = [measure_pixels(film.astype(np.float32) / 255) for film in array]
    gate = Gate(
        network=NETWORK,
        weights_sha256=member.weights_sha256,
        taps=TAPS,
        ranges=_choose_ranges(measures),
        thresholds=choose_thresholds(*seen),
        lens=lens,
        fitted_on={
            "data": "train and val; thresholds of the learned part: the held-out fold "
            f"{HELD_OUT} of {FOLDS}, in which neither network nor gate learned",
            "films": len(films),
            "films_learned_from": len(used),
            "groups_learned_from": len({films[place].group for place in used}),
            "films_held_out": len(hold),
            "groups_held_out": len(set(groups)),
            "decoys": {"kinds": list(KINDS), "of_each": amounts.decoys},
            "quantiles": {
                "warning": FILM_WARNING,
                "refusal_of_varied": VARIED_REFUSAL,
                "refusal_of_varied_by_distance_alone": VARIED_DISTANCE_REFUSAL,
                "doubt_of_varied": VARIED_DOUBT,
                "refusal_of_coloured": COLOURED_REFUSAL,
                "unsure_strangeness_of_varied": UNSURE_STRANGENESS,
                "unsure_pose_of_varied": UNSURE_POSE,
            },
            "margin": MARGIN,
            "seed": seed,
        },
        measured={},
    )
    gate = replace(gate, measured=measure_gate(gate, sets, groups, [measures[k] for k in hold]))
    return replace(gate, version=gate.save(models_dir))


def _fit_lens(sets: GateFilms) -> Lens:
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression

    chest = np.concatenate([sets.plain, sets.posed])
    mean, scale = chest.mean(axis=0), chest.std(axis=0) + 1e-4

    def scaled(features: NDArray[np.float32]) -> NDArray[np.float32]:
        return scale_features(features, mean, scale)

    inverted = np.array([flag for _, flag in POSES])[np.arange(len(sets.posed)) % len(POSES)]
    clouds = (
        np.concatenate([scaled(sets.plain), scaled(sets.posed[~inverted])])[:, :STATISTICS],
        scaled(sets.posed[inverted])[:, :STATISTICS],
    )
    rounded = [_round_off(cloud) for cloud in clouds]
    everything = scaled(np.concatenate([chest, sets.decoys, sets.mirrored]))
    directions_kept = min(_DIRECTIONS, len(everything) - 1)
    pca = PCA(directions_kept, svd_solver="randomized", random_state=0).fit(everything)
    spread = np.sqrt(pca.explained_variance_)
    project = (pca.components_ / (spread + 0.05 * spread[0])[:, np.newaxis]).T.astype(np.float16)

    def directions(features: NDArray[np.float32]) -> NDArray[np.float32]:
        return scaled(features) @ project.astype(np.float32)

    labels = np.concatenate(
        [
            np.zeros(len(sets.plain), dtype=int),
            np.arange(len(sets.posed)) % len(POSES),
            np.full(len(sets.decoys), len(POSES)),
        ]
    )
    head = LogisticRegression(C=0.3, class_weight="balanced", max_iter=1000).fit(
        directions(np.concatenate([chest, sets.decoys])), labels
    )
    sides = LogisticRegression(C=0.01, max_iter=1000).fit(
        directions(np.concatenate([sets.plain, sets.mirrored])),
        np.repeat([0, 1], [len(sets.plain), len(sets.mirrored)]),
    )
    return Lens(
        mean=mean,
        scale=scale,
        centres=np.stack([centre for centre, _ in rounded]).astype(np.float32),
        whiten=np.stack([whiten for _, whiten in rounded]).astype(np.float32),
        project=project,
        poses=np.vstack([head.coef_.T, head.intercept_]).astype(np.float32),
        mirror=np.append(sides.coef_[0], sides.intercept_).astype(np.float32),
    )


def _round_off(cloud: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return a cloud's centre and the matrix that makes its spread the same all around.

    Beyond the main directions, those left share one spread, so that noise in the estimate of the
    smallest does not decide (probabilistic PCA, Tipping and Bishop 1999).
    """
    from sklearn.decomposition import PCA

    pca = PCA(min(_MAIN, min(cloud.shape) - 1), random_state=0).fit(cloud)
    rest = max(float(pca.noise_variance_), 1e-4)
    main = pca.components_.T
    whiten = main / np.sqrt(np.maximum(pca.explained_variance_, rest)) @ main.T
    whiten += (np.eye(len(main)) - main @ main.T) / np.sqrt(rest)
    return pca.mean_, whiten


def _choose_ranges(measures: Sequence[dict[str, float]]) -> dict[str, Range]:
    """Set the range of each measure of pixels on all training films."""
    ranges = {}
    for name in measures[0]:
        values = [found[name] for found in measures]
        low, median, high = np.quantile(values, [1 - FILM_WARNING, 0.5, FILM_WARNING])
        ranges[name] = Range(
            round(go_beyond(float(low), float(median)), 4),
            round(go_beyond(float(high), float(median)), 4),
        )
    return ranges
