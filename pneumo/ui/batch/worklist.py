"""The rows of a batch → which are shown and in what order, as a table, and as files to keep."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import pandas as pd

from pneumo import EnsemblePlan, Verdict
from pneumo.decision.row_files import tabulate
from pneumo.decision.worklist import WorklistRow
from pneumo.spreadsheet import guard

STATUSES = {
    "ok": "read",
    "warned": "read with a warning",
    "gate": "refused by the gate",
    "refused": "no single grey film",
    "error": "cannot be read",
}
"""What a row's kind, see `find_kind`, is called on the page."""

USABLE = "fine"
"""What the gate says of a film that it has nothing against."""


@dataclass(frozen=True)
class Choice:
    """Which rows to show.

    Attributes:
        verdicts: only these; empty for all.
        statuses: only rows of these kinds, see `find_kind`; empty for all.
        split_only: only films on which the networks disagree.
        duplicates_only: only films that came before.
        text: only rows whose file or reason holds it, in any case.
        conflicts_first: whether rows that call for a second look come before all others.
    """

    verdicts: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    split_only: bool = False
    duplicates_only: bool = False
    text: str = ""
    conflicts_first: bool = False

    def takes(self, row: WorklistRow) -> bool:
        """Say whether a row is shown."""
        text = self.text.strip().casefold()
        return (
            (not self.verdicts or row.verdict in self.verdicts)
            and (not self.statuses or find_kind(row) in self.statuses)
            and (not self.split_only or bool(row.split_vote))
            and (not self.duplicates_only or bool(row.duplicate_of))
            and text in f"{row.file}\n{row.reason}".casefold()
        )


def find_kind(row: WorklistRow) -> str:
    """Return a row's status, or "gate" for what the gate refused, whole film that it is."""
    return "gate" if row.is_refused_by_gate else row.status


def is_conflict(row: WorklistRow) -> bool:
    """Say whether a row calls for a second look: a split vote, a warning or a duplicate."""
    is_doubted = row.status == "warned" or row.quality.get("usability", USABLE) != USABLE
    return bool(row.split_vote) or bool(row.duplicate_of) or is_doubted


def order_rows(rows: Sequence[WorklistRow], choice: Choice) -> list[int]:
    """Return the places of the rows to show: the most probable pneumonia first, unread ones last.

    Rows of the same probability stay in the order in which they were read.
    """

    def rank(place: int) -> tuple[bool, float]:
        row = rows[place]
        is_later = choice.conflicts_first and not is_conflict(row)
        return is_later, -1.0 if row.probability is None else row.probability

    found = [place for place, row in enumerate(rows) if choice.takes(row)]
    return sorted(found, key=lambda place: (rank(place)[0], -rank(place)[1]))


def draw_table(
    rows: Sequence[WorklistRow],
    places: Sequence[int],
    thumbnails: Mapping[int, str],
    plan: EnsemblePlan,
) -> pd.DataFrame:
    """Return the rows at these places as the page shows them, probabilities in per cent."""
    shown = [rows[place] for place in places]
    table = pd.DataFrame(
        {
            "Film": [thumbnails.get(place) for place in places],
            "Probability (%)": [_percent(row.probability) for row in shown],
            "Verdict": [row.verdict or "none" for row in shown],
            "File": [row.file.rpartition("/")[2] for row in shown],
            "Networks": [_say_vote(row) for row in shown],
            "Remarks": [describe_row(row) for row in shown],
            "Status": [STATUSES[find_kind(row)] for row in shown],
            "Folder": [row.file.rpartition("/")[0] for row in shown],
        }
    )
    for member in plan.members:
        table[f"{member.title} (%)"] = [_percent(row.members.get(member.name)) for row in shown]
    return table.astype({"Probability (%)": "float64"})


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _say_vote(row: WorklistRow) -> str:
    if row.split_vote is None:
        return ""
    return "split vote" if row.split_vote else "agree"


def describe_row(row: WorklistRow) -> str:
    """Return why a row calls for a second look, or why there is no score; empty if neither."""
    messages = [str(concern["message"]) for concern in row.quality.get("concerns", ())]
    concerns = [message for message in messages if message not in row.reason]
    same = [f"Same pixels as {row.duplicate_of}."] if row.duplicate_of else []
    return " ".join([*same, *([row.reason] if row.reason else []), *concerns])


def count_rows(rows: Sequence[WorklistRow]) -> dict[str, int]:
    """Return how many rows there are of each kind, by the kind's name on the page.

    A film that the gate refused counts as that, also where it has a verdict all the same.
    """
    verdicts = {str(verdict): 0 for verdict in Verdict}
    for row in rows:
        if row.verdict and not row.is_refused_by_gate:
            verdicts[row.verdict] += 1
    return {
        "Files": len(rows),
        **verdicts,
        "Split votes": sum(bool(row.split_vote) and not row.is_refused_by_gate for row in rows),
        "Duplicates": sum(bool(row.duplicate_of) for row in rows),
        "Refused by the gate": sum(row.is_refused_by_gate for row in rows),
        "Not read": sum(not row.verdict and not row.is_refused_by_gate for row in rows),
    }


def write_csv(rows: Sequence[WorklistRow], plan: EnsemblePlan) -> bytes:
    """Return rows as the CSV file that the command `predict` writes."""
    return tabulate(rows, _name_members(plan)).map(guard).to_csv(index=False).encode()


def write_parquet(rows: Sequence[WorklistRow], plan: EnsemblePlan) -> bytes:
    """Return rows as one Parquet file with the same columns."""
    out = io.BytesIO()
    tabulate(rows, _name_members(plan)).to_parquet(out, index=False)
    return out.getvalue()


def write_json(rows: Sequence[WorklistRow]) -> bytes:
    """Return rows as one JSON array, each with the keys that the command `predict` writes."""
    return json.dumps([asdict(row) for row in rows], indent=1).encode()


def _name_members(plan: EnsemblePlan) -> list[str]:
    return [member.name for member in plan.members]
