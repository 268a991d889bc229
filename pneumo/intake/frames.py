"""DICOM pixel data with its layout come in, whole stored values go out."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset
from pydicom.encaps import encapsulate, generate_fragments, parse_basic_offsets, parse_fragments
from pydicom.pixels.decoders.base import get_decoder

from pneumo.errors import DamagedFilmError, UnsupportedFilmError
from pneumo.intake.codestream import Codestream, read_codestream
from pneumo.intake.elements import element, registered_name, uid
from pneumo.intake.gdcm_process import DecoderMissingError, decode_apart
from pneumo.intake.layout import Layout

_NATIVE = {
    "1.2.840.10008.1.2": "DICOM, uncompressed",
    "1.2.840.10008.1.2.1": "DICOM, uncompressed",
    "1.2.840.10008.1.2.1.99": "DICOM, deflated",
    "1.2.840.10008.1.2.2": "DICOM, uncompressed big endian",
}

# One decoder each. GDCM is none of them: it fills up what a cut off frame lacks, and it brings
# the whole process down over some corrupt ones, so it only runs in a process of its own, for
# whatever JPEG turns out to be lossless or deeper than 8 bits; Pillow takes all other JPEG.
_PLUGINS: dict[str, tuple[str, str]] = {
    "1.2.840.10008.1.2.5": ("DICOM, RLE", "pydicom"),
    "1.2.840.10008.1.2.4.50": ("DICOM, JPEG", "pillow"),
    "1.2.840.10008.1.2.4.51": ("DICOM, JPEG extended", "pillow"),
    "1.2.840.10008.1.2.4.57": ("DICOM, JPEG lossless", "pillow"),
    "1.2.840.10008.1.2.4.70": ("DICOM, JPEG lossless", "pillow"),
    "1.2.840.10008.1.2.4.80": ("DICOM, JPEG-LS", "pyjpegls"),
    "1.2.840.10008.1.2.4.81": ("DICOM, JPEG-LS near-lossless", "pyjpegls"),
    "1.2.840.10008.1.2.4.90": ("DICOM, JPEG 2000", "pylibjpeg"),
    "1.2.840.10008.1.2.4.91": ("DICOM, JPEG 2000", "pylibjpeg"),
    "1.2.840.10008.1.2.4.201": ("DICOM, high-throughput JPEG 2000", "pylibjpeg"),
    "1.2.840.10008.1.2.4.202": ("DICOM, high-throughput JPEG 2000", "pylibjpeg"),
    "1.2.840.10008.1.2.4.203": ("DICOM, high-throughput JPEG 2000", "pylibjpeg"),
}
_PLAIN = "1.2.840.10008.1.2.1"
_RLE = "1.2.840.10008.1.2.5"
_BASELINE = "1.2.840.10008.1.2.4.50"
_EXTENDED = "1.2.840.10008.1.2.4.51"
_LOSSLESS = "1.2.840.10008.1.2.4.57"
_JPEG = frozenset({_BASELINE, _EXTENDED, _LOSSLESS, "1.2.840.10008.1.2.4.70"})


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
        return _compressed(_joined_fragments(pixels.value), syntax, layout)
    if syntax in _PLUGINS:
        raise _damaged("its compressed pixels are not wrapped as the standard asks")
    if syntax not in _NATIVE:
        raise _undecodable(syntax)
    return _native(pixels.value, syntax, layout, pixel_vr=pixels.VR), _NATIVE[syntax]


def _native(data: bytes, syntax: str, layout: Layout, **options: str) -> NDArray[np.integer]:
    size = layout.rows * layout.columns * (layout.allocated // 8)
    # Surplus bytes after the frame are common, and pydicom would warn about them.
    return _decoded(data[: size + size % 2], syntax, layout, **options)


def _compressed(
    frame: bytes, syntax: str | None, layout: Layout
) -> tuple[NDArray[np.integer], str]:
    if syntax == _RLE:
        return _decoded(encapsulate([frame], has_bot=False), syntax, layout), _PLUGINS[syntax][0]
    codestream = read_codestream(frame)
    if syntax in _NATIVE and codestream is not None:
        # A file without file meta information does not say how its pixels are compressed.
        syntax = codestream.syntax
    if syntax not in _PLUGINS:
        raise _undecodable(syntax)
    if codestream is None:
        raise _damaged("its compressed pixels do not begin with a picture header")
    if codestream.components != 1:
        raise UnsupportedFilmError(
            "Expected a grey film, but the compressed picture inside the DICOM file has "
            f"{codestream.components} colour channels: send the original X-ray."
        )
    if (codestream.rows, codestream.columns) != (layout.rows, layout.columns):
        raise _damaged("the compressed picture has another size than the file states")
    if codestream.precision > layout.allocated:
        raise _damaged("the compressed picture has more bits than the file states")
    name = _PLUGINS[syntax][0]
    if syntax in _JPEG and (codestream.syntax == _LOSSLESS or codestream.precision > 8):
        return _decoded_apart(frame, codestream, layout), name
    # The picture header, not High Bit, says how the values lie in a compressed frame.
    layout = replace(layout, high_bit=layout.stored - 1)
    decoder = _BASELINE if syntax in _JPEG else syntax
    return _decoded(encapsulate([frame], has_bot=False), decoder, layout), name


def _joined_fragments(data: bytes) -> bytes:
    """Return the single frame in encapsulated pixel data (PS3.5 A.4), offset table left out."""
    stream = BytesIO(data)
    try:
        parse_basic_offsets(stream)
        _, places = parse_fragments(stream)
        last = int.from_bytes(data[places[-1] + 4 : places[-1] + 8], "little")
        # pydicom says nothing where the last fragment is shorter or longer than it states.
        whole = places[-1] + 8 + last == len(data)
        frame = b"".join(generate_fragments(stream))
    except Exception:  # struct.error, IndexError or ValueError, for the one cause there is
        whole = False
    if not whole:
        raise _damaged("its compressed pixels are cut off")
    return frame


def _decoded(data: bytes, syntax: str, layout: Layout, **options: str) -> NDArray[np.integer]:
    name, plugin = _PLUGINS.get(syntax, ("DICOM, uncompressed", ""))
    decoder = get_decoder(syntax)
    if plugin and plugin not in decoder.available_plugins:
        raise _undecodable(syntax)
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
        values, _ = decoder.as_array(
            data, index=0, raw=True, decoding_plugin=plugin, **description, **options
        )
    # Each decoder has its own errors, down to plain RuntimeError, for the one cause there is.
    except Exception:
        raise _damaged(
            f"its {name.removeprefix('DICOM, ')} pixels are cut off or corrupt"
        ) from None
    return np.asarray(values >> (layout.high_bit + 1 - layout.stored))


def _decoded_apart(frame: bytes, codestream: Codestream, layout: Layout) -> NDArray[np.integer]:
    lossless = codestream.syntax == _LOSSLESS
    try:
        data = decode_apart(frame, codestream, _LOSSLESS if lossless else _EXTENDED)
    except DecoderMissingError:
        raise _undecodable(codestream.syntax) from None
    except ValueError:
        raise _damaged("its JPEG pixels cannot be decoded") from None
    allocated = 8 if codestream.precision <= 8 else 16
    # Rounding may lift lossy values above the stored bits: these must not wrap around.
    stored = min(layout.stored, allocated) if lossless else codestream.precision
    high_bit = min(layout.high_bit, allocated - 1) if lossless else stored - 1
    plain = replace(layout, allocated=allocated, stored=stored, high_bit=high_bit)
    return _native(data, _PLAIN, plain)


def _damaged(what: str) -> DamagedFilmError:
    return DamagedFilmError(
        f"Expected a complete DICOM film, but {what}: export or send the film again."
    )


def _undecodable(syntax: str | None) -> UnsupportedFilmError:
    known = registered_name(syntax)
    name = f"{known} ({syntax})" if known else (syntax or "an unstated transfer syntax")
    return UnsupportedFilmError(
        f"Expected pixels in an encoding that can be decoded here, but they are in {name}: "
        "export the film uncompressed (Explicit VR Little Endian) or install its pydicom decoder."
    )
