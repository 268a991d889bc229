"""A case, or the rows of a batch → buttons that make a report when pressed, or say why not.

Nothing is made, and none of the libraries that make it is loaded, before a button is pressed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pneumo import Radiograph
from pneumo.ui.widgets.making_files import FileOffer, offer_files

if TYPE_CHECKING:
    from pneumo.casebook.records import Case
    from pneumo.decision.worklist import WorklistRow

_WITH_FILM = (
    "A report of one page: film and heat map, scores, opinion, reads and note, with all versions. "
    "It is made when you press. The file's name is not in it; what is written into the film is."
)
_OF_BATCH = (
    "A summary of a few pages: counts, conflicts, the films by probability, and what could not be "
    "read. It names the files, without their folders."
)


def offer_report(
    case_maker: Callable[[], Case],
    film: Radiograph | Callable[[], Radiograph | None] | None,
    *,
    models_dir: Path,
    key: str,
    note: Callable[[str], None],
) -> None:
    """Offer a case's report as PDF and as HTML.

    Args:
        case_maker: returns the case as it stands, saved or not; called upon a press only.
        film: its pixels, or what returns them, likewise; None if they were not kept.
        models_dir: the folder of the networks, for what they reached on test films.
        key: tells these buttons from others.
        note: notes in the journal that one is handed on, given its kind; called once it is made,
            and if it raises, nothing is handed on.
    """

    def find_film() -> Radiograph | None:
        return film() if callable(film) else film

    def make_pdf() -> bytes:
        from pneumo.casebook.report import report_pdf

        made = report_pdf(case_maker(), film=find_film(), models_dir=models_dir)
        note("PDF")
        return made

    def make_html() -> bytes:
        from pneumo.casebook.report import report_html

        made = report_html(case_maker(), film=find_film(), models_dir=models_dir).encode()
        note("HTML")
        return made

    _offer("Report", "pneumo-report", make_pdf, make_html, caption=_WITH_FILM, key=f"report {key}")


def offer_batch_report(rows: Sequence[WorklistRow], *, models_dir: Path, key: str) -> None:
    """Offer a batch's summary as PDF and as HTML.

    Args:
        rows: of the worklist, in any order; no button is shown without any.
        models_dir: the folder of the networks, for what they reached on test films.
        key: tells these buttons from others.
    """

    def make_pdf() -> bytes:
        from pneumo.casebook.reporting.batch import batch_report_pdf

        return batch_report_pdf(rows, models_dir=models_dir)

    def make_html() -> bytes:
        from pneumo.casebook.reporting.batch import batch_report_html

        return batch_report_html(rows, models_dir=models_dir).encode()

    if rows:
        _offer(
            "Summary", "pneumo-summary", make_pdf, make_html, caption=_OF_BATCH, key=f"batch {key}"
        )


def _offer(
    label: str,
    name: str,
    make_pdf: Callable[[], bytes],
    make_html: Callable[[], bytes],
    *,
    caption: str,
    key: str,
) -> None:
    pdf, html = ":material/picture_as_pdf:", ":material/html:"
    offers = [
        FileOffer(f"{label} (PDF)", f"{name}.pdf", "application/pdf", pdf, make_pdf),
        FileOffer(f"{label} (HTML)", f"{name}.html", "text/html", html, make_html),
    ]
    offer_files(offers, key=key, caption=caption)
