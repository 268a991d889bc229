"""The networks that the project knows, one entry each: name → how its body is made.

A further network is one more entry. Nothing here imports Keras before a body is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pneumo.errors import TrainingError

if TYPE_CHECKING:
    import keras

SIDE = 224
"""Rows and columns of every network's input, in pixels."""

Weights = Literal["imagenet"] | None

Tap = tuple[str, int]
"""A layer whose output is summarised, and the rows and columns of the grid it is averaged on."""

PREPROCESSING: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    # scale and offset, one a channel: grey in [0, 1] * scale + offset. "caffe" networks take off
    # ImageNet's mean in BGR order, which for a grey film only permutes three equal channels.
    "signed": ((2.0, 2.0, 2.0), (-1.0, -1.0, -1.0)),
    "caffe": ((255.0, 255.0, 255.0), (-103.939, -116.779, -123.68)),
    "torch": (
        (1 / 0.229, 1 / 0.224, 1 / 0.225),
        (-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225),
    ),
}


@dataclass(frozen=True)
class NetworkSpec:
    """How one network is built and fed.

    Attributes:
        name: key of the network and its folder under `models`.
        title: name for people.
        body: `body(films, weights)` lays the convolutional layers on a tensor of three-channel
            films and returns the features, shape (batch, rows, columns, channels).
        preprocessing: the key in PREPROCESSING of the pixels that the body was made for.
        hidden_units: width of the dense layer between pooled features and logit; 0 for none.
        imagenet: whether `keras.applications` offers ImageNet weights for the body.
    """

    name: str
    title: str
    body: Callable[[Any, Weights], Any]
    preprocessing: str
    hidden_units: int = 256
    imagenet: bool = True


def _application(name: str) -> Callable[[Any, Weights], keras.KerasTensor]:
    def body(films: Any, weights: Weights) -> Any:
        import keras

        build = getattr(keras.applications, name)
        return build(include_top=False, weights=weights, input_tensor=films).output

    return body


def _custom_cnn(films: Any, weights: Weights) -> Any:
    """Lay a residual network of about 1.2 M parameters, grown for films of 224 pixels."""
    from keras import layers

    def convolve(x: Any, filters: int, size: int, stride: int = 1) -> Any:
        x = layers.Conv2D(filters, size, stride, padding="same", use_bias=False)(x)
        return layers.BatchNormalization(momentum=0.95)(x)

    x = layers.ReLU()(convolve(films, 32, 5, 2))
    x = layers.MaxPooling2D(3, 2, padding="same")(x)
    for filters, stride in ((48, 1), (96, 2), (160, 2), (224, 1)):
        shortcut = convolve(x, filters, 1, stride)
        x = layers.ReLU()(convolve(x, filters, 3, stride))
        x = layers.ReLU()(layers.Add()([convolve(x, filters, 3), shortcut]))
    return x


ZOO: dict[str, NetworkSpec] = {
    spec.name: spec
    for spec in (
        NetworkSpec(
            "custom_cnn", "Custom CNN", _custom_cnn, "signed", hidden_units=64, imagenet=False
        ),
        NetworkSpec("vgg16", "VGG16", _application("VGG16"), "caffe"),
        NetworkSpec("resnet50", "ResNet50", _application("ResNet50"), "caffe"),
        NetworkSpec("resnet50v2", "ResNet50 v2", _application("ResNet50V2"), "signed"),
        NetworkSpec("mobilenetv2", "MobileNetV2", _application("MobileNetV2"), "signed"),
    )
}


def find_network(name: str) -> NetworkSpec:
    """Return the entry of a network.

    Raises:
        TrainingError: no entry has that name.
    """
    try:
        return ZOO[name]
    except KeyError:
        raise TrainingError(
            f"No network is called {name!r}. Choose from: {', '.join(ZOO)}."
        ) from None
