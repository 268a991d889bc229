"""What the user asked for on the command line → a trained network in its folder."""

from __future__ import annotations

import hashlib
import platform
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from pneumo.domain import CLASSES
from pneumo.errors import TrainingError
from pneumo.intake.collection import (
    CollectedFilm,
    assign_folds,
    collect_films,
    fingerprint_films,
)
from pneumo.networks import artifacts, frozen, training
from pneumo.networks.build import (
    build_network,
    count_parameters,
    count_trained,
    restyle,
)
from pneumo.networks.cards import hash_network, write_card
from pneumo.networks.films import load_films
from pneumo.networks.training import Recipe, Teacher, TrainingSet
from pneumo.networks.zoo import SIDE, NetworkSpec


@dataclass(frozen=True)
class Order:
    """One network to train.

    Attributes:
        spec: which network.
        protocol: "frozen" trains the head alone, "finetune" everything.
        recipe: how.
        init: a `.keras` body to start from; None asks for ImageNet weights where there are any.
        from_nothing: start from random weights instead.
        preprocessing: what `init` was trained with; the zoo's by default.
        reduction: pixels a side that are averaged into one before the body.
        folds, fold: how many folds of groups there are, and which one is held out.
        teachers: folders of trained networks whose mean score is learned besides the labels.
        folder: where the network's folder goes.
        cache: where features and teachers' scores are kept between runs.
        resume: whether a run that was cut off goes on; else it starts anew.
    """

    spec: NetworkSpec
    protocol: Literal["frozen", "finetune"]
    recipe: Recipe
    folder: Path
    cache: Path
    init: Path | None = None
    from_nothing: bool = False
    preprocessing: str | None = None
    reduction: int = 1
    folds: int = 5
    fold: int = 0
    teachers: tuple[Path, ...] = ()
    resume: bool = False


@dataclass(frozen=True, eq=False)
class Collection:
    """The films of train and val, read once for all networks."""

    films: list[CollectedFilm]
    data: TrainingSet
    fingerprint: str


def read_collection(folder: Path, *, folds: int, fold: int) -> Collection:
    """Read train and val, and hold one fold of groups out.

    A film whose bytes also occur in the held-out fold is not learned from.

    Raises:
        DataSetError: the folder is not in the data set's layout.
        TrainingError: there is no such fold.
    """
    if not 0 <= fold < folds:
        raise TrainingError(f"--fold must lie between 0 and {folds - 1}, not at {fold}.")
    films = collect_films(folder, ("train", "val"))
    assigned = np.array(assign_folds(films, folds))
    contents = [hashlib.sha256(film.path.read_bytes()).digest() for film in films]
    held_out = {content for content, at in zip(contents, assigned, strict=True) if at == fold}
    repeated = np.array([content in held_out for content in contents])
    data = TrainingSet(
        films=load_films(films),
        labels=np.array([film.label for film in films]),
        learn=np.flatnonzero((assigned != fold) & ~repeated),
        judge=np.flatnonzero(assigned == fold),
    )
    return Collection(films, data, fingerprint_films(films))


def train(order: Order, collection: Collection) -> dict[str, Any]:
    """Train one network, write its folder and return its card.

    Raises:
        TrainingError: the start is not to be had, or the run to resume was another one.
    """
    started, keras_seed = time.monotonic(), order.recipe.seed
    keras.utils.set_random_seed(keras_seed)
    state = order.folder / "state"
    if not order.resume and state.exists():
        shutil.rmtree(state)
    network = _start(order, collection.data)
    if order.protocol == "frozen":
        training.freeze_body(network)
        trained = count_trained(network)
        history = frozen.train_head(network, collection.data, order.recipe, order.cache)
    else:
        trained = count_trained(network)
        history = training.finetune(
            network,
            collection.data,
            order.recipe,
            state,
            teacher=_teacher(order.teachers, order.recipe.dtype),
            cache=order.cache / _teacher_key(order, collection) if order.teachers else None,
        )
    artifacts.save_network(restyle(network), order.folder)
    history.to_csv(order.folder / "history.csv", index=False)
    stored = artifacts.load_network(order.folder)
    scores = _score_held_out(stored, collection)
    scores.to_csv(order.folder / "scores_validation.csv", index=False)
    card = _describe(order, collection, stored, history, scores)
    card["parameters"] = {"total": count_parameters(stored), "trained": trained}
    card["seconds"] = round(
        float(history["seconds"].sum()) if "seconds" in history else time.monotonic() - started, 1
    )
    write_card(order.folder, card)
    if state.exists():
        shutil.rmtree(state)
    return card


def _start(order: Order, data: TrainingSet) -> keras.Model:
    imagenet = order.init is None and not order.from_nothing and order.spec.imagenet
    if order.protocol == "frozen" and not imagenet and order.init is None:
        raise TrainingError(
            f"A frozen body must have been trained before: give {order.spec.name} a start with "
            "--init, or train it with --protocol finetune."
        )
    network = build_network(
        order.spec,
        weights="imagenet" if imagenet else None,
        init=order.init,
        preprocessing=order.preprocessing,
        reduction=order.reduction,
    )
    if imagenet or order.init is not None:
        training.freeze_statistics(network)
    elif not any(isinstance(layer, keras.layers.BatchNormalization) for layer in network.layers):
        training.scale_initial_weights(network, data.films[data.learn[:: len(data.learn) // 16]])
    return network


def _teacher(folders: Sequence[Path], dtype: str) -> Teacher | None:
    if not folders:
        return None
    networks = [restyle(artifacts.load_network(folder), dtype=dtype) for folder in folders]

    def teach(films: Any) -> Any:
        return np.mean([training.score_films(network, films) for network in networks], axis=0)

    return teach


def _teacher_key(order: Order, collection: Collection) -> str:
    parts = [
        collection.fingerprint,
        str((order.folds, order.fold, order.recipe.seed, order.recipe.augmentation)),
        *(hash_network(folder) for folder in order.teachers),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _score_held_out(network: keras.Model, collection: Collection) -> pd.DataFrame:
    data = collection.data
    probability = training.score_films(network, data.films[data.judge])
    held_out = [collection.films[index] for index in data.judge]
    return pd.DataFrame(
        {
            "file": [film.name for film in held_out],
            "label": [film.label for film in held_out],
            "group": [film.group for film in held_out],
            "probability": probability.round(6),
        }
    )


def _describe(
    order: Order,
    collection: Collection,
    network: keras.Model,
    history: pd.DataFrame,
    scores: pd.DataFrame,
) -> dict[str, Any]:
    scale = network.get_layer("scaled").get_config()
    return {
        "name": order.spec.name,
        "title": order.spec.title,
        "classes": list(CLASSES),
        "protocol": order.protocol,
        "initialisation": _initialisation(order),
        "distilled_from": [folder.name for folder in order.teachers],
        "input": {
            "side": SIDE,
            "resampling": "antialiased bilinear, aspect ratio not kept",
            "scale": scale["scale"],
            "offset": scale["offset"],
            "reduction": order.reduction,
        },
        "recipe": asdict(order.recipe),
        "validation": {
            "folds": order.folds,
            "fold": order.fold,
            "grouping": "series and number of the file name, in blocks of consecutive numbers",
            "n": len(scores),
            "auc": round(float(roc_auc_score(scores["label"], scores["probability"])), 5),
        },
        "films_learned_from": len(collection.data.learn),
        "epochs_run": len(history),
        "data_sha256": collection.fingerprint,
        "weights_sha256": hash_network(order.folder),
        "trained_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {
            "python": platform.python_version(),
            "keras": version("keras"),
            "backend": keras.backend.backend(),
            "numpy": version("numpy"),
        },
    }


def _initialisation(order: Order) -> dict[str, str]:
    if order.init is not None:
        digest = hashlib.sha256(order.init.read_bytes()).hexdigest()
        return {"from": order.init.name, "sha256": digest}
    if order.from_nothing or not order.spec.imagenet:
        return {"from": "random weights"}
    return {"from": "keras.applications, ImageNet"}
