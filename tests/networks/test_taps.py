"""A network served with the summaries of some layers besides its score."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from pneumo.networks.artifacts import load_network, save_network
from pneumo.networks.build import build_network
from pneumo.networks.serving import load_served_network
from pneumo.networks.zoo import SIDE, NetworkSpec, Tap

TAPS: tuple[Tap, ...] = (("first", 1), ("second", 2))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stored network of two convolutions."""
    import keras

    def body(films: object, weights: object) -> object:
        first = keras.layers.Conv2D(3, 9, 32, name="first")(films)
        return keras.layers.Conv2D(5, 2, 1, name="second")(first)

    keras.utils.set_random_seed(1)
    folder = tmp_path_factory.mktemp("models") / "small"
    save_network(build_network(NetworkSpec("small", "Small", body, "signed", 4)), folder)
    return folder


@pytest.fixture
def films() -> np.ndarray:
    return np.random.default_rng(7).random((3, SIDE, SIDE), dtype=np.float32)


def test_summaries_are_means_spreads_and_grids_of_the_layers(
    folder: Path, films: np.ndarray
) -> None:
    import keras

    network = load_network(folder)
    layers = [network.get_layer(name).output for name, _ in TAPS]
    maps = keras.Model(network.input, layers).predict_on_batch(films[..., np.newaxis])
    first, second = (np.asarray(made, dtype=np.float32) for made in maps)
    wanted = np.concatenate(
        [
            first.mean((1, 2)),
            first.std((1, 2)),
            second.mean((1, 2)),
            second.std((1, 2)),
            second.reshape(3, 2, 3, 2, 3, 5).mean((2, 4)).reshape(3, 20),
        ],
        axis=1,
    )
    found = load_served_network(folder, taps=TAPS).score(films).features
    # The backend of Keras on which tests run computes in bfloat16 where the processor can.
    np.testing.assert_allclose(found, wanted, atol=0.02)


def test_score_is_the_same_with_taps_and_alone_or_together(folder: Path, films: np.ndarray) -> None:
    plain, tapped = load_served_network(folder), load_served_network(folder, taps=TAPS)
    assert plain.score(films).features is None
    together = tapped.score(films)
    np.testing.assert_allclose(together.logit, plain.score(films).logit, rtol=1e-4, atol=1e-5)
    alone = [tapped.score(film[np.newaxis]).features for film in films]
    np.testing.assert_allclose(np.concatenate(alone), together.features, rtol=1e-3, atol=1e-4)


def test_a_compiled_network_without_taps_is_never_taken_for_one_with(
    folder: Path, films: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PNEUMO_CACHE", str(tmp_path))
    for taps in ((), TAPS, TAPS[:1], TAPS):
        features = load_served_network(folder, taps=taps).score(films[:1]).features
        assert (features is None) == (not taps)
    assert len(list((tmp_path / "networks").iterdir())) == 3


def test_without_openvino_keras_itself_gives_the_summaries(
    folder: Path, films: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = load_served_network(folder, taps=TAPS).score(films).features
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec",
        lambda name, *rest: None if name == "openvino" else find_spec(name, *rest),
    )
    eager = load_served_network(folder, taps=TAPS).score(films).features
    np.testing.assert_allclose(eager, compiled, atol=0.02)
