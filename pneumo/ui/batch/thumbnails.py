"""A film → a picture so small that a table can show a thousand of them."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

from PIL import Image

from pneumo import Radiograph
from pneumo.ui.pictures import show_film

LONGEST_SIDE = 64
"""Pixels: enough to tell films apart, and about 2 kB of a page."""

_QUALITY = 70


def draw_thumbnail(radiograph: Radiograph) -> str:
    """Return a film as the URL of a JPEG picture that holds the picture itself."""
    # Every n-th pixel is enough for a thumbnail, and a hundredth of the work.
    step = max(1, max(radiograph.rows, radiograph.columns) // (4 * LONGEST_SIDE))
    picture = Image.fromarray(
        show_film(replace(radiograph, pixels=radiograph.pixels[::step, ::step].copy()))
    )
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    stored = io.BytesIO()
    picture.save(stored, "JPEG", quality=_QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(stored.getvalue()).decode()}"
