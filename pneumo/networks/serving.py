"""Trained networks in their folders → scores and heat maps of films, compiled once a process.

OpenVINO runs the networks where it is installed; else the backend of Keras does. Both give the
same answer to float32 rounding, and TensorFlow is never imported where OpenVINO is.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Forward = Callable[[Floats], tuple[Floats, Floats]]


@dataclass(frozen=True, eq=False)
class Scores:
    """What one network says about a batch of films.

    Attributes:
        logit: shape (n,), float32, uncalibrated; positive speaks for pneumonia.
        evidence: shape (n, rows, columns), float32: Grad-CAM before its ReLU, in logit units
            per position; see `pneumo.networks.build.with_heat_map`.
    """

    logit: Floats
    evidence: Floats


class ServedNetwork:
    """One trained network, ready to score films from any thread."""

    def __init__(self, name: str, forward: Forward) -> None:
        """Take a forward pass from (n, 224, 224, 1) to logits and evidence."""
        self.name = name
        self._forward = forward
        self._lock = Lock()

    def score(self, films: Floats) -> Scores:
        """Score films of shape (n, 224, 224), float32 in [0, 1], n at least 1."""
        with self._lock:
            logit, evidence = self._forward(films[..., np.newaxis])
        return Scores(logit, evidence)


def load_served_network(folder: Path, *, weights_sha256: str | None = None) -> ServedNetwork:
    """Load one network's folder and compile it for serving.

    Raises:
        MissingWeightsError: a file is not there.
        DamagedWeightsError: a file is cut off, swapped or does not fit.
    """
    _choose_backend()
    from pneumo.networks import artifacts
    from pneumo.networks.build import with_heat_map

    network = artifacts.load_network(folder, weights_sha256=weights_sha256)
    explained = with_heat_map(network)
    compiles = importlib.util.find_spec("openvino") is not None
    return ServedNetwork(folder.name, _compiled(explained) if compiles else _eager(explained))


def _choose_backend() -> None:
    """Let Keras build graphs on OpenVINO, unless a backend was chosen or is loaded already."""
    if "keras" not in sys.modules and importlib.util.find_spec("openvino") is not None:
        os.environ.setdefault("KERAS_BACKEND", "openvino")


def _compiled(network: Any) -> Forward:
    import openvino

    core = openvino.Core()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.xml"
        network.export(str(path), format="openvino", verbose=False)
        graph = core.read_model(path)
        # Without the hint OpenVINO computes in bfloat16 where the processor can, and scores
        # would differ from machine to machine.
        hints = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
        compiled = core.compile_model(graph, "CPU", hints)

    def forward(films: Floats) -> tuple[Floats, Floats]:
        by_rank = {array.ndim: np.array(array) for array in compiled(films).to_tuple()}
        return by_rank[2][:, 0], by_rank[3]

    return forward


def _eager(network: Any) -> Forward:
    def forward(films: Floats) -> tuple[Floats, Floats]:
        outputs = network.predict_on_batch(films)
        return np.asarray(outputs["logit"])[:, 0], np.asarray(outputs["evidence"])

    return forward
