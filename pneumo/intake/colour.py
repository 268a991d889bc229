"""A DICOM film that is stored as colour comes in, its grey values go out if there is no colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import FileDataset

from pneumo.errors import DamagedFilmError
from pneumo.intake.elements import element, numbers, text, whole
from pneumo.intake.frames import read_colour_frame
from pneumo.intake.layout import PALETTE, Layout, tell_of_colour
from pneumo.intake.shades import IN_COLOUR, grey_of


def read_grey(ds: FileDataset, layout: Layout) -> tuple[NDArray[np.float32], str, list[str]]:
    """Return grey values in [0, 1], the encoding's name for people, and notes.

    Three channels that are equal, but for what a lossy encoding made of them, are grey, as for
    pictures. DICOM knows no X-ray in colour, so that a file with real colour is refused, whereas
    of a picture nobody knows what it was before.

    Raises:
        DamagedFilmError: the pixels or the palette are cut off, corrupt or missing.
        UnsupportedFilmError: the film is in colour, or of an encoding that is not read as colour.
    """
    frame, encoding = read_colour_frame(ds, layout)
    size = (layout.columns, layout.rows)
    if layout.colour == PALETTE:
        indices = Image.frombuffer("L", size, frame)
        image = Image.merge("RGB", [indices.point(channel) for channel in _read_palette(ds)])
    elif whole(ds, "PlanarConfiguration") == 1 and not encoding.endswith("JPEG"):
        pixels = layout.rows * layout.columns
        planes = (frame[k * pixels : (k + 1) * pixels] for k in range(3))
        image = Image.merge("RGB", [Image.frombuffer("L", size, plane) for plane in planes])
    else:
        image = Image.frombuffer("RGB", size, frame)
    grey, notes = grey_of(image, inverted=False)
    if IN_COLOUR in notes:
        raise tell_of_colour(text(ds, "PhotometricInterpretation") or "RGB")
    return grey, encoding, [*notes, "Stored as colour, of which it holds none."]


def _read_palette(ds: FileDataset) -> list[list[int]]:
    """Return what each of 256 stored values is of red, green and blue (PS3.3 C.7.6.3.1.5)."""
    return [
        _read_channel(ds, f"{name}PaletteColorLookupTable") for name in ("Red", "Green", "Blue")
    ]


def _read_channel(ds: FileDataset, keyword: str) -> list[int]:
    described, data = numbers(ds, f"{keyword}Descriptor"), element(ds, f"{keyword}Data")
    if len(described) != 3 or data is None or not isinstance(data.value, bytes):
        raise _damaged()
    count, first, bits = int(described[0]) or 65536, int(described[1]), int(described[2])
    wide = "<u2" if ds.original_encoding[1] else ">u2"
    packed = bits == 8 and len(data.value) in (count, count + 1)
    if bits not in (8, 16) or (not packed and len(data.value) % 2):
        raise _damaged()
    entries = np.frombuffer(data.value, dtype="u1" if packed else wide)
    if not 1 <= count <= len(entries) or not 0 <= first <= 65535:
        raise _damaged()
    shades = entries[np.clip(np.arange(256) - first, 0, count - 1)] >> (bits - 8)
    return [int(shade) for shade in np.minimum(shades, 255)]


def _damaged() -> DamagedFilmError:
    return DamagedFilmError(
        "Expected a complete DICOM film, but the palette that says what its values look like is "
        "missing or corrupt: export or send the film again."
    )
