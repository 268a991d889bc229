"""Whatever bytes come in, a film or a refusal comes out: nothing else, and soon."""

import logging
import time

import numpy as np
import pytest
from PIL import Image
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from pneumo.domain import Radiograph
from pneumo.errors import PneumoError
from pneumo.intake import read_radiograph
from tests.intake.synthetic_films import dicom, jpeg_dicom, picture, ramp

CASES_EACH = 25
WINDOW = {"WindowCenter": 2048, "WindowWidth": 3000, "RescaleSlope": 1, "PixelPaddingValue": 0}


def originals():
    grey, deep = Image.fromarray(ramp()), Image.fromarray(ramp(16, "uint16"))
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "jpeg", picture(grey, "JPEG", exif=exif)
    yield "png", picture(deep, "PNG")
    yield "palette png", picture(grey.convert("P"), "PNG")
    yield "tiff", picture(deep, "TIFF")
    yield "lzw tiff", picture(grey, "TIFF", compression="tiff_lzw")
    yield "bmp", picture(grey, "BMP")
    yield "webp", picture(grey.convert("RGBA"), "WEBP")
    for syntax in (
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
        RLELossless,
        JPEGLSLossless,
        JPEG2000Lossless,
    ):
        yield syntax.name, dicom(ramp(12, "uint16"), syntax, bits=12, **WINDOW)
    yield "jpeg dicom", jpeg_dicom(ramp())


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(data)
    # Headers decide what happens, so half of the damage falls on the first kilobyte.
    reach = min(len(changed), 1024) if rng.random() < 0.5 else len(changed)
    for _ in range(int(rng.integers(1, 12))):
        changed[int(rng.integers(0, reach))] = int(rng.choice([0, 255, int(rng.integers(256))]))
    kind = rng.random()
    if kind < 0.15:
        del changed[int(rng.integers(0, len(changed))) :]
    elif kind < 0.25:
        at = int(rng.integers(0, len(changed)))
        del changed[at : at + int(rng.integers(1, 9))]
    elif kind < 0.35:
        at = int(rng.integers(0, len(changed)))
        changed[at:at] = rng.bytes(int(rng.integers(1, 9)))
    return bytes(changed)


# pydicom warns about files that break the standard, and reads on.
@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
@pytest.mark.parametrize(
    "data",
    [data for _, data in originals()],
    ids=[name for name, _ in originals()],
)
def test_a_mutated_file_ends_as_film_or_refusal(data):
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    rng = np.random.default_rng(len(data))
    assert isinstance(read_radiograph(data), Radiograph)
    began = time.monotonic()
    for _ in range(CASES_EACH):
        try:
            film = read_radiograph(mutated(data, rng), max_pixels=4_000_000)
        except PneumoError:
            continue
        assert np.isfinite(film.pixels).all()
        assert film.pixels.min() >= 0.0
        assert film.pixels.max() <= 1.0
    assert time.monotonic() - began < 20.0
