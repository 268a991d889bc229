"""Rows of a worklist → a summary of the films by verdict, as HTML and as a PDF of a few pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from pneumo.casebook.records import now_utc
from pneumo.casebook.reporting.content import say_measured_on
from pneumo.casebook.reporting.measures import Measured, measure_points
from pneumo.casebook.reporting.pages import fill_template
from pneumo.casebook.reporting.pdf import lay_out, print_pages
from pneumo.casebook.reporting.text import UNPRINTABLE, Paragraph, Setter, say_moment
from pneumo.decision.worklist import WorklistRow
from pneumo.domain import Verdict
from pneumo.errors import PneumoError, ReportError
from pneumo.wording import join_names, name_point, percent

_TEMPLATE = "batch.html.j2"
_MOST_ROWS = 60
"""Films in each list: a summary is to be read, and the table of the batch has them all."""

_NAME_LETTERS = 60


@dataclass(frozen=True)
class FilmLine:
    """A film in a list, in words."""

    name: Paragraph
    verdict: str
    probability: str
    remark: str


@dataclass(frozen=True)
class FilmList:
    """A list of films, and how many more there are."""

    title: str
    films: tuple[FilmLine, ...]
    more: int


@dataclass(frozen=True)
class BatchContent:
    """What stands in a summary.

    Attributes:
        made_at: when it was made.
        title: what was read, in a sentence.
        counts: what was counted, and how often.
        lists: films with conflicts, by probability, and those that were not read.
        provenance: names and values that the summary can be traced by.
        measured: what the networks reached on test films; None if that is not known.
        measured_on: on how many films, and when.
        unmeasured: why it is not known.
        point: name of the operating point, empty if there are several.
        unprintable: a sentence, if some character of a name cannot be drawn.
    """

    made_at: str
    title: str
    counts: tuple[tuple[str, int], ...]
    lists: tuple[FilmList, ...]
    provenance: tuple[tuple[str, str], ...]
    measured: Measured | None
    measured_on: str
    unmeasured: str
    point: str
    unprintable: str


def batch_report_html(
    rows: Sequence[WorklistRow], *, models_dir: Path, made_at: datetime | None = None
) -> str:
    """Return a summary of a batch as one HTML file that needs no other.

    Args:
        rows: of the worklist, in any order.
        models_dir: the folder of the networks, for what they reached on test films.
        made_at: the summary's time, UTC; now by default.

    Raises:
        ReportError: there is no row.
    """
    return _write(rows, _measure(rows, models_dir), Setter(), made_at or now_utc())


def batch_report_pdf(
    rows: Sequence[WorklistRow], *, models_dir: Path, made_at: datetime | None = None
) -> bytes:
    """Return a summary of a batch as a PDF of a few A4 pages, with their numbers.

    Args:
        rows: of the worklist, in any order.
        models_dir: the folder of the networks, for what they reached on test films.
        made_at: the summary's time, UTC; now by default.

    Raises:
        ReportError: there is no row, or this machine lacks what makes a PDF.
    """
    measured, setter, time = _measure(rows, models_dir), Setter(), made_at or now_utc()
    while True:
        printed = print_pages(lay_out(_write(rows, measured, setter, time)))
        if printed.unprintable <= setter.unprintable:
            return printed.data
        setter = Setter(setter.unprintable | printed.unprintable)


def _measure(rows: Sequence[WorklistRow], models_dir: Path) -> Measured | str:
    if not rows:
        raise ReportError("A summary needs at least one row, but the batch is empty: read films.")
    versions = _list_versions(rows)
    if len(versions) > 1:
        return "The films were read by several versions of the networks."
    try:
        return measure_points(models_dir, versions[0])
    except PneumoError as error:
        return str(error)


def _list_versions(rows: Iterable[WorklistRow]) -> list[str]:
    return sorted({row.model_version for row in rows})


def _write(
    rows: Sequence[WorklistRow], measured: Measured | str, setter: Setter, made_at: datetime
) -> str:
    return fill_template(_TEMPLATE, content=_compose(rows, measured, setter, made_at))


def _compose(
    rows: Sequence[WorklistRow], measured: Measured | str, setter: Setter, made_at: datetime
) -> BatchContent:
    points = sorted({row.operating_point for row in rows})
    names = join_names([name_point(point).lower() for point in points])
    scored = sorted(
        (row for row in rows if row.probability is not None),
        key=lambda row: -(row.probability or 0.0),
    )
    accepted = [row for row in scored if not row.is_refused_by_gate]
    refused = [row for row in rows if row.is_refused_by_gate]
    unread = [row for row in rows if row.probability is None and not row.is_refused_by_gate]
    lists = (
        _list_films("The networks disagree", [row for row in accepted if row.split_vote], setter),
        _list_films("By probability of pneumonia, the highest first", accepted, setter),
        _list_films("Refused by the gate: no reading of a chest film", refused, setter),
        _list_films("Not read", unread, setter),
    )
    return BatchContent(
        made_at=say_moment(made_at),
        title=f"{len(rows):,} {'file' if len(rows) == 1 else 'files'}, {len(accepted):,} read",
        counts=tuple(_count(rows, accepted)),
        lists=tuple(found for found in lists if found.films),
        provenance=(
            ("Model version", join_names(_list_versions(rows))),
            ("Operating point", names),
            ("Summary made", say_moment(made_at)),
        ),
        measured=None if isinstance(measured, str) else measured,
        measured_on="" if isinstance(measured, str) else say_measured_on(measured),
        unmeasured=measured if isinstance(measured, str) else "",
        point=points[0] if len(points) == 1 else "",
        unprintable=UNPRINTABLE if setter.unprintable else "",
    )


def _count(rows: Sequence[WorklistRow], accepted: Sequence[WorklistRow]) -> list[tuple[str, int]]:
    """Count the files: each is one verdict, refused, no film or unreadable, and some are more."""
    verdicts = Counter(row.verdict for row in accepted)
    states = Counter(row.status for row in rows if not row.is_refused_by_gate)
    return [
        *((str(verdict), verdicts[verdict]) for verdict in Verdict),
        ("refused by the gate", sum(row.is_refused_by_gate for row in rows)),
        ("no single grey film", states["refused"]),
        ("unreadable", states["error"]),
        ("networks disagree", sum(bool(row.split_vote) for row in accepted)),
        ("read, with a doubt", states["warned"]),
        ("same film as another", sum(bool(row.duplicate_of) for row in rows)),
    ]


def _list_films(title: str, rows: Sequence[WorklistRow], setter: Setter) -> FilmList:
    shown = tuple(_tell_film(row, setter) for row in rows[:_MOST_ROWS])
    return FilmList(title, shown, len(rows) - len(shown))


def _tell_film(row: WorklistRow, setter: Setter) -> FilmLine:
    remarks = ["refused by the gate"] * row.is_refused_by_gate + ["networks disagree"] * bool(
        row.split_vote
    )
    if row.duplicate_of:
        remarks.append(f"same film as {_name(row.duplicate_of)}")
    if row.reason:
        remarks.append(row.reason)
    return FilmLine(
        name=setter.set_line(_name(row.file), most=_NAME_LETTERS),
        verdict=row.verdict or row.status,
        probability="" if row.probability is None else percent(row.probability),
        remark=setter.set_line("; ".join(remarks), most=4 * _NAME_LETTERS).text,
    )


def _name(file: str) -> str:
    """Return a file's own name: folders are nobody's business."""
    return PurePosixPath(file.replace("\\", "/")).name
