"""The frozen protocol on cached features → how much faster it is than fitting through the body."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from pneumo.bench.processes import FreshProcess
from pneumo.bench.timing import Measure, clock, divide, time_pairs
from pneumo.decision.ensemble import read_plan
from pneumo.domain import CLASSES
from pneumo.intake.synthetic import draw_synthetic_film
from pneumo.networks import yardsticks
from pneumo.networks.zoo import SIDE

if TYPE_CHECKING:
    from pneumo.networks.training import TrainingSet

LEARNED, JUDGED, EPOCHS, BATCH_SIZE = 64, 32, 10, 32
_PREFERRED = "resnet50v2"


def compare_training(models_dir: Path, *, runs: int) -> list[Measure]:
    """Train the same head both ways: on cached features, and through the frozen body.

    Both see the same films in the same number of epochs and steps, with the same optimizer, loss
    and held-out films. Ours starts with an empty cache; so its one pass through the body counts.

    Raises:
        PneumoError: a file is missing, or TensorFlow.
    """
    names = [member.name for member in read_plan(models_dir).members]
    name = _PREFERRED if _PREFERRED in names else names[0]
    with FreshProcess(backend="tensorflow") as process:
        through, cached, again = process.call(_time_training, models_dir, name, runs)
    words = f"{name}'s head, {LEARNED} + {JUDGED} films, {EPOCHS} epochs"
    return [
        Measure("training_s", f"{words}: features first, then the head", tuple(cached)),
        Measure("training_again_s", "the same with the features cached before", tuple(again)),
        Measure("peer_training_s", "model.fit() through the frozen body", tuple(through)),
        Measure("training_speedup", "model.fit() / ours, empty cache", divide(through, cached)),
        Measure(
            "training_again_speedup", "model.fit() / ours, filled cache", divide(through, again)
        ),
    ]


def _time_training(
    models_dir: Path, name: str, runs: int
) -> tuple[list[float], list[float], list[float]]:
    from pneumo.networks import frozen
    from pneumo.networks.training import Recipe

    data = _draw_films(models_dir)
    # Nothing ends early, so that both take the same number of steps.
    recipe = Recipe(schedule=((SIDE, EPOCHS),), batch_size=BATCH_SIZE, variants=0, patience=EPOCHS)
    again = []

    def through(run: int) -> float:
        network = yardsticks.load_for_training(models_dir / name)
        return clock(lambda: yardsticks.fit_through_body(network, data, recipe))

    def cached(run: int) -> float:
        network = yardsticks.load_for_training(models_dir / name)
        with tempfile.TemporaryDirectory() as cache:
            train = partial(frozen.train_head, network, data, recipe, Path(cache))
            seconds = clock(train)
            again.append(clock(train))
        return seconds

    slow, fast = time_pairs(through, cached, runs=runs, warm_up=0)
    return slow, fast, again


def _draw_films(models_dir: Path) -> TrainingSet:
    from pneumo.networks.training import TrainingSet

    labels = np.arange(LEARNED + JUDGED) % 2
    films = []
    for number, label in enumerate(labels):
        film = draw_synthetic_film(models_dir, CLASSES[label], seed=number)
        picture = Image.fromarray(film.pixels).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
        films.append(np.rint(255 * np.clip(np.asarray(picture), 0.0, 1.0)).astype(np.uint8))
    learn = np.arange(LEARNED)
    return TrainingSet(np.stack(films), labels, learn, np.arange(LEARNED, LEARNED + JUDGED))
