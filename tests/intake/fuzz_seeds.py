"""Sound files of every kind that the intake knows, small ones, from which fuzzing starts."""

from __future__ import annotations

import functools
import struct
import tempfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    HTJ2K,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from tests.intake.synthetic_films import (
    NATIVE,
    data_set,
    dicom,
    encapsulated,
    jpeg_dicom,
    jpeg_extended_12_bits,
    lossless_jpeg_dicom,
    picture,
    ramp,
    saved,
)

WINDOW = {"WindowCenter": 2048, "WindowWidth": 3000, "RescaleSlope": 1, "PixelPaddingValue": 0}


@functools.cache
def sound_files() -> dict[str, bytes]:
    """Return one small file of each kind by its name; most of them are films."""
    return dict([*_pictures(), *_dicoms()])


def _pictures() -> Iterator[tuple[str, bytes]]:
    grey, deep = Image.fromarray(ramp()), Image.fromarray(ramp(16, "uint16"))
    colour = Image.merge("RGB", [grey, grey.rotate(180), grey])
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "jpeg", picture(grey, "JPEG", exif=exif)
    yield "jpeg colour", picture(colour, "JPEG")
    yield "jpeg cmyk", picture(colour.convert("CMYK"), "JPEG")
    yield "jpeg progressive", picture(colour, "JPEG", progressive=True)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    words = PngInfo()
    words.add_text("Comment", "a film " * 50, zip=True)
    words.add_itxt("Title", "nobody's", zip=True)
    yield "png", picture(deep, "PNG")
    yield "png colour", picture(colour, "PNG", icc_profile=profile, pnginfo=words, exif=exif)
    yield "png alpha", picture(colour.convert("RGBA"), "PNG")
    yield "png palette", picture(grey.convert("P"), "PNG", transparency=3)
    yield "png bits", picture(grey.convert("1"), "PNG")
    yield "png animated", picture(grey, "PNG", save_all=True, append_images=[grey.rotate(90)])
    yield "png interlaced", interlaced_png(ramp())
    yield "tiff", picture(deep, "TIFF")
    yield "tiff big endian", picture(deep, "TIFF", big_tiff=True)
    yield "tiff float", picture(Image.fromarray(ramp().astype(np.float32)), "TIFF")
    yield "tiff of two", picture(grey, "TIFF", save_all=True, append_images=[grey])
    for way in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "zstd", "lzma"):
        try:
            yield f"tiff {way}", picture(grey, "TIFF", compression=way)
        except OSError:  # This build of libtiff has no such codec.
            continue
    yield "tiff group4", picture(grey.convert("1"), "TIFF", compression="group4")
    yield "bmp", picture(grey, "BMP")
    yield "bmp colour", picture(colour, "BMP")
    yield "bmp rle", rle_bmp(ramp())
    yield "webp", picture(grey, "WEBP")
    yield "webp lossless", picture(colour.convert("RGBA"), "WEBP", lossless=True, exif=exif)
    yield "webp animated", picture(grey, "WEBP", save_all=True, append_images=[colour])
    yield "gif", picture(grey, "GIF")


def _dicoms() -> Iterator[tuple[str, bytes]]:
    deep = ramp(12, "uint16")
    for syntax in (*NATIVE, RLELossless, JPEGLSLossless, JPEG2000Lossless):
        yield syntax.name, dicom(deep, syntax, bits=12, **WINDOW)
    yield "32 bits", dicom(ramp(24, "uint32"))
    yield "8 bits", dicom(ramp(), ImplicitVRLittleEndian)
    near = data_set(deep, bits=12)
    near.file_meta = FileMetaDataset()
    near.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    near.compress(JPEGLSNearLossless, jls_error=2, generate_instance_uid=False)
    yield "JPEG-LS near-lossless", saved(near, JPEGLSNearLossless)
    plain = dicom(deep, JPEG2000Lossless, bits=12)
    for syntax in (HTJ2K, HTJ2KLossless, HTJ2KLosslessRPCL):
        yield syntax.name, relabelled(plain, JPEG2000Lossless, syntax)
    yield "jpeg dicom", jpeg_dicom(ramp())
    blocks = np.linspace(0, 4095, 30).astype(int).reshape(5, 6)
    yield (
        "jpeg 12 bits",
        encapsulated(
            np.kron(blocks, np.ones((8, 8))).astype(np.uint16),
            jpeg_extended_12_bits(blocks),
            JPEGExtended12Bit,
            BitsStored=12,
            HighBit=11,
        ),
    )
    with tempfile.TemporaryDirectory() as folder:
        lossless = lossless_jpeg_dicom(deep, Path(folder), bits=12)
    yield "jpeg lossless", lossless
    yield "jpeg lossless 57", relabelled(lossless, UID("1.2.840.10008.1.2.4.70"), JPEGLossless)
    yield "with tables", saved(_with_tables(), ExplicitVRLittleEndian)
    yield "with tables, implicit", saved(_with_tables(), ImplicitVRLittleEndian)
    yield "with tables, deflated", saved(_with_tables(), DeflatedExplicitVRLittleEndian)
    yield "without preamble", dicom(deep, bits=12)[132:]
    whole = dicom(deep, bits=12)
    yield "without file meta", whole[whole.index(b"\x08\x00\x16\x00") :]


def _with_tables() -> Dataset:
    """Return a film with both look-up tables, an icon and sequences of either length."""
    table = Dataset()
    table.add_new("LUTDescriptor", "US", [4096, 0, 16])
    table.add_new("LUTData", "OW", np.arange(0, 65536, 16, dtype="<u2").tobytes())
    icon = data_set(np.zeros((32, 32), dtype=np.uint8), SOPInstanceUID="9.9")
    ds = data_set(
        ramp(12, "uint16"),
        bits=12,
        ModalityLUTSequence=Sequence([table]),
        VOILUTSequence=Sequence([table]),
        IconImageSequence=Sequence([icon]),
    )
    for name in ("VOILUTSequence", "IconImageSequence"):
        ds[name].is_undefined_length = True
        ds[name].value[0].is_undefined_length_sequence_item = True
    return ds


def relabelled(data: bytes, old: UID, new: UID) -> bytes:
    """Return a DICOM file that claims another transfer syntax."""
    held, wanted = (uid.encode() + b"\0" * (len(uid) % 2) for uid in (old, new))
    place = data.index(b"\x02\x00\x10\x00UI")
    ends = place + 8 + len(held)
    header = data[place : place + 6] + struct.pack("<H", len(wanted))
    return data[:place] + header + wanted + data[ends:]


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """Return a PNG chunk with its length and checksum."""
    return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))


def png(
    rows: int, columns: int, packed: bytes, *, depth: int = 8, colour: int = 0, interlaced: int = 0
) -> bytes:
    """Return a PNG that states this size around data that was packed already."""
    header = struct.pack(">LLBBBBB", columns, rows, depth, colour, 0, 0, interlaced)
    body = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def interlaced_png(values: NDArray[Any]) -> bytes:
    """Return an 8-bit grey PNG in Adam7's seven passes, which Pillow reads and does not write."""
    passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2))
    lines = [
        b"\0" + row.tobytes()
        for top, left, down, right in (*passes, (1, 0, 2, 1))
        for row in values[top::down, left::right]
    ]
    return png(*values.shape, zlib.compress(b"".join(lines)), interlaced=1)


def bmp(rows: int, columns: int, body: bytes, *, compression: int = 0, bits: int = 8) -> bytes:
    """Return a BMP that states this size and packing, with a grey palette up to 8 bits."""
    palette = b"".join(bytes([k, k, k, 0]) for k in range(2**bits)) if bits <= 8 else b""
    start = 54 + len(palette)
    described = struct.pack(
        "<LllHHLLllLL", 40, columns, rows, 1, bits, compression, len(body), 0, 0, 0, 0
    )
    return b"BM" + struct.pack("<LLL", start + len(body), 0, start) + described + palette + body


def rle_bmp(values: NDArray[Any]) -> bytes:
    """Return an 8-bit grey BMP in runs of one pixel, which Pillow reads and does not write."""
    stream = BytesIO()
    for row in values[::-1]:
        for value in row.tolist():
            stream.write(bytes([1, value]))
        stream.write(b"\0\0")
    return bmp(*values.shape, stream.getvalue() + b"\0\1", compression=1)
