"""A picture whose header was read comes in, whether it is worth its decoding goes out."""

from __future__ import annotations

from PIL.BmpImagePlugin import BmpImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

_ORDINARY_SCANS = 16
_MOST_SCANNED_PIXELS = 1_000_000_000
_MOST_RUN_PIXELS = 8_000_000
_RUNS = (BmpImageFile.COMPRESSIONS["RLE8"], BmpImageFile.COMPRESSIONS["RLE4"])
_TILE_WIDTH, _TILE_LENGTH = 322, 323
_TILE_BESIDE_PICTURE, _LARGE_TILE = 2, 1_000_000


def is_costly(image: ImageFile, data: bytes) -> bool:
    """Tell whether a picture would take minutes or gigabytes for the size that it has.

    libjpeg goes over all of a JPEG's blocks for each of its scans, of which an ordinary one has
    ten at most; libtiff unpacks whole tiles, however large; runs in a BMP are unpacked in Python.
    """
    pixels, compression = image.width * image.height, image.info.get("compression")
    if isinstance(image, BmpImageFile):
        return compression in _RUNS and pixels > _MOST_RUN_PIXELS
    if isinstance(image, JpegImageFile) or compression in ("jpeg", "tiff_jpeg"):
        scans = data.count(b"\xff\xda")
        if scans > _ORDINARY_SCANS and scans * pixels > _MOST_SCANNED_PIXELS:
            return True
    if isinstance(image, TiffImageFile):
        sides = [image.tag_v2.get(tag, 1) for tag in (_TILE_WIDTH, _TILE_LENGTH)]
        if not all(isinstance(side, int) for side in sides):
            return True
        return bool(sides[0] * sides[1] > _TILE_BESIDE_PICTURE * max(pixels, _LARGE_TILE))
    return False
