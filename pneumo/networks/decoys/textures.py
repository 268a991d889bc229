"""A generator → textures without any body in them: noise of all scales, leaves, light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Picture = NDArray[np.float32]

SIDE = 224


def draw_clouds(rng: np.random.Generator) -> Picture:
    """Draw noise whose power falls with frequency, as it does in most pictures of the world."""
    return level(filtered(rng, rng.uniform(0.3, 3.2)))


def draw_marble(rng: np.random.Generator) -> Picture:
    """Draw clouds that are pulled along by other clouds: veins, tissue, wood."""
    base = filtered(rng, rng.uniform(1.2, 2.6))
    strength = rng.uniform(5, 45)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    moved = [axis + strength * filtered(rng, 2.5) for axis in (rows, columns)]
    pulled = base[tuple(np.clip(axis, 0, SIDE - 1).astype(np.intp) for axis in moved)]
    if rng.random() < 0.5:
        pulled = np.sin(pulled * rng.uniform(1, 8))
    return level(pulled)


def draw_leaves(rng: np.random.Generator) -> Picture:
    """Draw shapes of all sizes that cover each other (the dead leaves model of photographs)."""
    picture = Image.new("F", (SIDE, SIDE), float(rng.random()))
    draw = ImageDraw.Draw(picture)
    smallest = rng.uniform(2, 8)
    kind = rng.integers(0, 4)
    for _ in range(int(rng.integers(30, 500))):
        # A number of shapes of size r that falls with r cubed looks alike at every scale.
        radius = min(smallest / np.sqrt(1 - 0.995 * rng.random()), 110)
        x, y = rng.uniform(-20, SIDE + 20, 2)
        grey = float(rng.random())
        shape = rng.integers(0, 3) if kind == 3 else kind
        if shape == 0:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=grey)
        else:
            corners = 4 if shape == 1 else int(rng.integers(3, 8))
            angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
            reach = radius * rng.uniform(0.4, 1.2, corners)
            points = zip(x + reach * np.cos(angles), y + reach * np.sin(angles), strict=True)
            draw.polygon(list(points), fill=grey)
    leaves = np.asarray(picture, dtype=np.float32)
    grain = rng.uniform(0, 0.25) * filtered(rng, rng.uniform(0.5, 2.0))
    return level(leaves + grain + rng.uniform(0, 0.6) * _slope(rng))


def draw_light(rng: np.random.Generator) -> Picture:
    """Draw next to nothing: one grey, a slope of greys, a spot of light, or snow."""
    kind = rng.integers(0, 4)
    if kind == 0:
        return np.full((SIDE, SIDE), rng.random(), dtype=np.float32)
    if kind == 1:
        return level(_slope(rng))
    if kind == 2:
        rows, columns = np.mgrid[:SIDE, :SIDE] / SIDE
        reach = np.hypot(rows - rng.uniform(0.2, 0.8), columns - rng.uniform(0.2, 0.8))
        return level(np.exp(-((reach / rng.uniform(0.1, 0.6)) ** 2)))
    return rng.random((SIDE, SIDE), dtype=np.float32)


def level(values: NDArray[np.floating]) -> Picture:
    """Scale values to [0, 1], the outermost hundredth of them clipped."""
    low, high = np.percentile(values, [0.5, 99.5])
    return np.clip((values - low) / max(float(high - low), 1e-6), 0, 1).astype(np.float32)


def soften(values: NDArray[np.floating], radius: float) -> NDArray[np.float64]:
    """Blur a picture by a Gaussian whose standard deviation is so many pixels."""
    rows = np.fft.fftfreq(SIDE)[:, np.newaxis]
    frequency = np.hypot(rows, np.fft.rfftfreq(SIDE))
    blur = np.exp(-2 * (np.pi * frequency * radius) ** 2)
    return np.asarray(np.fft.irfft2(np.fft.rfft2(values) * blur, s=(SIDE, SIDE)))


def filtered(rng: np.random.Generator, power: float) -> NDArray[np.float64]:
    """Return noise with amplitudes of frequency ** -power, mean 0, standard deviation 1."""
    rows = np.fft.fftfreq(SIDE)[:, np.newaxis]
    frequency = np.hypot(rows, np.fft.rfftfreq(SIDE) * rng.uniform(0.5, 2))
    frequency[0, 0] = np.inf
    waves = np.fft.rfft2(rng.normal(size=(SIDE, SIDE))) * frequency**-power
    noise = np.fft.irfft2(waves, s=(SIDE, SIDE))
    return np.asarray(noise / noise.std())


def _slope(rng: np.random.Generator) -> NDArray[np.float64]:
    rows, columns = np.mgrid[:SIDE, :SIDE] / SIDE - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    return np.asarray(rows * np.sin(angle) + columns * np.cos(angle))
