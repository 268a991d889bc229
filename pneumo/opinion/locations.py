"""A finding's side and zone ⇄ places on the film, in shares of its height and width.

Zones are those of radiology: thirds of the lung by height. The rectangles were laid over the mean
of 131 training films, which is where lungs lie on a usual film and not on each one.
"""

from __future__ import annotations

from typing import NamedTuple

from pneumo.domain import Finding


class Region(NamedTuple):
    """A rectangle of the film: shares of its height from the top, of its width from the left."""

    top: float
    left: float
    bottom: float
    right: float

    def holds(self, row: float, column: float) -> bool:
        """Whether a point lies in it, borders included."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right


# By convention the patient faces the reader: the right lung is on the left of the picture.
_LUNGS = {"right": (0.12, 0.48), "left": (0.52, 0.90)}
_HILA = {"right": (0.28, 0.48), "left": (0.52, 0.72)}
_MIDLINE = (0.38, 0.62)
_HEIGHTS = {
    "upper": (0.12, 0.37),
    "middle": (0.37, 0.57),
    "lower": (0.57, 0.83),
    "perihilar": (0.30, 0.60),
    "whole": (0.12, 0.83),
}


def regions_of(finding: Finding) -> tuple[Region, ...]:
    """Return where a finding lies: two rectangles if on both sides, none if it does not say.

    >>> regions_of(Finding("consolidation", "right", "lower", "probable"))
    (Region(top=0.57, left=0.12, bottom=0.83, right=0.48),)
    """
    if finding.zone not in _HEIGHTS or finding.side == "cannot tell":
        return ()
    top, bottom = _HEIGHTS[finding.zone]
    if finding.side == "midline":
        widths = [_MIDLINE]
    else:
        sides = ("right", "left") if finding.side == "both" else (finding.side,)
        widths = [(_HILA if finding.zone == "perihilar" else _LUNGS)[side] for side in sides]
    return tuple(Region(top, left, bottom, right) for left, right in widths)


def name_place(row: float, column: float) -> str:
    """Return the words for a point, given in shares of the film's height and width.

    >>> name_place(0.7, 0.3), name_place(0.95, 0.5)
    ('the right lower zone', 'outside the lungs')
    """
    for side, (left, right) in _LUNGS.items():
        for zone in ("upper", "middle", "lower"):
            top, bottom = _HEIGHTS[zone]
            if Region(top, left, bottom, right).holds(row, column):
                return f"the {side} {zone} zone"
    top, bottom = _HEIGHTS["whole"]
    if Region(top, _MIDLINE[0], bottom, _MIDLINE[1]).holds(row, column):
        return "the mediastinum"
    return "outside the lungs"
