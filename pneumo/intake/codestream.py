"""A compressed DICOM frame comes in, what its own header says about it goes out."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_MOST_MARKERS = 10_000
_JPEG_2000 = b"\xff\x4f\xff\x51"
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAME_HEADERS = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}
_BASELINE, _EXTENDED, _LOSSLESS, _JPEG_LS = 0xC0, 0xC1, 0xC3, 0xF7

_SYNTAXES = {
    _BASELINE: "1.2.840.10008.1.2.4.50",
    _EXTENDED: "1.2.840.10008.1.2.4.51",
    _LOSSLESS: "1.2.840.10008.1.2.4.57",
    _JPEG_LS: "1.2.840.10008.1.2.4.80",
}


@dataclass(frozen=True)
class Codestream:
    """What a compressed frame says about itself.

    Attributes:
        rows: height in pixels.
        columns: width in pixels.
        components: 1 for grey.
        precision: bits per value.
        syntax: the DICOM transfer syntax that fits, None if none does.
        signed: whether values are two's complement, which JPEG 2000 alone can say.
    """

    rows: int
    columns: int
    components: int
    precision: int
    syntax: str | None
    signed: bool = False

    @property
    def container(self) -> int:
        """Bits of the whole number that holds one decoded value: 8, 16 or 32."""
        return 8 if self.precision <= 8 else 16 if self.precision <= 16 else 32


def read_codestream(frame: bytes) -> Codestream | None:
    """Return the header of a JPEG, JPEG-LS or JPEG 2000 stream, None if there is none.

    Decoders size their memory by this header, not by DICOM's Rows and Columns: where the two
    disagree, the frame must not reach a decoder.
    """
    start = frame.find(_JPEG_2000, 0, 4096)
    if start >= 0:
        return _jpeg_2000(frame, start)
    if frame.startswith(b"\xff\xd8"):
        return _jpeg(frame)
    return None


def _jpeg_2000(frame: bytes, start: int) -> Codestream | None:
    # SIZ marker segment, ISO/IEC 15444-1 A.5.1.
    if len(frame) < start + 43:
        return None
    x1, y1, x0, y0 = struct.unpack_from(">4L", frame, start + 8)
    components, depth = struct.unpack_from(">HB", frame, start + 40)
    precision, signed = (depth & 0x7F) + 1, depth > 0x7F
    return Codestream(y1 - y0, x1 - x0, components, precision, "1.2.840.10008.1.2.4.91", signed)


def _jpeg(frame: bytes) -> Codestream | None:
    # Marker segments up to the frame header, ISO/IEC 10918-1 B.1 and B.2.2.
    position = 2
    for _ in range(_MOST_MARKERS):
        if position + 10 > len(frame):
            return None
        if frame[position] != 0xFF:
            return None
        marker = frame[position + 1]
        if marker == 0xFF:
            position += 1
        elif marker in _STANDALONE:
            position += 2
        elif marker in _FRAME_HEADERS:
            precision, rows, columns, components = struct.unpack_from(">BHHB", frame, position + 4)
            return Codestream(rows, columns, components, precision, _SYNTAXES.get(marker))
        else:
            position += 2 + int.from_bytes(frame[position + 2 : position + 4], "big")
    return None
