"""A network with a frozen body → the same network with a trained head, in minutes.

A frozen body gives the same features every epoch, so each augmented variant passes through it
once; the head then trains on the pooled features alone.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from keras import layers
from numpy.typing import NDArray
from tqdm import tqdm

from pneumo.networks.augmentation import Variants
from pneumo.networks.build import FEATURES_POOLED, HIDDEN, LOGIT, restyle
from pneumo.networks.films import to_input
from pneumo.networks.training import Recipe, TrainingSet, class_weights

Features = NDArray[np.float16]


def train_head(
    network: keras.Model, data: TrainingSet, recipe: Recipe, cache: Path
) -> pd.DataFrame:
    """Train a network's head on cached features; the network then holds it.

    The films to learn from are seen once as they are and once in each of the recipe's variants.

    Returns:
        One row an epoch: epoch, loss, validation_loss, validation_auc.
    """
    pooled = network.get_layer(FEATURES_POOLED).output
    # Named, since Keras would count its models, and the name is part of the cache's key.
    body = restyle(keras.Model(network.input, pooled, name="body"), dtype=recipe.dtype)
    key = _cache_key(body, data, recipe)
    learned = [_pool(body, data.films, data.learn, cache / f"{key}_learn.npy", None)]
    variants = Variants(data.films, recipe.augmentation, recipe.seed)
    learned += [
        _pool(body, data.films, data.learn, cache / f"{key}_learn_{number}.npy", (variants, number))
        for number in range(recipe.variants)
    ]
    judged = _pool(body, data.films, data.judge, cache / f"{key}_judge.npy", None)
    head = _copy_head(network)
    labels = data.labels[data.learn]
    smooth = recipe.label_smoothing
    targets = (labels * (1 - smooth) + smooth / 2).astype(np.float32)
    head.compile(
        optimizer=keras.optimizers.AdamW(recipe.learning_rate, weight_decay=recipe.weight_decay),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.AUC(from_logits=True, name="auc")],
    )
    fitted = head.fit(
        np.concatenate(learned).astype(np.float32),
        np.tile(targets, len(learned))[:, np.newaxis],
        sample_weight=np.tile(class_weights(labels), len(learned)),
        validation_data=(judged.astype(np.float32), data.labels[data.judge][:, np.newaxis]),
        epochs=len(recipe.sides),
        batch_size=recipe.batch_size,
        verbose=0,
        callbacks=[
            keras.callbacks.EarlyStopping(
                "val_loss", patience=recipe.patience, restore_best_weights=True
            )
        ],
    )
    for name in _head_layers(network):
        network.get_layer(name).set_weights(head.get_layer(name).get_weights())
    curve = fitted.history
    return pd.DataFrame(
        {
            "epoch": range(1, len(curve["loss"]) + 1),
            "loss": np.round(curve["loss"], 5),
            "validation_loss": np.round(curve["val_loss"], 5),
            "validation_auc": np.round(curve["val_auc"], 5),
        }
    )


def _head_layers(network: keras.Model) -> list[str]:
    names = {layer.name for layer in network.layers}
    return [name for name in (HIDDEN, LOGIT) if name in names]


def _copy_head(network: keras.Model) -> keras.Model:
    pooled = layers.Input(network.get_layer(FEATURES_POOLED).output.shape[1:])
    x = pooled
    for name in [*_head_layers(network)[:-1], "dropout", LOGIT]:
        layer = network.get_layer(name)
        x = type(layer).from_config(layer.get_config())(x)
    return keras.Model(pooled, x)


def _pool(
    body: keras.Model,
    films: NDArray[np.uint8],
    indices: NDArray[np.intp],
    stored: Path,
    variant: tuple[Variants, int] | None,
) -> Features:
    """Return the pooled features of some films, shape (n, channels), from the cache if there."""
    if stored.is_file():
        return np.asarray(np.load(stored))
    parts = []
    for start in tqdm(range(0, len(indices), 32), f"features {stored.stem[-8:]}", leave=False):
        chosen = indices[start : start + 32]
        if variant is None:
            batch = films[chosen]
        else:
            variants, number = variant
            batch = variants.batch(chosen, number, films.shape[1])
        parts.append(np.asarray(body.predict_on_batch(to_input(batch))).astype(np.float16))
    features = np.concatenate(parts)
    stored.parent.mkdir(parents=True, exist_ok=True)
    np.save(stored, features)
    return features


def _cache_key(body: keras.Model, data: TrainingSet, recipe: Recipe) -> str:
    digest = hashlib.sha256(data.films.tobytes())
    digest.update(data.learn.tobytes() + data.judge.tobytes())
    digest.update(str((recipe.seed, recipe.augmentation)).encode())
    digest.update(body.to_json().encode())
    for array in body.get_weights():
        digest.update(np.ascontiguousarray(array).tobytes())
    return f"features_{digest.hexdigest()[:16]}"
