"""A network's word against the official label → one of four outcomes, named and drawn alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pneumo import Verdict
from pneumo.evidence.curves import Confusion
from pneumo.evidence.scores import Scored
from pneumo.ui.figures.style import COLOURS, SERIES


@dataclass(frozen=True)
class Outcome:
    """One cell of the confusion matrix.

    Attributes:
        field: the field of `PredictiveValues` that counts such children.
        short: as statisticians write it, "TP" for instance.
        title: what clinicians call such films.
        label: 1 where the film officially shows pneumonia, else 0.
        called: whether the network calls the film PNEUMONIA.
        colour: of its marks; never the only difference, see `symbol`.
        symbol: Plotly's name of its mark.
    """

    field: str
    short: str
    title: str
    label: int
    called: bool
    colour: str
    symbol: str

    @property
    def name(self) -> str:
        """Title with the abbreviation."""
        return f"{self.title} ({self.short})"

    def count(self, confusion: Confusion) -> int:
        """Return how many films of a confusion matrix had this outcome."""
        return confusion.cell(self.label, int(self.called))

    def find(self, scored: Scored, threshold: float) -> NDArray[np.intp]:
        """Return the places of the films with this outcome, the most wrong score first."""
        called = scored.probability >= threshold
        places = np.flatnonzero((scored.y_true == self.label) & (called == self.called))
        wrongness = np.abs(scored.probability[places] - self.label)
        return places[np.argsort(-wrongness, kind="stable")]


MISSED = Outcome("false_negatives", "FN", "Missed pneumonias", 1, False, SERIES[1], "x")
FALSE_ALARM = Outcome("false_positives", "FP", "False alarms", 0, True, SERIES[3], "triangle-up")
FOUND = Outcome(
    "true_positives", "TP", "Found pneumonias", 1, True, COLOURS[Verdict.PNEUMONIA], "circle"
)
CLEARED = Outcome(
    "true_negatives", "TN", "Cleared normals", 0, False, COLOURS[Verdict.NORMAL], "circle-open"
)

OUTCOMES = (MISSED, FALSE_ALARM, FOUND, CLEARED)
"""The errors first: they are what a reader wants to look at."""
