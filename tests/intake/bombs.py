"""Files that are small, or sound at a first look, and made to take hours or all the memory."""

from __future__ import annotations

import functools
import struct
import zlib
from collections.abc import Callable
from functools import partial

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from tests.intake.fuzz_seeds import bmp, png, png_chunk, relabelled
from tests.intake.synthetic_films import (
    data_set,
    dicom,
    encapsulated,
    jpeg_dicom,
    picture,
    ramp,
    saved,
)

SIDE = 7000
"""A film of so many rows and columns is just about let in."""

MANY = 2_000_000
ENDLESS = 300_000_000


@functools.cache
def _deflated_zeros(count: int) -> bytes:
    packer = zlib.compressobj(9)
    million = bytes(1_000_000)
    parts = [packer.compress(million) for _ in range(count // 1_000_000)]
    return b"".join([*parts, packer.flush()])


def _jpeg(rows: int, columns: int, *, progressive: bool = False, scans: int = 1) -> bytes:
    """Return a JPEG of another size than its data, and with scans that hold nothing."""
    whole = picture(Image.fromarray(ramp()), "JPEG", progressive=progressive)
    frame = whole.index(b"\xff\xc2" if progressive else b"\xff\xc0")
    resized = whole[: frame + 5] + struct.pack(">HH", rows, columns) + whole[frame + 9 :]
    scan = whole.index(b"\xff\xda")
    empty = whole[scan : scan + 2 + int.from_bytes(whole[scan + 2 : scan + 4], "big")] + b"\0"
    return resized[:scan] + empty * (scans - 1) + resized[scan:]


def _jpeg_before_frame(filling: bytes) -> bytes:
    whole = picture(Image.fromarray(ramp()), "JPEG")
    return whole[:2] + filling + whole[2:]


def _exif(size: int) -> bytes:
    """Return an EXIF block of entries that all come before the orientation."""
    return (
        b"II*\0" + struct.pack("<LH", 8, 0xFFFF) + struct.pack("<HHLL", 1, 3, 1, 0) * (size // 12)
    )


def _png_with(*chunks: tuple[bytes, bytes], times: int = 1, last: bool = False) -> bytes:
    whole = picture(Image.fromarray(ramp()), "PNG")
    filling = b"".join(png_chunk(*chunk) for chunk in chunks) * times
    at = whole.index(b"IEND" if last else b"IDAT") - 4
    return whole[:at] + filling + whole[at:]


def _tiff(entries: list[tuple[int, int, int, int]], rest: bytes = b"", following: int = 0) -> bytes:
    """Return a TIFF of one directory; `rest` begins right behind it."""
    directory = b"".join(struct.pack("<HHLL", *entry) for entry in sorted(entries))
    head = b"II*\0" + struct.pack("<LH", 8, len(entries))
    return head + directory + struct.pack("<L", following) + rest


def _tiff_of(rest: bytes, *, compression: int, side: int = SIDE, **tags: int) -> bytes:
    entries = [
        (256, 4, 1, tags.pop("width", side)), (257, 4, 1, tags.pop("length", side)),
        (258, 3, 1, 8), (259, 3, 1, compression), (262, 3, 1, 1), (277, 3, 1, 1),
        (278, 4, 1, tags.pop("rows_per_strip", side)),
        *((int(tag.removeprefix("t")), 4, 1, value) for tag, value in tags.items()),
    ]  # fmt: skip
    start = 8 + 2 + 12 * (len(entries) + 2) + 4
    return _tiff([*entries, (273, 4, 1, start), (279, 4, 1, len(rest))], rest)


def _tiff_of_tags() -> bytes:
    """Return a TIFF whose every tag claims the whole file as its value."""
    size = 2 + 12 * 65535 + 100_000
    return _tiff([(tag, 7, size, 8) for tag in range(1, 65535)], bytes(100_000))


def _tiff_of_strips() -> bytes:
    """Return a raw TIFF with a million strips, all at the same place."""
    start = 8 + 2 + 12 * 9 + 4
    entries = [
        (256, 4, 1, 1000), (257, 4, 1, 1_000_000), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
        (277, 3, 1, 1), (278, 4, 1, 1), (273, 4, 40_000, start), (279, 4, 40_000, start),
    ]  # fmt: skip
    entries[1] = (257, 4, 1, 40_000)
    return _tiff(entries, struct.pack("<L", 8) * 40_000 + bytes(2000))


def _tiff_of_directories() -> bytes:
    """Return a TIFF with a chain of 50,000 directories."""
    first = bytearray(picture(Image.fromarray(ramp()), "TIFF"))
    (start,) = struct.unpack_from("<L", first, 4)
    (count,) = struct.unpack_from("<H", first, start)
    directory = bytes(first[start : start + 2 + 12 * count])
    chain, at = [], len(first)
    struct.pack_into("<L", first, start + 2 + 12 * count, at)
    for _ in range(50_000):
        at += len(directory) + 4
        chain.append(directory + struct.pack("<L", at))
    return bytes(first) + b"".join(chain)


def _webp_canvas(width: int, height: int) -> bytes:
    """Return an animated WebP of one frame of one pixel on a large canvas."""
    still = picture(Image.new("RGB", (1, 1)), "WEBP", lossless=True)[12:]
    frame = bytes(6) + bytes(6) + bytes(4) + still
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunks = b"VP8X" + struct.pack("<L", 10) + b"\x02\0\0\0" + sides
    chunks += b"ANIM" + struct.pack("<L", 6) + bytes(6)
    chunks += b"ANMF" + struct.pack("<L", len(frame)) + frame
    return b"RIFF" + struct.pack("<L", len(chunks) + 4) + b"WEBP" + chunks


def _before_pixels(filling: bytes) -> bytes:
    whole = dicom(ramp())
    at = whole.index(b"\xe0\x7f\x10\x00")
    return whole[:at] + filling + whole[at:]


def _element(tag: bytes, kind: bytes, value: bytes, *, stated: int | None = None) -> bytes:
    """Return an element whose length takes four bytes."""
    return (
        tag + kind + b"\0\0" + struct.pack("<L", len(value) if stated is None else stated) + value
    )


def _open_sequence(
    content: bytes, *, closed: bool = True, tag: bytes = b"\x40\x00\x75\x02"
) -> bytes:
    ends = b"\xfe\xff\x0d\xe0" + bytes(4) + b"\xfe\xff\xdd\xe0" + bytes(4) if closed else b""
    opening = _element(tag, b"SQ", b"", stated=0xFFFFFFFF)
    return opening + b"\xfe\xff\x00\xe0\xff\xff\xff\xff" + content + ends


def _nested(depth: int) -> bytes:
    nested = b""
    for _ in range(depth):
        item = b"\xfe\xff\x00\xe0" + struct.pack("<L", len(nested)) + nested
        nested = _element(b"\x28\x00\x10\x30", b"SQ", item)
    return nested


def _with_value(tag: bytes, kind: bytes, value: bytes) -> bytes:
    """Return a film with this value in an element, which is put before the pixels."""
    return _before_pixels(_element(tag, kind, value))


def _charset(count: int, *, within: bool) -> bytes:
    """Return a film with a Specific Character Set of many unknown names."""
    element = _element(b"\x08\x00\x05\x00", b"UT", b"X\\" * count)
    return _before_pixels(_open_sequence(element) if within else element)


def _deflated_twice() -> bytes:
    """Return a deflated file that holds file meta information of a deflated one."""
    inner = b"\x02\x00\x10\x00UI\x16\x00" + b"1.2.840.10008.1.2.1.99"
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    zeros = [packer.compress(bytes(10_000_000)) for _ in range(40)]
    inner += b"".join([*zeros, packer.flush()])
    return _deflated(inner)


def _deflated(content: bytes) -> bytes:
    whole = dicom(ramp(), DeflatedExplicitVRLittleEndian)
    group = whole.index(b"\x02\x00\x00\x00UL")
    length = int.from_bytes(whole[group + 8 : group + 12], "little")
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return whole[: group + 12 + length] + packer.compress(content) + packer.flush()


def _rle(segment: bytes, rows: int = SIDE) -> bytes:
    header = struct.pack("<16L", 1, 64, *[0] * 14)
    return _sized(header + segment, RLELossless, rows)


def _sized(frame: bytes, syntax: UID, rows: int = SIDE) -> bytes:
    return encapsulated(ramp(), frame, syntax, Rows=rows, Columns=rows)


def _frame_of(data: bytes, mark: bytes) -> bytes:
    return data[data.index(mark) :]


def _jpeg_2000(**changes: int) -> bytes:
    """Return a JPEG 2000 film of the largest size whose codestream has other sizes or tiles."""
    frame = bytearray(_frame_of(dicom(ramp(), JPEG2000Lossless), b"\xff\x4f\xff\x51"))
    places = {"width": 8, "height": 12, "tile_width": 24, "tile_height": 28}
    sizes = {"width": SIDE, "height": SIDE, "tile_width": SIDE, "tile_height": SIDE} | changes
    for name, value in sizes.items():
        struct.pack_into(">L", frame, places[name], value)
    return _sized(bytes(frame), JPEG2000Lossless)


def _jpeg_ls() -> bytes:
    frame = bytearray(_frame_of(dicom(ramp(), JPEGLSLossless), b"\xff\xd8"))
    at = frame.index(b"\xff\xf7")
    struct.pack_into(">HH", frame, at + 5, SIDE, SIDE)
    return _sized(bytes(frame), JPEGLSLossless)


def _lossless_jpeg() -> bytes:
    """Return a lossless JPEG of the largest size in which every difference is zero."""

    def segment(marker: int, body: bytes) -> bytes:
        return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body

    frame = b"\xff\xd8" + segment(0xC3, struct.pack(">BHHB", 8, SIDE, SIDE, 1) + b"\x01\x11\x00")
    frame += segment(0xC4, b"\0\1" + bytes(15) + b"\0") + segment(0xDA, b"\1\1\0\1\0\0")
    frame += bytes(SIDE * SIDE // 8) + b"\xff\xd9"
    return _sized(frame, UID("1.2.840.10008.1.2.4.70"))


def _with_offset_table(size: int) -> bytes:
    whole = jpeg_dicom(ramp())
    at = whole.index(b"\xfe\xff\x00\xe0")
    held = int.from_bytes(whole[at + 4 : at + 8], "little")
    return whole[: at + 4] + struct.pack("<L", size) + bytes(size) + whole[at + 8 + held :]


def _with_table(entries: int, stated: int) -> bytes:
    table = Dataset()
    table.add_new("LUTDescriptor", "US", [stated, 0, 16])
    table.add_new("LUTData", "OW", bytes(2 * entries))
    return saved(data_set(ramp(), VOILUTSequence=Sequence([table])), ExplicitVRLittleEndian)


BOMBS: dict[str, Callable[[], bytes]] = {
    "JPEG of 65,500 x 65,500 without data": partial(_jpeg, 65500, 65500),
    "JPEG of the largest size without data": partial(_jpeg, SIDE, SIDE),
    "progressive JPEG of 3,000 scans": partial(_jpeg, SIDE, SIDE, progressive=True, scans=3000),
    "progressive JPEG of 18 large scans": partial(_jpeg, SIDE, SIDE, progressive=True, scans=18),
    "small progressive JPEG of 9,000 scans": partial(_jpeg, 300, 300, progressive=True, scans=9000),
    "JPEG of empty segments": partial(_jpeg_before_frame, b"\xff\xfe\x00\x02" * MANY),
    "JPEG of fill bytes": partial(_jpeg_before_frame, b"\xff" * 4 * MANY),
    "JPEG of junk": partial(_jpeg_before_frame, bytes(4 * MANY)),
    "JPEG in DICOM of empty segments": lambda: encapsulated(
        ramp(), _jpeg_before_frame(b"\xff\xfe\x00\x02" * MANY), JPEGBaseline8Bit
    ),
    "JPEG in DICOM of 3,000 scans": lambda: _sized(
        _jpeg(SIDE, SIDE, progressive=True, scans=3000), JPEGBaseline8Bit
    ),
    "PNG of 65,535 x 65,535": lambda: png(65535, 65535, _deflated_zeros(1_000_000)),
    "PNG of the largest size": lambda: png(SIDE, SIDE, _deflated_zeros(SIDE * SIDE + SIDE)),
    "PNG of the largest size, interlaced": lambda: png(
        SIDE, SIDE, _deflated_zeros(2 * SIDE * SIDE), interlaced=1
    ),
    "PNG of the largest size in colour": lambda: png(
        SIDE, SIDE, _deflated_zeros(8 * SIDE * SIDE), colour=6, depth=16
    ),
    "PNG whose data inflates on and on": lambda: png(40, 48, _deflated_zeros(ENDLESS)),
    "PNG of empty chunks": partial(_png_with, (b"abCd", b""), times=MANY // 2),
    "PNG of empty data": partial(_png_with, (b"IDAT", b""), times=MANY // 2),
    "PNG of empty chunks at its end": partial(_png_with, (b"abCd", b""), times=MANY, last=True),
    "PNG of text bombs": lambda: _png_with(
        (b"zTXt", b"k\0\0" + _deflated_zeros(1_000_000)), times=500
    ),
    "PNG of a colour profile bomb": lambda: _png_with(
        (b"iCCP", b"p\0\0" + _deflated_zeros(ENDLESS))
    ),
    "PNG of a long EXIF block": lambda: _png_with((b"eXIf", _exif(24_000_000))),
    "TIFF of deflated zeros": lambda: _tiff_of(_deflated_zeros(SIDE * SIDE), compression=8),
    "TIFF of one endless strip": lambda: _tiff_of(
        _deflated_zeros(ENDLESS), compression=8, side=500
    ),
    "TIFF of a huge strip": lambda: _tiff_of(
        _deflated_zeros(1_000_000), compression=8, side=500, rows_per_strip=2**31 - 1
    ),
    "TIFF of a huge tile": lambda: _tiff_of(
        _deflated_zeros(ENDLESS),
        compression=8,
        side=500,
        t322=30_000,
        t323=30_000,
        t324=400,
        t325=1000,
    ),
    "TIFF of JPEG scans": lambda: _tiff_of(
        _jpeg(3000, 3000, progressive=True, scans=3000), compression=7, side=3000
    ),
    "TIFF of a tile that is larger": lambda: _tiff_of(
        _deflated_zeros(ENDLESS),
        compression=8,
        side=500,
        t322=46_000,
        t323=46_000,
        t324=400,
        t325=1000,
    ),
    "TIFF of packed bits": lambda: _tiff_of(b"\x81\0" * (SIDE * SIDE // 128), compression=32773),
    "TIFF of tags": _tiff_of_tags,
    "TIFF of strips": _tiff_of_strips,
    "TIFF of directories": _tiff_of_directories,
    "BMP of the largest size without data": lambda: bmp(SIDE, SIDE, b""),
    "BMP of single runs": lambda: bmp(4000, 4000, b"\1\7" * 16_000_000, compression=1),
    "BMP of empty lines": lambda: bmp(4400, 4400, b"\1\7\0\0" * 4400, compression=1),
    "BMP of large empty lines": lambda: bmp(SIDE, SIDE, b"\1\7\0\0" * SIDE, compression=1),
    "WebP of the largest canvas": partial(_webp_canvas, 16383, 16383),
    "WebP of a large canvas": partial(_webp_canvas, 4990, 4990),
    "WebP of a large film": lambda: picture(
        Image.new("RGB", (4990, 4990)), "WEBP", lossless=True, method=0
    ),
    "DICOM of elements": lambda: _before_pixels((b"\x41\x00\x10\x00LO\0\0") * 2 * MANY),
    "DICOM of elements in a sequence": lambda: _before_pixels(
        _open_sequence(b"\x41\x00\x10\x00LO\0\0" * 2 * MANY)
    ),
    "DICOM of items": lambda: _before_pixels(
        _element(b"\x40\x00\x75\x02", b"SQ", b"", stated=0xFFFFFFFF)
        + b"\xfe\xff\x00\xe0\0\0\0\0" * MANY
    ),
    "DICOM of items in a table": lambda: _with_value(
        b"\x28\x00\x10\x30", b"SQ", b"\xfe\xff\x00\xe0\0\0\0\0" * MANY
    ),
    "DICOM of open sequences": lambda: _before_pixels(_open_sequence(b"") * (MANY // 4)),
    "DICOM of sequences within sequences": lambda: _before_pixels(_nested(3000)),
    "DICOM of open sequences within": lambda: _before_pixels(
        _open_sequence(b"", closed=False) * 20_000
    ),
    "DICOM of numbers": lambda: _with_value(b"\x28\x00\x50\x10", b"UT", b"1\\" * MANY),
    "DICOM of decimals": lambda: _with_value(b"\x28\x00\x51\x10", b"UN", b"1\\" * MANY),
    "DICOM of rows": lambda: _with_value(b"\x28\x00\x10\x00", b"OW", bytes(20_000_000)),
    "DICOM of names of character sets": partial(_charset, MANY, within=False),
    "DICOM of names of character sets within": partial(_charset, MANY, within=True),
    "DICOM of a character set for each item": lambda: _before_pixels(
        _open_sequence(b"\x08\x00\x05\x00CS\xc8\x00" + b"X\\" * 100) * 30_000
    ),
    "DICOM of pixels that are numbers": lambda: dicom(
        np.zeros((3000, 3000), dtype=np.uint16)
    ).replace(b"\xe0\x7f\x10\x00OW", b"\xe0\x7f\x10\x00UT"),
    "DICOM of a giant private element": lambda: _before_pixels(
        _element(b"\x09\x00\x10\x10", b"OB", b"", stated=0xFFFFFFF0)
    ),
    "DICOM of an endless private element": lambda: _before_pixels(
        _element(b"\x09\x00\x10\x10", b"OB", bytes(30_000_000), stated=0xFFFFFFFF)
    ),
    "DICOM of lying file meta": lambda: dicom(ramp()).replace(
        b"\x02\x00\x10\x00UI", b"\x02\x00\x10\x00UT"
    ),
    "DICOM of meta elements": lambda: (
        dicom(ramp())[:132] + b"\x02\x00\x12\x00UI\0\0" * MANY + dicom(ramp())[132:]
    ),
    "DICOM deflated from zeros": lambda: _deflated(bytes(300_000_000)),
    "DICOM deflated from elements": lambda: _deflated(b"\x08\x00\x10\x00LO\0\0" * 10 * MANY),
    "DICOM deflated twice": _deflated_twice,
    "DICOM of fragments": lambda: jpeg_dicom(ramp()).replace(
        b"\xfe\xff\xdd\xe0", b"\xfe\xff\x00\xe0\0\0\0\0" * MANY + b"\xfe\xff\xdd\xe0"
    ),
    "DICOM of an offset table": lambda: _with_offset_table(40_000_000),
    "DICOM of the largest size in 32 bits": lambda: _deflated_film(32),
    "DICOM of 60,000 frames": lambda: dicom(ramp(), NumberOfFrames=60_000),
    "DICOM of 64 bits": lambda: dicom(ramp(), BitsAllocated=64, BitsStored=64),
    "DICOM of a short table": partial(_with_table, 10, 60_000),
    "DICOM of an extreme window": lambda: dicom(ramp(), WindowCenter=1e308, WindowWidth=1e-308),
    "DICOM of an extreme rescale": lambda: dicom(
        ramp(), RescaleSlope=1e300, RescaleIntercept=-1e300
    ),
    "RLE that unpacks on and on": lambda: _rle(b"\x81\0" * 4 * MANY, rows=100),
    "RLE of the largest size": lambda: _rle(b"\x81\0" * (SIDE * SIDE // 128 + 1)),
    "RLE of bytes that mean nothing": lambda: _rle(b"\x80" * 20_000_000),
    "RLE in single bytes": lambda: _rle(b"\0\7" * (SIDE * SIDE)),
    "JPEG-LS of the largest size without data": _jpeg_ls,
    "JPEG 2000 of the largest size without data": _jpeg_2000,
    "JPEG 2000 of tiny tiles": partial(_jpeg_2000, tile_width=1, tile_height=1),
    "JPEG 2000 of many tiles": partial(_jpeg_2000, tile_width=28, tile_height=28),
    "JPEG 2000 of one huge tile": partial(
        _jpeg_2000, tile_width=0xFFFFFFFF, tile_height=0xFFFFFFFF
    ),
    "JPEG 2000 that calls itself high-throughput": lambda: relabelled(
        _jpeg_2000(), JPEG2000Lossless, UID("1.2.840.10008.1.2.4.201")
    ),
    "lossless JPEG of the largest size": _lossless_jpeg,
}


def _deflated_film(bits: int) -> bytes:
    ds = data_set(np.zeros((2, 2), dtype=f"uint{bits}"), Rows=SIDE, Columns=SIDE)
    ds.PixelData = bytes(SIDE * SIDE * bits // 8)
    return saved(ds, DeflatedExplicitVRLittleEndian)


LONG = frozenset(
    {
        "JPEG of the largest size without data",
        "JPEG of fill bytes",
        "PNG of the largest size",
        "PNG of the largest size, interlaced",
        "PNG of the largest size in colour",
        "PNG of empty chunks",
        "PNG of empty chunks at its end",
        "TIFF of deflated zeros",
        "WebP of a large canvas",
        "WebP of a large film",
        "DICOM of elements",
        "DICOM of elements in a sequence",
        "DICOM of items",
        "DICOM of items in a table",
        "DICOM of open sequences",
        "DICOM of a character set for each item",
        "DICOM of meta elements",
        "DICOM deflated from zeros",
        "DICOM deflated from elements",
        "DICOM deflated twice",
        "DICOM of fragments",
        "DICOM of the largest size in 32 bits",
        "RLE of the largest size",
        "RLE in single bytes",
        "JPEG 2000 of many tiles",
        "lossless JPEG of the largest size",
    }
)
"""Those that take more than a moment, to be made or to be read."""
