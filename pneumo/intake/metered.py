"""The bytes of a file → a stream that hands them to a parser no more often than a film needs.

Parsers written in Python, pydicom's and Pillow's, take some microseconds for each element, chunk
or segment, and go on for minutes through a file that is made of nothing else. A parser gets ahead
only by reading, so a bound on reads bounds its time and what it can pile up.
"""

from __future__ import annotations

import time
from io import BytesIO

MOST_READS = 400_000
"""A film of 200 MiB in PNG chunks of 8 KiB takes 100,000, a DICOM film a thousand."""

_BYTES_READ_AGAIN = 64
_SPARE_BYTES = 64 * 1024 * 1024

_PARSING_S = 2.0
_HEADER_BYTES = 8
_CHARACTER_SET = (b"\x08\x00\x05\x00", b"\x00\x08\x00\x05")
_LONGEST_CHARACTER_SET = 256


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
    """A DICOM file, which pydicom has a few seconds for.

    pydicom reads Specific Character Set (0008,0005) wherever it meets it, whether it was asked to
    or not, and looks up each of its names with a warning: a long one would take minutes.
    """

    def __init__(self, data: bytes) -> None:
        """Take a file or a data set."""
        super().__init__(data)
        self._ends = time.thread_time() + _PARSING_S
        self._after_character_set = False

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes, as any stream does.

        Raises:
            TooManyReadsError: no film needs so many, so long, or such a character set.
        """
        if self._after_character_set and (size is None or not 0 <= size <= _LONGEST_CHARACTER_SET):
            raise TooManyReadsError
        if time.thread_time() > self._ends:
            raise TooManyReadsError
        found = super().read(size)
        if size == _HEADER_BYTES:
            self._after_character_set = found[:4] in _CHARACTER_SET
        return found
