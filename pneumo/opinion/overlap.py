"""A heat map and the findings of a second reader → whether they mean the same place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pneumo.domain import Finding
from pneumo.opinion.locations import name_place, regions_of


@dataclass(frozen=True)
class Overlap:
    """Whether the zones that a reader names hold the heat map's peak.

    Attributes:
        peak: centre of the cell with the strongest evidence for pneumonia, as shares of the
            film's height and width; None if no cell speaks for pneumonia.
        place: the peak in words, empty without a peak.
        inside: whether a named zone holds the peak; None without a peak or a named zone.
        named: the findings that name a zone of the lungs.
        hits: those of them whose zone holds the peak.
    """

    peak: tuple[float, float] | None
    place: str
    inside: bool | None
    named: tuple[Finding, ...]
    hits: tuple[Finding, ...]


def find_peak(evidence: NDArray[np.float32]) -> tuple[float, float] | None:
    """Return the centre of the cell with the strongest evidence for pneumonia.

    Args:
        evidence: shape (rows, columns), in [-1, 1], over the whole film.

    Returns:
        Shares of the film's height and width, None if no cell is above 0.
    """
    if not evidence.size or not evidence.max() > 0:
        return None
    row, column = np.unravel_index(int(np.argmax(evidence)), evidence.shape)
    rows, columns = evidence.shape
    return (float(row) + 0.5) / rows, (float(column) + 0.5) / columns


def peak_in_regions(evidence: NDArray[np.float32], findings: Iterable[Finding]) -> Overlap:
    """Return whether the zones that findings name hold the heat map's peak.

    Args:
        evidence: shape (rows, columns), in [-1, 1], over the whole film, as `Explanation` has it.
        findings: the findings of one opinion.
    """
    named = tuple(finding for finding in findings if regions_of(finding))
    peak = find_peak(evidence)
    if peak is None:
        return Overlap(None, "", None, named, ())
    hits = tuple(
        finding for finding in named if any(region.holds(*peak) for region in regions_of(finding))
    )
    return Overlap(peak, name_place(*peak), bool(hits) if named else None, named, hits)
