"""One film's file → what the audit notes of it, or why it cannot be read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pneumo.errors import FilmError
from pneumo.intake import read_radiograph
from pneumo.intake.collection import CollectedFilm
from pneumo.settings import Settings

THUMBNAIL_SIDE = 64
MEAN_SIDE = 112


@dataclass(frozen=True, eq=False)
class FilmFacts:
    """What is kept of one film while a data set is audited, 17 kB at most.

    Attributes:
        film: split, label, group and name.
        sha256: of the bytes.
        fingerprint: of shape and pixels.
        width: in pixels, as `height`.
        height: see width.
        file_bytes: size of the file.
        brightness: mean grey, 0 to 255.
        contrast: standard deviation of grey, 0 to 255.
        stored_as_colour: whether the file has several channels.
        coloured: whether they differ, within what compression does.
        perceptual_hash: 64 bits of the coarse pattern (pHash).
        thumbnail: shape (64, 64), uint8, aspect ratio not kept.
        small: shape (112, 112), uint8, likewise; dropped once it was added to the mean film.
    """

    film: CollectedFilm
    sha256: str
    fingerprint: str
    width: int
    height: int
    file_bytes: int
    brightness: float
    contrast: float
    stored_as_colour: bool
    coloured: bool
    perceptual_hash: int
    thumbnail: NDArray[np.uint8]
    small: NDArray[np.uint8] | None

    @property
    def aspect(self) -> float:
        """Width divided by height."""
        return self.width / self.height


@dataclass(frozen=True)
class Unreadable:
    """A film that could not be read, why, and the SHA-256 of its bytes, empty if it has none."""

    film: CollectedFilm
    reason: str
    sha256: str


def inspect_film(
    film: CollectedFilm,
    *,
    max_pixels: int = Settings.max_pixels,
    max_bytes: int = Settings.max_bytes,
) -> FilmFacts | Unreadable:
    """Read a film as the dashboard does, and note what the audit needs."""
    try:
        data = film.path.read_bytes()
    except OSError:
        return Unreadable(film, "The file cannot be opened: check its permissions.", "")
    digest = hashlib.sha256(data).hexdigest()
    try:
        radiograph = read_radiograph(data, max_pixels=max_pixels, max_bytes=max_bytes)
    except FilmError as error:
        return Unreadable(film, str(error), digest)
    levels = radiograph.pixels * 255
    picture = Image.fromarray(np.rint(levels).astype(np.uint8))
    with Image.open(BytesIO(data)) as stored:
        channels = len(stored.getbands())
    return FilmFacts(
        film=film,
        sha256=digest,
        fingerprint=radiograph.fingerprint,
        width=radiograph.columns,
        height=radiograph.rows,
        file_bytes=len(data),
        brightness=float(levels.mean(dtype=np.float64)),
        contrast=float(levels.std(dtype=np.float64)),
        stored_as_colour=channels > 1,
        coloured=any("in colour" in note for note in radiograph.notes),
        perceptual_hash=hash_picture(picture),
        thumbnail=_squash(picture, THUMBNAIL_SIDE),
        small=_squash(picture, MEAN_SIDE),
    )


def hash_picture(picture: Image.Image) -> int:
    """Return the 64-bit perceptual hash of a picture (pHash, Zauner 2010), as a whole number."""
    import imagehash

    bits = imagehash.phash(picture).hash
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def _squash(picture: Image.Image, side: int) -> NDArray[np.uint8]:
    return np.asarray(picture.resize((side, side), Image.Resampling.BILINEAR))
