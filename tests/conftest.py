"""What all tests share: a tiny data set, tiny networks, and the shipped models."""

from __future__ import annotations

import atexit
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

# Serving is tested on the runtime that is shipped; tests marked `training` run in a process of
# their own with a backend that can train (see the Makefile).
os.environ.setdefault("KERAS_BACKEND", "openvino")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# Tests neither read nor fill the cache of whoever runs them.
_CACHE = tempfile.TemporaryDirectory(prefix="pneumo-tests-")
atexit.register(_CACHE.cleanup)
os.environ["PNEUMO_CACHE"] = _CACHE.name

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shipped_models() -> Path:
    return REPOSITORY / "models"


def draw_film(label: int, seed: int, side: int = 48) -> Image.Image:
    """Draw a film-like picture: a dark chest, with a bright patch in it where label is 1."""
    rng = np.random.default_rng([label, seed])
    pixels = rng.normal(70, 12, (side, side))
    if label:
        top, left = rng.integers(8, side - 24, 2)
        pixels[top : top + 16, left : left + 16] += 110
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of 112 drawn films in Kaggle's layout, two films a group."""
    folder = tmp_path_factory.mktemp("tiny_data")
    groups = {"train": range(10, 20), "val": range(20, 21), "test": range(1, 4)}
    for split, numbers in groups.items():
        for name in ("NORMAL", "PNEUMONIA"):
            (folder / split / name).mkdir(parents=True)
        for number in numbers:
            for film in (1, 2):
                seed = 10 * number + film
                normal, ill = folder / split / "NORMAL", folder / split / "PNEUMONIA"
                draw_film(0, seed).save(normal / f"IM-{number:04}-{film:04}.jpeg")
                draw_film(0, seed + 5).save(normal / f"NORMAL2-IM-{number:04}-{film:04}.jpeg")
                draw_film(1, seed).save(ill / f"person{number}_bacteria_{film}.jpeg")
                draw_film(1, seed + 5).save(ill / f"person{number}_virus_{film}.jpeg")
    return folder
