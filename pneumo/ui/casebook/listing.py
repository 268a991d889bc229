"""Light rows of the casebook → the table that a page shows, and the words of its filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from pneumo.casebook.records import REFUSED, SYNTHETIC, ConflictState

if TYPE_CHECKING:
    from pneumo.casebook.search import CaseRow

CONFLICTS = {
    ConflictState.AGREE: "All who read it agree",
    ConflictState.SPLIT_VOTE: "The networks disagree among themselves",
    ConflictState.OPINION_DIFFERS: "Networks and language model differ",
    ConflictState.READER_DIFFERS: "Reader and networks differ",
}
"""What each state is called in the filter, and in an opened case."""

PROBABILITY, SAVED = "Pneumonia (%)", "Saved (UTC)"
"""Columns that are no plain text."""

_SHORT = {
    ConflictState.AGREE: "",
    ConflictState.SPLIT_VOTE: "split vote",
    ConflictState.OPINION_DIFFERS: "language model differs",
    ConflictState.READER_DIFFERS: "reader differs",
}


def tabulate_rows(rows: Sequence[CaseRow]) -> pd.DataFrame:
    """Return a line a case as people read it; cells are plain text, numbers or times in UTC."""
    return pd.DataFrame(
        {
            "Title": [_mark(row) for row in rows],
            "Networks": [str(row.verdict) for row in rows],
            PROBABILITY: [100 * row.probability for row in rows],
            "Language model": [str(row.opinion or "") for row in rows],
            "Reader": [str(row.reader or "") for row in rows],
            "Answer": [str(row.reference or "") for row in rows],
            "Conflict": ["; ".join(_SHORT[state] for state in row.conflicts) for row in rows],
            "Tags": [", ".join(row.tags) for row in rows],
            SAVED: pd.Series([row.created_at for row in rows], dtype="datetime64[ms, UTC]"),
            "Operating point": [row.operating_point for row in rows],
            "Model version": [row.model_version for row in rows],
            "Film kept": [row.has_film for row in rows],
        }
    )


def _mark(row: CaseRow) -> str:
    return row.title + f" ({SYNTHETIC})" * row.synthetic + f" ({REFUSED})" * row.refused


def count(number: int, one: str, many: str) -> str:
    """Return a number with its noun.

    >>> count(1, "case", "cases"), count(10_000, "case", "cases")
    ('1 case', '10,000 cases')
    """
    return f"{number:,} {one if number == 1 else many}"
