"""A DICOM file comes in, the same with elements of other types and of extreme values goes out."""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np

# Every element that the intake asks for, and Specific Character Set, which pydicom asks for.
_TAGS = (
    0x00080005, 0x00080016, 0x00080020, 0x00080060, 0x00082218, 0x00100030, 0x00101010,
    0x00180015, 0x00181164, 0x00185101, 0x00280002, 0x00280004, 0x00280006, 0x00280008,
    0x00280010, 0x00280011, 0x00280030, 0x00280100, 0x00280101, 0x00280102, 0x00280103,
    0x00280120, 0x00280121, 0x00281050, 0x00281051, 0x00281052, 0x00281053, 0x00281056,
    0x00281101, 0x00281201, 0x00283000, 0x00283010, 0x00540220, 0x20500020,
)  # fmt: skip
# What describes the pixels and the contrast, whose arithmetic trips over strange numbers.
_TELLING = (0x00280101, 0x00280102, 0x00281050, 0x00281051, 0x00283000, 0x00283010)
_WORDS = ("CS", "DS", "IS", "LO", "SH", "ST", "LT", "UT", "PN", "AS", "UI", "DA", "TM", "DT", "AE")
_INTEGERS = {"US": "H", "SS": "h", "UL": "L", "SL": "l", "UV": "Q", "SV": "q"}
_REALS = {"FL": "f", "FD": "d"}
_BYTES = ("OB", "OW", "UN", "AT")
_KINDS = (*_WORDS, *_INTEGERS, *_REALS, *_BYTES, "SQ")
# Those that carry what no element of a film is made for: a sign, a fraction, words, an item.
_STRANGEST = ("IS", "DS", "LO", "SL", "SV", "FD", "SQ", "SQ")
_LONG = frozenset({"OB", "OW", "UN", "UT", "SQ", "UV", "SV"})
_WHOLE = (
    0, 1, 2, 7, 8, 11, 12, 16, 32, 64, -1, -3, -5, -64, -9999, 255, 4095, 4096, 32768, 65535,
    65536, 2**31 - 1, -(2**31), 2**40, 2**63 - 1, -(2**63),
)  # fmt: skip
_REAL = (0.0, 1.0, -1.0, 0.5, math.nan, math.inf, -math.inf, 5e-324, 1e12, -1e12, 16.0, 64.0)
_SAID = (
    "", "0", "1", "12", "16", "64", "4096", "-5", "-70000", "nan", "inf", "-inf", "1e300", "1e12",
    "-1e12", "9" * 300, "abc", "045Y", "20200229", "LL", "CT", "RGB", "PALETTE COLOR", "SIGMOID",
    "MONOCHROME1", "LINEAR_EXACT", "\\", "1\\2", "4096\\0\\12", "\\nan\\16", "é", " ", "\0",
)  # fmt: skip
_DESCRIPTORS = (
    b"4096\\0\\12", b"-5\\0\\12", b"-4096\\0\\12", b"-9999\\0\\12", b"\\nan\\16", b"4096\\\\12",
    b"\\\\", b"\\0\\x", b"4096\\0\\nan", b"4096\\inf\\12",
)  # fmt: skip


def retype_dicom(data: bytes, rng: np.random.Generator) -> bytes:
    """Give some elements another type, with a value that fits it and nothing else."""
    for _ in range(int(rng.choice([1, 1, 2, 3]))):
        tags = _TELLING if rng.random() < 0.4 else _TAGS
        data = _put(data, _pick(tags, rng), rng)
    return data


def _pick(choices: Any, rng: np.random.Generator) -> Any:
    return choices[int(rng.integers(len(choices)))]


def _put(data: bytes, tag: int, rng: np.random.Generator) -> bytes:
    """Put an element in the place of the one that has its tag, else before the pixels."""
    number = struct.pack("<HH", tag >> 16, tag & 0xFFFF)
    kind = _pick(_STRANGEST if rng.random() < 0.5 else _KINDS, rng)
    element = _element(number, kind, _value(kind, rng))
    at = data.find(number)
    if at < 0:
        at = data.find(b"\xe0\x7f\x10\x00")
        return data if at < 0 else data[:at] + element + data[at:]
    found = data[at : at + 12].ljust(12, b"\0")
    is_long = found[4:6].decode("latin-1") in _LONG
    size = int.from_bytes(found[8:12] if is_long else found[6:8], "little")
    header = 12 if is_long else 8
    return data[:at] + element + data[min(at + header + size, len(data)) :]


def _element(number: bytes, kind: str, value: bytes) -> bytes:
    value += b"\0" * (len(value) % 2)
    if kind in _LONG:
        return number + kind.encode() + bytes(2) + struct.pack("<L", len(value)) + value
    return number + kind.encode() + struct.pack("<H", len(value)) + value


def _value(kind: str, rng: np.random.Generator) -> bytes:
    count = int(rng.choice([1, 1, 1, 2, 3, 0]))
    if kind in _INTEGERS:
        form = struct.Struct("<" + _INTEGERS[kind])
        mask = 256**form.size - 1
        numbers = [_pick(_WHOLE, rng) & mask for _ in range(count)]
        return b"".join(number.to_bytes(form.size, "little") for number in numbers)
    if kind in _REALS:
        with np.errstate(over="ignore"):
            return np.array([_pick(_REAL, rng) for _ in range(count)], f"<{_REALS[kind]}").tobytes()
    if kind == "SQ":
        return _sequence(rng)
    if kind in _BYTES:
        return rng.bytes(4 * count)
    return "\\".join(_pick(_SAID, rng) for _ in range(count)).encode("latin-1")


def _sequence(rng: np.random.Generator) -> bytes:
    """Return an item that holds a look-up table, a code or a number, any of them of any type."""
    inside = b""
    for tag in (0x00080005, 0x00080100, 0x00280002, 0x00283002, 0x00283006):
        kind, value = _pick(("US", "SS", "IS", "DS", "OW", "LO", "FL", "CS"), rng), None
        if tag == 0x00283002 and rng.random() < 0.5:
            kind, value = _pick(("IS", "DS", "LO"), rng), _pick(_DESCRIPTORS, rng)
        elif tag == 0x00280002 and rng.random() < 0.5:
            kind, value = "IS", b"inf"  # cannot even be printed
        elif tag == 0x00283006 and rng.random() < 0.5:
            kind, value = "OW", rng.bytes(_pick((0, 6, 8192), rng))
        if rng.random() < 0.7:
            number = struct.pack("<HH", tag >> 16, tag & 0xFFFF)
            inside += _element(number, kind, _value(kind, rng) if value is None else value)
    return b"\xfe\xff\x00\xe0" + struct.pack("<L", len(inside)) + inside
