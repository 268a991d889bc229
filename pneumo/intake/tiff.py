"""What Pillow does not do for TIFF: bounds of our own, white as zero, and previews that follow."""

from __future__ import annotations

import struct

from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

BITS_PER_SAMPLE = 258
_PHOTOMETRIC = 262
_NEW_SUBFILE_TYPE, _REDUCED, _MOST_PREVIEWS = 254, 1, 8


class BoundedTiff(TiffImageFile):
    """A TIFF whose size has been checked here, so that Pillow's global bound does not matter."""

    def load_prepare(self) -> None:
        """Reserve memory for the picture before Pillow compares its size with that bound."""
        if self._im is None:
            self.im = Image.new(self.mode, self._tile_size).im
        super().load_prepare()


def make_readable(data: bytes) -> tuple[bytes, bool]:
    """Return a TIFF that Pillow can read, and whether it has to be inverted afterwards.

    Pillow knows no big endian 16-bit grey with white as zero (PhotometricInterpretation 0), so
    such a file is relabelled as black is zero. Everything else comes back as it was.
    """
    if data[:4] != b"MM\x00*" or len(data) < 8:
        return data, False
    start = int.from_bytes(data[4:8], "big")
    count = int.from_bytes(data[start : start + 2], "big")
    places: dict[int, int] = {}
    values: dict[int, int] = {}
    for place in range(start + 2, min(start + 2 + 12 * count, len(data) - 11), 12):
        tag, kind, number, value = struct.unpack_from(">HHLH", data, place)
        if kind == 3 and number == 1:
            places[tag], values[tag] = place + 8, value
    if values.get(_PHOTOMETRIC) != 0 or values.get(BITS_PER_SAMPLE) != 16:
        return data, False
    place = places[_PHOTOMETRIC]
    return data[:place] + b"\x00\x01" + data[place + 2 :], True


def is_white_zero(image: ImageFile) -> bool:
    """Tell whether deep grey has white as zero: Pillow inverts grey of up to 8 bits only."""
    deep = image.mode in ("I;16", "I;16B", "I", "F")
    return deep and isinstance(image, TiffImageFile) and image.tag_v2.get(_PHOTOMETRIC) == 0


def has_only_previews(image: ImageFile) -> bool:
    """Tell whether all that follows a TIFF's film are the same at a reduced resolution.

    Scanners and viewers of slides write such (NewSubfileType 1, TIFF 6.0 page 36).
    """
    if not isinstance(image, TiffImageFile) or image.n_frames > _MOST_PREVIEWS + 1:
        return False
    try:
        following = range(1, image.n_frames)
        return all(_reduced(image, page) for page in following) and not _reduced(image, 0)
    finally:
        image.seek(0)


def _reduced(image: TiffImageFile, page: int) -> bool:
    image.seek(page)
    return image.tag_v2.get(_NEW_SUBFILE_TYPE) == _REDUCED
