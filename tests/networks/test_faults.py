"""A machine that fails under the networks is told in words, and costs nothing that was good."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from pneumo.errors import MissingWeightsError, ModelError
from pneumo.networks import runtime
from pneumo.networks.compiled import open_compiled_cache
from pneumo.networks.faults import told_as_model_error
from pneumo.networks.serving import ServedNetwork, load_served_network
from tests.app.conftest import tiny_models  # noqa: F401


class OpError(Exception):
    """As TensorFlow names the base of its errors, which descends from no other kind."""


class ResourceExhaustedError(OpError):
    """As TensorFlow names want of memory."""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "run out of memory"),
        (RuntimeError("Can't allocate memory"), "run out of memory"),
        (ResourceExhaustedError("OOM when allocating tensor"), "run out of memory"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), r"disk.*No space left on device"),
        (OSError(errno.EIO, os.strerror(errno.EIO)), "Input/output error"),
        (ImportError("libtbb.so: failed to map", name="openvino"), "library openvino"),
    ],
)
def test_fault_of_the_machine_is_told_with_advice(error: Exception, said: str) -> None:
    with (
        pytest.raises(ModelError, match=f"^It failed: .*{said}.*then ask again"),
        told_as_model_error("It failed"),
    ):
        raise error


@pytest.mark.parametrize("error", [KeyError("bug"), ZeroDivisionError(), MissingWeightsError("x")])
def test_bugs_and_what_has_words_already_pass_as_they_are(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, told_as_model_error("It failed"):
        raise error
    assert raised.value is error


def test_network_on_another_runtime_without_memory_says_so() -> None:
    def forward(films: object) -> tuple[np.ndarray, np.ndarray, None]:
        raise ResourceExhaustedError("OOM when allocating tensor")

    with pytest.raises(ModelError, match=r"network first .* out of memory"):
        ServedNetwork("first", forward).score(np.zeros((1, 224, 224), dtype=np.float32))


def test_want_of_memory_keeps_the_compiled_network(
    tiny_models: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PNEUMO_CACHE", str(tmp_path))
    load_served_network(tiny_models / "first")
    (kept,) = open_compiled_cache().folder.glob("*.compiled")
    sound = kept.read_bytes()

    def starve(*given: object) -> object:
        raise RuntimeError("Can't allocate memory")

    with monkeypatch.context() as patch:
        patch.setattr(runtime, "unpack", starve)
        patch.setattr(runtime, "lay_graph", starve)
        with pytest.raises(ModelError, match=r"network first could not be made ready.*memory"):
            load_served_network(tiny_models / "first")
        assert kept.read_bytes() == sound
    monkeypatch.setattr(runtime, "lay_graph", starve)
    load_served_network(tiny_models / "first")


def test_network_that_is_too_large_to_keep_serves_all_the_same(
    tiny_models: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PNEUMO_CACHE", str(tmp_path))

    def starve(*given: object) -> bytes:
        raise MemoryError

    monkeypatch.setattr(runtime, "pack", starve)
    network = load_served_network(tiny_models / "first")
    assert network.score(np.zeros((1, 224, 224), dtype=np.float32)).logit.shape == (1,)
    assert not open_compiled_cache().folder.exists()
