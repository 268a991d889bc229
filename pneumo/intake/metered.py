"""The bytes of a file → a stream that hands them to a parser no more often than a film needs.

Parsers written in Python, pydicom's and Pillow's, take some microseconds for each element, chunk
or segment, and go on for minutes through a file that is made of nothing else. A parser gets ahead
only by reading, so a bound on reads bounds its time and what it can pile up.
"""

from __future__ import annotations

import time
from io import BytesIO

from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

MOST_READS = 400_000
"""A film of 200 MiB in PNG chunks of 8 KiB takes 100,000, a DICOM film a thousand."""

_BYTES_READ_AGAIN = 64
_SPARE_BYTES = 64 * 1024 * 1024

_HEADER_BYTES = 8
_LENGTH_BYTES = 4
_CHARACTER_SET = (b"\x08\x00\x05\x00", b"\x00\x08\x00\x05")
_LONGEST_CHARACTER_SET = 256
# Types whose length follows the header, in four bytes (PS3.5 7.1.2).
_LONG_KINDS = frozenset(str(kind).encode() for kind in EXPLICIT_VR_LENGTH_32)


class TooManyReadsError(Exception):
    """A parser asked for more than any film needs: the file is made to keep it busy."""


class MeteredStream(BytesIO):
    """A file in memory that counts how often it is read, and how much."""

    def __init__(self, data: bytes) -> None:
        """Take a file."""
        super().__init__(data)
        self._reads_left = MOST_READS
        self._bytes_left = _BYTES_READ_AGAIN * len(data) + _SPARE_BYTES

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes, as any stream does.

        Raises:
            TooManyReadsError: no film needs so many.
        """
        self._reads_left -= 1
        found = super().read(size)
        self._bytes_left -= len(found)
        if self._reads_left < 0 or self._bytes_left < 0:
            raise TooManyReadsError
        return found


class DicomStream(MeteredStream):
    """A DICOM file, which pydicom has until a given time for.

    pydicom reads Specific Character Set (0008,0005) wherever it meets it, whether it was asked to
    or not, looks up each of its names, and quotes those that it does not know in a warning and in
    the log. Nothing that the intake wants needs one, so pydicom is handed blanks in its place.
    """

    def __init__(self, data: bytes, ends: float) -> None:
        """Take a file or a part of it, and until when on the thread's clock it may be read."""
        super().__init__(data)
        self._ends = ends
        self._header, self._after = b"", -1

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes, as any stream does.

        Raises:
            TooManyReadsError: no film needs so many, so long, or such a character set.
        """
        header, self._header = self._header, b""
        if self.tell() != self._after or (size == _HEADER_BYTES and _may_be_empty(header)):
            header = b""
        if header and (size is None or not 0 <= size <= _LONGEST_CHARACTER_SET):
            raise TooManyReadsError
        if time.thread_time() > self._ends:
            raise TooManyReadsError
        found = super().read(size)
        if header and size == _LENGTH_BYTES and header[4:6] in _LONG_KINDS:
            self._header, self._after = header[:4] + found, self.tell()
        elif header:
            found = b" " * len(found)
        elif size == _HEADER_BYTES and found[:4] in _CHARACTER_SET:
            self._header, self._after = found, self.tell()
        return found


def _may_be_empty(header: bytes) -> bool:
    """Tell whether an element's header may state a length of zero, with its type or without."""
    kind, rest = header[4:6], header[6:8]
    return not any(rest) and (not any(kind) or kind.isalpha())
