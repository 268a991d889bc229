"""A generator → films of a body that show no chest from the front: side views, a belly, a head."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from pneumo.networks.decoys.phantom import project_head, project_trunk
from pneumo.networks.decoys.rays import View
from pneumo.networks.decoys.textures import SIDE, Picture, filtered, level, soften


def draw_side_view(rng: np.random.Generator) -> Picture:
    """Draw a chest from the side, the patient facing either way."""
    turn = rng.choice([-1, 1]) * np.pi / 2 + rng.normal(0, 0.12)
    return _draw_chest(rng, float(turn))


def draw_oblique(rng: np.random.Generator) -> Picture:
    """Draw a chest from between front and side, 40 to 65 degrees off the front or the back."""
    turn = np.deg2rad(rng.uniform(40, 65)) * rng.choice([-1, 1]) + np.pi * rng.integers(0, 2)
    return _draw_chest(rng, float(turn))


def draw_belly(rng: np.random.Generator) -> Picture:
    """Draw what lies below the chest, from any side: spine, gas and hips."""
    size = rng.uniform(0.55, 0.95)
    view = View(
        turn=rng.choice([0.0, np.pi, rng.uniform(0, 2 * np.pi)]),
        roll=rng.normal(0, 0.08),
        height=0.45 + size * rng.uniform(0.35, 0.55),
        shift=rng.normal(0, 0.05),
        size=size,
    )
    return expose(project_trunk(rng, view), rng)


def draw_head(rng: np.random.Generator) -> Picture:
    """Draw a head with the neck below, from any side."""
    view = View(
        turn=rng.choice([0.0, np.pi / 2, -np.pi / 2, rng.uniform(0, 2 * np.pi)]),
        roll=rng.normal(0, 0.15),
        height=rng.normal(0.05, 0.08),
        shift=rng.normal(0, 0.05),
        size=rng.uniform(0.6, 1.2),
    )
    return expose(project_head(rng, view), rng)


def _draw_chest(rng: np.random.Generator, turn: float) -> Picture:
    view = View(
        turn=turn,
        roll=rng.normal(0, 0.1),
        height=rng.normal(-0.03, 0.07),
        shift=rng.normal(0, 0.06),
        size=rng.uniform(0.6, 1.05),
    )
    path = project_trunk(rng, view)
    # Many a side view is narrow, and is squashed to a square like every film.
    if rng.random() < 0.5:
        edge = int(rng.uniform(0.05, 0.25) * SIDE)
        path = path[:, edge : SIDE - edge]
    return expose(path, rng)


def expose(path: NDArray[np.floating], rng: np.random.Generator) -> Picture:
    """Return the film behind a body (Beer and Lambert), as one of many programs shows it.

    Args:
        path: how much each ray is weakened, shape (rows, columns).
        rng: where all chance comes from.
    """
    square = Image.fromarray(path.astype(np.float32)).resize((SIDE, SIDE))
    path = soften(np.asarray(square), rng.uniform(0.3, 1.3))
    dose = rng.uniform(0.5, 4.0)
    grey = level(path if rng.random() < 0.4 else -np.exp(-dose * path))
    if rng.random() < 0.6:
        fine = grey - soften(grey, rng.uniform(1.5, 12))
        grey = level(grey + rng.uniform(0.3, 3.0) * fine)
    if rng.random() < 0.35:
        reach = rng.uniform(15, 50)
        middle = soften(grey, reach)
        spread = np.sqrt(np.maximum(soften((grey - middle) ** 2, reach), 1e-4))
        share = rng.uniform(0.3, 0.9)
        grey = level((1 - share) * grey + share * 0.2 * (grey - middle) / spread)
    grey = grey ** np.exp(rng.uniform(-0.7, 0.7))
    picture = Image.fromarray(np.rint(np.clip(grey, 0, 1) * 255).astype(np.uint8))
    if rng.random() < 0.25:
        picture = ImageOps.equalize(picture)
    film = np.asarray(picture) / 255 + rng.uniform(0, 0.03) * filtered(rng, rng.uniform(0, 1.2))
    low, high = rng.uniform(0, 0.15), rng.uniform(0.8, 1.0)
    return np.clip(low + (high - low) * film, 0, 1).astype(np.float32)
