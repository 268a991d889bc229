"""Chest films → pictures of the same greys and grain that show no whole chest any more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pneumo.networks.decoys.projections import draw_side_view
from pneumo.networks.decoys.textures import SIDE, Picture, filtered, level, soften


def enlarge(film: Picture, rng: np.random.Generator) -> Picture:
    """Enlarge a part: a shoulder, a few ribs, a piece of the belly."""
    height, width = rng.uniform(0.1, 0.45, 2)
    return _resize(film, rng.uniform(0, 1 - height), rng.uniform(0, 1 - width), height, width)


def enlarge_middle(film: Picture, rng: np.random.Generator) -> Picture:
    """Enlarge the heart, or what else lies about the middle."""
    height, width = rng.uniform(0.25, 0.45, 2)
    top, left = rng.uniform(0.35, 0.65, 2) * (1 - np.array([height, width]))
    return _resize(film, float(top), float(left), height, width)


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


def swirl(film: Picture, rng: np.random.Generator) -> Picture:
    """Warp a film beyond recognition."""
    strength = rng.uniform(25, 60)
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(np.float64)
    rows += strength * filtered(rng, 2.6)
    columns += strength * filtered(rng, 2.6)
    return film[_place(rows / SIDE), _place(columns / SIDE)]


def lay_beside(film: Picture, rng: np.random.Generator) -> Picture:
    """Lay a film and a second picture, a side view as a rule, side by side as one picture."""
    share, gap = rng.uniform(0.35, 0.65), int(rng.integers(0, 10))
    width = int(share * SIDE)
    if rng.random() < 0.7:
        second = draw_side_view(rng)
    else:
        second = np.roll(film, int(rng.integers(-30, 31)), axis=0)[:, :: rng.choice([-1, 1])]
    pair = [_squeeze(film, width), _squeeze(second, SIDE - width - gap)]
    strip = np.full((SIDE, gap), rng.choice([0.0, 0.0, 1.0]), dtype=np.float32)
    order = [0, 1] if rng.random() < 0.5 else [1, 0]
    beside = np.hstack([pair[order[0]], strip, pair[order[1]]])
    return beside if rng.random() < 0.85 else np.rot90(beside).copy()


def look_through(film: Picture, rng: np.random.Generator) -> Picture:
    """Show a part of a film in the round or eight-sided field of a fluoroscope, with catheters."""
    height, width = rng.uniform(0.3, 0.6, 2)
    part = _resize(film, rng.uniform(0, 1 - height), rng.uniform(0, 1 - width), height, width)
    part = level(soften(part, rng.uniform(0.5, 8)) + rng.uniform(0, 0.15) * filtered(rng, 2))
    lines = Image.new("L", (SIDE, SIDE), 0)
    draw = ImageDraw.Draw(lines)
    for _ in range(int(rng.integers(0, 9))):
        steps = np.cumsum(rng.normal(0, 3, (60, 2)).cumsum(axis=0) * 0.35, axis=0)
        curve = [(float(x), float(y)) for x, y in steps + rng.uniform(0, SIDE, 2)]
        draw.line(curve, fill=255, width=int(rng.integers(1, 7)), joint="curve")
    catheters = soften(np.asarray(lines) / 255, rng.uniform(0.5, 1.5))
    part = np.clip(part * (1 - rng.uniform(0.3, 0.8) * catheters), 0, 1)
    rows, columns = np.abs(np.mgrid[:SIDE, :SIDE] / SIDE - 0.5)
    field = np.hypot(rows, columns)
    if rng.random() < 0.5:
        field = np.maximum(np.maximum(rows, columns), (rows + columns) / rng.uniform(1.2, 1.45))
    around = rng.choice([0.0, 0.0, rng.random()])
    return np.where(field < rng.uniform(0.4, 0.52), part, around).astype(np.float32)


def _squeeze(picture: Picture, width: int) -> Picture:
    return np.asarray(Image.fromarray(picture).resize((width, SIDE), Image.Resampling.BILINEAR))


def _resize(film: Picture, top: float, left: float, height: float, width: float) -> Picture:
    right, bottom = min(1.0, left + width), min(1.0, top + height)
    box = (SIDE * left, SIDE * top, SIDE * right, SIDE * bottom)
    small = Image.fromarray(film).resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=box)
    return np.clip(np.asarray(small), 0, 1)


def _place(share: NDArray[np.floating]) -> NDArray[np.intp]:
    return np.clip(share * (SIDE - 1), 0, SIDE - 1).astype(np.intp)
