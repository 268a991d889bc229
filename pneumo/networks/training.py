"""Films and a recipe → a trained network; the loop names no backend and can be resumed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import log_loss, roc_auc_score
from tqdm import tqdm

from pneumo.errors import TrainingError
from pneumo.networks.augmentation import Augmentation, Variants
from pneumo.networks.build import HIDDEN, LOGIT, restyle
from pneumo.networks.films import shrink_films, to_input

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Recipe:
    """How a network is trained; every value goes to its card.

    Attributes:
        schedule: (side in pixels, epochs) one after the other; the last side is the network's.
        learning_rate: peak of AdamW's rate, after a warm-up of half an epoch, before a cosine.
        weight_decay: AdamW's decoupled decay, on kernels only.
        label_smoothing: labels become s / 2 and 1 - s / 2.
        distillation: share of the teacher's probability in the target, where there is a teacher.
        variants: how many augmented variants of each film there are; epoch e sees e mod variants.
        averaging: momentum, a step, of the moving average of weights that is kept and judged.
        patience: epochs without a better validation AUC after which training stops.
        dtype: Keras dtype policy of the body while training.
        seed: of initial weights, order of films and augmentation.
    """

    schedule: tuple[tuple[int, int], ...] = ((224, 5),)
    batch_size: int = 32
    learning_rate: float = 3e-4
    weight_decay: float = 0.02
    label_smoothing: float = 0.05
    distillation: float = 0.7
    variants: int = 64
    averaging: float = 0.99
    patience: int = 3
    dtype: str = "float32"
    seed: int = 1
    augmentation: Augmentation = field(default_factory=Augmentation)

    @property
    def sides(self) -> list[int]:
        """The side of each epoch, in order."""
        return [side for side, epochs in self.schedule for _ in range(epochs)]


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """The films of one fold assignment: what is learned from, what is judged on.

    Attributes:
        films: shape (n, 224, 224), uint8.
        labels: shape (n,), 0 or 1.
        learn: indices of the films to learn from.
        judge: indices of the held-out films.
    """

    films: NDArray[np.uint8]
    labels: NDArray[np.int64]
    learn: NDArray[np.intp]
    judge: NDArray[np.intp]


Teacher = Callable[[NDArray[np.uint8]], Floats]
"""Films of shape (n, 224, 224), uint8 → the probability of pneumonia of each, shape (n,)."""


def class_weights(labels: NDArray[np.int64]) -> Floats:
    """Return one weight a film, so that both classes weigh the same and the mean is 1."""
    counts = np.bincount(labels, minlength=2)
    if counts.min() == 0:
        raise TrainingError("Both classes are needed to learn from, but one has no film.")
    return (len(labels) / (2.0 * counts))[labels].astype(np.float32)


class _Batches(keras.utils.PyDataset):
    """One epoch's batches: augmented films, targets and class weights, in random order."""

    def __init__(
        self,
        data: TrainingSet,
        variants: Variants,
        recipe: Recipe,
        *,
        epoch: int,
        teacher_scores: Floats | None,
    ) -> None:
        super().__init__(workers=2, use_multiprocessing=False, max_queue_size=8)
        self._data, self._variants, self._recipe = data, variants, recipe
        self._variant = epoch % recipe.variants
        self._side = recipe.sides[epoch]
        rng = np.random.default_rng([recipe.seed, epoch])
        self._order = rng.permutation(len(data.learn))
        labels = data.labels[data.learn]
        self._weights = class_weights(labels)
        smooth = recipe.label_smoothing
        self._targets = (labels * (1 - smooth) + smooth / 2).astype(np.float32)
        if teacher_scores is not None:
            share = np.float32(recipe.distillation)
            self._targets = (1 - share) * self._targets + share * teacher_scores

    def __len__(self) -> int:
        # The last, incomplete batch is left out: a shape of its own would be compiled anew.
        return max(1, len(self._order) // self._recipe.batch_size)

    def __getitem__(self, index: int) -> tuple[Floats, Floats, Floats]:
        size = self._recipe.batch_size
        chosen = self._order[index * size : (index + 1) * size]
        films = self._variants.batch(self._data.learn[chosen], self._variant, self._side)
        return to_input(films), self._targets[chosen, np.newaxis], self._weights[chosen]


class _Progress(keras.callbacks.Callback):
    """A bar over all batches to come, and the raw weights as they were when the epoch ended."""

    def __init__(self, bar: tqdm[Any]) -> None:
        super().__init__()
        self._bar = bar
        self.raw: list[NDArray[Any]] = []

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self._bar.update()
        self._bar.set_postfix(loss=f"{(logs or {}).get('loss', float('nan')):.3f}", refresh=False)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        # fit() replaces the weights by their moving average when it ends; training goes on from
        # the raw ones.
        self.raw = self.model.get_weights()


def finetune(
    network: keras.Model,
    data: TrainingSet,
    recipe: Recipe,
    state: Path,
    *,
    teacher: Teacher | None = None,
    cache: Path | None = None,
) -> pd.DataFrame:
    """Train all of a network's trainable weights; afterwards it holds the best average.

    Each epoch is judged on the held-out films with the moving average of the weights; the average
    with the highest AUC is kept. The loss is no judge here: targets are smoothed and classes
    weighted, and calibration moves and scales the scores afterwards anyway. The state after each
    epoch lies in a folder, so that the same call goes on after a kill.

    Args:
        network: float32, made by `build_network`; its weights are replaced.
        data: films and their folds.
        recipe: how.
        state: folder of the resumable state.
        teacher: gives targets besides the labels, computed once a variant.
        cache: folder where a teacher's scores are kept for other students.

    Returns:
        One row an epoch: epoch, side, loss, validation_loss, validation_auc, seconds, kept.
    """
    trainee = restyle(network, side=None, dtype=recipe.dtype)
    variants = Variants(data.films, recipe.augmentation, recipe.seed)
    steps = max(1, len(data.learn) // recipe.batch_size)
    _compile(trainee, recipe, steps)
    history, best = _resume(trainee, state)
    sides = recipe.sides
    remaining = (len(sides) - len(history)) * steps
    with tqdm(total=remaining, desc=network.name, unit="batch", mininterval=2) as bar:
        for epoch in range(len(history), len(sides)):
            if _is_exhausted(history, recipe.patience, sides[epoch]):
                break
            started = time.monotonic()
            scores = None
            if teacher is not None:
                scores = _teach(teacher, data, variants, epoch % recipe.variants, cache)
            batches = _Batches(data, variants, recipe, epoch=epoch, teacher_scores=scores)
            progress = _Progress(bar)
            fitted = trainee.fit(
                batches, epochs=epoch + 1, initial_epoch=epoch, verbose=0, callbacks=[progress]
            )
            averaged = trainee.get_weights()
            row = {
                "epoch": epoch + 1,
                "side": sides[epoch],
                "loss": round(float(fitted.history["loss"][0]), 5),
                **_judge(trainee, data, sides[epoch]),
                "seconds": round(time.monotonic() - started, 1),
            }
            earlier = _earlier_aucs(history, sides[epoch])
            kept = not earlier or row["validation_auc"] > max(earlier)
            best = averaged if kept else best
            history.append(row | {"kept": kept})
            trainee.set_weights(progress.raw)
            _save_state(trainee, history, best, state)
            bar.write(json.dumps(history[-1]))
    network.set_weights(best)
    return pd.DataFrame(history)


def _earlier_aucs(history: list[dict[str, Any]], side: int) -> list[float]:
    """Return what epochs at one side reached: another side starts the contest anew."""
    return [row["validation_auc"] for row in history if row["side"] == side]


def _is_exhausted(history: list[dict[str, Any]], patience: int, side: int) -> bool:
    reached = _earlier_aucs(history, side)
    return len(reached) > patience and max(reached[-patience:]) < max(reached)


def _compile(trainee: keras.Model, recipe: Recipe, steps: int) -> None:
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0,
        decay_steps=max(1, steps * len(recipe.sides) - steps // 2),
        warmup_target=recipe.learning_rate,
        warmup_steps=max(1, steps // 2),
    )
    optimizer = keras.optimizers.AdamW(
        schedule,
        weight_decay=recipe.weight_decay,
        use_ema=True,
        ema_momentum=recipe.averaging,
        clipnorm=1.0,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    trainee.compile(optimizer=optimizer, loss=loss, jit_compile=False)


def _judge(trainee: keras.Model, data: TrainingSet, side: int) -> dict[str, float]:
    probability = score_films(trainee, shrink_films(data.films[data.judge], side))
    labels = data.labels[data.judge]
    return {
        "validation_loss": round(float(log_loss(labels, probability.astype(float))), 5),
        "validation_auc": round(float(roc_auc_score(labels, probability)), 5),
    }


def score_films(network: keras.Model, films: NDArray[np.uint8], batch_size: int = 32) -> Floats:
    """Return each film's uncalibrated probability of pneumonia, shape (n,), float32."""
    logits = np.concatenate(
        [
            np.asarray(network.predict_on_batch(to_input(films[start : start + batch_size])))
            for start in range(0, len(films), batch_size)
        ]
    )
    return (1.0 / (1.0 + np.exp(-logits[:, 0].astype(np.float64)))).astype(np.float32)


def _teach(
    teacher: Teacher, data: TrainingSet, variants: Variants, variant: int, cache: Path | None
) -> Floats:
    """Return the teacher's scores of the films to learn from, of one variant."""
    stored = None if cache is None else cache / f"teacher_{variant}.npy"
    if stored is not None and stored.is_file():
        return np.asarray(np.load(stored))
    side = data.films.shape[1]
    parts = [
        teacher(variants.batch(indices, variant, side))
        for indices in _chunks(data.learn, 32, f"teacher's scores, variant {variant}")
    ]
    scores = np.concatenate(parts).astype(np.float32)
    if stored is not None:
        stored.parent.mkdir(parents=True, exist_ok=True)
        np.save(stored, scores)
    return scores


def _chunks(indices: NDArray[np.intp], size: int, title: str) -> Iterator[NDArray[np.intp]]:
    for start in tqdm(
        range(0, len(indices), size), title, unit="batch", leave=False, mininterval=2
    ):
        yield indices[start : start + size]


def _save_state(
    trainee: keras.Model, history: list[dict[str, Any]], best: list[NDArray[Any]], state: Path
) -> None:
    """Write the state beside the old one, then put it in its place: a kill leaves one whole."""
    state.mkdir(parents=True, exist_ok=True)
    number = len(history)
    trainee.save_weights(state / f"{number}.weights.h5")
    np.savez(state / f"{number}.optimizer.npz", *map(np.asarray, trainee.optimizer.variables))
    np.savez(state / f"{number}.best.npz", *best)
    partial = state / "history.partial"
    partial.write_text(json.dumps(history), encoding="utf-8")
    partial.replace(state / "history.json")
    for old in state.glob(f"{number - 1}.*"):
        old.unlink()


def _resume(trainee: keras.Model, state: Path) -> tuple[list[dict[str, Any]], list[NDArray[Any]]]:
    stored = state / "history.json"
    if not stored.is_file():
        return [], trainee.get_weights()
    history = json.loads(stored.read_text(encoding="utf-8"))
    number = len(history)
    trainee.optimizer.build(trainee.trainable_variables)
    trainee.load_weights(state / f"{number}.weights.h5")
    for variable, value in zip(
        trainee.optimizer.variables, _arrays(state / f"{number}.optimizer.npz"), strict=True
    ):
        variable.assign(value)
    return history, _arrays(state / f"{number}.best.npz")


def _arrays(path: Path) -> list[NDArray[Any]]:
    with np.load(path) as stored:
        return [stored[name] for name in stored.files]


def freeze_statistics(network: keras.Model) -> None:
    """Keep batch normalisation as the start had it: few films make poor statistics."""
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False


def freeze_body(network: keras.Model) -> None:
    """Leave only the head to train: the published protocol."""
    for layer in network.layers:
        layer.trainable = layer.name in {HIDDEN, LOGIT}


def scale_initial_weights(network: keras.Model, films: NDArray[np.uint8]) -> None:
    """Give every convolution's output unit second moment on a batch of films.

    A deep network without batch normalisation, such as VGG16, otherwise starts with signals that
    shrink from layer to layer (layer-sequential unit variance, Mishkin and Matas 2016).
    """
    batch = to_input(films)
    for layer in network.layers:
        if not isinstance(layer, keras.layers.Conv2D):
            continue
        output = np.asarray(keras.Model(network.input, layer.output).predict_on_batch(batch))
        # A ReLU inside the layer keeps half of a centred signal's second moment.
        wanted = 0.5 if layer.activation is keras.activations.relu else 1.0
        kernel, *bias = layer.get_weights()
        layer.set_weights([kernel * np.sqrt(wanted / np.mean(output**2)), *bias])
