"""A film's pixels → simple measures of them, and what lies beyond the range of training films.

Nothing here is learned but the ranges' ends, which `models/gate.json` holds. What has to be seen
to be judged, `pneumo.decision.gate` judges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pneumo.domain import Concern

_UNEVEN = 0.015
"""Standard deviation of grey from which on a row or column is none of an empty border."""

_SMALLEST = 16
"""Pixels: what is narrower within its border is measured with it."""


@dataclass(frozen=True)
class Range:
    """From where to where a measure lies for films that are fine; None for no end.

    Attributes:
        low: smallest value.
        high: largest value.
    """

    low: float | None = None
    high: float | None = None

    def broken_by(self, value: float) -> float | None:
        """Return the end that a value lies beyond, None if it lies beyond neither."""
        if self.low is not None and value < self.low:
            return self.low
        if self.high is not None and value > self.high:
            return self.high
        return None


def measure_pixels(film: NDArray[np.float32]) -> dict[str, float]:
    """Measure a film that was squashed to the networks' side.

    All but the border is measured within the border: what is white there is no over-exposure.

    Args:
        film: shape (side, side), in [0, 1].

    Returns:
        - black, white: shares of what is within the border, at most 0.02 and at least 0.98 of the
          full range.
        - contrast: from the 5th to the 95th percentile of grey.
        - brightness: the median grey.
        - border: share of the whole film in plain rows and columns along its edges.
        - sharpness: decimal logarithm of the Laplacian's standard deviation by the film's own.
        - cover: largest share of the middle quarter that has one grey, to 1 of 255 steps.
    """
    inside = _cut_border(film)
    border = float(1.0 - inside.size / film.size)
    film = inside if min(inside.shape) >= _SMALLEST else film
    low, median, high = (float(grey) for grey in np.percentile(film, (5, 50, 95)))
    rows, columns = (side // 4 for side in film.shape)
    inner = film[rows : film.shape[0] - rows, columns : film.shape[1] - columns]
    greys = np.bincount(np.rint(inner * 255).astype(np.intp).ravel(), minlength=258)
    near = greys + np.roll(greys, 1) + np.roll(greys, -1)
    middle, around = film[1:-1, 1:-1], film[1:-1, :-2] + film[1:-1, 2:]
    laplacian = around + film[:-2, 1:-1] + film[2:, 1:-1] - 4 * middle
    return {
        "black": float(np.mean(film <= 0.02)),
        "white": float(np.mean(film >= 0.98)),
        "contrast": high - low,
        "brightness": median,
        "border": border,
        "sharpness": float(np.log10((laplacian.std() + 1e-6) / (film.std() + 1e-3))),
        "cover": float(near.max() / inner.size),
    }


def _cut_border(film: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what lies between the first and last uneven rows and columns; nothing if none is."""
    ends = []
    for axis in (1, 0):
        uneven = np.flatnonzero(film.std(axis=axis) >= _UNEVEN)
        ends.append(slice(uneven[0], uneven[-1] + 1) if len(uneven) else slice(0, 0))
    return film[ends[0], ends[1]]


_WORDS: dict[str, tuple[str, str, str, str]] = {
    # measure: name and message below its range, name and message above it
    "black": ("", "", "under-exposed", "{:.0%} of the film is black. Export it with its window."),
    "white": ("", "", "over-exposed", "{:.0%} of the film is white. Export it with its window."),
    "contrast": (
        "hardly any contrast",
        "Nine tenths of the film differ by {:.0%} of the grey scale only. Export it with its "
        "window.",
        "too much contrast",
        "Nine tenths of the film span {:.0%} of the grey scale. Export it with its window.",
    ),
    "brightness": (
        "under-exposed",
        "Half of the film is darker than {:.0%} of the grey scale. Export it with its window.",
        "over-exposed",
        "Half of the film is brighter than {:.0%} of the grey scale. Export it with its window.",
    ),
    "border": (
        "",
        "",
        "mostly border",
        "{:.0%} of the picture is an empty border, which is known to turn normal films into "
        "PNEUMONIA. Cut the border off.",
    ),
    "sharpness": (
        "blurred",
        "The film has next to no fine detail (log sharpness {:.2f}). Export it sharper, not "
        "enlarged from a small copy.",
        "grainy",
        "The film is all grain (log sharpness {:.2f}). Export it without sharpening.",
    ),
    "cover": (
        "",
        "",
        "covered",
        "{:.0%} of the middle is one even grey: something covers the lungs. Export the film "
        "without it.",
    ),
}


def find_pixel_concerns(
    measures: Mapping[str, float], ranges: Mapping[str, Range]
) -> list[Concern]:
    """Return what `measure_pixels` found beyond the range of the training films, as warnings."""
    found: dict[str, Concern] = {}
    for measure, value in measures.items():
        end = ranges[measure].broken_by(value) if measure in ranges else None
        if end is None:
            continue
        words = _WORDS[measure][:2] if value < end else _WORDS[measure][2:]
        if words[0] and words[0] not in found:
            found[words[0]] = Concern(
                words[0],
                f"{words[1].format(value)} The training films end at {end:.3g}.",
                value=round(value, 4),
                threshold=end,
            )
    return list(found.values())
