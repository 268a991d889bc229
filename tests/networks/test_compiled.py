"""What was compiled once is found again, and nothing unsound is ever used."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pneumo.networks.artifacts import save_network
from pneumo.networks.build import build_network
from pneumo.networks.compiled import KEPT, CompiledCache, name_compiled
from pneumo.networks.serving import load_served_network
from pneumo.networks.zoo import SIDE, NetworkSpec
from tests.conftest import REPOSITORY

LOAD = """
import json, sys
from pathlib import Path
import numpy as np
from pneumo.networks.serving import load_served_network
network = load_served_network(Path(sys.argv[1]))
films = np.full((2, 224, 224), 0.25, np.float32)
one, two = network.score(films[:1]), network.score(films)
print(json.dumps([float(one.logit[0]), *map(float, two.logit), "keras" in sys.modules]))
"""


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stored network of one layer."""
    import keras

    def body(films: object, weights: object) -> object:
        return keras.layers.Conv2D(3, 9, 32)(films)

    keras.utils.set_random_seed(1)
    folder = tmp_path_factory.mktemp("models") / "small"
    save_network(build_network(NetworkSpec("small", "Small", body, "signed", 4)), folder)
    return folder


def start(network: Path, cache: Path) -> list[float]:
    """Load a network in a process of its own; two kinds of logits, and whether Keras was."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(network)],
        cwd=REPOSITORY,
        env=os.environ | {"PNEUMO_CACHE": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def test_second_start_builds_nothing_and_scores_the_same(network: Path, tmp_path: Path) -> None:
    *first, built = start(network, tmp_path)
    *second, built_again = start(network, tmp_path)
    assert (built, built_again) == (True, False)
    assert first == second
    np.testing.assert_allclose(first, first[0], rtol=1e-5)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CompiledCache:
    monkeypatch.setenv("PNEUMO_CACHE", str(tmp_path))
    return CompiledCache(tmp_path / "networks")


def score(network: Path) -> float:
    films = np.full((1, SIDE, SIDE), 0.25, np.float32)
    return float(load_served_network(network).score(films).logit[0])


def only_file(cache: CompiledCache) -> Path:
    (path,) = cache.folder.iterdir()
    return path


@pytest.mark.parametrize("harm", ["cut", "flip", "empty", "foreign"])
def test_unsound_file_is_made_anew(network: Path, cache: CompiledCache, harm: str) -> None:
    whole = score(network)
    path = only_file(cache)
    sound = path.read_bytes()
    harmed = {
        "cut": sound[:-100],
        "flip": sound[:-50] + bytes([sound[-50] ^ 1]) + sound[-49:],
        "empty": b"",
    }
    if harm == "foreign":
        cache.keep(path.stem, b"well hashed, but no network of OpenVINO")
    else:
        path.write_bytes(harmed[harm])
    unsound = path.read_bytes()
    assert score(network) == whole
    assert only_file(cache).read_bytes() != unsound
    assert cache.find(path.stem)


def test_changed_weights_never_meet_the_old_compiled_form(
    network: Path, cache: CompiledCache, tmp_path: Path
) -> None:
    from safetensors.numpy import load_file, save_file

    before = score(network)
    copy = Path(shutil.copytree(network, tmp_path / "small"))
    arrays = load_file(copy / "weights.safetensors")
    arrays["logit/bias"] = arrays["logit/bias"] + np.float32(1.0)
    save_file(arrays, copy / "weights.safetensors", metadata={"classes": "NORMAL,PNEUMONIA"})
    assert score(copy) == pytest.approx(before + 1.0, abs=1e-4)
    assert score(network) == before


def test_folder_that_cannot_be_written_costs_only_the_cache(
    network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("PNEUMO_CACHE", str(tmp_path / "file"))
    films = np.full((2, SIDE, SIDE), 0.25, np.float32)
    served = load_served_network(network)
    alone = served.score(films[:1]).logit
    np.testing.assert_allclose(served.score(films).logit, np.repeat(alone, 2), rtol=1e-5)


def test_only_the_newest_stay_and_use_makes_new(tmp_path: Path) -> None:
    cache = CompiledCache(tmp_path)
    for number in range(KEPT):
        cache.keep(f"{number}", bytes([number]))
        os.utime(tmp_path / f"{number}.compiled", (number, number))
    assert cache.find("0") == b"\0"  # Used, so it is the newest now.
    cache.keep("another", b"another")
    assert cache.find("0") == b"\0"
    assert cache.find("1") is None
    assert cache.find("2") == b"\2"
    assert len(list(tmp_path.iterdir())) == KEPT


def test_name_covers_weights_and_versions() -> None:
    names = {name_compiled("a", ["1"]), name_compiled("b", ["1"]), name_compiled("a", ["2"])}
    assert len(names) == 3
    assert name_compiled("a", ["1"]) in names


def test_without_openvino_keras_itself_serves(
    network: Path, cache: CompiledCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = score(network)
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec",
        lambda name, *rest: None if name == "openvino" else find_spec(name, *rest),
    )
    only_file(cache).unlink()
    # The backend of Keras on which tests run computes in bfloat16 where the processor can.
    assert score(network) == pytest.approx(compiled, abs=0.005)
    assert not list(cache.folder.iterdir())
