"""A zip archive on disk or in memory → its films' bytes, one at a time, and never on any disk.

Nothing is extracted: an entry's name is a label and leads to no place. What an archive claims
about itself is checked before it is believed, and again against what comes out of it.
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from io import SEEK_CUR, SEEK_END, SEEK_SET
from pathlib import Path, PurePosixPath, PureWindowsPath
from threading import Lock
from typing import IO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pneumo.errors import DamagedFilmError, FilmError, OversizedFilmError, UnsupportedFilmError
from pneumo.settings import Settings

MOST_ENTRIES = 10_000
"""Twice the largest split of the data set, and a list of them costs a few megabytes."""

MOST_IN_ALL = 100
"""An archive may hold so many times as many bytes as one file may have: 20 GB by default.

Entries come out one at a time, so that this bounds the work and not the memory."""

MOST_RATIO = 250
"""Times that an entry may grow when it comes out. Deflate reaches 1,032 on nothing but zeros;
uncompressed films, black borders and all, stay below 20."""

_BEGINS = (b"PK\x03\x04", b"PK\x05\x06")
_ALWAYS_ALLOWED = 1024 * 1024
# Fixed parts of 46 bytes, names and extra fields: zipfile takes the whole list into memory.
_MOST_LIST_BYTES = 256 * MOST_ENTRIES
_ENCRYPTED = 0x1 | 0x40
_BROKEN = (
    BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError,
    UnicodeError, IndexError,
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One file of an archive.

    Attributes:
        name: its name within the archive, for people; no two entries have the same.
        read: returns its bytes, or raises the `FilmError` that says why there are none.
    """

    name: str
    read: Callable[[], bytes] = field(repr=False)


def begins_like_zip(data: bytes) -> bool:
    r"""Say whether a file's first bytes are those of a zip archive.

    >>> begins_like_zip(b"PK\x03\x04...")
    True
    """
    return data.startswith(_BEGINS)


def list_entries(place: Path | bytes, *, max_bytes: int = Settings.max_bytes) -> list[Entry]:
    """Return an archive's files in its own order; folders and hidden files are left out.

    Only the list at the archive's end is read now. An entry that must not be read is returned
    all the same: to read it says why not. Entries may be read from several threads.

    Args:
        place: the archive's path, or all its bytes.
        max_bytes: most bytes of one entry, as it is when it comes out.

    Raises:
        DamagedFilmError: it is no sound archive.
        OversizedFilmError: it holds too many entries, or too much in all.
    """
    window = _Window(place)
    try:
        archive = ZipFile(cast(IO[bytes], window))
    except FilmError:
        raise
    except _BROKEN:
        raise DamagedFilmError(
            "Expected a sound zip archive, but its list of files is cut off or corrupt: pack or "
            "send it again."
        ) from None
    window.most = None
    found = [entry for entry in archive.infolist() if not _is_left_out(entry)]
    _check_whole(found, max_bytes)
    return list(_entries(archive, found, max_bytes))


def check_bytes(count: int, max_bytes: int) -> None:
    """Refuse a file by its size before any of it is read.

    Raises:
        OversizedFilmError: it has more bytes than allowed.
    """
    if count > max_bytes:
        raise OversizedFilmError(
            f"The file has {count:,} bytes, and at most {max_bytes:,} are read: export a single "
            "film, or raise PNEUMO_MAX_BYTES."
        )


def _is_left_out(entry: ZipInfo) -> bool:
    """Whether an entry is a folder, hidden, or what macOS packs beside a file."""
    if entry.filename.endswith("/"):
        return True
    parts = PurePosixPath(entry.filename).parts
    return any(
        part == "__MACOSX" or (part.startswith(".") and not part.startswith("..")) for part in parts
    )


def _check_whole(found: list[ZipInfo], max_bytes: int) -> None:
    if len(found) > MOST_ENTRIES:
        raise _too_many()
    total, most = sum(entry.file_size for entry in found), MOST_IN_ALL * max_bytes
    if total > most:
        raise OversizedFilmError(
            f"The archive says that it holds {total:,} bytes, and at most {most:,} are read from "
            "one: split it."
        )


def _too_many() -> OversizedFilmError:
    return OversizedFilmError(
        f"The archive lists more than {MOST_ENTRIES:,} files, which is more than is read from "
        "one: split it."
    )


def _entries(archive: ZipFile, found: list[ZipInfo], max_bytes: int) -> Iterator[Entry]:
    opening = Lock()
    times: dict[str, int] = {}
    for entry in found:
        name = entry.filename or "without a name"
        times[name] = times.get(name, 0) + 1
        reason = _find_fault(entry, is_second=times[name] > 1)
        if times[name] > 1:
            name = f"{name} ({times[name]})"
        if reason:
            yield Entry(name, partial(_refuse, reason))
        else:
            yield Entry(name, partial(_inflate, archive, entry, opening, max_bytes))


def _find_fault(entry: ZipInfo, *, is_second: bool) -> str:
    """Return why an entry must not be read, empty if it may be."""
    windows = PureWindowsPath(entry.filename)
    leads_out = bool(windows.drive or windows.root) or ".." in windows.parts
    may_have = max(MOST_RATIO * entry.compress_size, _ALWAYS_ALLOWED)
    faults = (
        (
            is_second,
            "The archive holds two files of this name, and only the first is read: rename one.",
        ),
        (
            leads_out,
            "The file's name leads out of the archive, so it is not read: pack the films anew "
            "from within their folder.",
        ),
        (
            stat.S_ISLNK(entry.external_attr >> 16),
            "This is a link to another file and no film: pack the film itself.",
        ),
        (
            bool(entry.flag_bits & _ENCRYPTED),
            "The file is locked with a password: pack the films without one.",
        ),
        (
            entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED),
            "The file is packed by a rare method: pack the films as an ordinary zip archive.",
        ),
        (
            entry.file_size > may_have,
            f"The file would grow more than {MOST_RATIO} times when it comes out, as no film "
            "does: pack the film itself.",
        ),
    )
    return next((reason for is_so, reason in faults if is_so), "")


def _refuse(reason: str) -> bytes:
    raise UnsupportedFilmError(reason)


def _inflate(archive: ZipFile, entry: ZipInfo, opening: Lock, max_bytes: int) -> bytes:
    check_bytes(entry.file_size, max_bytes)
    try:
        with opening:  # zipfile counts its open files, and not from several threads.
            stream = archive.open(entry)
        try:
            # One byte more than it claims: zipfile stops at the claim, and this relies on nothing.
            data = stream.read(entry.file_size + 1)
        finally:
            with opening:
                stream.close()
    except MemoryError:
        raise OversizedFilmError("The file does not fit into memory: export it smaller.") from None
    except _BROKEN:
        data = b""
    if len(data) != entry.file_size:
        raise DamagedFilmError(
            "The file within the archive is cut off or corrupt, or is not what the archive says "
            "of it: pack or send it again."
        )
    if begins_like_zip(data):
        return _refuse(
            "This is an archive within the archive, which is not opened: pack the films themselves."
        )
    return data


class _Window:
    """The bytes of an archive, looked at piece by piece.

    A path is opened for each look, so that no file stays open as long as somebody holds an entry.
    No look is larger than `most`, which keeps zipfile from reading a list without end.
    """

    def __init__(self, place: Path | bytes) -> None:
        self._place = place
        self._position = 0
        self.most: int | None = _MOST_LIST_BYTES

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        base = {SEEK_SET: 0, SEEK_CUR: self._position}
        if whence == SEEK_END:
            base[SEEK_END] = self._length()
        position = base[whence] + offset
        if position < 0:
            raise OSError("before the beginning")
        self._position = position
        return position

    def read(self, count: int = -1) -> bytes:
        if count < 0:
            count = max(0, self._length() - self._position)
        if self.most is not None and count > self.most:
            raise _too_many()
        if isinstance(self._place, bytes):
            data = self._place[self._position : self._position + count]
        else:
            with self._place.open("rb") as file:
                file.seek(self._position)
                data = file.read(count)
        self._position += len(data)
        return data

    def _length(self) -> int:
        if isinstance(self._place, bytes):
            return len(self._place)
        return self._place.stat().st_size
