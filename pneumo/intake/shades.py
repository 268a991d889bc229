"""A decoded Pillow picture of any mode comes in, its grey values go out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pneumo.errors import UnsupportedFilmError

_DEPTHS = (10, 12, 14, 15, 16)
_LUMINANCE = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""ITU-R BT.601, the weights of JPEG."""
_COLOURED_STEP = 16
_COLOURED_SHARE = 0.001


def grey_of(image: Image.Image, *, inverted: bool) -> tuple[NDArray[np.float32], list[str]]:
    """Return grey values of shape (rows, columns), 0 black to 1 white, with notes.

    Args:
        image: a loaded picture.
        inverted: whether deep grey (16 bits and more) is stored with white as zero.

    Raises:
        UnsupportedFilmError: a floating point picture without any finite value.
    """
    notes: list[str] = []
    if image.mode in ("I;16", "I;16B"):
        grey = _sixteen_bits(image, notes)
    elif image.mode in ("I", "F"):
        grey = _measured(image, notes)
    else:
        return _eight_bits(image, notes), notes
    if inverted:
        grey = 1.0 - grey
        notes.append("Inverted, because the file stores white as zero.")
    return grey, notes


def _sixteen_bits(image: Image.Image, notes: list[str]) -> NDArray[np.float32]:
    values = np.asarray(image).astype(np.uint16)
    largest = int(values.max())
    depth = next(bits for bits in _DEPTHS if largest < 2**bits)
    if depth < 16:
        notes.append(f"The 16-bit picture holds values of {depth} bits and was scaled by those.")
    return values.astype(np.float32) / np.float32(2**depth - 1)


def _measured(image: Image.Image, notes: list[str]) -> NDArray[np.float32]:
    # Widening a signalling NaN counts as an invalid operation; NaN is dealt with below.
    with np.errstate(invalid="ignore"):
        values = np.asarray(image).astype(np.float64)
    finite = np.isfinite(values)
    if not finite.any():
        raise UnsupportedFilmError(
            "Expected grey values, but the floating point picture holds no finite number: "
            "export the film as 8 or 16 bits."
        )
    low, high = float(values[finite].min()), float(values[finite].max())
    notes.append("A 32-bit picture was scaled between its smallest and largest value.")
    if not finite.all():
        notes.append("Pixels without a finite value were set to black.")
        values = np.where(finite, values, low)
    if high <= low:
        return np.zeros(values.shape, dtype=np.float32)
    return ((values - low) / (high - low)).astype(np.float32)


def _eight_bits(image: Image.Image, notes: list[str]) -> NDArray[np.float32]:
    if image.mode == "LAB":
        return np.asarray(image.getchannel(0), dtype=np.float32) / np.float32(255.0)
    transparent = "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBA", "RGBa")
    if transparent:
        layers = np.asarray(image.convert("RGBA"))
        colours, cover = layers[..., :3], layers[..., 3]
    elif image.mode in ("1", "L"):
        return np.asarray(image.convert("L"), dtype=np.float32) / np.float32(255.0)
    else:
        colours, cover = np.asarray(image.convert("RGB")), None
    grey = _luminance(colours, notes)
    if cover is None or cover.min() == 255:
        return grey
    if cover.max() == 0:
        notes.append("The transparency, which would hide the whole picture, was ignored.")
        return grey
    notes.append("Transparent parts were laid over black.")
    return grey * (cover.astype(np.float32) / np.float32(255.0))


def _luminance(colours: NDArray[np.uint8], notes: list[str]) -> NDArray[np.float32]:
    # Channel by channel, since NumPy is slow along a last axis of three.
    red, green, blue = colours[..., 0], colours[..., 1], colours[..., 2]
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    if not spread.any():
        # Three equal channels are one grey one, to the last bit.
        return red.astype(np.float32) / np.float32(255.0)
    if np.mean(spread > _COLOURED_STEP) > _COLOURED_SHARE:
        notes.append("The picture is in colour and was turned grey by its luminance.")
    return colours.astype(np.float32) @ (_LUMINANCE / np.float32(255.0))
