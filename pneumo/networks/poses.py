"""A film → the same film as a careless export might hand it over: turned, inverted, framed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, ImageOps

from pneumo.networks.augmentation import Augmentation, augment

Film = NDArray[np.uint8]

POSES: tuple[tuple[int, bool], ...] = tuple(
    (quarters, inverted) for inverted in (False, True) for quarters in range(4)
)
"""Quarter turns, anticlockwise, with or without inversion; the first is a film as it should be."""

# Films of other hospitals and of adults differ by more than films of one hospital do.
_WIDE = Augmentation(
    zoom=0.25, stretch=0.3, flip=False, brightness=0.2, contrast=0.4, gamma=0.6, erase=0.15
)


def pose(film: NDArray[np.generic], quarters: int, inverted: bool) -> NDArray[np.generic]:
    """Turn a film, shape (side, side), by quarters anticlockwise, and invert it if so asked."""
    turned = np.rot90(film, quarters)
    if not inverted:
        return turned
    white = 255 if film.dtype == np.uint8 else 1.0
    return np.asarray(white - turned, dtype=film.dtype)


def vary(film: Film, rng: np.random.Generator) -> Film:
    """Return a film as another hospital, machine or program might have stored it.

    What is varied besides `Augmentation`: cropping, frames of black or white, equalised or
    stretched contrast, grain, and letters as radiographers lay on films.

    Args:
        film: shape (side, side), uint8.
        rng: where all chance comes from.

    Returns:
        Shape as given, uint8.
    """
    side = film.shape[0]
    picture = Image.fromarray(film)
    cropped = rng.random() < 0.4
    if cropped:
        left, top, right, bottom = rng.uniform(0, 0.14, 4) * side
        box = (left, top, side - right, side - bottom)
        picture = picture.resize((side, side), Image.Resampling.BICUBIC, box=box)
    how = _WIDE if rng.random() < 0.5 else replace(_WIDE, blur=0.0, erase=0.0)
    if cropped:  # Enlarged besides, it would show no whole chest any more.
        how = replace(how, zoom=0.08, shift=0.04)
    picture = Image.fromarray(augment(np.asarray(picture), rng, how, side=side))
    kind = rng.random()
    if kind < 0.15:
        picture = ImageOps.equalize(picture)
    elif kind < 0.35:
        picture = ImageOps.autocontrast(picture, cutoff=2)
    if rng.random() < 0.25:
        grain = rng.normal(0, rng.uniform(2, 12), (side, side))
        noisy = np.clip(np.asarray(picture) + grain, 0, 255)
        picture = Image.fromarray(noisy.astype(np.uint8))
    if rng.random() < 0.35:
        _write_letters(picture, rng)
    if rng.random() < 0.2:
        picture = _frame(picture, rng)
    return np.array(picture)


def _write_letters(picture: Image.Image, rng: np.random.Generator) -> None:
    draw = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(1, 4))):
        word = str(rng.choice(["L", "R", "AP", "PA", "PORTABLE", "SUPINE", "12:40", "A 4711"]))
        x, y = rng.choice([rng.uniform(0.02, 0.2), rng.uniform(0.75, 0.95)], 2) * picture.width
        font = ImageFont.load_default(rng.uniform(0.03, 0.09) * picture.width)
        draw.text((x, y), word, fill=int(rng.integers(200, 256)), font=font)


def _frame(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    side = picture.width
    left, top, right, bottom = (rng.uniform(0, 0.09, 4) * side).astype(int)
    inner = picture.resize((side - left - right, side - top - bottom), Image.Resampling.BILINEAR)
    framed = Image.new("L", (side, side), int(rng.choice([0, 0, 255])))
    framed.paste(inner, (int(left), int(top)))
    return framed
