"""A film, and the evidence found in it → the pictures that a page shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from plotly.colors import sample_colorscale

from pneumo import Explanation, Radiograph, Verdict, evidence_for
from pneumo.opinion.locations import Region

Picture = NDArray[np.uint8]

LONGEST_SIDE = 1000
"""Pixels; more than a page can show, little enough to be sent at once."""

ColourMap = Literal["Inferno", "Viridis"]
Stroke = Literal["solid", "dashed", "dotted"]

_AMBER, _BLACK = (255, 196, 61), (0, 0, 0)
_DASHES: dict[Stroke, float] = {"solid": 0.0, "dashed": 8.0, "dotted": 3.0}


class Outline(NamedTuple):
    """A zone to outline on a film, with what is written into its corner."""

    region: Region
    label: str
    stroke: Stroke


def colour_map(verdict: Verdict) -> ColourMap:
    """Name the colours of the evidence for a class: even steps of evidence look even in both."""
    return "Viridis" if verdict is Verdict.NORMAL else "Inferno"


def show_film(radiograph: Radiograph, *, synthetic: bool = False) -> Picture:
    """Return a film for the screen, shape (rows, columns), uint8, in its own proportions.

    A synthetic film carries the word in its pixels, so that it stays labelled when the picture
    leaves the page.
    """
    rows, columns = _shown_size(radiograph)
    picture = Image.fromarray(np.rint(radiograph.pixels * 255).astype(np.uint8))
    picture = picture.resize((columns, rows), Image.Resampling.BILINEAR)
    if synthetic:
        _write_across_foot(picture, "SYNTHETIC")
    return np.asarray(picture)


def _shown_size(radiograph: Radiograph) -> tuple[int, int]:
    """Return rows and columns; oblong pixels, where the spacing tells of them, become square."""
    between_rows, between_columns = radiograph.spacing_mm or (1.0, 1.0)
    height, width = radiograph.rows * between_rows, radiograph.columns * between_columns
    side = min(LONGEST_SIDE, max(radiograph.rows, radiograph.columns))
    scale = side / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def _write_across_foot(picture: Image.Image, word: str) -> None:
    height = max(8, picture.height // 18)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, picture.height - 2 * height, picture.width, picture.height), fill=0)
    centre = (picture.width / 2, picture.height - height)
    draw.text(centre, word, fill=255, font=ImageFont.load_default(height), anchor="mm")


def lay_heat_map(
    film: Picture, explanation: Explanation, verdict: Verdict, *, opacity: float
) -> Picture:
    """Lay the evidence for a class over a shown film.

    Args:
        film: shape (rows, columns), uint8, from `show_film`.
        explanation: one network's map, or the ensemble's.
        verdict: the class whose evidence is shown.
        opacity: how far the strongest evidence covers the film, in [0, 1]. Weaker evidence
            covers it less, in proportion, so that the film stays readable where there is none.

    Returns:
        Shape (rows, columns, 3), uint8.
    """
    rows, columns = film.shape
    evidence = evidence_for(explanation, verdict, rows=rows, columns=columns)
    colours = _colour_table(colour_map(verdict))[np.rint(evidence * 255).astype(np.intp)]
    cover = (opacity * evidence)[..., np.newaxis]
    return np.rint(film[..., np.newaxis] * (1 - cover) + colours * cover).astype(np.uint8)


def draw_colour_bar(verdict: Verdict) -> Picture:
    """Return the colours from no evidence on the left to the strongest on the right."""
    return np.tile(np.rint(_colour_table(colour_map(verdict))).astype(np.uint8), (10, 1, 1))


def _colour_table(name: ColourMap) -> NDArray[np.float32]:
    """Return a colour map's 256 colours, shape (256, 3), in [0, 255]."""
    colours = sample_colorscale(name, np.linspace(0, 1, 256).tolist(), colortype="tuple")
    return np.asarray(colours, dtype=np.float32) * 255


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
