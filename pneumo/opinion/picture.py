"""A radiograph → the PNG that leaves for a language model: grey pixels, and nothing else."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import numpy as np

from pneumo.domain import Radiograph

MOST_MASKED = 0.25
"""Largest share of each side that can be masked; more would cover the lungs."""


@dataclass(frozen=True, eq=False)
class FilmPicture:
    """The picture of one film as it is sent.

    Attributes:
        png: the file, 8 bit grey, with no chunk but the pixels'.
        rows: height in pixels.
        columns: width in pixels.
        mask_share: share of each side that was blackened at each border, in [0, 0.25].
        fingerprint: the radiograph's.
    """

    png: bytes
    rows: int
    columns: int
    mask_share: float
    fingerprint: str

    @property
    def data_url(self) -> str:
        """The picture as a request holds it (RFC 2397)."""
        return "data:image/png;base64," + base64.b64encode(self.png).decode("ascii")


def encode_film(radiograph: Radiograph, *, side_px: int, mask_share: float = 0.0) -> FilmPicture:
    """Encode a film anew from its pixels alone, so that no metadata of the file can leave.

    Args:
        radiograph: the film.
        side_px: longest side of the picture; a smaller film is not enlarged.
        mask_share: share of the height and of the width, in [0, 0.25], to blacken at each border,
            where scanned films carry burned-in names.

    Raises:
        ValueError: the share is out of range.
    """
    from PIL import Image

    if not 0 <= mask_share <= MOST_MASKED:
        raise ValueError(f"Expected a share from 0 to {MOST_MASKED}, but got {mask_share}.")
    pixels = np.rint(np.clip(radiograph.pixels, 0, 1) * 255).astype(np.uint8)
    if mask_share > 0:
        # Masked before it is shrunk, so that no grey of a letter seeps inwards.
        down = int(np.ceil(mask_share * radiograph.rows))
        across = int(np.ceil(mask_share * radiograph.columns))
        kept = np.zeros_like(pixels)
        inner = (slice(down, radiograph.rows - down), slice(across, radiograph.columns - across))
        kept[inner] = pixels[inner]
        pixels = kept
    picture = Image.fromarray(pixels)
    shrink = side_px / max(picture.size)
    if shrink < 1:
        columns, rows = (max(1, round(side * shrink)) for side in picture.size)
        picture = picture.resize((columns, rows), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return FilmPicture(
        png=buffer.getvalue(),
        rows=picture.height,
        columns=picture.width,
        mask_share=mask_share,
        fingerprint=radiograph.fingerprint,
    )
