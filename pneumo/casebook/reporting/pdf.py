"""A page of HTML that holds all it needs → a PDF, and the characters that no font could draw."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pneumo.errors import ReportError

if TYPE_CHECKING:
    from weasyprint import Document

END = "end"
PAGE_MM = 280.0
"""What is left of an A4 page between the margins that the style sheet gives it."""

_TOP_MM, _MM_PER_PX = 9.0, 25.4 / 96

_VARIANT = "pdf/ua-1"
"""Tagged for screen readers (ISO 14289-1)."""

_MISSING = (
    "A PDF needs the library Pango, which this machine lacks. On Debian or Ubuntu, install it with "
    "`apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core "
    "fonts-noto-cjk`, or take the HTML report and print it from the browser."
)


@dataclass(frozen=True)
class Printed:
    """A PDF, and what of its text could not be drawn.

    Attributes:
        data: the file.
        unprintable: characters without a glyph in any font of this machine; in the file, empty
            boxes stand for them.
    """

    data: bytes
    unprintable: frozenset[str]


class _Listener(logging.Filter):
    """Takes what WeasyPrint says of missing glyphs, and lets nothing of a text into any log."""

    def filter(self, record: logging.LogRecord) -> bool:
        missing = _missing.get()
        if missing is not None and str(record.msg).startswith(".notdef glyph"):
            arguments = record.args if isinstance(record.args, tuple) else ()
            missing.update(str(arguments[0]) if arguments else "")
        return missing is None


_missing: ContextVar[set[str] | None] = ContextVar("missing", default=None)
_LISTENER = _Listener()


@contextmanager
def _listen() -> Iterator[set[str]]:
    logging.getLogger("weasyprint").addFilter(_LISTENER)  # Added once, however often it is asked.
    missing: set[str] = set()
    token = _missing.set(missing)
    try:
        yield missing
    finally:
        _missing.reset(token)


def lay_out(html: str) -> Document:
    """Lay HTML out in pages; nothing but data URLs is ever opened for it.

    Raises:
        ReportError: Pango is not on this machine; the message says how to install it.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except OSError as error:
        raise ReportError(_MISSING) from error

    with _listen():
        fetcher = URLFetcher(allowed_protocols=["data"], allow_redirects=False)
        return HTML(string=html, url_fetcher=fetcher).render(pdf_variant=_VARIANT)


def find_end_mm(document: Document) -> float:
    """Return how long a text is that ends in an element of the id END, as if on one long page."""
    *full, last = document.pages
    _, end_px, *_ = last.anchors[END]
    return len(full) * PAGE_MM + end_px * _MM_PER_PX - _TOP_MM


def print_pages(document: Document) -> Printed:
    """Write pages as a PDF with tags, fonts embedded, text that can be copied."""
    with _listen() as missing:
        data = document.write_pdf(pdf_variant=_VARIANT)
    return Printed(data or b"", frozenset(missing))
