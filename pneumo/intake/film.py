"""Grey values in [0, 1] with what is known about them come in, a finished `Radiograph` goes out."""

from __future__ import annotations

import hashlib
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from pneumo.domain import Radiograph
from pneumo.errors import OversizedFilmError, UnsupportedFilmError

SMALLEST_SIDE = 32
"""Fewer rows or columns than this hold no chest that a reader or a network could judge."""

_SAMPLE_PIXELS = 1_000_000

STRETCHED = "Contrast was stretched between the 0.5th and 99.5th percentile."
_ROBUST = (0.5, 99.5)

Scalar = TypeVar("Scalar", bound=np.generic)


def check_size(rows: int, columns: int, max_pixels: int) -> None:
    """Refuse a film by the size that its header states, before a pixel is decoded.

    Raises:
        OversizedFilmError: rows times columns exceeds `max_pixels`.
        UnsupportedFilmError: a side is shorter than `SMALLEST_SIDE` pixels.
    """
    if rows * columns > max_pixels:
        raise OversizedFilmError(
            f"Expected at most {max_pixels:,} pixels, but the film has {columns} x {rows}: "
            "export it smaller, or raise PNEUMO_MAX_PIXELS."
        )
    if min(rows, columns) < SMALLEST_SIDE:
        raise UnsupportedFilmError(
            f"Expected at least {SMALLEST_SIDE} pixels on each side, but the picture has "
            f"{columns} x {rows}: export the film itself, not its thumbnail."
        )


def sample(values: NDArray[Scalar], most: int = _SAMPLE_PIXELS) -> NDArray[Scalar]:
    """Return every n-th pixel of every n-th row, or of a list, about `most`, as a view."""
    step = max(1, int(np.ceil((values.size / most) ** (1 / values.ndim))))
    return values[(slice(None, None, step),) * values.ndim]


def find_contrast(seen: NDArray[Any]) -> tuple[float, float]:
    """Return the values to be shown black and white: the 0.5th and the 99.5th percentile.

    A few hot pixels or a burned-in marker so do not darken the film. Where these two are equal,
    the smallest and the largest value.
    """
    low, high = np.percentile(seen, _ROBUST)
    if high <= low:
        low, high = seen.min(), seen.max()
    return float(low), float(high)


def fingerprint(pixels: NDArray[np.float32]) -> str:
    """Return the SHA-256 of shape and float32 pixels, hexadecimal: equal films, equal print."""
    digest = hashlib.sha256(f"{pixels.shape[0]}x{pixels.shape[1]}:".encode())
    digest.update(np.ascontiguousarray(pixels, dtype="<f4").data)
    return digest.hexdigest()


def develop(
    grey: NDArray[np.floating],
    *,
    source: Literal["picture", "dicom"],
    encoding: str,
    bit_depth: int,
    spacing_mm: tuple[float, float] | None = None,
    view: str | None = None,
    modality: str | None = None,
    body_part: str | None = None,
    age_years: int | None = None,
    notes: list[str],
) -> Radiograph:
    """Return the radiograph of grey values, clipped to [0, 1], finite, read-only, fingerprinted.

    Args:
        grey: shape (rows, columns), 0 black and 1 white; values beyond are clipped. Nobody else may
            hold it, since a film of the largest size is not copied.
        source: see `Radiograph`, as for all that follows.
        encoding: the format for people.
        bit_depth: bits of grey per pixel in the file.
        spacing_mm: between rows, between columns.
        view: DICOM View Position.
        modality: DICOM Modality.
        body_part: DICOM Body Part Examined.
        age_years: DICOM Patient's Age, in whole years, at most ADULT.
        notes: what was done to the pixels.
    """
    pixels = np.asarray(grey, dtype=np.float32, order="C")
    np.nan_to_num(pixels, copy=False, nan=0.0, posinf=1.0, neginf=0.0)
    np.clip(pixels, 0.0, 1.0, out=pixels)
    pixels += 0.0  # turns -0.0 into 0.0, which would otherwise change the fingerprint
    pixels.flags.writeable = False
    return Radiograph(
        pixels=pixels,
        source=source,
        encoding=encoding,
        bit_depth=bit_depth,
        spacing_mm=spacing_mm,
        view=view,
        modality=modality,
        body_part=body_part,
        age_years=age_years,
        notes=tuple(notes),
        fingerprint=fingerprint(pixels),
    )
