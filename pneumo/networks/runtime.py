"""A Keras network → its compiled form, and from that its forward pass on OpenVINO."""

from __future__ import annotations

import ctypes
import functools
import gc
import importlib.metadata
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import openvino

Floats = NDArray[np.float32]
Outputs = tuple[Floats, Floats, Floats | None]
Goal = Literal["LATENCY", "THROUGHPUT"]

# Without it OpenVINO computes in bfloat16 where the processor can: probabilities would differ
# from machine to machine, by more than 0.01 for some films.
_PRECISION = {"INFERENCE_PRECISION_HINT": "f32"}


_STARTING = Lock()


def _core() -> openvino.Core:
    with _STARTING:
        return _only_core()


@functools.cache
def _only_core() -> openvino.Core:
    import openvino

    # The first look at a tensor's numbers sets something up for the whole process, and two threads
    # that look for the first time at once would wait for each other for ever.
    _ = openvino.Tensor(openvino.Type.f32, openvino.Shape([1])).data
    return openvino.Core()


def describe_runtime() -> tuple[str, ...]:
    """Return what a compiled form depends on besides the network itself."""
    core = _core()
    return (
        importlib.metadata.version("openvino"),
        importlib.metadata.version("keras"),
        str(core.get_property("CPU", "FULL_DEVICE_NAME")),
        *sorted(core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")),
    )


def lay_graph(network: Any) -> openvino.Model:
    """Return a Keras model as OpenVINO's graph for one film at a time.

    A fixed number of films makes OpenVINO faster by 5% than an open one; many films are read
    side by side, one to a stream.
    """
    import openvino

    reader = openvino.Core()
    reader.set_property({"ENABLE_MMAP": False})  # The graph outlives the file.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.xml"
        network.export(str(path), format="openvino", verbose=False)
        graph = reader.read_model(path)
    graph.reshape([1, *graph.input(0).partial_shape[1:]])
    return graph


def compile_graph(graph: openvino.Model, goal: Goal) -> openvino.CompiledModel:
    """Compile a graph for this machine's processor."""
    return _core().compile_model(graph, "CPU", _hints(goal))


def pack(compiled: openvino.CompiledModel) -> bytes:
    """Return what `compile_graph` returned as bytes, which serve either goal."""
    return bytes(compiled.export_model().getvalue())


def unpack(form: bytes, goal: Goal) -> openvino.CompiledModel:
    """Return the compiled network that `pack` made bytes of.

    Raises:
        RuntimeError: the bytes are none.
    """
    return _core().import_model(form, "CPU", _hints(goal))


def _hints(goal: Goal) -> dict[str, str]:
    return _PRECISION | {"PERFORMANCE_HINT": goal}


class OpenVinoForward:
    """The forward pass of one network, for any number of threads.

    For LATENCY one film has all cores. For THROUGHPUT films are spread over as many streams as
    the processor is best used with: each takes longer, all of them together less long. Either
    way takes the network's memory once.
    """

    def __init__(self, prepare: Callable[[Goal], openvino.CompiledModel], first: Goal) -> None:
        """Compile a network.

        Args:
            prepare: what compiles it for a goal; it is asked once for each.
            first: what to compile at once. Several films are read for THROUGHPUT in any case,
                which is compiled when they come; one film alone is read as `first` says.
        """
        self._prepare = prepare
        self._lock = Lock()
        self._first = _Way(prepare(first))
        self._together = self._first if first == "THROUGHPUT" else None

    def __call__(self, films: Floats) -> Outputs:
        """Return logits, evidence and features, if any, of films, shape (n, rows, columns, 1)."""
        if len(films) == 1:
            return self._first.read(films)
        with self._lock:
            if self._together is None:
                self._together = _Way(self._prepare("THROUGHPUT"))
        parts = self._together.read_all(films)
        features = [part[2] for part in parts if part[2] is not None]
        return (
            np.concatenate([part[0] for part in parts]),
            np.concatenate([part[1] for part in parts]),
            np.concatenate(features) if features else None,
        )


class _Way:
    """A network made ready for one goal, with as many requests as can run side by side."""

    def __init__(self, compiled: openvino.CompiledModel) -> None:
        streams = compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        self._requests: SimpleQueue[openvino.InferRequest] = SimpleQueue()
        for _ in range(streams):
            self._requests.put(compiled.create_infer_request())
        self._threads = ThreadPoolExecutor(streams)
        ranks = [len(output.shape) for output in compiled.outputs]
        self._logit, self._evidence = ranks.index(2), ranks.index(3)
        self._features = ranks.index(4) if 4 in ranks else None

    def read(self, film: Floats) -> Outputs:
        """Return what one film's scores hold, waiting for a request that is free."""
        request = self._requests.get()
        try:
            request.infer(film)
            # The request's own memory is written anew by its next film.
            logit = request.get_output_tensor(self._logit).data[:, 0].copy()
            evidence = request.get_output_tensor(self._evidence).data.copy()
            features = None
            if self._features is not None:
                features = request.get_output_tensor(self._features).data[:, 0, 0].copy()
            return logit, evidence, features
        finally:
            self._requests.put(request)

    def read_all(self, films: Floats) -> list[Outputs]:
        """Return what each film's scores hold, in order, read side by side."""
        return list(self._threads.map(self.read, films[:, np.newaxis]))


def give_memory_back() -> None:
    """Return to the system what building and compiling needed and serving does not.

    Keras models are cycles, which Python frees late, and the C library keeps what was freed:
    together more than 100 MB for the shipped networks.
    """
    gc.collect()
    if sys.platform == "linux":
        # The C libraries of some distributions lack it.
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
