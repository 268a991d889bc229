"""A zoo entry → a Keras network: film in, logit and heat map out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
from keras import layers, ops

from pneumo.errors import TrainingError
from pneumo.networks.zoo import PREPROCESSING, SIDE, NetworkSpec, Tap, Weights

FEATURES_POOLED, HIDDEN, LOGIT = "pooled", "hidden", "logit"


def build_network(
    spec: NetworkSpec,
    *,
    weights: Weights = None,
    init: Path | None = None,
    preprocessing: str | None = None,
    reduction: int = 1,
    dropout: float = 0.3,
) -> keras.Model:
    """Build one network, flat: body, global average pooling, dense layer, logit.

    Args:
        spec: the zoo entry.
        weights: "imagenet" lets `keras.applications` fetch the body's weights.
        init: a `.keras` file whose whole graph takes the place of the zoo's body; its input has
            three channels, its output is a feature map. Its weights are taken over.
        preprocessing: key of PREPROCESSING that `init` was trained with; the zoo's by default.
        reduction: each square of so many pixels a side is averaged before the body, which then is
            faster by the square of it and sees that much less detail.
        dropout: share of the hidden units left out while training, in [0, 1).

    Returns:
        A model from films, shape (batch, 224, 224, 1), grey in [0, 1], to the logit of
        pneumonia, shape (batch, 1), float32.

    Raises:
        TrainingError: the ImageNet weights cannot be fetched, or `init` cannot be used.
    """
    scale, offset = PREPROCESSING[preprocessing or spec.preprocessing]
    film = layers.Input((SIDE, SIDE, 1), name="film")
    channels = layers.Concatenate(name="three_channels")([film, film, film])
    scaled = layers.Rescaling(list(scale), list(offset), name="scaled")(channels)
    seen = layers.AveragePooling2D(reduction, name="reduced")(scaled) if reduction > 1 else scaled
    if init is not None:
        features = _graft(_read_body(init), seen)
    else:
        features = _lay_body(spec, seen, weights)
    x = layers.GlobalAveragePooling2D(name=FEATURES_POOLED, dtype="float32")(features)
    if spec.hidden_units:
        x = layers.Dense(spec.hidden_units, activation="relu", name=HIDDEN, dtype="float32")(x)
    x = layers.Dropout(dropout, name="dropout", dtype="float32")(x)
    logit = layers.Dense(1, name=LOGIT, dtype="float32")(x)
    return keras.Model(film, logit, name=spec.name)


def _lay_body(spec: NetworkSpec, films: Any, weights: Weights) -> Any:
    if weights is None:
        return spec.body(films, None)
    if not spec.imagenet:
        raise TrainingError(
            f"There are no ImageNet weights for {spec.name}: train it with --protocol finetune, "
            "or give a start of your own with --init."
        )
    try:
        return spec.body(films, weights)
    except Exception as error:
        # keras.utils.get_file raises a bare Exception for every kind of failed download.
        raise TrainingError(
            f"The ImageNet weights of {spec.name} could not be fetched. Connect this machine to "
            "the internet for the first run, give a .keras file of a body with --init, or train "
            "from nothing with --protocol finetune --init none."
        ) from error


def _read_body(init: Path) -> keras.Model:
    if not init.is_file():
        raise TrainingError(f"--init expected a .keras file, but {init} is not there.")
    try:
        body = keras.saving.load_model(init, compile=False)
    except (ValueError, OSError, KeyError, TypeError) as error:
        raise TrainingError(f"--init {init.name} is no .keras file that can be read.") from error
    if len(body.output.shape) != 4 or body.input.shape[-1] != 3:
        raise TrainingError(
            f"--init {init.name} must lead from three channels to a feature map (batch, rows, "
            f"columns, channels), not from {body.input.shape} to {body.output.shape}."
        )
    return body


def _graft(body: keras.Model, films: Any) -> Any:
    """Lay the body's own layers, weights included, on another input: no nesting."""
    laid = {id(body.inputs[0]): films}
    for layer in body.layers[1:]:
        given, made = layer.input, layer.output
        if isinstance(given, list):
            laid[id(made)] = layer([laid[id(tensor)] for tensor in given])
        else:
            laid[id(made)] = layer(laid[id(given)])
    return laid[id(body.outputs[0])]


def restyle(
    network: keras.Model, *, side: int | None = SIDE, dtype: str = "float32"
) -> keras.Model:
    """Copy a network with its weights to another input side and another arithmetic.

    Args:
        network: a model made by `build_network`.
        side: rows and columns of the input; None for any.
        dtype: Keras dtype policy of the body, such as "mixed_bfloat16"; the head stays float32.
    """
    config = network.get_config()
    for layer in config["layers"]:
        settings = layer["config"]
        if layer["class_name"] == "InputLayer":
            settings["batch_shape"] = [None, side, side, 1]
        elif settings["name"] not in {FEATURES_POOLED, HIDDEN, "dropout", LOGIT}:
            settings["dtype"] = dtype
    copy = keras.Model.from_config(config)
    copy.set_weights(network.get_weights())
    return copy


def with_heat_map(network: keras.Model, taps: Sequence[Tap] = ()) -> keras.Model:
    """Add the heat map to a network's outputs, so that one forward pass gives both.

    For a head of global average pooling, Dense(ReLU) and Dense(1), the gradient of the logit by
    channel c of the pooled features is the closed form `W1 (1[h > 0] * w2)`, and Grad-CAM
    (Selvaraju et al. 2017, equations 1 and 2) weighs channel c by that divided by the number of
    positions. The ReLU of equation 2 is left out: the positive part speaks for pneumonia, the
    negative part against it.

    Args:
        network: a model made by `build_network`.
        taps: the layers whose summaries are wanted besides.

    Returns:
        A model from films to {"logit": (batch, 1), "evidence": (batch, rows, columns)}, and with
        taps "features": (batch, 1, 1, features), see `summarise`.
    """
    features = network.get_layer(FEATURES_POOLED).input
    logit_kernel = ops.reshape(network.get_layer(LOGIT).kernel, (1, -1))
    layer_names = {layer.name for layer in network.layers}
    if HIDDEN in layer_names:
        hidden = network.get_layer(HIDDEN)
        gate = ops.cast(hidden.output > 0, "float32") * logit_kernel
        channel_weights = ops.matmul(gate, ops.transpose(hidden.kernel))
    else:
        channel_weights = logit_kernel
    positions = features.shape[1] * features.shape[2]
    weights = ops.reshape(channel_weights, (-1, 1, 1, features.shape[3]))
    evidence = ops.sum(ops.cast(features, "float32") * weights, axis=-1) / positions
    outputs = {"logit": network.output, "evidence": evidence}
    if taps:
        parts = [part for tap in taps for part in summarise(network.get_layer(tap[0]).output, tap)]
        joint = ops.concatenate(parts, axis=1)
        # Four axes, so that no other output has as many.
        outputs["features"] = ops.reshape(joint, (-1, 1, 1, joint.shape[1]))
    return keras.Model(network.input, outputs)


def summarise(features: Any, tap: Tap) -> list[Any]:
    """Return a feature map's summaries, each of shape (batch, numbers).

    They are each channel's mean and standard deviation over all positions and, where the tap's
    grid is larger than 1, its mean in each field of a grid of so many rows and columns.
    """
    features = ops.cast(features, "float32")
    mean = ops.mean(features, axis=(1, 2))
    spread = ops.mean(ops.square(features), axis=(1, 2)) - ops.square(mean)
    parts = [mean, ops.sqrt(ops.maximum(spread, 0.0))]
    if tap[1] > 1:
        size = features.shape[1] // tap[1]
        fields = layers.AveragePooling2D(size)(features)
        parts.append(ops.reshape(fields, (-1, math.prod(fields.shape[1:]))))
    return parts


def count_parameters(network: keras.Model) -> int:
    """Return the number of all parameters of a network."""
    return int(network.count_params())


def count_trained(network: keras.Model) -> int:
    """Return the number of the parameters that training may change."""
    return sum(math.prod(weight.shape) for weight in network.trainable_weights)
