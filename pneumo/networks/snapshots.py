"""A film → what is left in grey of a coloured picture of it: tinted, marked or photographed."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Film = NDArray[np.uint8]

_VIVID = (29, 76, 105, 150, 179, 226)
"""Luminance of blue, red, magenta, green, cyan and yellow pens, of 255 (ITU-R BT.601)."""


def colour(film: Film, rng: np.random.Generator) -> Film:
    """Return a film as it looks in grey after it was tinted, marked or photographed.

    Args:
        film: shape (side, side), uint8.
        rng: where all chance comes from.

    Returns:
        Shape as given, uint8.
    """
    return (_tint, _mark, _photograph, _photograph)[int(rng.integers(4))](film, rng)


def _tint(film: Film, rng: np.random.Generator) -> Film:
    """Keep a narrower range of grey, which is all that luminance keeps of a tint."""
    dark, light = rng.uniform(0, 40), rng.uniform(160, 255)
    return np.rint(dark + (light - dark) * film / 255.0).astype(np.uint8)


def _mark(film: Film, rng: np.random.Generator) -> Film:
    """Draw circles, arrows, boxes and words on a film with coloured pens."""
    picture, side = Image.fromarray(film), film.shape[0]
    draw = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(1, 5))):
        pen, width = int(rng.choice(_VIVID)), int(rng.integers(1, 7))
        x, y = rng.uniform(0.1, 0.9, 2) * side
        reach_x, reach_y = rng.uniform(0.03, 0.22, 2) * side
        box = (x - reach_x, y - reach_y, x + reach_x, y + reach_y)
        kind = rng.integers(0, 4)
        if kind == 0:
            draw.ellipse(box, outline=pen, width=width)
        elif kind == 1:
            draw.rectangle(box, outline=pen, width=width)
        elif kind == 2:
            draw.line((x, y, x + reach_x, y - reach_y), fill=pen, width=width)
            draw.regular_polygon((x, y, 2 * width), 3, float(rng.uniform(0, 360)), fill=pen)
        else:
            font = ImageFont.load_default(rng.uniform(0.03, 0.09) * side)
            word = str(rng.choice(["opacity?", "RUL", "here", "12 mm", "case 7"]))
            draw.text((x / 1.3, y), word, fill=pen, font=font)
    return np.array(picture)


def _photograph(film: Film, rng: np.random.Generator) -> Film:
    """Photograph a film on a light box, a screen or a window: askew, unevenly lit, with glare."""
    side = film.shape[0]
    margin = side // 4
    wall = int(rng.choice([rng.integers(0, 60), rng.integers(90, 256)]))
    ground = Image.new("L", (side + 2 * margin, side + 2 * margin), wall)
    ground.paste(Image.fromarray(film), (margin, margin))
    # Left upper, left lower, right lower, right upper: a little outside the film, each its own.
    out = rng.uniform(-0.02, 0.09) * side + rng.uniform(-0.03, 0.03, (4, 2)) * side
    corners = np.array([(0, 0), (0, 1), (1, 1), (1, 0)])
    quad = margin + corners * side + np.sign(corners - 0.5) * out
    flat = tuple(float(place) for place in quad.ravel())
    picture = ground.transform((side, side), Image.Transform.QUAD, flat, Image.Resampling.BILINEAR)
    rows, columns = np.mgrid[:side, :side] / side - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    slope = rows * np.sin(angle) + columns * np.cos(angle)
    light = 1 + rng.uniform(0, 0.4) * slope - rng.uniform(0, 0.6) * (rows**2 + columns**2)
    spot = np.hypot(rows - rng.uniform(-0.5, 0.5), columns - rng.uniform(-0.5, 0.5))
    glare = rng.choice([0.0, rng.uniform(0, 0.5)]) * np.exp(-((spot / rng.uniform(0.05, 0.2)) ** 2))
    waves = rng.uniform(0, 0.03) * np.sin(2 * np.pi * rng.uniform(20, 90) * slope)
    dark = rng.uniform(0, 0.12)
    grey = dark + (1 - dark) * np.asarray(picture) / 255 * light + glare + waves
    grey = np.clip(grey + rng.normal(0, rng.uniform(0, 0.02), grey.shape), 0, 1)
    shot = Image.fromarray(np.rint(255 * grey ** rng.uniform(0.8, 1.25)).astype(np.uint8))
    shot = shot.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.0) * side / 224))
    stored = io.BytesIO()
    shot.save(stored, "JPEG", quality=int(rng.integers(50, 96)))
    return np.array(Image.open(stored))
