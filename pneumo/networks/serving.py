"""Trained networks in their folders → scores and heat maps of films, compiled once a machine.

OpenVINO runs the networks where it is installed; else the backend of Keras does. Both give the
same answer to float32 rounding, and TensorFlow is never imported where OpenVINO is. What has been
compiled before comes from the user's cache, and then Keras is not imported either.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pneumo.networks.faults import told_as_model_error
from pneumo.networks.zoo import Tap

Floats = NDArray[np.float32]
Forward = Callable[[Floats], tuple[Floats, Floats, Floats | None]]

# Keras names layers from one list for the whole process.
_BUILDING = Lock()


@dataclass(frozen=True, eq=False)
class Scores:
    """What one network says about a batch of films.

    Attributes:
        logit: shape (n,), float32, uncalibrated; positive speaks for pneumonia.
        evidence: shape (n, rows, columns), float32: Grad-CAM before its ReLU, in logit units
            per position; see `pneumo.networks.build.with_heat_map`.
        features: shape (n, features), float32: summaries of the layers that were asked for, see
            `pneumo.networks.build.summarise`; None if none were.
    """

    logit: Floats
    evidence: Floats
    features: Floats | None = None


class ServedNetwork:
    """One trained network, ready to score films from any thread."""

    def __init__(self, name: str, forward: Forward) -> None:
        """Take a forward pass from (n, 224, 224, 1) to what `Scores` holds, safe in threads."""
        self.name = name
        self._forward = forward

    def score(self, films: Floats) -> Scores:
        """Score films of shape (n, 224, 224), float32 in [0, 1], n at least 1.

        Raises:
            ModelError: the machine has no memory left for it, or the runtime fails.
        """
        with told_as_model_error(f"The network {self.name} could not read the film"):
            return Scores(*self._forward(films[..., np.newaxis]))


def load_served_network(
    folder: Path,
    *,
    weights_sha256: str | None = None,
    many_films: bool = False,
    taps: Sequence[Tap] = (),
) -> ServedNetwork:
    """Load one network's folder and compile it for serving, or find it compiled.

    Args:
        folder: one network's folder.
        weights_sha256: what its hash must be; None accepts any.
        many_films: whether films will come by the hundred; else the first will be single ones.
        taps: the layers whose summaries each film's scores shall hold.

    Raises:
        MissingWeightsError: a file is not there.
        DamagedWeightsError: a file is cut off, swapped or does not fit.
    """
    from pneumo.networks.artifacts import identify_network

    found = identify_network(folder, weights_sha256=weights_sha256)
    compiles = importlib.util.find_spec("openvino") is not None
    if compiles:
        forward = _compiled(folder, found, many_films, taps)
    else:
        forward = _eager(_build(folder, found, taps))
    return ServedNetwork(folder.name, forward)


def load_served_networks(
    folders: Sequence[Path],
    *,
    weights_sha256: Sequence[str],
    many_films: bool = False,
    taps: Mapping[str, Sequence[Tap]] | None = None,
) -> list[ServedNetwork]:
    """Load several networks; while one is built in Python, the one before is compiled.

    Args:
        folders: one a network.
        weights_sha256: what each one's hash must be, in the same order.
        many_films: see `load_served_network`.
        taps: likewise, by the folder's name; networks that are not named have none.

    Raises:
        MissingWeightsError: see `load_served_network`.
        DamagedWeightsError: likewise.
    """
    from pneumo.networks.runtime import give_memory_back

    def load(folder: Path, expected: str) -> ServedNetwork:
        return load_served_network(
            folder,
            weights_sha256=expected,
            many_films=many_films,
            taps=(taps or {}).get(folder.name, ()),
        )

    with ThreadPoolExecutor(2) as pool:
        networks = list(pool.map(load, folders, weights_sha256))
    give_memory_back()
    return networks


def _build(folder: Path, weights_sha256: str, taps: Sequence[Tap]) -> Any:
    """Return a network with its heat map and the summaries asked for as a Keras model."""
    _choose_backend()
    from pneumo.networks.artifacts import load_network
    from pneumo.networks.build import with_heat_map

    return with_heat_map(load_network(folder, weights_sha256=weights_sha256), taps)


def _choose_backend() -> None:
    """Let Keras build graphs on OpenVINO, unless a backend was chosen or is loaded already."""
    if "keras" not in sys.modules and importlib.util.find_spec("openvino") is not None:
        os.environ.setdefault("KERAS_BACKEND", "openvino")


def _compiled(folder: Path, weights_sha256: str, many_films: bool, taps: Sequence[Tap]) -> Forward:
    from pneumo.networks import runtime
    from pneumo.networks.compiled import name_compiled, open_compiled_cache

    cache = open_compiled_cache()
    outputs = [f"{layer} {grid}" for layer, grid in taps]
    name = name_compiled(weights_sha256, [*runtime.describe_runtime(), *outputs])

    def prepare(goal: runtime.Goal) -> Any:
        with told_as_model_error(f"The network {folder.name} could not be made ready"):
            form = cache.find(name)
            if form is not None:
                # OpenVINO fails alike for want of memory and for what is none of its forms. So a
                # form stays until another one, which is made next, can take its place.
                with suppress(RuntimeError):
                    return runtime.unpack(form, goal)
                del form
            with _BUILDING:
                graph = runtime.lay_graph(_build(folder, weights_sha256, taps))
            compiled = runtime.compile_graph(graph, goal)
            with suppress(MemoryError, RuntimeError):  # It serves all the same.
                cache.keep(name, runtime.pack(compiled))
            return compiled

    return runtime.OpenVinoForward(prepare, "THROUGHPUT" if many_films else "LATENCY")


def _eager(network: Any) -> Forward:
    lock = Lock()

    def forward(films: Floats) -> tuple[Floats, Floats, Floats | None]:
        with lock:
            outputs = network.predict_on_batch(films)
        features = np.asarray(outputs["features"])[:, 0, 0] if "features" in outputs else None
        return np.asarray(outputs["logit"])[:, 0], np.asarray(outputs["evidence"]), features

    return forward
