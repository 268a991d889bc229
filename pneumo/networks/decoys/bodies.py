"""A generator → drawn bodies that are no chest from the front: slices, bones, fans, side views."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pneumo.networks.decoys.textures import SIDE, Picture, filtered, level, soften

Field = NDArray[np.float64]

_ROWS, _COLUMNS = (np.mgrid[:SIDE, :SIDE] + 0.5) / SIDE - 0.5


def draw_slice(rng: np.random.Generator) -> Picture:
    """Draw a slice through a head, trunk or limb: a round body with organs, on black."""
    size = rng.uniform(0.28, 0.48, 2)
    body = _blob(rng, (0.0, 0.0), size, wobble=0.06)
    rim = rng.uniform(0.03, 0.16)
    grey = np.where(body < 1, rng.uniform(0.25, 0.7), 0.0)
    grey = grey + rng.uniform(0, 0.25) * filtered(rng, rng.uniform(1, 2.2)) * (body < 1 - rim)
    ring = (body < 1) & (body > 1 - rim)
    grey = np.where(ring, rng.uniform(0.1, 1.0), grey)
    if rng.random() < 0.6:
        inner = (body < 1 - rim) & (body > 1 - 1.8 * rim)
        grey = np.where(inner, rng.uniform(0, 1.0), grey)
    mirrored = rng.random() < 0.7
    for _ in range(int(rng.integers(1, 9))):
        centre = rng.uniform(-0.55, 0.55, 2) * size
        organ = _blob(rng, centre, size * rng.uniform(0.06, 0.45, 2), wobble=0.15)
        tone = rng.uniform(0, 1)
        grey = np.where((organ < 1) & (body < 1 - rim), tone, grey)
        if mirrored:
            grey = np.where((organ[:, ::-1] < 1) & (body < 1 - rim), tone, grey)
    return _develop(grey, rng)


def draw_brain(rng: np.random.Generator) -> Picture:
    """Draw a slice through a head: skull, folded brain, ventricles."""
    size = np.array([rng.uniform(0.36, 0.48), rng.uniform(0.28, 0.4)])
    head = _blob(rng, (0.0, 0.0), size, wobble=0.02)
    inside = head < rng.uniform(0.78, 0.9)
    folds = np.tanh(3 * filtered(rng, rng.uniform(1.2, 1.8)))
    folds = folds + folds[:, ::-1] * rng.uniform(0, 1)
    grey = np.where(inside, rng.uniform(0.35, 0.6) + rng.uniform(0.05, 0.2) * folds, 0.02)
    grey = np.where((head < 1) & (head > 0.94), rng.uniform(0.3, 1), grey)
    for offset in (-1, 1):
        centre = (rng.uniform(-0.1, 0.05), offset * rng.uniform(0.02, 0.06))
        ventricle = _blob(rng, centre, (rng.uniform(0.03, 0.12), rng.uniform(0.01, 0.05)))
        grey = np.where(ventricle < 1, rng.choice([0.05, 0.95]), grey)
    return _develop(grey, rng)


def draw_bones(rng: np.random.Generator) -> Picture:
    """Draw long bones in soft tissue: a knee, an arm, a leg, a foot."""
    grey = np.full((SIDE, SIDE), rng.uniform(0, 0.1))
    count = int(rng.integers(1, 4))
    lean = rng.normal(0, 0.35)
    middle = rng.uniform(-0.1, 0.1)
    flesh = np.abs(_along(lean, middle)[1]) / rng.uniform(0.14, 0.45)
    grey += rng.uniform(0.15, 0.4) * np.sqrt(np.clip(1 - flesh**2, 0, 1))
    joint = rng.uniform(-0.25, 0.25)
    for number in range(count):
        along, across = _along(
            lean + rng.normal(0, 0.08), middle + (number - (count - 1) / 2) * rng.uniform(0.1, 0.25)
        )
        for end in (-1, 1):
            reach = end * (along - joint)
            # Bones widen towards the joint, and a gap parts them there.
            width = rng.uniform(0.03, 0.09) * (1 + rng.uniform(0.3, 1.6) * np.exp(-reach / 0.09))
            inside = (reach > rng.uniform(0.005, 0.02)) & (np.abs(across) < width)
            edge = np.clip(np.abs(across) / np.maximum(width, 1e-3), 0, 1)
            grey = np.where(inside, grey + rng.uniform(0.2, 0.5) * (0.35 + 0.65 * edge**4), grey)
    return _develop(grey, rng)


def draw_hand(rng: np.random.Generator) -> Picture:
    """Draw a hand or foot: rays of short bones that spread from a palm."""
    grey = np.full((SIDE, SIDE), rng.uniform(0, 0.08))
    wrist = (rng.uniform(0.25, 0.45), rng.uniform(-0.1, 0.1))
    for ray in np.linspace(-rng.uniform(0.3, 0.8), rng.uniform(0.3, 0.8), 5):
        along, across = _along(ray, 0.0, wrist)
        length = rng.uniform(0.5, 0.8)
        flesh = (np.abs(across) < 0.055) & (along < 0) & (along > -length - 0.03)
        grey = np.where(flesh, np.maximum(grey, rng.uniform(0.2, 0.35)), grey)
        for start in np.cumsum(rng.uniform(0.1, 0.26, 4)):
            inside = (np.abs(across) < 0.025) & (-along > start - 0.2) & (-along < start - 0.02)
            edge = np.clip(np.abs(across) / 0.025, 0, 1)
            grey = np.where(inside & (-along < length), 0.5 + 0.4 * edge**3, grey)
    palm = _blob(rng, wrist, (0.14, 0.13)) < 1
    grey = np.where(palm, np.maximum(grey, 0.3 + 0.12 * filtered(rng, 1.6)), grey)
    return _develop(grey, rng)


def draw_column(rng: np.random.Generator) -> Picture:
    """Draw a spine or neck by itself: blocks in a row through soft tissue."""
    along, across = _along(rng.normal(0, 0.15), rng.uniform(-0.1, 0.1))
    across = across + rng.uniform(0, 0.12) * np.sin(rng.uniform(2, 5) * along)
    grey = rng.uniform(0.2, 0.5) * (np.abs(across) < rng.uniform(0.2, 0.6))
    height, width = rng.uniform(0.06, 0.16), rng.uniform(0.07, 0.16)
    for place in np.arange(-0.55, 0.6, height):
        inside = (np.abs(along - place) < 0.42 * height) & (np.abs(across) < width)
        grey = np.where(inside, grey + rng.uniform(0.2, 0.35), grey)
    wings = (np.abs(across) > 0.6 * width) & (np.abs(across) < 1.6 * width)
    grey = grey + 0.15 * wings * (np.sin(2 * np.pi * along / height) > 0.3)
    return _develop(grey, rng)


def draw_pelvis(rng: np.random.Generator) -> Picture:
    """Draw hips or a belly: two wings with holes, heads of thighs, a spine that ends."""
    grey = np.full((SIDE, SIDE), rng.uniform(0.25, 0.45))
    for side in (-1, 1):
        wing = _blob(rng, (-0.15, side * 0.25), (rng.uniform(0.16, 0.26), rng.uniform(0.12, 0.2)))
        grey = np.where((wing < 1) & (wing > 0.75), 0.8, np.where(wing < 1, 0.6, grey))
        hole = _blob(rng, (0.22, side * rng.uniform(0.1, 0.16)), (0.07, 0.06))
        grey = np.where((hole < 1.6) & (hole > 1), 0.75, np.where(hole < 1, 0.3, grey))
        head = _blob(rng, (0.1, side * rng.uniform(0.26, 0.34)), (0.08, 0.08))
        grey = np.where(head < 1, 0.85, grey)
        along, across = _along(side * -0.15, side * 0.33)
        grey = np.where((np.abs(across) < 0.06) & (along > 0.12), 0.7, grey)
    along, across = _along(0.0, 0.0)
    grey = np.where((np.abs(across) < 0.06) & (along < 0.05), grey + 0.25, grey)
    return _develop(grey, rng)


def draw_fan(rng: np.random.Generator) -> Picture:
    """Draw an ultrasound picture: speckle within a sector on black."""
    top = -rng.uniform(0.35, 0.6)
    reach = np.hypot(_ROWS - top, _COLUMNS)
    angle = np.abs(np.arctan2(_COLUMNS, _ROWS - top))
    near, far = rng.uniform(0.0, 0.25), rng.uniform(0.7, 1.0)
    sector = (reach > near) & (reach < far) & (angle < rng.uniform(0.4, 0.9))
    tissue = np.clip(0.4 + 0.3 * filtered(rng, rng.uniform(1.4, 2.2)), 0, 1)
    speckle = rng.rayleigh(0.8, (SIDE, SIDE))
    return np.clip(np.where(sector, tissue * speckle, 0.0), 0, 1).astype(np.float32)


def draw_breast(rng: np.random.Generator) -> Picture:
    """Draw a mammogram or a round field: half a disc at an edge, or a whole one, on black."""
    whole = rng.random() < 0.4
    centre = (rng.uniform(-0.1, 0.1), 0.0 if whole else -0.5)
    size = rng.uniform(0.3, 0.5, 2) * (1.0 if whole else (1.0, 1.5))
    disc = _blob(rng, centre, size, wobble=0.03)
    tissue = rng.uniform(0.3, 0.6) + 0.15 * filtered(rng, rng.uniform(1.2, 2.4))
    grey = np.where(disc < 1, tissue * np.clip(1.3 - disc * rng.uniform(0, 0.8), 0, 1), 0.0)
    picture = np.clip(grey, 0, 1).astype(np.float32)
    return picture if rng.random() < 0.5 else picture[:, ::-1]


def _blob(
    rng: np.random.Generator,
    centre: tuple[float, float] | Field,
    size: tuple[float, float] | Field,
    wobble: float = 0.1,
) -> Field:
    """Return how far out each position lies in an uneven ellipse, 1 on its edge."""
    rows, columns = _ROWS - centre[0], _COLUMNS - centre[1]
    angle = np.arctan2(rows, columns)
    edge = 1.0 + sum(
        wobble / waves * rng.normal() * np.cos(waves * angle + rng.uniform(0, 6.3))
        for waves in (2, 3, 5)
    )
    return np.asarray(np.hypot(rows / size[0], columns / size[1]) / edge)


def _along(
    lean: float, offset: float, origin: tuple[float, float] = (0.0, 0.0)
) -> tuple[Field, Field]:
    """Return the coordinates along and across a line that leans from upright, in sides."""
    rows, columns = _ROWS - origin[0], _COLUMNS - origin[1] - offset
    along = rows * np.cos(lean) + columns * np.sin(lean)
    return along, columns * np.cos(lean) - rows * np.sin(lean)


def _develop(grey: NDArray[np.floating], rng: np.random.Generator) -> Picture:
    """Soften the edges and add grain, as a body and a detector do."""
    soft = soften(grey, rng.uniform(0.4, 2.5))
    soft = soft + rng.uniform(0, 0.06) * filtered(rng, rng.uniform(0, 2))
    return level(soft) * np.float32(rng.uniform(0.6, 1.0))
