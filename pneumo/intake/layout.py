"""The elements of a DICOM image come in, its checked pixel layout goes out."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.dataset import FileDataset

from pneumo.errors import DamagedFilmError, UnsupportedFilmError
from pneumo.intake.elements import sop_class, text, whole

_GREY = ("MONOCHROME1", "MONOCHROME2")
PALETTE = "PALETTE COLOR"
_COLOURS = ("RGB", "YBR_FULL", "YBR_FULL_422")


@dataclass(frozen=True)
class Layout:
    """How the stored values of one grey frame lie in memory (PS3.3 C.7.6.3, PS3.5 8.1.1).

    Attributes:
        rows: height in pixels.
        columns: width in pixels.
        allocated: bits that each value takes, 8, 16 or 32.
        stored: bits of it that carry grey, at most `allocated`.
        high_bit: place of the most significant grey bit.
        signed: whether values are two's complement.
        inverted: MONOCHROME1: the smallest value is shown white.
        colour: how the frame says that it is in colour, of which it may hold none; empty if grey.
    """

    rows: int
    columns: int
    allocated: int
    stored: int
    high_bit: int
    signed: bool
    inverted: bool
    colour: str = ""

    @property
    def samples(self) -> int:
        """Numbers that each pixel has."""
        return 3 if self.colour in _COLOURS else 1


def read_layout(ds: FileDataset) -> Layout:
    """Return the pixel layout of a single-frame image, grey or with three channels of 8 bits.

    Raises:
        UnsupportedFilmError: no pixels, several frames, or bits or colour that are not handled.
        DamagedFilmError: the elements that describe the pixels are missing or senseless.
    """
    if "PixelData" not in ds:
        raise _without_pixels(ds)
    _refuse_several_frames(ds)
    rows, columns = whole(ds, "Rows"), whole(ds, "Columns")
    if rows is None or columns is None or min(rows, columns) < 1:
        raise DamagedFilmError(
            "Expected a DICOM image that states its rows and columns, but they are missing, zero "
            "or negative: export or send the film again."
        )
    allocated = whole(ds, "BitsAllocated") or 0
    if allocated not in (8, 16, 32):
        raise UnsupportedFilmError(
            f"Expected 8, 16 or 32 bits allocated to each pixel, but the DICOM file has "
            f"{allocated}: export the film as an ordinary grey image."
        )
    colour = _read_colour(ds)
    if colour and allocated != 8:
        raise tell_of_colour(colour)
    stored = whole(ds, "BitsStored")
    if stored is None or not 1 <= stored <= allocated:
        stored = allocated
    high_bit = whole(ds, "HighBit")
    if high_bit is None or not stored - 1 <= high_bit < allocated:
        high_bit = stored - 1
    return Layout(
        rows=rows,
        columns=columns,
        allocated=allocated,
        stored=stored,
        high_bit=high_bit,
        signed=whole(ds, "PixelRepresentation") == 1,
        inverted=text(ds, "PhotometricInterpretation") == "MONOCHROME1",
        colour=colour,
    )


def _without_pixels(ds: FileDataset) -> UnsupportedFilmError | DamagedFilmError:
    if "FloatPixelData" in ds or "DoubleFloatPixelData" in ds:
        return UnsupportedFilmError(
            "Expected whole grey values, but the DICOM file holds floating point pixels, a "
            "computed map rather than a film: send the film itself."
        )
    # The standard's own name for the kind of object says nothing about the patient.
    kind = sop_class(ds)
    if kind is None or "Image Storage" in kind:
        return DamagedFilmError(
            "Expected a complete DICOM film, but it is cut off or corrupt before its pixels: "
            "export or send the film again."
        )
    return UnsupportedFilmError(
        f"Expected a DICOM image, but this DICOM object ({kind}) holds no pixels, as reports and "
        "directories do: choose the file of the film itself."
    )


def _refuse_several_frames(ds: FileDataset) -> None:
    frames = whole(ds, "NumberOfFrames")
    if frames is not None and frames > 1:
        raise UnsupportedFilmError(
            f"Expected one film, but the DICOM file holds {frames} frames, as cine loops "
            "and tomographies do: export a single frontal film."
        )


def _read_colour(ds: FileDataset) -> str:
    photometric = text(ds, "PhotometricInterpretation")
    samples = whole(ds, "SamplesPerPixel")
    if (photometric is None or photometric in _GREY) and samples in (None, 1):
        return ""
    if (photometric == PALETTE and samples in (None, 1)) or (
        photometric in _COLOURS and samples in (None, 3)
    ):
        return photometric
    raise tell_of_colour(photometric or f"{samples} samples per pixel")


def tell_of_colour(shown: str) -> UnsupportedFilmError:
    """Return the refusal of a film in colour; `shown` is what the file says of it."""
    return UnsupportedFilmError(
        f"Expected a grey film (MONOCHROME1 or MONOCHROME2), but the DICOM file is in colour "
        f"({shown}), as ultrasound and screen captures are: send the original X-ray."
    )
