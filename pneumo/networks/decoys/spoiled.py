"""Chest films → pictures of the same greys and grain that show no whole chest any more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pneumo.networks.decoys.textures import SIDE, Picture, filtered, level


def enlarge(film: Picture, rng: np.random.Generator) -> Picture:
    """Enlarge a small part: a shoulder, a few ribs, a piece of the belly."""
    height, width = rng.uniform(0.1, 0.36, 2)
    return _resize(film, rng.uniform(0, 1 - height), rng.uniform(0, 1 - width), height, width)


def keep_a_side(film: Picture, rng: np.random.Generator) -> Picture:
    """Stretch one lung and the spine over the whole width, somewhat as a lateral view looks."""
    edge = rng.uniform(0.42, 0.6)
    start = rng.uniform(0.0, 0.12)
    picture = _resize(film, rng.uniform(0, 0.1), start, rng.uniform(0.7, 0.9), edge - start)
    return picture if rng.random() < 0.5 else picture[:, ::-1]


def keep_an_end(film: Picture, rng: np.random.Generator) -> Picture:
    """Stretch the neck with the shoulders, or the belly, over the whole height."""
    height = rng.uniform(0.15, 0.33)
    top = rng.choice([0.0, 1 - height])
    return _resize(film, float(top), rng.uniform(0, 0.2), height, rng.uniform(0.5, 0.8))


def shuffle(film: Picture, rng: np.random.Generator) -> Picture:
    """Cut a film into tiles and lay them out in another order, some of them turned."""
    tiles = int(rng.choice([2, 3, 4, 5, 7, 8]))
    side = SIDE // tiles
    cut = [
        np.rot90(film[row * side : (row + 1) * side, column * side : (column + 1) * side], turns)
        for row, column, turns in zip(
            np.repeat(np.arange(tiles), tiles),
            np.tile(np.arange(tiles), tiles),
            rng.integers(0, 4, tiles * tiles),
            strict=True,
        )
    ]
    order = rng.permutation(len(cut))
    rows = [np.hstack([cut[order[row * tiles + k]] for k in range(tiles)]) for row in range(tiles)]
    laid = Image.fromarray(np.vstack(rows)).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return np.asarray(laid)


def scramble(film: Picture, rng: np.random.Generator) -> Picture:
    """Keep how much of each frequency a film has, and throw away where."""
    amplitude = np.abs(np.fft.rfft2(film))
    phase = np.angle(np.fft.rfft2(rng.normal(size=film.shape)))
    return level(np.fft.irfft2(amplitude * np.exp(1j * phase), s=film.shape))


def roll_up(film: Picture, rng: np.random.Generator) -> Picture:
    """Bend a film into a disc, as round as a slice through a body."""
    rows, columns = np.mgrid[:SIDE, :SIDE] / SIDE - 0.5
    stretch = rng.uniform(0.7, 1.3)
    reach = np.hypot(rows * stretch, columns / stretch) / rng.uniform(0.32, 0.5)
    angle = (np.arctan2(rows, columns) / (2 * np.pi) + rng.random()) % 1.0
    # There and back, so that no seam shows.
    around = 1 - np.abs(2 * angle - 1)
    disc = film[_place(reach), _place(around)]
    return np.where(reach < 1, disc, rng.uniform(0, 0.08)).astype(np.float32)


def swirl(film: Picture, rng: np.random.Generator) -> Picture:
    """Warp a film beyond recognition."""
    strength = rng.uniform(25, 60)
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(np.float64)
    rows += strength * filtered(rng, 2.6)
    columns += strength * filtered(rng, 2.6)
    return film[_place(rows / SIDE), _place(columns / SIDE)]


def fold(film: Picture, rng: np.random.Generator) -> Picture:
    """Mirror a quarter of a film into the other three, or a film's upper part into its lower."""
    half = SIDE // 2
    top, left = rng.integers(0, half, 2)
    if rng.random() < 0.6:
        quarter = film[top : top + half, left : left + half]
        upper = np.hstack([quarter, quarter[:, ::-1]])
    else:
        upper = film[top : top + half]
    return np.vstack([upper, upper[::-1]])


def lay_over(film: Picture, rng: np.random.Generator) -> Picture:
    """Expose the same film twice, turned in between."""
    share = rng.uniform(0.4, 0.6)
    return level(share * film + (1 - share) * np.rot90(film, int(rng.integers(1, 4))))


def _resize(film: Picture, top: float, left: float, height: float, width: float) -> Picture:
    right, bottom = min(1.0, left + width), min(1.0, top + height)
    box = (SIDE * left, SIDE * top, SIDE * right, SIDE * bottom)
    small = Image.fromarray(film).resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=box)
    return np.clip(np.asarray(small), 0, 1)


def _place(share: NDArray[np.floating]) -> NDArray[np.intp]:
    return np.clip(share * (SIDE - 1), 0, SIDE - 1).astype(np.intp)
