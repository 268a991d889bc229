"""DICOM pixel data with its layout come in, whole stored values go out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset
from pydicom.encaps import generate_fragments, parse_basic_offsets, parse_fragments
from pydicom.pixels.decoders.base import get_decoder

from pneumo.errors import DamagedFilmError, UnsupportedFilmError
from pneumo.intake.codestream import Codestream, read_codestream
from pneumo.intake.decoder_process import Decoder, DecoderMissingError, decode_apart
from pneumo.intake.elements import element, registered_name, stream_of, uid
from pneumo.intake.layout import PALETTE, Layout, tell_of_colour
from pneumo.intake.raster import decode_jpeg
from pneumo.intake.run_lengths import unpack_run_lengths

_NATIVE = {
    "1.2.840.10008.1.2": "DICOM, uncompressed",
    "1.2.840.10008.1.2.1": "DICOM, uncompressed",
    "1.2.840.10008.1.2.1.99": "DICOM, deflated",
    "1.2.840.10008.1.2.2": "DICOM, uncompressed big endian",
}

# One decoder each. RLE and JPEG of 8 bits are Pillow's, which is bounded by the frame's size. The
# others spend minutes on some corrupt frames or bring their whole process down, so they run in
# one of their own; GDCM, which fills up what a cut off frame lacks, only where nobody else can.
_ENCODINGS: dict[str, tuple[str, Decoder]] = {
    "1.2.840.10008.1.2.4.50": ("DICOM, JPEG", "gdcm"),
    "1.2.840.10008.1.2.4.51": ("DICOM, JPEG extended", "gdcm"),
    "1.2.840.10008.1.2.4.57": ("DICOM, JPEG lossless", "gdcm"),
    "1.2.840.10008.1.2.4.70": ("DICOM, JPEG lossless", "gdcm"),
    "1.2.840.10008.1.2.4.80": ("DICOM, JPEG-LS", "charls"),
    "1.2.840.10008.1.2.4.81": ("DICOM, JPEG-LS near-lossless", "charls"),
    "1.2.840.10008.1.2.4.90": ("DICOM, JPEG 2000", "openjpeg"),
    "1.2.840.10008.1.2.4.91": ("DICOM, JPEG 2000", "openjpeg"),
    "1.2.840.10008.1.2.4.201": ("DICOM, high-throughput JPEG 2000", "openjpeg"),
    "1.2.840.10008.1.2.4.202": ("DICOM, high-throughput JPEG 2000", "openjpeg"),
    "1.2.840.10008.1.2.4.203": ("DICOM, high-throughput JPEG 2000", "openjpeg"),
}
_LONGEST_OFFSET_TABLE = 4096
_PLAIN = "1.2.840.10008.1.2.1"
_RLE = "1.2.840.10008.1.2.5"
_BASELINE = "1.2.840.10008.1.2.4.50"
_EXTENDED = "1.2.840.10008.1.2.4.51"
_LOSSLESS = "1.2.840.10008.1.2.4.57"


def read_frame(ds: FileDataset, layout: Layout) -> tuple[NDArray[np.integer], str]:
    """Return the stored values of a single grey frame and the encoding's name for people.

    Bits above the stored ones, where old devices kept overlays, are cleared; signed values are
    sign-extended (PS3.5 8.1.1).

    Returns:
        Integers of shape (rows, columns), and a name such as "DICOM, JPEG 2000".

    Raises:
        DamagedFilmError: pixel data is cut off, corrupt or of another size than stated.
        UnsupportedFilmError: nothing installed decodes the transfer syntax, or it is colour.
    """
    syntax = uid(ds.file_meta, "TransferSyntaxUID")
    pixels = element(ds, "PixelData")
    if pixels is None or not isinstance(pixels.value, bytes):
        raise _damaged("its pixels are corrupt")
    if pixels.is_undefined_length:
        return _compressed(_joined_fragments(pixels.value, ds), syntax, layout)
    if syntax == _RLE or syntax in _ENCODINGS:
        raise _damaged("its compressed pixels are not wrapped as the standard asks")
    if syntax not in _NATIVE:
        raise _undecodable(syntax)
    return _native(pixels.value, syntax, layout, pixel_vr=pixels.VR), _NATIVE[syntax]


def read_colour_frame(ds: FileDataset, layout: Layout) -> tuple[bytes, str]:
    """Return the bytes of a frame that says to be in colour, and the encoding's name for people.

    Uncompressed frames come as they lie in the file, those in JPEG as red, green and blue.

    Raises:
        DamagedFilmError: pixel data is cut off, corrupt or of another size than stated.
        UnsupportedFilmError: another encoding, which of colour is not read.
    """
    syntax = uid(ds.file_meta, "TransferSyntaxUID") or ""
    pixels = element(ds, "PixelData")
    if pixels is None or not isinstance(pixels.value, bytes):
        raise _damaged("its pixels are corrupt")
    size = layout.rows * layout.columns * layout.samples
    if not pixels.is_undefined_length and syntax in _NATIVE and layout.colour in ("RGB", PALETTE):
        if len(pixels.value) < size:
            raise _damaged("its uncompressed pixels are cut off or corrupt")
        return pixels.value[:size], _NATIVE[syntax]
    if not pixels.is_undefined_length or syntax != _BASELINE or layout.colour == PALETTE:
        raise tell_of_colour(layout.colour)
    frame = _joined_fragments(pixels.value, ds)
    codestream = read_codestream(frame)
    if codestream is None:
        raise _damaged("its compressed pixels do not begin with a picture header")
    _compare(codestream, layout)
    try:
        return decode_jpeg(frame, mode="RGB"), _ENCODINGS[_BASELINE][0]
    except ValueError:
        raise _damaged("its JPEG pixels are cut off or corrupt and cannot be decoded") from None


def _native(data: bytes, syntax: str, layout: Layout, **options: str) -> NDArray[np.integer]:
    size = layout.rows * layout.columns * (layout.allocated // 8)
    description: dict[str, Any] = {
        "rows": layout.rows,
        "columns": layout.columns,
        "samples_per_pixel": 1,
        "number_of_frames": 1,
        "photometric_interpretation": "MONOCHROME2",
        "pixel_representation": int(layout.signed),
        "bits_allocated": layout.allocated,
        # pydicom clears the bits above these, and takes it that grey begins in the lowest.
        "bits_stored": layout.high_bit + 1,
        "pixel_keyword": "PixelData",
    }
    try:
        # Surplus bytes after the frame are common, and pydicom would warn about them.
        values, _ = get_decoder(syntax).as_array(
            data[: size + size % 2], index=0, raw=True, **description, **options
        )
    # pydicom meets too few bytes with several kinds of errors.
    except Exception:
        raise _damaged("its uncompressed pixels are cut off or corrupt") from None
    surplus = layout.high_bit + 1 - layout.stored
    return np.asarray(values >> surplus if surplus else values)


def _compressed(
    frame: bytes, syntax: str | None, layout: Layout
) -> tuple[NDArray[np.integer], str]:
    if syntax == _RLE:
        try:
            data = unpack_run_lengths(frame, layout)
        except ValueError:
            raise _damaged("its RLE pixels are cut off or corrupt") from None
        return _native(data, _PLAIN, layout), "DICOM, RLE"
    codestream = read_codestream(frame)
    if syntax in _NATIVE and codestream is not None:
        # A file without file meta information does not say how its pixels are compressed.
        syntax = codestream.syntax
    if syntax not in _ENCODINGS:
        raise _undecodable(syntax)
    if codestream is None:
        raise _damaged("its compressed pixels do not begin with a picture header")
    _compare(codestream, layout)
    name, decoder = _ENCODINGS[syntax]
    try:
        if decoder != "gdcm":
            data = decode_apart(frame, codestream, syntax, decoder)
            plain = _as_stated(codestream, layout, decoder)
        elif codestream.syntax == _LOSSLESS or codestream.precision > 8:
            lossless = codestream.syntax == _LOSSLESS
            data = decode_apart(frame, codestream, _LOSSLESS if lossless else _EXTENDED, decoder)
            plain = _as_gdcm_says(codestream, layout)
        else:
            data = decode_jpeg(frame)
            stored = min(layout.stored, 8)
            plain = replace(layout, allocated=8, stored=stored, high_bit=stored - 1)
    except DecoderMissingError:
        raise _undecodable(syntax) from None
    except ValueError:
        title = name.removeprefix("DICOM, ")
        raise _damaged(f"its {title} pixels are cut off or corrupt and cannot be decoded") from None
    return _native(data, _PLAIN, plain), name


def _compare(codestream: Codestream, layout: Layout) -> None:
    """Refuse a frame whose own header contradicts the file, before any decoder sees it."""
    if codestream.components != layout.samples:
        raise UnsupportedFilmError(
            "Expected a grey film, but the compressed picture inside the DICOM file has "
            f"{codestream.components} colour channels: send the original X-ray."
        )
    if (codestream.rows, codestream.columns) != (layout.rows, layout.columns):
        raise _damaged("the compressed picture has another size than the file states")
    if codestream.precision > layout.allocated:
        raise _damaged("the compressed picture has more bits than the file states")


def _as_stated(codestream: Codestream, layout: Layout, decoder: Decoder) -> Layout:
    """Return how decoded values lie. The frame's own header says so, not High Bit.

    JPEG-LS cannot say that values are two's complement, JPEG 2000 may say it wrongly: then the
    bits of its precision are what the file says that they are.
    """
    mistaken = layout.signed if decoder == "charls" else layout.signed != codestream.signed
    stored = codestream.precision if mistaken else codestream.container
    return replace(layout, allocated=codestream.container, stored=stored, high_bit=stored - 1)


def _as_gdcm_says(codestream: Codestream, layout: Layout) -> Layout:
    allocated = codestream.container
    if codestream.syntax == _LOSSLESS:
        stored, high_bit = min(layout.stored, allocated), min(layout.high_bit, allocated - 1)
    else:  # Rounding may lift lossy values above the stored bits: these must not wrap around.
        stored, high_bit = codestream.precision, codestream.precision - 1
    return replace(layout, allocated=allocated, stored=stored, high_bit=high_bit)


def _joined_fragments(data: bytes, ds: FileDataset) -> bytes:
    """Return the single frame in encapsulated pixel data (PS3.5 A.4), offset table left out."""
    stream = stream_of(ds, data)
    try:
        if int.from_bytes(data[4:8], "little") > _LONGEST_OFFSET_TABLE:
            raise ValueError
        parse_basic_offsets(stream)
        _, places = parse_fragments(stream)
        last = int.from_bytes(data[places[-1] + 4 : places[-1] + 8], "little")
        # pydicom says nothing where the last fragment is shorter or longer than it states.
        whole = places[-1] + 8 + last == len(data)
        frame = b"".join(generate_fragments(stream))
    except Exception:  # struct.error, IndexError and more, for the one cause there is
        whole = False
    if not whole:
        raise _damaged("its compressed pixels are cut off")
    return frame


def _damaged(what: str) -> DamagedFilmError:
    return DamagedFilmError(
        f"Expected a complete DICOM film, but {what}: export or send the film again."
    )


def _undecodable(syntax: str | None) -> UnsupportedFilmError:
    known = registered_name(syntax)
    name = f"{known} ({syntax})" if known else (syntax or "an unstated transfer syntax")
    return UnsupportedFilmError(
        f"Expected pixels in an encoding that can be decoded here, but they are in {name}: "
        "export the film uncompressed (Explicit VR Little Endian)."
    )
