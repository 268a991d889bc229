"""Films of one class, one by one → their mean and spread at each pixel, as small pictures."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pneumo.evidence.audit.records import MeanFilm

FEWEST_FILMS = 8
"""The mean of fewer films would show single children rather than a class."""

_STEPS = 16
"""A grey level is stored in so many steps."""

Plane = NDArray[np.float64]


class FilmAverage:
    """The films of one class of one split, of which only sums are kept."""

    def __init__(self) -> None:
        self.n = 0
        self._sum: Plane | float = 0.0
        self._squares: Plane | float = 0.0

    def add(self, film: NDArray[np.uint8]) -> None:
        """Add one film; all must have the same shape."""
        levels = film.astype(np.float64)
        self.n += 1
        self._sum = self._sum + levels
        self._squares = self._squares + levels**2

    def summarize(self, split: str, label: int) -> MeanFilm | None:
        """Return the mean film, None for fewer than FEWEST_FILMS films."""
        if self.n < FEWEST_FILMS:
            return None
        mean = np.asarray(self._sum) / self.n
        variance = np.asarray(self._squares) / self.n - mean**2
        spread = np.sqrt(np.maximum(variance, 0.0))
        return MeanFilm(split, label, self.n, encode(mean), encode(spread))


def encode(plane: Plane) -> str:
    """Return grey levels of 255, rounded to 1/16, as a 16-bit PNG in base 64."""
    stored = BytesIO()
    steps = np.rint(np.clip(plane, 0, 255) * _STEPS).astype(np.uint16)
    Image.fromarray(steps).save(stored, "PNG", optimize=True)
    return base64.b64encode(stored.getvalue()).decode("ascii")


def decode(text: str) -> Plane:
    """Return the grey levels of 255, shape (rows, columns), that `encode` was given.

    >>> float(decode(encode(np.full((2, 2), 100.5)))[0, 0])
    100.5
    """
    with Image.open(BytesIO(base64.b64decode(text))) as picture:
        return np.asarray(picture).astype(np.float64) / _STEPS


def subtract(first: MeanFilm, second: MeanFilm) -> Plane:
    """Return the first mean film minus the second, in grey levels of 255."""
    return decode(first.mean) - decode(second.mean)


def standardize_difference(first: MeanFilm, second: MeanFilm) -> Plane:
    """Return Cohen's d at each pixel (Cohen 1988): the difference in units of the spread.

    The spread is pooled over both sets of films; where neither varies, d is 0.
    """
    weights = (first.n - 1, second.n - 1)
    variances = (decode(first.spread) ** 2, decode(second.spread) ** 2)
    pooled = np.sqrt(sum(w * v for w, v in zip(weights, variances, strict=True)) / sum(weights))
    difference = subtract(first, second)
    return np.divide(difference, pooled, out=np.zeros_like(difference), where=pooled > 0)


@dataclass(frozen=True)
class Comparison:
    """How far two mean films are apart, in one line.

    Attributes:
        n_first: films in the first mean.
        n_second: films in the second.
        difference: mean over all pixels of the absolute difference, grey levels of 255.
        standardized: root mean square of Cohen's d over all pixels.
        by_chance: what `standardized` would be on average had both sets been drawn from the same
            films at random, film by film.
    """

    n_first: int
    n_second: int
    difference: float
    standardized: float
    by_chance: float


def compare_means(first: MeanFilm, second: MeanFilm) -> Comparison:
    """Return how far two mean films are apart."""
    return Comparison(
        first.n,
        second.n,
        float(np.abs(subtract(first, second)).mean()),
        float(np.sqrt(np.square(standardize_difference(first, second)).mean())),
        float(np.sqrt(1 / first.n + 1 / second.n)),
    )
