"""A film and a remedy → the mended copy: turned, inverted or mirrored, and noted as such."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pneumo.domain import Radiograph, Remedy
from pneumo.intake.film import fingerprint

Pixels = NDArray[np.float32]

_MENDS: dict[Remedy, tuple[Callable[[Pixels], Pixels], str]] = {
    "rotate 90": (np.rot90, "Turned by 90 degrees anticlockwise by the reader."),
    "rotate 180": (lambda film: np.rot90(film, 2), "Turned by 180 degrees by the reader."),
    "rotate 270": (lambda film: np.rot90(film, 3), "Turned by 90 degrees clockwise by the reader."),
    "invert": (lambda film: np.float32(1.0) - film, "Inverted by the reader."),
    "mirror": (np.fliplr, "Mirrored by the reader."),
}


def mend(radiograph: Radiograph, remedy: Remedy) -> Radiograph:
    """Return a mended copy of a film, with a note of what was done and a fingerprint of its own.

    An empty remedy gives the film back as it is.
    """
    if not remedy:
        return radiograph
    change, note = _MENDS[remedy]
    pixels = np.ascontiguousarray(change(radiograph.pixels), dtype=np.float32)
    pixels.flags.writeable = False
    spacing = radiograph.spacing_mm
    if spacing is not None and remedy in ("rotate 90", "rotate 270"):
        spacing = (spacing[1], spacing[0])
    return replace(
        radiograph,
        pixels=pixels,
        spacing_mm=spacing,
        notes=(*radiograph.notes, note),
        fingerprint=fingerprint(pixels),
    )
