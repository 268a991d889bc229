"""A film and a seed → the film as another machine, crop or archive might have given it.

Besides the usual geometry and exposure, sharpness and compression are varied: in this data set
width, height and file size alone tell the classes apart, so a network must not live on them.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Film = NDArray[np.uint8]


@dataclass(frozen=True)
class Augmentation:
    """How far a film may be changed; every range is symmetric around no change.

    Attributes:
        rotation_degrees: largest turn to either side.
        shift: largest shift, as a share of the side.
        zoom: largest relative change of size.
        stretch: largest relative change of one axis against the other. Squashing films to a
            square turned their aspect ratio into anatomy; this takes the hint away again.
        flip: whether half of the films are mirrored. A mirrored heart lies on the wrong side;
            networks that shall learn sides need it off.
        brightness: largest shift of grey, as a share of the full range.
        contrast: largest relative change of contrast.
        gamma: largest relative change of the exponent of grey.
        blur: probability of a Gaussian blur of up to 1.5 pixels.
        rescale: probability of passing through a smaller size.
        recompress: probability of another JPEG compression, quality 30 to 95.
        erase: probability that a rectangle of up to a third of the side is greyed out.
    """

    rotation_degrees: float = 12.0
    shift: float = 0.08
    zoom: float = 0.15
    stretch: float = 0.15
    flip: bool = True
    brightness: float = 0.15
    contrast: float = 0.3
    gamma: float = 0.3
    blur: float = 0.3
    rescale: float = 0.3
    recompress: float = 0.4
    erase: float = 0.25


def augment(film: Film, rng: np.random.Generator, how: Augmentation, *, side: int) -> Film:
    """Return one random variant of a film.

    Args:
        film: shape (rows, columns), uint8.
        rng: where all chance comes from; the same state gives the same variant.
        how: the ranges.
        side: rows and columns of what is returned, in pixels.

    Returns:
        Shape (side, side), uint8.
    """
    picture = _move(Image.fromarray(film), rng, how, side)
    picture = picture.point(_exposure(rng, how))
    if rng.random() < how.blur:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.5) * side / 224))
    if rng.random() < how.rescale:
        smaller = int(side * rng.uniform(0.45, 0.9))
        picture = picture.resize((smaller, smaller), Image.Resampling.BILINEAR)
        picture = picture.resize((side, side), Image.Resampling.BICUBIC)
    if rng.random() < how.recompress:
        stored = io.BytesIO()
        picture.save(stored, "JPEG", quality=int(rng.integers(30, 96)))
        picture = Image.open(stored)
    variant = np.array(picture)
    if rng.random() < how.erase:
        height, width = (rng.uniform(0.1, 0.33, size=2) * side).astype(int)
        top, left = rng.integers(0, side - height), rng.integers(0, side - width)
        variant[top : top + height, left : left + width] = rng.integers(0, 256)
    return variant


def _move(
    picture: Image.Image, rng: np.random.Generator, how: Augmentation, side: int
) -> Image.Image:
    """Turn, shift, zoom, stretch and mirror in one interpolation."""
    angle = np.deg2rad(rng.uniform(-how.rotation_degrees, how.rotation_degrees))
    zoom = np.exp(rng.uniform(-1, 1) * np.log1p(how.zoom))
    stretch = np.exp(rng.uniform(-0.5, 0.5) * np.log1p(how.stretch))
    mirror = -1.0 if how.flip and rng.random() < 0.5 else 1.0
    shift = rng.uniform(-how.shift, how.shift, size=2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    # Pillow asks, for each pixel of the result, where in the source it comes from; both are taken
    # relative to the centre, so that nothing but the shift moves the middle of the film.
    source = np.array([picture.width, picture.height], dtype=float)
    size = source / side / zoom * [mirror * stretch, 1 / stretch]
    matrix = turn * size
    offset = source * (0.5 + shift) - matrix @ np.array([side / 2, side / 2])
    coefficients = (*matrix[0], offset[0], *matrix[1], offset[1])
    return picture.transform(
        (side, side), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )


def _exposure(rng: np.random.Generator, how: Augmentation) -> list[int]:
    """Make the table from old grey to new grey."""
    grey = np.linspace(0, 1, 256)
    grey = grey ** np.exp(rng.uniform(-1, 1) * np.log1p(how.gamma))
    grey = (grey - 0.5) * (1 + rng.uniform(-how.contrast, how.contrast)) + 0.5
    grey = grey + rng.uniform(-how.brightness, how.brightness)
    return np.rint(np.clip(grey, 0, 1) * 255).astype(int).tolist()


class Variants:
    """A collection of films with numbered variants that are the same whenever asked for.

    Variant v of film i depends on the seed, v and i alone. So features and a teacher's scores can
    be computed once a variant, and a run that was killed goes on with what it would have seen.
    """

    def __init__(self, films: NDArray[np.uint8], how: Augmentation, seed: int) -> None:
        """Take films of shape (n, side, side), uint8."""
        self.films, self.how, self.seed = films, how, seed

    def batch(self, indices: NDArray[np.intp], variant: int, side: int) -> NDArray[np.uint8]:
        """Return one variant of some films, shape (len(indices), side, side), uint8."""
        full = self.films.shape[1]
        made = np.empty((len(indices), side, side), dtype=np.uint8)
        for position, index in enumerate(indices):
            rng = np.random.default_rng([self.seed, variant, int(index)])
            film = augment(self.films[index], rng, self.how, side=full)
            if side != full:
                small = Image.fromarray(film).resize((side, side), Image.Resampling.BILINEAR)
                film = np.asarray(small)
            made[position] = film
        return made
