"""The shipped networks → what serving and training are compared with, and nothing that is served.

The limit: the bare forward passes on OpenVINO. The peers' way: `model.predict()`, Grad-CAM by a
gradient tape and `model.fit()` through a frozen body, as tutorials and most projects write them.
"""

from __future__ import annotations

import importlib.util
import io
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pneumo.errors import PneumoError
from pneumo.networks.zoo import SIDE

if TYPE_CHECKING:
    from pneumo.networks.training import Recipe, TrainingSet

Floats = NDArray[np.float32]


class BareNetworks:
    """Some networks on OpenVINO, in float32, without heat maps: nothing but forward passes.

    Each is made ready twice, as it is fastest: for one film at a time with all cores, and for
    many films side by side, one to a stream. A graph of a fixed shape is faster than an open one.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        """Load and compile the networks of these folders.

        Raises:
            ModelError: a file is missing or damaged.
            PneumoError: OpenVINO is not installed.
        """
        _require("openvino")
        import openvino

        from pneumo.networks import artifacts

        core = openvino.Core()
        self._alone, self._together = [], []
        with tempfile.TemporaryDirectory() as folder:
            for place in folders:
                path = Path(folder) / f"{place.name}.xml"
                artifacts.load_network(place).export(str(path), format="openvino", verbose=False)
                graph = core.read_model(path)
                graph.reshape([1, SIDE, SIDE, 1])
                self._alone.append(core.compile_model(graph, "CPU", _hints("LATENCY")))
                many = core.compile_model(graph, "CPU", _hints("THROUGHPUT"))
                self._together.append(openvino.AsyncInferQueue(many))

    def pass_one(self, film: Floats) -> None:
        """Pass one film, shape (1, 224, 224, 1), through each network."""
        for network in self._alone:
            network(film)

    def pass_many(self, films: Floats) -> None:
        """Pass films, shape (n, 224, 224, 1), through each network."""
        for queue in self._together:
            for film in films:
                queue.start_async(film[np.newaxis])
            queue.wait_all()


def _hints(goal: str) -> dict[str, str]:
    return {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": goal}


class PeerNetwork:
    """One network read the peers' way, on TensorFlow."""

    def __init__(self, folder: Path) -> None:
        """Load the network of a folder.

        The model that also returns the features is made here and once, although most make it
        anew for each film: that is left out, in the peers' favour.

        Raises:
            ModelError: a file is missing or damaged.
            PneumoError: TensorFlow is not installed, or Keras runs on something else.
        """
        _require_tensorflow()
        import keras

        from pneumo.networks import artifacts
        from pneumo.networks.build import FEATURES_POOLED

        self._network = artifacts.load_network(folder)
        features = self._network.get_layer(FEATURES_POOLED).input
        self._explained = keras.Model(self._network.input, [features, self._network.output])

    def read(self, film: Floats) -> tuple[float, Floats]:
        """Return a film's probability and its heat map.

        Args:
            film: shape (1, 224, 224, 1), in [0, 1].

        Returns:
            The uncalibrated probability of pneumonia, and Grad-CAM after its ReLU, shape
            (rows, columns), scaled to a maximum of 1.
        """
        import tensorflow as tf  # type: ignore[import-untyped]

        logit = self._network.predict(film, verbose=0)[0, 0]
        with tf.GradientTape() as tape:
            features, score = self._explained(film)
            of_pneumonia = score[:, 0]
        slopes = tape.gradient(of_pneumonia, features)
        channel_weights = tf.reduce_mean(slopes, axis=(0, 1, 2))
        heat_map = tf.nn.relu(tf.reduce_sum(features[0] * channel_weights, axis=-1))
        heat_map = heat_map / (tf.reduce_max(heat_map) + 1e-8)
        return float(1 / (1 + np.exp(-logit))), heat_map.numpy()


def open_as_peers_do(data: bytes) -> Floats:
    """Decode a picture to the input of a network, shape (1, 224, 224, 1), in [0, 1]."""
    picture = Image.open(io.BytesIO(data)).convert("L").resize((SIDE, SIDE))
    return np.asarray(picture, dtype=np.float32)[np.newaxis, ..., np.newaxis] / 255.0


def load_for_training(folder: Path) -> Any:
    """Load the network of a folder with all but its head frozen.

    Raises:
        ModelError: a file is missing or damaged.
        PneumoError: TensorFlow is not installed, or Keras runs on something else.
    """
    _require_tensorflow()
    from pneumo.networks import artifacts, training

    network = artifacts.load_network(folder)
    training.freeze_body(network)
    return network


def fit_through_body(network: Any, data: TrainingSet, recipe: Recipe) -> None:
    """Train a network's head with every film passing through the frozen body in every epoch.

    Loss, optimizer, targets, weights, batches and epochs are those of `frozen.train_head`.

    Args:
        network: as `load_for_training` returns it.
        data: films and which of them to learn from.
        recipe: without variants, since these would need the body anew anyway.
    """
    import keras

    from pneumo.networks.films import to_input
    from pneumo.networks.training import class_weights

    labels = data.labels[data.learn]
    smooth = recipe.label_smoothing
    targets = (labels * (1 - smooth) + smooth / 2).astype(np.float32)
    network.compile(
        optimizer=keras.optimizers.AdamW(recipe.learning_rate, weight_decay=recipe.weight_decay),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.AUC(from_logits=True, name="auc")],
    )
    network.fit(
        to_input(data.films[data.learn]),
        targets[:, np.newaxis],
        sample_weight=class_weights(labels),
        validation_data=(to_input(data.films[data.judge]), data.labels[data.judge][:, np.newaxis]),
        epochs=len(recipe.sides),
        batch_size=recipe.batch_size,
        verbose=0,
    )


def _require(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        raise PneumoError(
            f"This comparison needs the package {package}, which is not installed: "
            "`pip install -r requirements.txt` installs it."
        )


def _require_tensorflow() -> None:
    _require("tensorflow")
    import keras

    if keras.backend.backend() != "tensorflow":
        raise PneumoError(
            f"The peers' way needs Keras on TensorFlow, but here it runs on "
            f"{keras.backend.backend()}: set KERAS_BACKEND=tensorflow."
        )
