"""A second reader's findings → the outlines that are drawn on the film."""

from __future__ import annotations

from collections.abc import Sequence

from pneumo.domain import Finding, FindingCertainty
from pneumo.opinion.locations import Region, regions_of
from pneumo.ui.pictures import Outline, Stroke

STROKES: dict[FindingCertainty, Stroke] = {
    "definite": "solid",
    "probable": "dashed",
    "possible": "dotted",
}
"""How sure the reader is, from the surest."""


def outline_findings(findings: Sequence[Finding]) -> list[Outline]:
    """Return an outline for each zone that is named, labelled with its findings' numbers.

    Findings are numbered from 1. A zone with several of them gets the stroke of the surest.
    """
    named: dict[Region, list[int]] = {}
    for place, finding in enumerate(findings):
        for region in regions_of(finding):
            named.setdefault(region, []).append(place)
    order = list(STROKES)
    return [
        Outline(
            region,
            ", ".join(str(place + 1) for place in places),
            STROKES[min((findings[place].certainty for place in places), key=order.index)],
        )
        for region, places in named.items()
    ]
