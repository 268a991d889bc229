"""A generator → what people draw and screens show: windows, pages, plots, lines, letters."""

from __future__ import annotations

import string

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pneumo.networks.decoys.textures import SIDE, Picture, draw_leaves, draw_light

_LETTERS = np.array(list(string.ascii_letters + string.digits + "     .,-:"))


def draw_window(rng: np.random.Generator) -> Picture:
    """Draw an application's window with bars, panels, buttons and words."""
    scale = int(rng.integers(2, 5))
    side = scale * SIDE
    ground, ink = _two_greys(rng)
    picture = Image.new("L", (side, side), ground)
    draw = ImageDraw.Draw(picture)
    if rng.random() < 0.7:
        draw.rectangle((0, 0, side, side * rng.uniform(0.03, 0.12)), fill=_near(rng, ground))
    if rng.random() < 0.6:
        draw.rectangle((0, 0, side * rng.uniform(0.1, 0.3), side), fill=_near(rng, ground))
    for _ in range(int(rng.integers(2, 14))):
        x, y = rng.uniform(0, 0.85, 2) * side
        width, height = rng.uniform(0.05, 0.6, 2) * side
        box = (x, y, x + width, y + height)
        kind = rng.integers(0, 4)
        if kind == 0:
            draw.rounded_rectangle(box, side // 60, fill=_near(rng, ground), outline=ink)
        elif kind == 1:
            draw.rectangle(box, fill=int(rng.integers(0, 256)))
        elif kind == 2:
            inset = (draw_leaves if rng.random() < 0.7 else draw_light)(rng)
            shown = Image.fromarray((inset * 255).astype(np.uint8))
            picture.paste(shown.resize((max(1, int(width)), max(1, int(height)))), (int(x), int(y)))
        else:
            size = int(rng.uniform(0.015, 0.04) * side)
            _write(draw, rng, box, size, ink)
    return _shrink(picture)


def draw_page(rng: np.random.Generator) -> Picture:
    """Draw a page of text with headings, columns and perhaps a table."""
    scale = int(rng.integers(2, 5))
    side = scale * SIDE
    ground, ink = _two_greys(rng)
    picture = Image.new("L", (side, side), ground)
    draw = ImageDraw.Draw(picture)
    margin = rng.uniform(0.02, 0.12) * side
    columns = int(rng.integers(1, 4))
    width = (side - 2 * margin) / columns
    for column in range(columns):
        left = margin + column * width
        box = (left, margin * rng.uniform(0.5, 2), left + 0.93 * width, side - margin)
        _write(draw, rng, box, int(rng.uniform(0.012, 0.05) * side), ink)
    if rng.random() < 0.3:
        top = rng.uniform(0.1, 0.6) * side
        for line in range(int(rng.integers(3, 9))):
            y = top + line * side * 0.05
            draw.line((margin, y, side - margin, y), fill=ink, width=scale)
    return _shrink(picture)


def draw_plot(rng: np.random.Generator) -> Picture:
    """Draw a chart: axes with curves, bars or points."""
    ground, ink = _two_greys(rng)
    picture = Image.new("L", (2 * SIDE, 2 * SIDE), ground)
    draw = ImageDraw.Draw(picture)
    low, high = 0.12 * 2 * SIDE, 0.92 * 2 * SIDE
    draw.line((low, low, low, high, high, high), fill=ink, width=2)
    count = int(rng.integers(4, 60))
    x = np.linspace(low, high, count)
    for _ in range(int(rng.integers(1, 4))):
        y = high - (high - low) * np.clip(0.5 + np.cumsum(rng.normal(0, 0.12, count)), 0, 1)
        grey, kind = int(rng.integers(0, 256)), rng.integers(0, 3)
        if kind == 0:
            draw.line(list(zip(x, y, strict=True)), fill=grey, width=int(rng.integers(1, 6)))
        elif kind == 1:
            for place, top in zip(x, y, strict=True):
                draw.rectangle((place, top, place + 0.6 * (high - low) / count, high), fill=grey)
        else:
            for place, top in zip(x, y, strict=True):
                draw.ellipse((place - 4, top - 4, place + 4, top + 4), fill=grey)
    _write(draw, rng, (low, 0, high, low * 0.8), 20, ink)
    return _shrink(picture)


def draw_lines(rng: np.random.Generator) -> Picture:
    """Draw a sketch: curves and outlines of one pen on plain ground."""
    ground, ink = _two_greys(rng)
    picture = Image.new("L", (2 * SIDE, 2 * SIDE), ground)
    draw = ImageDraw.Draw(picture)
    pen = int(rng.integers(1, 14))
    for _ in range(int(rng.integers(2, 30))):
        kind = rng.integers(0, 4)
        x, y = rng.uniform(0, 2 * SIDE, 2)
        width, height = rng.uniform(10, 300, 2)
        box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        if kind == 0:
            steps = np.cumsum(rng.normal(0, 18, (int(rng.integers(4, 40)), 2)), axis=0)
            draw.line([(x + a, y + b) for a, b in steps], fill=ink, width=pen, joint="curve")
        elif kind == 1:
            draw.ellipse(box, outline=ink, width=pen)
        elif kind == 2:
            draw.arc(box, rng.uniform(0, 360), rng.uniform(0, 360), fill=ink, width=pen)
        else:
            fill = int(rng.integers(0, 256)) if rng.random() < 0.3 else None
            draw.rectangle(box, outline=ink, width=pen, fill=fill)
    return _shrink(picture)


def draw_sign(rng: np.random.Generator) -> Picture:
    """Draw a logo or sign: one or two large letters or shapes."""
    ground, ink = _two_greys(rng)
    picture = Image.new("L", (SIDE, SIDE), ground)
    draw = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(1, 4))):
        x, y = rng.uniform(0.25, 0.75, 2) * SIDE
        reach = rng.uniform(0.15, 0.45) * SIDE
        box = (x - reach, y - reach, x + reach, y + reach)
        grey, kind = int(rng.integers(0, 256)), rng.integers(0, 4)
        if kind == 0:
            draw.ellipse(box, fill=grey)
        elif kind == 1:
            draw.rounded_rectangle(box, reach * rng.uniform(0, 0.6), fill=grey)
        elif kind == 2:
            sides = int(rng.integers(3, 7))
            draw.regular_polygon((x, y, reach), sides, rng.uniform(0, 360), fill=grey)
        else:
            word = "".join(rng.choice(_LETTERS[:62], int(rng.integers(1, 5))))
            draw.text((x, y), word, fill=ink, font=ImageFont.load_default(reach), anchor="mm")
    return np.asarray(picture, dtype=np.float32) / np.float32(255)


def _write(
    draw: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    box: tuple[float, float, float, float],
    size: int,
    ink: int,
) -> None:
    font = ImageFont.load_default(max(6, size))
    left, top, right, bottom = box
    y = top
    while y < bottom:
        letters = int((right - left) / (0.55 * size) * rng.uniform(0.3, 1.0))
        draw.text((left, y), "".join(rng.choice(_LETTERS, max(1, letters))), fill=ink, font=font)
        y += size * (1.25 if rng.random() < 0.9 else 2.5)


def _two_greys(rng: np.random.Generator) -> tuple[int, int]:
    """Return a ground and an ink that stands out from it."""
    light, dark = int(rng.integers(200, 256)), int(rng.integers(0, 70))
    return (light, dark) if rng.random() < 0.65 else (dark, light)


def _near(rng: np.random.Generator, grey: int) -> int:
    return int(np.clip(grey + rng.integers(-50, 51), 0, 255))


def _shrink(picture: Image.Image) -> Picture:
    small = picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return np.asarray(small, dtype=np.float32) / np.float32(255)
