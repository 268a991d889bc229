"""Weights in a folder become scores, or a clear refusal: never a random head."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from pneumo.errors import DamagedWeightsError, MissingWeightsError
from pneumo.networks.artifacts import load_network, save_network
from pneumo.networks.build import SIDE, build_network
from pneumo.networks.cards import WEIGHTS, hash_network
from pneumo.networks.serving import ServedNetwork, load_served_network
from pneumo.networks.zoo import ZOO


@pytest.fixture(scope="module")
def linear(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stored network whose logit is a linear function of its pooled features."""
    folder = tmp_path_factory.mktemp("models") / "custom_cnn"
    network = build_network(dataclasses.replace(ZOO["custom_cnn"], hidden_units=0))
    rng = np.random.default_rng(1)
    kernel = rng.normal(size=(224, 1)).astype(np.float16).astype(np.float32)
    network.get_layer("logit").set_weights([kernel, np.array([0.25], np.float32)])
    save_network(network, folder)
    return folder


@pytest.fixture(scope="module")
def served(linear: Path) -> ServedNetwork:
    return load_served_network(linear)


@pytest.fixture
def films() -> np.ndarray:
    return np.random.default_rng(7).random((3, SIDE, SIDE), dtype=np.float32)


@pytest.fixture
def copy(linear: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(linear, tmp_path / "custom_cnn"))


def test_the_map_of_a_linear_head_accounts_for_the_whole_score(
    served: ServedNetwork, films: np.ndarray
) -> None:
    scores = served.score(films)
    assert scores.evidence.shape == (3, 14, 14)
    np.testing.assert_allclose(scores.evidence.sum(axis=(1, 2)) + 0.25, scores.logit, rtol=1e-3)


def test_a_film_scores_the_same_alone_and_in_a_batch(
    served: ServedNetwork, films: np.ndarray
) -> None:
    together = served.score(films).logit
    alone = [served.score(film[np.newaxis]).logit[0] for film in films]
    np.testing.assert_allclose(alone, together, rtol=1e-4, atol=1e-5)
    assert len(set(together.round(4))) == 3


def test_what_was_stored_is_what_is_loaded(linear: Path) -> None:
    stored = load_file(linear / WEIGHTS)
    network = load_network(linear)
    assert {v.path for v in network.weights} == set(stored)
    for variable in network.weights:
        np.testing.assert_array_equal(np.asarray(variable.numpy()), stored[variable.path])


def test_missing_weights_are_named(copy: Path) -> None:
    (copy / WEIGHTS).unlink()
    with pytest.raises(MissingWeightsError, match=r"weights\.safetensors.*custom_cnn"):
        load_served_network(copy)


@pytest.mark.parametrize("kept", [0, 7, 1000, -1])
def test_truncated_weights_are_refused(copy: Path, kept: int) -> None:
    path = copy / WEIGHTS
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DamagedWeightsError, match="custom_cnn"):
        load_served_network(copy)


def test_swapped_weights_do_not_match_the_hash(copy: Path) -> None:
    expected = hash_network(copy)
    arrays = load_file(copy / WEIGHTS)
    arrays["logit/kernel"] = -arrays["logit/kernel"]
    save_file(arrays, copy / WEIGHTS, metadata={"classes": "NORMAL,PNEUMONIA"})
    with pytest.raises(DamagedWeightsError, match="calibrated"):
        load_served_network(copy, weights_sha256=expected)


def test_another_class_order_is_refused(copy: Path) -> None:
    arrays = load_file(copy / WEIGHTS)
    save_file(arrays, copy / WEIGHTS, metadata={"classes": "PNEUMONIA,NORMAL"})
    with pytest.raises(DamagedWeightsError, match="PNEUMONIA,NORMAL"):
        load_served_network(copy)


def test_weights_of_another_architecture_are_refused(copy: Path) -> None:
    arrays = load_file(copy / WEIGHTS)
    arrays["logit/kernel"] = arrays["logit/kernel"][:-1]
    save_file(arrays, copy / WEIGHTS, metadata={"classes": "NORMAL,PNEUMONIA"})
    with pytest.raises(DamagedWeightsError, match="architecture"):
        load_served_network(copy)
