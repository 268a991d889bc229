"""A film, and the evidence found in it → the pictures that pages and reports show."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from pneumo.domain import Explanation, Radiograph, Verdict
from pneumo.networks.explanation import evidence_for

Picture = NDArray[np.uint8]

LONGEST_SIDE = 1000
"""Pixels; more than a page can show, little enough to be sent at once."""

_GREY = 96

ColourMap = Literal["Inferno", "Viridis"]

_STOPS: dict[ColourMap, str] = {
    "Inferno": "000004 1b0c41 4a0c6b 781c6d a52c60 cf4446 ed6925 fb9b06 f7d13d fcffa4",
    "Viridis": "440154 482878 3e4989 31688e 26828e 1f9e89 35b779 6ece58 b5de2b fde725",
}
"""Even steps of both, as matplotlib (Smith and van der Walt 2015) and Plotly have them."""


def colour_map(verdict: Verdict) -> ColourMap:
    """Name the colours of the evidence for a class: even steps of evidence look even in both."""
    return "Viridis" if verdict is Verdict.NORMAL else "Inferno"


def show_film(radiograph: Radiograph, *, synthetic: bool = False, refused: bool = False) -> Picture:
    """Return a film for the screen, shape (rows, columns), uint8, in its own proportions.

    A synthetic film, and one that the gate refused, carry the word in their pixels, so that they
    stay labelled when the picture leaves the page.
    """
    rows, columns = _shown_size(radiograph)
    picture = Image.fromarray(np.rint(radiograph.pixels * 255).astype(np.uint8))
    picture = picture.resize((columns, rows), Image.Resampling.BILINEAR)
    return _label(picture, synthetic=synthetic, refused=refused)


def show_grey(
    rows: int, columns: int, *, synthetic: bool = False, refused: bool = False
) -> Picture:
    """Return even grey in the place of a film whose pixels are not at hand, labelled like one.

    Args:
        rows: the film's height in pixels.
        columns: its width.
        synthetic: whether the film was drawn from statistics.
        refused: whether the gate refused it.
    """
    scale = min(1.0, LONGEST_SIDE / max(rows, columns))
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    return _label(Image.new("L", size, _GREY), synthetic=synthetic, refused=refused)


def _label(picture: Image.Image, *, synthetic: bool, refused: bool) -> Picture:
    words = ["SYNTHETIC"] * synthetic + ["REFUSED BY THE GATE"] * refused
    if words:
        _write_across_foot(picture, ", ".join(words))
    return np.asarray(picture)


def _shown_size(radiograph: Radiograph) -> tuple[int, int]:
    """Return rows and columns; oblong pixels, where the spacing tells of them, become square."""
    between_rows, between_columns = radiograph.spacing_mm or (1.0, 1.0)
    height, width = radiograph.rows * between_rows, radiograph.columns * between_columns
    side = min(LONGEST_SIDE, max(radiograph.rows, radiograph.columns))
    scale = side / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def _write_across_foot(picture: Image.Image, word: str) -> None:
    # Low enough for the words to fit into a narrow film.
    height = max(8, min(picture.height // 18, 3 * picture.width // (2 * len(word))))
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
    stops = [tuple(bytes.fromhex(stop)) for stop in _STOPS[name].split()]
    places = np.linspace(0, 1, len(stops))
    channels = [
        np.interp(np.linspace(0, 1, 256), places, channel) for channel in zip(*stops, strict=True)
    ]
    return np.stack(channels, axis=1).astype(np.float32)
