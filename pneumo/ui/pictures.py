"""A shown film and the zones that a reader names → the picture that a page shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pneumo.casebook.pictures import (
    LONGEST_SIDE,
    Picture,
    colour_map,
    draw_colour_bar,
    lay_heat_map,
    show_film,
)
from pneumo.opinion.locations import Region

__all__ = [
    "LONGEST_SIDE",
    "Outline",
    "Picture",
    "Stroke",
    "colour_map",
    "draw_colour_bar",
    "draw_zones",
    "lay_heat_map",
    "show_film",
]

Stroke = Literal["solid", "dashed", "dotted"]

_AMBER, _BLACK = (255, 196, 61), (0, 0, 0)
_DASHES: dict[Stroke, float] = {"solid": 0.0, "dashed": 8.0, "dotted": 3.0}


class Outline(NamedTuple):
    """A zone to outline on a film, with what is written into its corner."""

    region: Region
    label: str
    stroke: Stroke


def draw_zones(
    film: Picture, outlines: Sequence[Outline], *, peak: tuple[float, float] | None = None
) -> Picture:
    """Draw labelled rectangles on a shown film, and a ring where a heat map peaks.

    Every line is amber on a black bed, so that it is seen on any grey; labels and strokes tell
    the rectangles apart without colour.

    Args:
        film: shape (rows, columns), uint8, from `show_film`.
        outlines: no two of the same region.
        peak: shares of the film's height and width, None for no ring.

    Returns:
        Shape (rows, columns, 3), uint8.
    """
    picture = Image.fromarray(film).convert("RGB")
    draw = ImageDraw.Draw(picture)
    width = max(1, max(picture.size) // 260)
    for bed, colour in ((2 * width, _BLACK), (0, _AMBER)):
        for outline in outlines:
            for line in _sides(outline, picture.size, width):
                draw.line(line, fill=colour, width=width + bed)
    taken: set[tuple[float, float]] = set()
    for outline in outlines:
        # The whole lung and its upper zone share a corner.
        corner = outline.region[:2]
        _write_label(draw, outline, picture.size, at_right=corner in taken)
        taken.add(corner)
    if peak is not None:
        x, y = peak[1] * picture.width, peak[0] * picture.height
        radius = 5 * width
        for grow, colour in ((width, _BLACK), (0, _AMBER)):
            box = (x - radius - grow, y - radius - grow, x + radius + grow, y + radius + grow)
            draw.ellipse(box, outline=colour, width=width + 2 * grow)
    return np.asarray(picture)


def _sides(
    outline: Outline, size: tuple[int, int], width: int
) -> Iterator[tuple[float, float, float, float]]:
    """Yield a rectangle's lines, or the pieces of them that its stroke leaves."""
    left, top, right, bottom = _corners(outline.region, size)
    for x1, y1, x2, y2 in (
        (left, top, right, top),
        (right, top, right, bottom),
        (right, bottom, left, bottom),
        (left, bottom, left, top),
    ):
        length = max(abs(x2 - x1), abs(y2 - y1))
        dash = _DASHES[outline.stroke] * width or length or 1.0
        starts = np.arange(0, max(length, 1), 2 * dash)
        for start in starts:
            ends = (start / max(length, 1), min(start + dash, length) / max(length, 1))
            (ax, ay), (bx, by) = ((x1 + t * (x2 - x1), y1 + t * (y2 - y1)) for t in ends)
            yield ax, ay, bx, by


def _write_label(
    draw: ImageDraw.ImageDraw, outline: Outline, size: tuple[int, int], *, at_right: bool
) -> None:
    left, top, right, _ = _corners(outline.region, size)
    font = ImageFont.load_default(max(8, max(size) // 26))
    margin = max(size) // 150 + 1
    place = (right - margin if at_right else left + margin, top + margin)
    anchor = "ra" if at_right else "la"
    box = draw.textbbox(place, outline.label, font=font, anchor=anchor)
    bed = (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)
    draw.rectangle(bed, fill=_BLACK)
    draw.text(place, outline.label, fill=_AMBER, font=font, anchor=anchor)


def _corners(region: Region, size: tuple[int, int]) -> tuple[float, float, float, float]:
    columns, rows = size
    return (
        region.left * columns,
        region.top * rows,
        region.right * columns,
        region.bottom * rows,
    )
