"""A text → a cell of a CSV file that no spreadsheet takes for a formula."""

from __future__ import annotations

from typing import Any

_FORMULA_STARTS = "=+-@\uff1d\uff0b\uff0d\uff20\t\r\n\0"
"""What a spreadsheet may take for the beginning of a formula, the full-width signs too (OWASP,
CSV injection). A text that starts so, blanks before it or not, gets an apostrophe before it."""

_GUARD = "'"


def guard(cell: Any) -> Any:
    """Return a cell that no spreadsheet runs as a formula; numbers stay as they are.

    >>> guard("=1+1"), guard("  @SUM(A1)"), guard("no formula"), guard(-0.5)
    ("'=1+1", "'  @SUM(A1)", 'no formula', -0.5)
    """
    if not isinstance(cell, str):
        return cell
    first = cell.lstrip(" ")[:1] or cell[:1]
    return _GUARD + cell if first and first in _FORMULA_STARTS else cell
