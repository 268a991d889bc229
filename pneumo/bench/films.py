"""The statistics of the training films → drawn films as JPEG files, so that no data set is needed.

How long a network takes does not depend on what a film shows; how long a file takes to decode
depends on its size and grain, so grain is added that brings a drawn film to a real one's bytes.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pneumo.domain import CLASSES
from pneumo.intake.synthetic import draw_synthetic_film

NETWORK_SIDE, ORIGINAL_SIDE = 224, 1500
"""Pixels a side of a film that is as small as the networks see it, and of one as it was taken."""

_GRAIN = 0.01
_QUALITY = 90


def draw_jpegs(models_dir: Path, count: int, *, side: int) -> list[bytes]:
    """Draw films and encode them.

    Args:
        models_dir: the folder that holds the statistics.
        count: how many; no two are equal.
        side: rows and columns, in pixels.

    Raises:
        ModelError: the statistics are missing or damaged.
    """
    rng = np.random.default_rng(side)
    files = []
    for number in range(count):
        film = draw_synthetic_film(models_dir, CLASSES[number % 2], seed=number)
        picture = Image.fromarray(film.pixels).resize((side, side), Image.Resampling.BICUBIC)
        pixels = np.asarray(picture) + rng.normal(0.0, _GRAIN, (side, side))
        files.append(_encode(np.rint(255 * np.clip(pixels, 0.0, 1.0)).astype(np.uint8)))
    return files


def shift_film(jpeg: bytes, *, rows: int) -> bytes:
    """Return a drawn film moved down, as another film that costs as much to decode."""
    with Image.open(io.BytesIO(jpeg)) as picture:
        return _encode(np.roll(np.asarray(picture), rows, axis=0)) if rows else jpeg


def _encode(grey: NDArray[np.uint8]) -> bytes:
    stored = io.BytesIO()
    Image.fromarray(grey).save(stored, "JPEG", quality=_QUALITY)
    return stored.getvalue()
