"""The bytes of a DICOM file come in, its film as a `Radiograph` goes out."""

from __future__ import annotations

import re

from pydicom.dataset import FileDataset

from pneumo.domain import ADULT, Radiograph
from pneumo.errors import OversizedFilmError
from pneumo.intake.contrast import show
from pneumo.intake.elements import numbers, open_data_set, text
from pneumo.intake.film import check_size, develop
from pneumo.intake.frames import read_frame
from pneumo.intake.layout import read_layout

_COARSEST_MM = 10.0


def read_dicom(data: bytes, *, max_pixels: int, max_bytes: int) -> Radiograph:
    """Return the single grey frame of a DICOM file as it would be shown on a light box.

    Of the data set only what describes the pixels is read, plus Modality, View Position, Body
    Part Examined and Patient's Age in whole years, no more than that somebody is grown up.

    Args:
        data: the file, with or without preamble and file meta information.
        max_pixels: most pixels to decode, checked against Rows and Columns first.
        max_bytes: most bytes that a deflated data set may inflate to.

    Raises:
        DamagedFilmError: the file is cut off or corrupt.
        OversizedFilmError: more pixels or bytes than allowed.
        UnsupportedFilmError: colour, several frames, no pixels, or no decoder for them.
    """
    ds = open_data_set(data, max_bytes=max_bytes)
    layout = read_layout(ds)
    check_size(layout.rows, layout.columns, max_pixels)
    try:
        values, encoding = read_frame(ds, layout)
        del ds.PixelData  # What is decoded takes its place in memory.
        grey, notes = show(values, ds, layout)
    except MemoryError:
        raise OversizedFilmError(
            f"Expected a film that fits into memory, but {layout.columns} x {layout.rows} pixels "
            "do not: export it smaller."
        ) from None
    return develop(
        grey,
        source="dicom",
        encoding=encoding,
        bit_depth=layout.stored,
        spacing_mm=_spacing(ds),
        view=text(ds, "ViewPosition"),
        modality=text(ds, "Modality"),
        body_part=text(ds, "BodyPartExamined"),
        age_years=_age_years(ds),
        notes=notes,
    )


def _spacing(ds: FileDataset) -> tuple[float, float] | None:
    """Return Pixel Spacing, else Imager Pixel Spacing (PS3.3 10.7), rows before columns."""
    for keyword in ("PixelSpacing", "ImagerPixelSpacing"):
        spacing = numbers(ds, keyword)
        if len(spacing) == 2 and all(0.0 < s <= _COARSEST_MM for s in spacing):
            return spacing[0], spacing[1]
    return None


def _age_years(ds: FileDataset) -> int | None:
    """Return Patient's Age in whole years, at most ADULT; None if it is no Age String (PS3.5 6.2).

    Ages in days, weeks and months are those of infants, and are rounded down.
    """
    age = re.fullmatch(r"(\d{3})([DWMY])", text(ds, "PatientAge") or "")
    if age is None:
        return None
    in_a_year = {"D": 365, "W": 52, "M": 12, "Y": 1}[age[2]]
    return min(int(age[1]) // in_a_year, ADULT)
