"""A radiograph ⇄ the bare PNG of its pixels, beside the facts that it is read back with."""

from __future__ import annotations

import base64
import io
import json
import zlib
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pneumo.domain import Radiograph
from pneumo.errors import CasebookError
from pneumo.intake.film import develop, fingerprint

MOST_BYTES = 512 * 1024 * 1024
"""More than a PNG of the largest film that the intake agrees to decode."""

_GREYS = 65535
_LEVELS_BYTES = 4 * (_GREYS + 1)


@dataclass(frozen=True)
class KeptFilm:
    """A film as it is kept.

    Attributes:
        png: the file, grey of 8 or 16 bits, with no chunk but the pixels'.
        facts: JSON with all else that a `Radiograph` holds but the age, which tells of a person
            and not of the film.
    """

    png: bytes
    facts: str


@dataclass(frozen=True)
class _Facts:
    source: Literal["picture", "dicom"]
    encoding: str
    bit_depth: int
    fingerprint: str
    spacing_mm: tuple[float, float] | None = None
    view: str | None = None
    modality: str | None = None
    body_part: str | None = None
    notes: tuple[str, ...] = ()
    levels: str = ""


def keep_film(radiograph: Radiograph) -> KeptFilm:
    """Encode a film anew from its pixels alone.

    Most films come back as they were, to the last bit: their greys are those of 8 bits, or of 16,
    or few enough to be listed. Others (colour turned to grey) come back to within 1/131070.
    """
    from PIL import Image

    pixels = np.asarray(radiograph.pixels, dtype=np.float32)
    codes: NDArray[Any] = np.rint(pixels * 255).astype(np.uint8)
    levels = ""
    if not np.array_equal(_greys(codes, ""), pixels):
        codes = np.rint(pixels.astype(np.float64) * _GREYS).astype(np.uint16)
        levels = _list_levels(codes, pixels)
    buffer = io.BytesIO()
    Image.fromarray(codes).save(buffer, "PNG", compress_level=3)
    facts = _Facts(
        source=radiograph.source,
        encoding=radiograph.encoding,
        bit_depth=radiograph.bit_depth,
        fingerprint=fingerprint(_greys(codes, levels)),
        spacing_mm=radiograph.spacing_mm,
        view=radiograph.view,
        modality=radiograph.modality,
        body_part=radiograph.body_part,
        notes=radiograph.notes,
        levels=levels,
    )
    return KeptFilm(buffer.getvalue(), json.dumps(asdict(facts)))


def restore_film(kept: KeptFilm, *, max_pixels: int = 100_000_000) -> Radiograph:
    """Return the film that was kept. Its fingerprint is that of the pixels it has now.

    Raises:
        CasebookError: the picture or its facts are damaged, or not those that were kept.
    """
    try:
        return _develop(kept, max_pixels)
    # Pillow meets corrupt bytes with a dozen kinds of errors.
    except Exception:
        raise CasebookError(
            "Expected the film that was kept with the case, but its pixels are damaged: upload "
            "the film again, or bring the casebook back from a backup."
        ) from None


def _develop(kept: KeptFilm, max_pixels: int) -> Radiograph:
    facts: _Facts = _adapter().validate_json(kept.facts)
    film = develop(
        _greys(_decode(kept.png, max_pixels), facts.levels),
        source=facts.source,
        encoding=facts.encoding,
        bit_depth=facts.bit_depth,
        spacing_mm=facts.spacing_mm,
        view=facts.view,
        modality=facts.modality,
        notes=list(facts.notes),
    )
    if film.fingerprint != facts.fingerprint:
        raise ValueError("Expected the pixels that were kept.")
    return replace(film, body_part=facts.body_part)


def _decode(png: bytes, max_pixels: int) -> NDArray[Any]:
    from PIL.PngImagePlugin import PngImageFile

    image = PngImageFile(io.BytesIO(png))
    if image.mode not in ("L", "I;16") or image.width * image.height > max_pixels:
        raise ValueError("Expected a grey picture of a film's size.")
    return np.asarray(image)


def _greys(codes: NDArray[Any], levels: str) -> NDArray[np.float32]:
    """Return the greys in [0, 1] that codes stand for, listed ones by their list."""
    if codes.dtype == np.uint8:
        return codes.astype(np.float32) / np.float32(255)
    if not levels:
        return codes.astype(np.float32) / np.float32(_GREYS)
    unpacker = zlib.decompressobj()
    listed = np.frombuffer(
        unpacker.decompress(base64.b64decode(levels, validate=True), _LEVELS_BYTES), "<f4"
    )
    used = np.flatnonzero(np.bincount(codes.ravel(), minlength=_GREYS + 1))
    if len(used) != len(listed):
        raise ValueError("Expected a grey for each code.")
    table = np.zeros(_GREYS + 1, np.float32)
    table[used] = listed
    return table[codes]


def _list_levels(codes: NDArray[np.uint16], pixels: NDArray[np.float32]) -> str:
    """Return each code's exact grey, packed; empty if none is needed or codes have several."""
    if np.array_equal(_greys(codes, ""), pixels):
        return ""
    table = np.zeros(_GREYS + 1, np.float32)
    table[codes] = pixels
    if not np.array_equal(table[codes], pixels):
        return ""
    used = np.flatnonzero(np.bincount(codes.ravel(), minlength=_GREYS + 1))
    return base64.b64encode(zlib.compress(table[used].astype("<f4").tobytes())).decode("ascii")


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(_Facts)
