"""A decoded Pillow picture of any mode comes in, its grey values go out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pneumo.errors import UnsupportedFilmError
from pneumo.intake.film import STRETCHED, find_contrast, sample

_DEPTHS = (10, 12, 14, 15, 16)
_LEAST_FILLED = 0.55
"""Share of its range that the middle 99% of a deep picture must fill to be shown as it is stored.
Of 350 training films and 80 at original size, none fills less; values of 0 to 4200 or of 1000 to
3000 fill a part only, and any program that shows them has to stretch them."""
_LUMINANCE = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""ITU-R BT.601, the weights of JPEG."""
IN_COLOUR = "The picture is in colour and was turned grey by its luminance."
_BAND_PIXELS = 2_000_000
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
    low, high = find_contrast(sample(values))
    if (high - low) / (2**depth - 1) < _LEAST_FILLED:
        notes.append(STRETCHED)
        grey = values.astype(np.float32)
        grey -= np.float32(low)
        grey /= np.float32(max(high - low, 1.0))
        return np.clip(grey, 0.0, 1.0, out=grey)
    if depth < 16:
        notes.append(f"The 16-bit picture holds values of {depth} bits and was scaled by those.")
    return values.astype(np.float32) / np.float32(2**depth - 1)


def _measured(image: Image.Image, notes: list[str]) -> NDArray[np.float32]:
    low, high, is_whole = np.inf, -np.inf, True
    for _, values in _bands(image):
        finite = values[np.isfinite(values)]
        is_whole &= finite.size == values.size
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    if low > high:
        raise UnsupportedFilmError(
            "Expected grey values, but the floating point picture holds no finite number: "
            "export the film as 8 or 16 bits."
        )
    notes.append("A 32-bit picture was scaled between its smallest and largest value.")
    if not is_whole:
        notes.append("Pixels without a finite value were set to black.")
    grey = np.zeros((image.height, image.width), dtype=np.float32)
    if high > low:
        for rows, values in _bands(image):
            # Widening a signalling NaN counts as an invalid operation.
            with np.errstate(invalid="ignore"):
                wide = values.astype(np.float64)
            grey[rows] = (np.where(np.isfinite(wide), wide, low) - low) / (high - low)
    return grey


def _eight_bits(image: Image.Image, notes: list[str]) -> NDArray[np.float32]:
    if image.mode == "LAB":
        return np.asarray(image.getchannel(0), dtype=np.float32) / np.float32(255.0)
    if image.mode in ("1", "L") and "transparency" not in image.info:
        return np.asarray(image.convert("L"), dtype=np.float32) / np.float32(255.0)
    transparent = "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBA", "RGBa")
    mode = "RGBA" if transparent else "RGB"
    grey = _luminance(image, mode, notes)
    if not transparent:
        return grey
    least, most = image.convert("RGBA").getchannel("A").getextrema()
    if least == 255:
        return grey
    if most == 0:
        notes.append("The transparency, which would hide the whole picture, was ignored.")
        return grey
    notes.append("Transparent parts were laid over black.")
    for rows, layers in _bands(image, mode):
        grey[rows] *= layers[..., 3].astype(np.float32) / np.float32(255.0)
    return grey


def _luminance(image: Image.Image, mode: str, notes: list[str]) -> NDArray[np.float32]:
    is_grey, coloured = True, 0
    for _, layers in _bands(image, mode):
        # Channel by channel, since NumPy is slow along a last axis of three.
        red, green, blue = layers[..., 0], layers[..., 1], layers[..., 2]
        spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
        is_grey &= not spread.any()
        coloured += int(np.count_nonzero(spread > _COLOURED_STEP))
    grey = np.empty((image.height, image.width), dtype=np.float32)
    if coloured / grey.size > _COLOURED_SHARE:
        notes.append(IN_COLOUR)
    for rows, layers in _bands(image, mode):
        if is_grey:
            # Three equal channels are one grey one, to the last bit.
            grey[rows] = layers[..., 0].astype(np.float32) / np.float32(255.0)
        else:
            grey[rows] = layers[..., :3].astype(np.float32) @ (_LUMINANCE / np.float32(255.0))
    return grey


def _bands(image: Image.Image, mode: str | None = None) -> Iterator[tuple[slice, NDArray[Any]]]:
    """Yield a picture's rows, some at a time, so that what is made of them takes little memory."""
    step = max(1, _BAND_PIXELS // image.width)
    for top in range(0, image.height, step):
        rows = slice(top, min(top + step, image.height))
        band = image if rows.stop - top == image.height else _crop(image, rows)
        yield rows, np.asarray(band if mode in (None, band.mode) else band.convert(mode))


def _crop(image: Image.Image, rows: slice) -> Image.Image:
    return image.crop((0, rows.start, image.width, rows.stop))
