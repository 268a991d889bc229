"""Trained networks in their folders → scores and heat maps of films, compiled once a machine.

OpenVINO runs the networks where it is installed; else the backend of Keras does. Both give the
same answer to float32 rounding, and TensorFlow is never imported where OpenVINO is. What has been
compiled before comes from the user's cache, and then Keras is not imported either.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Forward = Callable[[Floats], tuple[Floats, Floats]]

# Keras names layers from one list for the whole process.
_BUILDING = Lock()


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
        """Take a forward pass from (n, 224, 224, 1) to logits and evidence, safe in threads."""
        self.name = name
        self._forward = forward

    def score(self, films: Floats) -> Scores:
        """Score films of shape (n, 224, 224), float32 in [0, 1], n at least 1."""
        logit, evidence = self._forward(films[..., np.newaxis])
        return Scores(logit, evidence)


def load_served_network(
    folder: Path, *, weights_sha256: str | None = None, many_films: bool = False
) -> ServedNetwork:
    """Load one network's folder and compile it for serving, or find it compiled.

    Args:
        folder: one network's folder.
        weights_sha256: what its hash must be; None accepts any.
        many_films: whether films will come by the hundred; else the first will be single ones.

    Raises:
        MissingWeightsError: a file is not there.
        DamagedWeightsError: a file is cut off, swapped or does not fit.
    """
    from pneumo.networks.artifacts import identify_network

    found = identify_network(folder, weights_sha256=weights_sha256)
    compiles = importlib.util.find_spec("openvino") is not None
    forward = _compiled(folder, found, many_films) if compiles else _eager(_build(folder, found))
    return ServedNetwork(folder.name, forward)


def load_served_networks(
    folders: Sequence[Path], *, weights_sha256: Sequence[str], many_films: bool = False
) -> list[ServedNetwork]:
    """Load several networks; while one is built in Python, the one before is compiled.

    Args:
        folders: one a network.
        weights_sha256: what each one's hash must be, in the same order.
        many_films: see `load_served_network`.

    Raises:
        MissingWeightsError: see `load_served_network`.
        DamagedWeightsError: likewise.
    """
    from pneumo.networks.runtime import give_memory_back

    def load(folder: Path, expected: str) -> ServedNetwork:
        return load_served_network(folder, weights_sha256=expected, many_films=many_films)

    with ThreadPoolExecutor(2) as pool:
        networks = list(pool.map(load, folders, weights_sha256))
    give_memory_back()
    return networks


def _build(folder: Path, weights_sha256: str) -> Any:
    """Return a network with its heat map as a Keras model."""
    _choose_backend()
    from pneumo.networks.artifacts import load_network
    from pneumo.networks.build import with_heat_map

    return with_heat_map(load_network(folder, weights_sha256=weights_sha256))


def _choose_backend() -> None:
    """Let Keras build graphs on OpenVINO, unless a backend was chosen or is loaded already."""
    if "keras" not in sys.modules and importlib.util.find_spec("openvino") is not None:
        os.environ.setdefault("KERAS_BACKEND", "openvino")


def _compiled(folder: Path, weights_sha256: str, many_films: bool) -> Forward:
    from pneumo.networks import runtime
    from pneumo.networks.compiled import name_compiled, open_compiled_cache

    cache = open_compiled_cache()
    name = name_compiled(weights_sha256, runtime.describe_runtime())

    def prepare(goal: runtime.Goal) -> Any:
        form = cache.find(name)
        if form is not None:
            try:
                return runtime.unpack(form, goal)
            except RuntimeError:  # OpenVINO's only kind of error: the file is none of its own.
                cache.drop(name)
        with _BUILDING:
            graph = runtime.lay_graph(_build(folder, weights_sha256))
        compiled = runtime.compile_graph(graph, goal)
        cache.keep(name, runtime.pack(compiled))
        return compiled

    return runtime.OpenVinoForward(prepare, "THROUGHPUT" if many_films else "LATENCY")


def _eager(network: Any) -> Forward:
    lock = Lock()

    def forward(films: Floats) -> tuple[Floats, Floats]:
        with lock:
            outputs = network.predict_on_batch(films)
        return np.asarray(outputs["logit"])[:, 0], np.asarray(outputs["evidence"])

    return forward
