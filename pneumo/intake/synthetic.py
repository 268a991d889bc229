"""A statistical model of the training films ⇄ a synthetic film, which shows no child.

The model is a principal component analysis of all training films with one Gaussian a class in
its coordinates. It keeps means and spreads only, so no single film can be read back from it.
"""

from __future__ import annotations

import functools
import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pneumo.domain import CLASSES, Radiograph
from pneumo.errors import DamagedWeightsError, MissingWeightsError
from pneumo.intake.film import fingerprint

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

SYNTHETIC_FILE = "synthetic_films.npz"
COMPONENTS = 120
_SHOWN_SIZE = (448, 576)


def fit_synthetic_films(films: NDArray[np.uint8], labels: NDArray[np.int64]) -> bytes:
    """Fit the model.

    Args:
        films: shape (n, rows, columns), uint8, at least COMPONENTS + 1 of them.
        labels: shape (n,), 0 or 1.

    Returns:
        The bytes of SYNTHETIC_FILE.
    """
    from sklearn.decomposition import PCA

    flat = films.reshape(len(films), -1).astype(np.float32) / 255.0
    analysis = PCA(COMPONENTS, svd_solver="randomized", random_state=1)
    coordinates = analysis.fit_transform(flat)
    stored = io.BytesIO()
    np.savez_compressed(
        stored,
        shape=np.array(films.shape[1:]),
        mean=analysis.mean_.astype(np.float16),
        components=analysis.components_.astype(np.float16),
        centres=np.stack([coordinates[labels == k].mean(axis=0) for k in (0, 1)]),
        covariances=np.stack([np.cov(coordinates[labels == k], rowvar=False) for k in (0, 1)]),
    )
    return stored.getvalue()


@functools.cache
def _find_libraries() -> ThreadpoolController:
    """Return what can keep NumPy's linear algebra from using threads.

    While OpenVINO starts threads of its own, those of OpenBLAS can wait for each other for ever.
    """
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def draw_synthetic_film(models_dir: Path, class_name: str, *, seed: int) -> Radiograph:
    """Draw one synthetic film of a class; equal seeds give equal films.

    Args:
        models_dir: the folder that holds SYNTHETIC_FILE.
        class_name: "NORMAL" or "PNEUMONIA": whose statistics are drawn from. A drawn film has no
            diagnosis.
        seed: at least 0.

    Raises:
        MissingWeightsError: the model is not there.
        DamagedWeightsError: it cannot be read.
    """
    path = models_dir / SYNTHETIC_FILE
    if not path.is_file():
        raise MissingWeightsError(
            f"The file {SYNTHETIC_FILE} is missing from the models folder: restore it from the "
            "release, or make it with `python -m pneumo synthesize`."
        )
    label = CLASSES.index(class_name)
    try:
        with np.load(path) as model, _find_libraries().limit(limits=1, user_api="blas"):
            place = np.random.default_rng([seed, label]).multivariate_normal(
                model["centres"][label], model["covariances"][label]
            )
            components = model["components"].astype(np.float32)
            flat = model["mean"].astype(np.float32) + place.astype(np.float32) @ components
            small = np.clip(flat, 0.0, 1.0).reshape(model["shape"])
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise DamagedWeightsError(
            f"The file {SYNTHETIC_FILE} is cut off or corrupt: restore it from the release."
        ) from error
    rows, columns = _SHOWN_SIZE
    shown = Image.fromarray(small).resize((columns, rows), Image.Resampling.BICUBIC)
    pixels = np.clip(np.asarray(shown, dtype=np.float32), 0.0, 1.0)
    pixels.setflags(write=False)
    return Radiograph(
        pixels=pixels,
        source="picture",
        encoding="synthetic",
        bit_depth=8,
        notes=("Synthetic: drawn from the statistics of the training films, it shows no child.",),
        fingerprint=fingerprint(pixels),
    )
