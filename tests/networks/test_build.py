"""Networks as the zoo describes them: sizes, flatness, heat map in the same pass."""

from __future__ import annotations

import numpy as np
import pytest

from pneumo.errors import TrainingError
from pneumo.networks.build import (
    SIDE,
    build_network,
    count_parameters,
    count_trained,
    restyle,
)
from pneumo.networks.training import freeze_body
from pneumo.networks.zoo import ZOO, find_network


def test_resnet50_has_the_published_number_of_parameters() -> None:
    network = build_network(ZOO["resnet50"])
    freeze_body(network)
    assert count_parameters(network) == 24_112_513
    assert count_trained(network) == 524_801


@pytest.mark.parametrize("name", ZOO)
def test_every_body_is_laid_flat(name: str) -> None:
    network = build_network(ZOO[name])
    assert not any(hasattr(layer, "layers") for layer in network.layers)
    assert network.input.shape == (None, SIDE, SIDE, 1)
    assert network.output.shape == (None, 1)


def test_an_unknown_network_is_refused_with_the_names_of_the_known() -> None:
    with pytest.raises(TrainingError, match="vgg16"):
        find_network("alexnet")


def test_a_start_that_is_not_there_is_refused(tmp_path) -> None:
    with pytest.raises(TrainingError, match="--init"):
        build_network(ZOO["vgg16"], init=tmp_path / "none.keras")


def test_a_network_without_imagenet_weights_says_so() -> None:
    with pytest.raises(TrainingError, match="finetune"):
        build_network(ZOO["custom_cnn"], weights="imagenet")


def test_restyling_keeps_weights_and_adds_an_input_side() -> None:
    network = build_network(ZOO["custom_cnn"])
    copy = restyle(network, side=64)
    assert copy.input.shape == (None, 64, 64, 1)
    for old, new in zip(network.get_weights(), copy.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_reduced_network_takes_the_same_film_and_the_same_weights() -> None:
    whole, reduced = (build_network(ZOO["custom_cnn"], reduction=n) for n in (1, 2))
    assert reduced.input.shape == whole.input.shape
    assert reduced.count_params() == whole.count_params()
    assert reduced.get_layer("pooled").input.shape[1:3] == (7, 7)
