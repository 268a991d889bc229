"""The data set of a DICOM file comes in, its film as a `Radiograph` goes out."""

from __future__ import annotations

from pydicom.dataset import FileDataset

from pneumo.domain import Radiograph
from pneumo.errors import OversizedFilmError
from pneumo.intake.colour import read_grey
from pneumo.intake.contrast import show
from pneumo.intake.elements import numbers
from pneumo.intake.examination import read_age_years, read_body_part, read_modality, read_view
from pneumo.intake.film import check_size, develop
from pneumo.intake.frames import read_frame
from pneumo.intake.layout import read_layout

_COARSEST_MM = 10.0


def read_dicom(ds: FileDataset, *, max_pixels: int) -> Radiograph:
    """Return the single grey frame of a DICOM file as it would be shown on a light box.

    Of the data set only what describes the pixels is kept, plus modality, view, part of the body
    and the age in whole years, no more than that somebody is grown up.

    Args:
        ds: the data set as `elements` has opened it, which loses its pixels to the film.
        max_pixels: most pixels to decode, checked against Rows and Columns first.

    Raises:
        DamagedFilmError: the file is cut off or corrupt.
        OversizedFilmError: more pixels than allowed.
        UnsupportedFilmError: colour, several frames, no pixels, or no decoder for them.
    """
    layout = read_layout(ds)
    check_size(layout.rows, layout.columns, max_pixels)
    try:
        if layout.colour:
            grey, encoding, notes = read_grey(ds, layout)
        else:
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
        view=read_view(ds),
        modality=read_modality(ds),
        body_part=read_body_part(ds),
        age_years=read_age_years(ds),
        notes=notes,
    )


def _spacing(ds: FileDataset) -> tuple[float, float] | None:
    """Return Pixel Spacing, else Imager Pixel Spacing (PS3.3 10.7), rows before columns."""
    for keyword in ("PixelSpacing", "ImagerPixelSpacing"):
        spacing = numbers(ds, keyword)
        if len(spacing) == 2 and all(0.0 < s <= _COARSEST_MM for s in spacing):
            return spacing[0], spacing[1]
    return None
