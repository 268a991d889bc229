"""A number → one damaged, forged or hostile file, the same one each time."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tests.intake.fuzz_elements import retype_dicom
from tests.intake.fuzz_seeds import png_chunk, sound_files

Mutator = Callable[[bytes, np.random.Generator], bytes]

LENGTHS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
SIDES = (0, 1, 31, 32, 1000, 7000, 16383, 16384, 32767, 65500, 65535)


@dataclass(frozen=True)
class Case:
    """One file to read.

    Attributes:
        number: what it is drawn from.
        name: which sound file it was made of, and how.
        data: the file.
    """

    number: int
    name: str
    data: bytes


def draw_case(number: int) -> Case:
    """Return the file of that number."""
    rng = np.random.default_rng([7, number])
    sound = sound_files()
    name = list(sound)[int(rng.integers(len(sound)))]
    data = sound[name]
    told = [name]
    for _ in range(int(rng.choice([1, 1, 1, 2, 3]))):
        fitting = [*GENERAL, *FITTING.get(_kind(data), ())]
        mutate = fitting[int(rng.integers(len(fitting)))]
        data = mutate(data, rng)
        told.append(mutate.__name__.strip("_"))
    return Case(number, ", ".join(told), data)


def _kind(data: bytes) -> str:
    if data[128:132] == b"DICM" or data[:2] in (b"\x02\0", b"\x08\0"):
        return "DICOM"
    known = {b"\xff\xd8": "JPEG", b"\x89P": "PNG", b"II": "TIFF", b"MM": "TIFF", b"RI": "RIFF"}
    return known.get(data[:2], "BMP" if data[:2] == b"BM" else "")


def _place(data: bytes, rng: np.random.Generator) -> int:
    # Headers decide what happens, so half of the damage falls on the first kilobyte.
    reach = min(len(data), 1024) if rng.random() < 0.5 else len(data)
    return int(rng.integers(0, max(1, reach)))


def _pick(choices: tuple[int, ...] | list[int], rng: np.random.Generator) -> int:
    return choices[int(rng.integers(len(choices)))]


def flip_bits(data: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(data or b"\0")
    for _ in range(int(rng.integers(1, 12))):
        changed[_place(changed, rng)] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def set_bytes(data: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(data or b"\0")
    for _ in range(int(rng.integers(1, 12))):
        changed[_place(changed, rng)] = _pick([0, 255, int(rng.integers(256))], rng)
    return bytes(changed)


def set_number(data: bytes, rng: np.random.Generator) -> bytes:
    """Write a length that programs stumble over somewhere."""
    form = ("<H", ">H", "<L", ">L")[int(rng.integers(4))]
    limit = 0xFFFF if form[1] == "H" else 0xFFFFFFFF
    written = struct.pack(form, _pick(LENGTHS, rng) & limit)
    at = _place(data, rng)
    return data[:at] + written + data[at + len(written) :]


def cut_off(data: bytes, rng: np.random.Generator) -> bytes:
    return data[: _place(data, rng)]


def cut_out(data: bytes, rng: np.random.Generator) -> bytes:
    at = _place(data, rng)
    return data[:at] + data[at + int(rng.integers(1, 64)) :]


def put_in(data: bytes, rng: np.random.Generator) -> bytes:
    at = _place(data, rng)
    return data[:at] + rng.bytes(int(rng.integers(1, 64))) + data[at:]


def repeat(data: bytes, rng: np.random.Generator) -> bytes:
    at, length = _place(data, rng), int(rng.integers(1, 200))
    return data[:at] + data[at : at + length] * int(rng.integers(2, 300)) + data[at:]


def splice(data: bytes, rng: np.random.Generator) -> bytes:
    """Go on with another sound file in the middle."""
    others = list(sound_files().values())
    other = others[int(rng.integers(len(others)))]
    return data[: _place(data, rng)] + other[_place(other, rng) :]


def noise(data: bytes, rng: np.random.Generator) -> bytes:
    """Keep the first bytes only, which say what the rest should be."""
    return data[: int(rng.choice([0, 2, 4, 16, 140, 400]))] + rng.bytes(int(rng.integers(0, 4000)))


def polyglot(data: bytes, rng: np.random.Generator) -> bytes:
    """Be two files at once: one before the other, or DICOM's mark in its place."""
    zipped = b"PK\x03\x04" + rng.bytes(60) + b"PK\x05\x06" + bytes(18)
    ways = (
        lambda: data + zipped,
        lambda: zipped + data,
        lambda: b"%PDF-1.7\n" + data,
        lambda: data + b"\n%PDF-1.7\n%%EOF",
        lambda: data[:128] + b"DICM" + data[132:],
        lambda: data[:128].ljust(128, b"\0") + b"DICM" + data,
        lambda: data.replace(b"DICM", b"II*\0", 1),
        lambda: b"GIF89a" + data,
    )
    return ways[int(rng.integers(len(ways)))]()


GENERAL: tuple[Mutator, ...] = (
    flip_bits, set_bytes, set_number, cut_off, cut_out, put_in, repeat, splice, noise, polyglot,
)  # fmt: skip


def _png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    chunks, at = [], 8
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + size]))
        at += 12 + size
    return chunks


def edit_png(data: bytes, rng: np.random.Generator) -> bytes:
    """Change whole chunks and keep their checksums right."""
    chunks = _png_chunks(data)
    if not chunks:
        return data
    at = int(rng.integers(len(chunks)))
    kind, body = chunks[at]
    header = struct.pack(
        ">LLBBBBB", _pick(SIDES, rng), _pick(SIDES, rng), _pick([1, 2, 4, 8, 16, 3], rng),
        _pick([0, 2, 3, 4, 6, 1], rng), 0, 0, int(rng.integers(3)),
    )  # fmt: skip
    bomb = zlib.compress(bytes(3_000_000))
    others = [b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"PLTE", b"tRNS", b"acTL", b"fcTL", b"fdAT"]
    ways = (
        lambda: chunks[:at] + [(kind, body)] * int(rng.integers(2, 400)) + chunks[at:],
        lambda: chunks[:at] + chunks[at + 1 :],
        lambda: [*chunks[:at], (others[int(rng.integers(len(others)))], body), *chunks[at:]],
        lambda: [(b"IHDR", header), *chunks[1:]],
        lambda: [chunks[0], (b"iCCP", b"p\0\0" + bomb), *chunks[1:]],
        lambda: [chunks[0], *[(b"zTXt", b"k\0\0" + bomb)] * 40, *chunks[1:]],
        lambda: [chunks[0], (b"IDAT", bomb), chunks[-1]],
        lambda: [*chunks[:at], (kind, flip_bits(body, rng)), *chunks[at + 1 :]],
        lambda: [*chunks[:1], (b"eXIf", b"II*\0" + rng.bytes(400)), *chunks[1:]],
    )
    changed = ways[int(rng.integers(len(ways)))]()
    return data[:8] + b"".join(png_chunk(kind, body) for kind, body in changed)


def edit_jpeg(data: bytes, rng: np.random.Generator) -> bytes:
    """Change the frame header, or repeat, drop and forge segments."""
    segments, at = [], 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        segments.append(data[at : at + 2 + size])
        at += 2 + size
    rest = data[at:]
    if not segments:
        return data
    place = int(rng.integers(len(segments)))
    way = int(rng.integers(6))
    if way == 0:
        segments[place:place] = [segments[place]] * int(rng.integers(2, 300))
    elif way == 1:
        del segments[place]
    elif way == 2:
        segments = [
            s[:5] + struct.pack(">HH", _pick(SIDES, rng), _pick(SIDES, rng)) + s[9:]
            if 0xC0 <= s[1] <= 0xC2
            else s
            for s in segments
        ]
    elif way == 3:
        segments[place] = segments[place][:4] + flip_bits(segments[place][4:], rng)
    elif way == 4:
        scan = rest[: 2 + int.from_bytes(rest[2:4], "big")]
        rest = scan * int(rng.integers(2, 500)) + rest
    else:
        body = (b"Exif\0\0II*\0" + rng.bytes(600))[: int(rng.integers(4, 600))]
        segments.insert(0, b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body)
    return data[:2] + b"".join(segments) + rest


def edit_tiff(data: bytes, rng: np.random.Generator) -> bytes:
    """Change tags of the first directory, or where the next one lies."""
    order = "<" if data[:2] == b"II" else ">"
    if len(data) < 16 or data[2:4] not in (b"*\0", b"\0*"):
        return data
    (start,) = struct.unpack_from(f"{order}L", data, 4)
    if start + 2 > len(data):
        return data
    (count,) = struct.unpack_from(f"{order}H", data, start)
    changed = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        at = start + 2 + 12 * int(rng.integers(max(1, count)))
        if at + 12 > len(changed):
            break
        field = int(rng.integers(4))
        value = _pick([*LENGTHS, *SIDES, start, len(data) - 4], rng)
        if field == 0:
            tags = [
                256,
                257,
                258,
                259,
                262,
                273,
                277,
                278,
                279,
                284,
                322,
                323,
                324,
                325,
                347,
                34665,
            ]
            struct.pack_into(f"{order}H", changed, at, _pick(tags, rng))
        elif field == 1:
            struct.pack_into(f"{order}H", changed, at + 2, int(rng.integers(0, 17)))
        elif field == 2:
            struct.pack_into(f"{order}L", changed, at + 4, value)
        else:
            struct.pack_into(f"{order}L", changed, at + 8, value)
    after = start + 2 + 12 * count
    if rng.random() < 0.2 and after + 4 <= len(changed):
        struct.pack_into(f"{order}L", changed, after, _pick([start, 8, len(data) - 6], rng))
    return bytes(changed)


def edit_riff(data: bytes, rng: np.random.Generator) -> bytes:
    """Change the canvas, the kind or the length of a WebP's chunks."""
    changed = bytearray(data.ljust(40, b"\0"))
    way = int(rng.integers(3))
    if way == 0:
        changed[12:16] = (b"VP8 ", b"VP8L", b"VP8X", b"ANMF")[int(rng.integers(4))]
    elif way == 1:
        struct.pack_into("<L", changed, int(rng.choice([4, 16, 20])), _pick(LENGTHS, rng))
    else:
        struct.pack_into(
            "<HH", changed, int(rng.choice([21, 24, 26, 27])), 0x3FFF, _pick(SIDES, rng)
        )
    return bytes(changed)


def edit_bmp(data: bytes, rng: np.random.Generator) -> bytes:
    """Change a field of a BMP's header."""
    changed = bytearray(data.ljust(60, b"\0"))
    at = _pick([10, 14, 18, 22, 26, 28, 30, 34, 46], rng)
    struct.pack_into("<L", changed, at, _pick([*LENGTHS, *SIDES], rng))
    return bytes(changed)


_SYNTAXES = (
    "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.100", "1.2.3",
)  # fmt: skip
# Rows, columns, samples, frames, bits allocated, stored, high bit, sign, padding, both windows,
# rescale, look-up descriptor.
_ELEMENTS = (
    "28001000", "28001100", "28000200", "28000800", "28000001", "28000101", "28000201", "28000301",
    "28002001", "28005010", "28005110", "28005210", "28005310", "28000230", "28000630", "e07f1000",
)  # fmt: skip


def edit_dicom(data: bytes, rng: np.random.Generator) -> bytes:
    """Change an element's value, length or type, nest sequences, or claim another syntax."""
    way = int(rng.integers(6))
    if way == 0:
        return _claim_syntax(data, rng)
    if way == 1:
        return _nest(data, rng)
    tag = bytes.fromhex(_ELEMENTS[int(rng.integers(len(_ELEMENTS)))])
    at = data.find(tag)
    return flip_bits(data, rng) if at < 0 else _edit_element(data, at, way, rng)


def _edit_element(data: bytes, at: int, way: int, rng: np.random.Generator) -> bytes:
    if way == 2:
        types = (b"US", b"SQ", b"UN", b"OB", b"OW", b"DS", b"IS", b"UT", b"\0\0", b"ZZ")
        return data[: at + 4] + types[int(rng.integers(len(types)))] + data[at + 6 :]
    if way == 3:
        length = struct.pack("<L", _pick(LENGTHS, rng))
        after = at + _pick([4, 6, 8], rng)
        return data[:after] + length + data[after + 4 :]
    if way == 4:
        return data[:at] + data[at : at + 10] * int(rng.integers(2, 3000)) + data[at:]
    value = struct.pack("<H", _pick([*SIDES, 7, 12, 16, 64], rng))
    return data[: at + 8] + value + data[at + 10 :]


def _claim_syntax(data: bytes, rng: np.random.Generator) -> bytes:
    at = data.find(b"\x02\x00\x10\x00UI")
    if at < 0:
        return data
    size = int.from_bytes(data[at + 6 : at + 8], "little")
    name = _SYNTAXES[int(rng.integers(len(_SYNTAXES)))].encode()
    name += b"\0" * (len(name) % 2)
    return data[: at + 6] + struct.pack("<H", len(name)) + name + data[at + 8 + size :]


def _nest(data: bytes, rng: np.random.Generator) -> bytes:
    """Put sequences within sequences before the pixels, open or of a stated length."""
    depth = int(rng.choice([5, 60, 300, 2000]))
    if rng.random() < 0.5:
        opening = b"\x40\x00\x75\x02SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
        nested = opening * depth
        if rng.random() < 0.5:
            nested += (b"\xfe\xff\x0d\xe0" + bytes(4) + b"\xfe\xff\xdd\xe0" + bytes(4)) * depth
    else:
        nested = b""
        for _ in range(min(depth, 300)):
            item = b"\xfe\xff\x00\xe0" + struct.pack("<L", len(nested)) + nested
            nested = b"\x28\x00\x10\x30SQ\0\0" + struct.pack("<L", len(item)) + item
    at = max(data.find(b"\xe0\x7f\x10\x00"), data.find(b"\x08\x00\x16\x00"), 0)
    return data[:at] + nested + data[at:]


FITTING: dict[str, tuple[Mutator, ...]] = {
    # As often as all general ones together.
    "DICOM": (*(edit_dicom,) * 6, *(retype_dicom,) * 6),
    "JPEG": (edit_jpeg,) * len(GENERAL),
    "PNG": (edit_png,) * len(GENERAL),
    "TIFF": (edit_tiff,) * len(GENERAL),
    "RIFF": (edit_riff,) * len(GENERAL),
    "BMP": (edit_bmp,) * 4,
}
