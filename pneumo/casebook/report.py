"""A case and, if it was kept, its film → a report of one page, as HTML and as PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pneumo.casebook.records import Case, now_utc
from pneumo.casebook.reporting.content import compose
from pneumo.casebook.reporting.measures import Measured, measure_points
from pneumo.casebook.reporting.pages import fill_template
from pneumo.casebook.reporting.pdf import PAGE_MM, find_end_mm, lay_out, print_pages
from pneumo.casebook.reporting.pictures import Pictures, draw_pictures
from pneumo.casebook.reporting.text import LINE, Fit, Setter
from pneumo.domain import Radiograph
from pneumo.errors import PneumoError, ReportError

if TYPE_CHECKING:
    from weasyprint import Document

_TEMPLATE = "case.html.j2"

_LINE_MM_PER_PT = 1.31 * 25.4 / 72
"""Height of a line for each point of its letters, as the style sheet has it."""

_FITS: Sequence[Fit] = (
    Fit(line=80, note=720, prose=600, aside=200, finding=60, rows=6),
    Fit(line=80, note=1200, prose=560, aside=160, finding=60, rows=6, picture_mm=50, text_pt=7.3),
    Fit(line=80, note=1200, prose=480, aside=140, finding=60, rows=6, picture_mm=44, text_pt=7),
    Fit(line=70, note=840, prose=400, aside=120, finding=50, rows=6, picture_mm=40, text_pt=6.8),
    Fit(line=70, note=360, prose=300, aside=100, finding=45, rows=6, picture_mm=36, text_pt=6.6),
    Fit(line=40, note=120, prose=120, aside=60, finding=30, rows=3, picture_mm=28, text_pt=6.4),
)
"""What is printed of long texts, from what most cases need to what fits whatever they hold; each
takes less room than the one before."""


def report_html(case: Case, *, film: Radiograph | None = None, models_dir: Path) -> str:
    """Return a report as one HTML file that needs no other; nothing is shortened.

    Args:
        case: saved or not.
        film: its pixels; None if they were not kept.
        models_dir: the folder of the networks, for what they reached on test films.
    """
    return _Sheet.of(case, film, models_dir).write(Fit(), Setter())


def report_pdf(case: Case, *, film: Radiograph | None = None, models_dir: Path) -> bytes:
    """Return a report as a PDF of one A4 page; it says what of long texts is left out.

    Args:
        case: saved or not.
        film: its pixels; None if they were not kept.
        models_dir: the folder of the networks, for what they reached on test films.

    Raises:
        ReportError: this machine lacks what makes a PDF; the message says how to install it.
    """
    sheet, setter, fits = _Sheet.of(case, film, models_dir), Setter(), _FITS
    while True:
        document, fits = _fit(sheet, setter, fits)
        printed = print_pages(document)
        if printed.unprintable <= setter.unprintable:
            return printed.data
        # Once more, with names in the place of what no font can draw.
        setter = Setter(setter.unprintable | printed.unprintable)


def _fit(sheet: _Sheet, setter: Setter, fits: Sequence[Fit]) -> tuple[Document, Sequence[Fit]]:
    """Lay a sheet out on one page by one of some fits; return it and the fits from that on.

    Raises:
        ReportError: not even the closest fit does.
    """
    while fits:
        document = lay_out(sheet.write(fits[0], setter))
        if len(document.pages) == 1:
            return document, fits
        fits = _skip(fits, find_end_mm(document), len(sheet.case.note))
    raise ReportError(
        "This case does not fit on one page, however its texts are shortened: take the HTML report."
    )


def _skip(fits: Sequence[Fit], height_mm: float, letters: int) -> Sequence[Fit]:
    """Leave the first fit out, and the next if it cannot do either.

    To lay a page out takes a fifth of a second, so it is worth reckoning first: a smaller picture
    is as much smaller as it says, a note of so many letters loses lines, and the rest shrinks as
    its letters do.
    """
    tried, *closer = fits
    if len(closer) < 2:
        return closer
    fit = closer[0]
    text_mm = height_mm - tried.picture_mm
    kept, keeps = (min(letters, most.note or letters) for most in (tried, fit))
    text_mm -= (kept - keeps) / LINE * tried.text_pt * _LINE_MM_PER_PT
    is_enough = fit.picture_mm + text_mm * fit.text_pt / tried.text_pt <= PAGE_MM
    return closer if is_enough else closer[1:]


@dataclass(frozen=True, eq=False)
class _Sheet:
    """What is worked out once for a report, however often it is laid out."""

    case: Case
    measured: Measured | str
    pictures: Pictures
    made_at: datetime

    @classmethod
    def of(cls, case: Case, film: Radiograph | None, models_dir: Path) -> _Sheet:
        measured: Measured | str
        try:
            measured = measure_points(models_dir, case.latest.prediction.model_version)
        except PneumoError as error:
            measured = str(error)
        return cls(case, measured, draw_pictures(case, film), now_utc())

    def write(self, fit: Fit, setter: Setter) -> str:
        content = compose(self.case, self.measured, fit=fit, setter=setter, made_at=self.made_at)
        return fill_template(_TEMPLATE, content=content, pictures=self.pictures)
