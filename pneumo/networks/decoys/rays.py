"""Where a body is looked at from → how far each ray passes ellipsoids and thin things in it.

A ray enters and leaves an ellipsoid once, so that what it passes of one within another is known
exactly, and no grid of voxels is needed. Lengths are in shares of a side of the picture: x from
right to left through the patient, y from back to front, z from head to feet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pneumo.networks.decoys.textures import SIDE, soften

Field = NDArray[np.float64]
Vector = NDArray[np.float64]

_ROWS, _COLUMNS = (np.mgrid[:SIDE, :SIDE] + 0.5) / SIDE - 0.5


@dataclass(frozen=True, eq=False)
class View:
    """Where the trunk is looked at from.

    Attributes:
        turn: radians around z, 0 from the front, a quarter circle from the side.
        roll: radians within the picture.
        height: of the picture's middle along z.
        shift: of the picture's middle across.
        size: what one side of the picture shows.
    """

    turn: float
    roll: float
    height: float
    shift: float
    size: float

    def place(self) -> tuple[Field, Field]:
        """Return how far across and how far down each ray passes, shape (224, 224)."""
        cos, sin = np.cos(self.roll), np.sin(self.roll)
        across = self.size * (_COLUMNS * cos + _ROWS * sin) + self.shift
        return across, self.size * (_ROWS * cos - _COLUMNS * sin) + self.height

    def find(self, points: Vector) -> tuple[Field, Field]:
        """Return the rows and columns at which points, shape (n, 3), are seen."""
        across = points[:, 0] * np.cos(self.turn) + points[:, 1] * np.sin(self.turn) - self.shift
        down = points[:, 2] - self.height
        cos, sin = np.cos(self.roll), np.sin(self.roll)
        column, row = (across * cos - down * sin), (across * sin + down * cos)
        return (row / self.size + 0.5) * SIDE, (column / self.size + 0.5) * SIDE


@dataclass(frozen=True, eq=False)
class Passage:
    """Where rays enter and leave a body, NaN-free: a ray that misses it leaves before it enters."""

    enters: Field
    leaves: Field

    def length(self) -> Field:
        """Return how long each ray is within."""
        return np.maximum(self.leaves - self.enters, 0)

    def within(self, other: Passage) -> Passage:
        """Return what is passed of both."""
        return Passage(np.maximum(self.enters, other.enters), np.minimum(self.leaves, other.leaves))


def cross(view: View, centre: tuple[float, ...], size: tuple[float, ...], lean: float) -> Passage:
    """Send all rays of a view through an ellipsoid.

    Args:
        view: where they come from.
        centre: x, y, z.
        size: its half axes.
        lean: radians by which its head lies farther back than its feet.
    """
    turned = np.array(
        [[1, 0, 0], [0, np.cos(lean), -np.sin(lean)], [0, np.sin(lean), np.cos(lean)]]
    )
    form = turned.T @ np.diag(1 / np.square(size)) @ turned
    cos, sin = np.cos(view.turn), np.sin(view.turn)
    axes = np.array([[cos, sin, 0], [0, 0, 1], [-sin, cos, 0]])
    form, middle = axes @ form @ axes.T, axes @ np.array(centre)
    across, down = view.place()
    across, down = across - middle[0], down - middle[1]
    # form[2, 2] t² + 2 half t + rest = 0, along the ray.
    half = form[2, 0] * across + form[2, 1] * down
    rest = form[0, 0] * across**2 + 2 * form[0, 1] * across * down + form[1, 1] * down**2 - 1
    root = half**2 - form[2, 2] * rest
    reach = np.where(root > 0, np.sqrt(np.maximum(root, 0)), -1.0) / form[2, 2]
    nearest = middle[2] - half / form[2, 2]
    return Passage(nearest - reach, nearest + reach)


def splat(view: View, points: Vector, weights: Field, radius: float) -> Field:
    """Return how much each ray passes of thin things that are given as points along them."""
    rows, columns = (np.floor(places).astype(np.intp) for places in view.find(points))
    inside = (rows >= 0) & (rows < SIDE) & (columns >= 0) & (columns < SIDE)
    seen = np.zeros((SIDE, SIDE))
    np.add.at(seen, (rows[inside], columns[inside]), weights[inside])
    return np.maximum(soften(seen, radius), 0) * radius**2
