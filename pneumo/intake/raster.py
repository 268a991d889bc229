"""The bytes of a picture file come in, its grey film as a `Radiograph` goes out."""

from __future__ import annotations

import struct
from collections.abc import Callable
from io import BytesIO
from typing import Literal

import numpy as np
import PIL.ImageFile
from numpy.typing import NDArray
from PIL import ExifTags, Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from pneumo.domain import Radiograph
from pneumo.errors import DamagedFilmError, FilmError, OversizedFilmError, UnsupportedFilmError
from pneumo.intake.decoding_cost import is_costly
from pneumo.intake.film import check_size, develop
from pneumo.intake.metered import MeteredStream
from pneumo.intake.shades import grey_of
from pneumo.intake.tiff import (
    BITS_PER_SAMPLE,
    BoundedTiff,
    has_only_previews,
    is_white_zero,
    make_readable,
)

_MOST_WEBP_PIXELS = 25_000_000
"""libwebp keeps the canvas of an animation twice, even of a still picture."""

_TURNS: dict[int, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    2: np.fliplr,
    3: lambda grey: np.rot90(grey, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda grey: np.rot90(grey, -1),
    7: lambda grey: np.rot90(grey, 2).T,
    8: np.rot90,
}


class _PlainJpeg(JpegImageFile):
    """A JPEG whose EXIF block stays unread by Pillow, which warns where it is garbled."""

    def _read_dpi_from_exif(self) -> None:
        pass


# Pillow's readers are called by name. `Image.open` would compare with `MAX_IMAGE_PIXELS`, a
# global that cannot be set for one thread alone, and would try formats that are not accepted.
_READERS: dict[str, Callable[[BytesIO], ImageFile]] = {
    "JPEG": _PlainJpeg,
    "PNG": PngImageFile,
    "TIFF": BoundedTiff,
    "BMP": BmpImageFile,
    "WebP": WebPImageFile,
}


def read_picture(
    data: bytes, picture: str, *, max_pixels: int, needed_side: int | None = None
) -> Radiograph:
    """Return the film in a picture file.

    EXIF orientation is applied; transparency lies over black. Colour becomes luminance with a
    note, to be judged later. Resolution tags tell the size of a print, not of the detector, so
    the spacing stays unknown.

    Args:
        data: the file.
        picture: what its first bytes say it is: "JPEG", "PNG", "TIFF", "BMP" or "WebP".
        max_pixels: most pixels to decode, checked against the header first.
        needed_side: rows and columns that a JPEG must keep when it is decoded at a fraction of
            its size, which takes a fraction of the work; None for every pixel.

    Raises:
        DamagedFilmError: the file is cut off or corrupt.
        OversizedFilmError: more pixels than allowed.
        UnsupportedFilmError: several pictures in one file, too small, or no finite value.
    """
    if picture == "WebP":
        _check_canvas(data, max_pixels)
    inverted = False
    if picture == "TIFF":
        data, inverted = make_readable(data)
    try:
        image = _READERS[picture](MeteredStream(data))
    except (MemoryError, Image.DecompressionBombError):
        raise _too_large(picture) from None
    # Pillow's readers meet corrupt bytes with a dozen kinds of errors, ValueError to struct.error.
    except Exception:
        raise _damaged(picture) from None
    try:
        _check(image, picture, data, max_pixels)
        bit_depth = _bit_depth(image, data)
        inverted = inverted or is_white_zero(image)
        was_shrunk = _shrink(image, needed_side)
        # Other libraries set this for all of the process, as the one that makes our reports does:
        # what a cut-off file lacks would then be black.
        PIL.ImageFile.LOAD_TRUNCATED_IMAGES = False
        image.load()
        orientation = 1 if picture == "TIFF" else _orientation(image.info.get("exif"))
        grey, notes = grey_of(image, inverted=inverted)
    except FilmError:
        raise
    except (MemoryError, Image.DecompressionBombError):
        raise _too_large(picture) from None
    except Exception:  # as above
        raise _damaged(picture) from None
    if was_shrunk:
        notes.append("Decoded at a fraction of its size, which is all that was needed.")
    if orientation in _TURNS:
        grey = _TURNS[orientation](grey)
        notes.append("Turned as the file's orientation tag asks.")
    if bit_depth == 16 and image.mode not in ("I;16", "I;16B", "I", "F"):
        notes.append("Colour of 16 bits was read with 8 bits.")
    return develop(grey, source="picture", encoding=picture, bit_depth=bit_depth, notes=notes)


def _check_canvas(data: bytes, max_pixels: int) -> None:
    # Pillow's reader reserves memory for the whole canvas when it is made.
    canvas = _webp_canvas(data)
    if canvas is None:
        raise _damaged("WebP")
    check_size(canvas[1], canvas[0], max_pixels)
    if canvas[0] * canvas[1] > _MOST_WEBP_PIXELS:
        raise _too_large("WebP")


def _check(image: ImageFile, picture: str, data: bytes, max_pixels: int) -> None:
    """Refuse by its header a picture that is no single film, or not worth its decoding."""
    check_size(image.height, image.width, max_pixels)
    if is_costly(image, data):
        raise UnsupportedFilmError(
            f"Expected a {picture} picture as programs ordinarily write it, but this one takes "
            "minutes or gigabytes to decode for the size that it has: export the film again."
        )
    if getattr(image, "is_animated", False) and not has_only_previews(image):
        raise UnsupportedFilmError(
            f"Expected one film, but the {picture} file holds several pictures or an animation: "
            "export the film as a single picture."
        )


def decode_jpeg(frame: bytes, mode: Literal["L", "RGB"] = "L") -> bytes:
    """Return the values of a JPEG of 8 bits, row by row, one byte each of grey or of each colour.

    Raises:
        ValueError: the frame is cut off, corrupt, of another mode, or made to take long.
    """
    try:
        image = _PlainJpeg(MeteredStream(frame))
        if image.mode == mode and not is_costly(image, frame):
            return image.tobytes()
    except Exception:  # as in `read_picture`
        raise ValueError("the frame cannot be decoded") from None
    raise ValueError("the frame is of another mode, or none that is worth its decoding")


def _shrink(image: ImageFile, needed_side: int | None) -> bool:
    """Have a JPEG decoded at a fraction of its size if it may be, and tell whether it will."""
    if needed_side is None or not isinstance(image, JpegImageFile):
        return False
    whole = image.size
    image.draft(image.mode, (needed_side, needed_side))
    return image.size != whole


def _webp_canvas(data: bytes) -> tuple[int, int] | None:
    """Return width and height from a WebP header (RFC 9649), None if it is none."""
    kind = data[12:16]
    if kind == b"VP8X" and len(data) >= 30:
        width, height = data[24:27], data[27:30]
        return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    if kind == b"VP8L" and len(data) >= 25:
        packed = int.from_bytes(data[21:25], "little")
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and len(data) >= 30:
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _bit_depth(image: ImageFile, data: bytes) -> int:
    if isinstance(image, PngImageFile) and image.mode != "P":
        return data[24]
    if isinstance(image, TiffImageFile) and image.mode != "P":
        bits = image.tag_v2.get(BITS_PER_SAMPLE, (1,))
        bits = bits if isinstance(bits, tuple) else (bits,)
        return int(bits[0]) if bits and isinstance(bits[0], int) else 8
    return {"1": 1, "I;16": 16, "I;16B": 16, "I": 32, "F": 32}.get(image.mode, 8)


def _orientation(exif: bytes | None) -> int:
    """Return the EXIF orientation, 1 to 8 (CIPA DC-008 4.6.4), 1 if absent or garbled.

    Pillow's own EXIF reader warns about blocks that cameras often garble; a TIFF has been
    turned by Pillow and has none left.
    """
    block = (exif or b"").removeprefix(b"Exif\x00\x00")
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(block[:4])
    if order is None or len(block) < 8:
        return 1
    (start,) = struct.unpack_from(f"{order}L", block, 4)
    if start + 2 > len(block):
        return 1
    (count,) = struct.unpack_from(f"{order}H", block, start)
    for place in range(start + 2, min(start + 2 + 12 * count, len(block) - 11), 12):
        tag, kind, number, value = struct.unpack_from(f"{order}HHLH", block, place)
        if tag >= ExifTags.Base.Orientation:
            sound = tag == ExifTags.Base.Orientation and (kind, number) == (3, 1)
            return value if sound and 1 <= value <= 8 else 1
    return 1


def _damaged(picture: str) -> DamagedFilmError:
    return DamagedFilmError(
        f"Expected a complete {picture} picture, but its data is cut off, corrupt or of a "
        "variety that cannot be read: export or send the film again."
    )


def _too_large(picture: str) -> OversizedFilmError:
    return OversizedFilmError(
        f"Expected a {picture} picture that fits into memory, but this one does not: "
        "export it smaller."
    )
