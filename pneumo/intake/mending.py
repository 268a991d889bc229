"""A film and what its reader wants done to it → the mended copy: turned, mirrored or inverted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pneumo.domain import Radiograph, Remedy
from pneumo.intake.film import fingerprint

Pixels = NDArray[np.float32]

Mend = Literal["rotate 90", "rotate 180", "rotate 270", "mirror", "invert"]
"""A remedy that does something; turns are counted anticlockwise."""

_TURNS: tuple[Mend, ...] = ("rotate 90", "rotate 180", "rotate 270")

_MENDS: dict[Mend, tuple[Callable[[Pixels], Pixels], str]] = {
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
    return mend_all(radiograph, (remedy,)) if remedy else radiograph


def mend_all(radiograph: Radiograph, mends: Sequence[Mend]) -> Radiograph:
    """Return a film mended in several ways, one after the other, as `mend` does; itself if none."""
    if not mends:
        return radiograph
    pixels, spacing = radiograph.pixels, radiograph.spacing_mm
    for each in mends:
        pixels = _MENDS[each][0](pixels)
        if spacing is not None and each in ("rotate 90", "rotate 270"):
            spacing = (spacing[1], spacing[0])
    pixels = np.ascontiguousarray(pixels, dtype=np.float32)
    pixels.flags.writeable = False
    return replace(
        radiograph,
        pixels=pixels,
        spacing_mm=spacing,
        notes=(*radiograph.notes, *(_MENDS[each][1] for each in mends)),
        fingerprint=fingerprint(pixels),
    )


def add_mend(done: Sequence[Mend], remedy: Remedy) -> tuple[Mend, ...]:
    """Return the shortest way to all that was done to a film and a further remedy.

    That is a turn, a mirroring and an inversion, in this order and each at most once; nothing if
    the film is as it was at first.

    >>> add_mend(("rotate 90", "mirror"), "rotate 90"), add_mend(("invert",), "invert")
    (('mirror',), ())
    """
    quarters, mirrored, inverted = 0, False, False
    for each in (*done, remedy):
        if each in _TURNS:
            # To turn a mirrored film is to mirror one that was turned the other way.
            quarters += (-1 if mirrored else 1) * (1 + _TURNS.index(each))
        mirrored ^= each == "mirror"
        inverted ^= each == "invert"
    found: list[Mend] = [_TURNS[quarters % 4 - 1]] if quarters % 4 else []
    if mirrored:
        found.append("mirror")
    if inverted:
        found.append("invert")
    return tuple(found)


def say_mends(mends: Sequence[Mend]) -> str:
    """Say in sentences what a reader did to a film; empty if nothing.

    >>> say_mends(("rotate 180", "invert"))
    'Turned by 180 degrees by the reader. Inverted by the reader.'
    """
    return " ".join(_MENDS[each][1] for each in mends)
