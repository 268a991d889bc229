"""`published.json` → what others published about these films, and how they measured it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pneumo.errors import DataSetError

PUBLISHED_FILE = Path(__file__).with_name("published.json")

PROTOCOLS = {
    "official split": "Measured on the official test films.",
    "random resplit, or chosen on test": "All films were mixed and split again, or something was "
    "chosen on the test films.",
    "outside the hospital": "Measured on films of another hospital.",
    "not stated": "How it was measured is not said.",
}
"""What a published number was measured on, and what that means."""

NOT_STATED = "not stated"


@dataclass(frozen=True)
class Published:
    """One published result; what its source does not state is None.

    Attributes:
        source: short name.
        citation: where it was published, or "not stated".
        year: of the publication.
        doi: of the publication.
        network: what was trained.
        protocol: one of PROTOCOLS.
        n: films that it was measured on.
        accuracy: share of films called rightly, in [0, 1]; the lower end where a range is stated.
        accuracy_up_to: the upper end of a stated range.
        sensitivity: in [0, 1].
        specificity: in [0, 1].
        auc: in [0, 1].
        comparable: whether it was measured on the films that ours was measured on.
        why: why it is comparable or not, in a sentence.
    """

    source: str
    citation: str
    year: int | None
    doi: str | None
    network: str
    protocol: str
    n: int | None
    accuracy: float | None
    accuracy_up_to: float | None
    sensitivity: float | None
    specificity: float | None
    auc: float | None
    comparable: bool
    why: str


def read_published(path: Path = PUBLISHED_FILE) -> list[Published]:
    """Read the published results in the order of the file.

    Raises:
        DataSetError: the file is missing, no such table, or names an unknown protocol.
    """
    try:
        entries = [Published(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
        unknown = {entry.protocol for entry in entries} - PROTOCOLS.keys()
        if unknown:
            raise ValueError(unknown)
    except (OSError, ValueError, TypeError) as error:
        raise DataSetError(
            f"The table of published results, {path.name}, is missing or damaged: restore it from "
            "the release."
        ) from error
    return entries
