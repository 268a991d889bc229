"""The closed form of the heat map against Grad-CAM by automatic differentiation."""

from __future__ import annotations

import numpy as np
import pytest

from pneumo.networks.build import FEATURES_POOLED, SIDE, build_network, with_heat_map
from pneumo.networks.zoo import ZOO

pytestmark = pytest.mark.training


@pytest.mark.parametrize("name", ["custom_cnn", "resnet50", "vgg16"])
def test_closed_form_equals_gradient_tape(name: str) -> None:
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(3)
    network = build_network(ZOO[name])
    films = np.random.default_rng(5).random((2, SIDE, SIDE, 1), dtype=np.float32)
    features = network.get_layer(FEATURES_POOLED).input
    both = keras.Model(network.input, [features, network.output])
    with tf.GradientTape() as tape:
        activations, logit = both(films, training=False)
        tape.watch(activations)
        x = network.get_layer(FEATURES_POOLED)(activations)
        for layer in network.layers[network.layers.index(network.get_layer(FEATURES_POOLED)) + 1 :]:
            x = layer(x, training=False) if layer.name == "dropout" else layer(x)
    np.testing.assert_allclose(x, logit, rtol=1e-5)
    gradient = tape.gradient(x, activations).numpy()
    channel_weights = gradient.mean(axis=(1, 2), keepdims=True)
    by_tape = (channel_weights * activations.numpy()).sum(axis=-1)
    in_closed_form = with_heat_map(network)(films)["evidence"].numpy()
    peak = np.abs(by_tape).max()
    assert peak > 0
    # Grad-CAM proper is the positive part; the negative part, which speaks for NORMAL, must agree
    # as well, and relu can only make differences smaller.
    np.testing.assert_allclose(in_closed_form / peak, by_tape / peak, atol=1e-4)
