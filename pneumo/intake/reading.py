"""The bytes of one file come in, a `Radiograph` read by what the bytes are goes out."""

from __future__ import annotations

import logging

from pneumo.domain import Radiograph
from pneumo.errors import (
    DamagedFilmError,
    NotAnImageError,
    OversizedFilmError,
    PneumoError,
    UnsupportedFilmError,
)
from pneumo.intake.dicom import read_dicom
from pneumo.intake.elements import find_data_set, open_data_set
from pneumo.intake.raster import read_picture
from pneumo.settings import Settings

ACCEPTED = "DICOM, JPEG, PNG, TIFF, BMP or WebP"

_OTHER_PICTURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"GIF8", "a GIF"),
    (0, b"\x00\x00\x00\x0cjP  ", "a bare JPEG 2000 picture"),
    (0, b"\xff\x4f\xff\x51", "a bare JPEG 2000 picture"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"ftypheic", "an HEIC picture, as phones take them"),
    (4, b"ftypheix", "an HEIC picture, as phones take them"),
    (4, b"ftypmif1", "an HEIC picture, as phones take them"),
)
_NO_PICTURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"7z\xbc\xaf", "a 7-Zip archive"),
    (0, b"Rar!", "a RAR archive"),
    (4, b"ftyp", "a video"),
)
_BMP_HEADER_SIZES = frozenset({12, 16, 40, 52, 56, 64, 108, 124})


def read_radiograph(
    data: bytes,
    *,
    max_pixels: int = Settings.max_pixels,
    max_bytes: int = Settings.max_bytes,
    needed_side: int | None = None,
) -> Radiograph:
    """Return the one grey film that a file's bytes hold.

    What the file is called or says to be is never asked: only its content decides how it is
    read. Nothing that could name a patient is read, kept, logged or put into a message.

    Args:
        data: the whole file, DICOM (with or without its preamble) or a picture file.
        max_pixels: most pixels to decode, checked before any is decoded.
        max_bytes: most bytes to look at, also after inflating a deflated DICOM.
        needed_side: a JPEG picture may be decoded at a half, a quarter or an eighth of its size
            as long as it keeps so many rows and columns; None for every pixel.

    Returns:
        A radiograph whose pixels have shape (rows, columns), float32, finite, in [0, 1],
        contiguous and read-only, 0 black, always with a fingerprint.

    Raises:
        NotAnImageError: the bytes are empty or in no format that is known here.
        DamagedFilmError: the format is known, but the bytes are cut off or corrupt.
        OversizedFilmError: there are more bytes or pixels than allowed.
        UnsupportedFilmError: a sound file that is not one grey film of a useful size.
    """
    try:
        return read_unguarded(
            data, max_pixels=max_pixels, max_bytes=max_bytes, needed_side=needed_side
        )
    except (PneumoError, MemoryError):
        raise
    # A hostile file must cost only itself, whatever reader it trips up: not a visitor's page, and
    # not the other films of a batch. Tests read below this net, where a bug surfaces as one. What
    # the error says may quote the file, so that its kind and place alone are logged.
    except Exception as error:
        log_unforeseen(error)
        raise DamagedFilmError(
            f"Expected a film as {ACCEPTED}, but the file is damaged or forged in a way that no "
            "reader here knows: export or send the film again."
        ) from None


def log_unforeseen(error: Exception) -> None:
    """Log which kind of error a file led to and where, and no word of what it says."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = "" if frame is None else f"{frame.tb_frame.f_code.co_name}:{frame.tb_lineno}"
    logging.getLogger(__name__).error(
        "A file was refused for an error that nobody foresaw: %s in %s",
        type(error).__name__,
        place,
    )


def read_unguarded(
    data: bytes, *, max_pixels: int, max_bytes: int, needed_side: int | None = None
) -> Radiograph:
    """Do what `read_radiograph` does; what nobody foresaw surfaces as the error that it is."""
    if not data:
        raise NotAnImageError(
            f"Expected a chest film ({ACCEPTED}), but the file is empty: export it anew."
        )
    if len(data) > max_bytes:
        raise OversizedFilmError(
            f"Expected a file of at most {max_bytes:,} bytes, but this one has {len(data):,}: "
            "export a single film, or raise PNEUMO_MAX_BYTES."
        )
    if data[128:132] == b"DICM":
        return read_dicom(open_data_set(data, max_bytes=max_bytes), max_pixels=max_pixels)
    picture = _picture_format(data)
    if picture is not None:
        return read_picture(data, picture, max_pixels=max_pixels, needed_side=needed_side)
    if (ds := find_data_set(data, max_bytes=max_bytes)) is not None:
        return read_dicom(ds, max_pixels=max_pixels)
    raise _stranger(data)


def _picture_format(data: bytes) -> str | None:
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"):
        return "TIFF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    # "BM" alone would also claim text: the size of the second header must be a known one.
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in _BMP_HEADER_SIZES:
        return "BMP"
    return None


def _stranger(data: bytes) -> NotAnImageError | UnsupportedFilmError:
    for offset, magic, name in _OTHER_PICTURES:
        if data.startswith(magic, offset):
            return UnsupportedFilmError(
                f"Expected a chest film as {ACCEPTED}, but this is {name}, which is not "
                "accepted: export the film again as DICOM or PNG."
            )
    name = "a file of no known picture format"
    for offset, magic, known in _NO_PICTURES:
        if data.startswith(magic, offset):
            name = known
            break
    return NotAnImageError(
        f"Expected a chest film as {ACCEPTED}, but this is {name}: "
        "unpack or export the film itself."
    )
