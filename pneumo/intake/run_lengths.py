"""A DICOM frame in RLE comes in, its raw values go out (PS3.5 annex G)."""

from __future__ import annotations

import struct

import numpy as np
from PIL import Image

from pneumo.intake.layout import Layout

_HEADER = struct.Struct("<16L")


def unpack_run_lengths(frame: bytes, layout: Layout) -> bytes:
    """Return a grey frame's values, little endian, row by row.

    Each segment holds one byte of every value, the most significant first. Pillow unpacks them,
    whose run lengths are the same (PackBits): at its speed, and no further than the frame's size,
    where pydicom unpacks whatever the segment holds.

    Raises:
        ValueError: the segments are not those that the layout asks for, or too short.
    """
    size, width = layout.rows * layout.columns, layout.allocated // 8
    if len(frame) < _HEADER.size:
        raise ValueError("the header is cut off")
    count, *offsets = _HEADER.unpack_from(frame)
    if count != width or offsets[0] < _HEADER.size:
        raise ValueError("the segments do not fit the values")
    ends = [*offsets[1:count], len(frame)]
    values = np.empty((size, width), dtype=np.uint8)
    for place, (start, end) in enumerate(zip(offsets[:count], ends, strict=True)):
        segment = Image.frombytes("L", (size, 1), frame[start:end], "packbits", "L")
        values[:, width - 1 - place] = np.asarray(segment)[0]
    return values.tobytes()
