"""A film, and the evidence found in it → the pictures that a page shows."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from plotly.colors import sample_colorscale

from pneumo import Explanation, Radiograph, Verdict, evidence_for

Picture = NDArray[np.uint8]

LONGEST_SIDE = 1000
"""Pixels; more than a page can show, little enough to be sent at once."""

ColourMap = Literal["Inferno", "Viridis"]


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
