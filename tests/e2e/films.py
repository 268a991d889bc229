"""Files that a visitor might drop on the page: films that show no child, and what is no film."""

from __future__ import annotations

import io
import zipfile

import numpy as np
from PIL import Image, ImageDraw
from pydicom.uid import ExplicitVRLittleEndian

from pneumo import draw_synthetic_film
from pneumo.settings import REPOSITORY
from tests.intake.synthetic_films import dicom

NAME = "MUSTERMANN^ERIKA"
"""A patient's name, which must be found nowhere but on the visitor's own page."""

NOTE = "Nobody but the reader knows"
"""What a reader typed, which must be found nowhere but in the casebook."""


def draw_pixels(label: str = "PNEUMONIA", seed: int = 3) -> np.ndarray:
    """Draw a film from the statistics of one class, 8 bits."""
    radiograph = draw_synthetic_film(REPOSITORY / "models", label, seed=seed)
    return np.rint(radiograph.pixels * 255).astype(np.uint8)


def draw_picture(
    encoding: str = "PNG", *, label: str = "PNEUMONIA", seed: int = 3, quarters: int = 0
) -> bytes:
    """Draw a film as a picture, turned to the left by so many quarters of a turn."""
    return _save(Image.fromarray(np.rot90(draw_pixels(label, seed), quarters)), encoding)


def draw_dicom(**elements: object) -> bytes:
    """Draw a film as a DICOM file with a patient's name in it."""
    given = {"Modality": "DX", "PatientName": NAME, "PatientID": NAME} | elements
    return dicom(draw_pixels(), syntax=ExplicitVRLittleEndian, **given)


def draw_cine() -> bytes:
    """Draw two frames in one DICOM file, as a loop would have."""
    pixels = draw_pixels()
    return draw_dicom(NumberOfFrames=2, Rows=pixels.shape[0] // 2)


def draw_photograph() -> bytes:
    """Draw what a phone might take: coloured, with a horizon and a sun."""
    rows, columns = np.mgrid[0:480, 0:640]
    colours = np.stack([rows / 2, 255 - rows / 3, columns / 3], axis=-1)
    picture = Image.fromarray(colours.astype(np.uint8))
    ImageDraw.Draw(picture).ellipse((400, 60, 520, 180), fill="yellow")
    return _save(picture)


def draw_screenshot() -> bytes:
    """Draw grey lines of text on white, as in a letter."""
    picture = Image.new("L", (900, 700), 255)
    pen = ImageDraw.Draw(picture)
    for line in range(30):
        pen.text((40, 20 + 22 * line), "The child was seen on Tuesday and sent home. " * 2, fill=0)
    return _save(picture)


def pack(**files: bytes) -> bytes:
    """Pack files into a zip archive, the names' last "_" read as the dot before the ending."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files.items():
            archive.writestr(".".join(name.rsplit("_", 1)), data)
    return packed.getvalue()


def _save(picture: Image.Image, encoding: str = "PNG") -> bytes:
    stored = io.BytesIO()
    picture.save(stored, encoding)
    return stored.getvalue()
