"""Radiographs and collected films → the arrays that networks take in."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from pneumo.domain import Radiograph
from pneumo.intake import read_radiograph
from pneumo.intake.collection import CollectedFilm
from pneumo.networks.zoo import SIDE

NEEDED_SIDE = 4 * SIDE
"""Rows and columns to which a film may be shrunk by its decoder before it is squashed.

JPEG's own way of shrinking is not that of `squash`. Measured on 80 films of original size, a
reduction that leaves at least 3 x 224 pixels moved the joint probability by up to 0.0009 and one
network's by 0.006; at 4 x 224 neither moved by more than 0.00001.
"""


def squash(radiograph: Radiograph) -> NDArray[np.float32]:
    """Scale a film to the networks' square input, aspect ratio not kept.

    The networks were trained on films squashed to 224 x 224 with an antialiased bilinear filter;
    any other way of shrinking shifts their scores.

    Returns:
        Shape (224, 224), float32 in [0, 1].
    """
    picture = Image.fromarray(radiograph.pixels)
    small = picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return np.clip(np.asarray(small, dtype=np.float32), 0.0, 1.0)


def load_films(films: Sequence[CollectedFilm]) -> NDArray[np.uint8]:
    """Read and squash a collection, with a progress bar on standard error.

    Returns:
        Shape (films, 224, 224), uint8: what JPEG films hold, at a quarter of the memory.
    """
    array = np.empty((len(films), SIDE, SIDE), dtype=np.uint8)

    def load(index: int) -> None:
        radiograph = read_radiograph(films[index].path.read_bytes())
        array[index] = np.rint(squash(radiograph) * 255).astype(np.uint8)

    with ThreadPoolExecutor() as pool:
        for _ in tqdm(
            pool.map(load, range(len(films))),
            "reading films",
            len(films),
            unit="film",
            leave=False,
            mininterval=1,
        ):
            pass
    return array


def shrink_films(films: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return films, shape (n, rows, columns), at another side: (n, side, side), antialiased."""
    if films.shape[1:] == (side, side):
        return films
    small = [Image.fromarray(f).resize((side, side), Image.Resampling.BILINEAR) for f in films]
    return np.stack([np.asarray(film) for film in small])


def to_input(films: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Turn uint8 films, shape (n, rows, columns), into (n, rows, columns, 1) in [0, 1]."""
    return films[..., np.newaxis].astype(np.float32) / 255.0
