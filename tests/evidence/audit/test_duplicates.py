"""What counts as the same film, and what does not."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pneumo.evidence.audit.duplicates import HASH_DISTANCE, find_duplicates, find_near_pairs
from pneumo.evidence.audit.inspection import FilmFacts, inspect_film
from pneumo.intake.collection import CollectedFilm

LAYERS = ((6, 60), (14, 40), (28, 30), (56, 20), (112, 10))
"""Grains a side and strength in grey levels, from the coarse shape to fine detail."""


def draw_chest(seed: int) -> Image.Image:
    """Draw something with detail at every scale."""
    pixels = draw_layers(np.random.default_rng(seed), LAYERS)
    return Image.fromarray(np.clip(pixels + 120, 0, 255).astype(np.uint8))


def draw_layers(rng: np.random.Generator, layers: tuple[tuple[int, int], ...]) -> np.ndarray:
    pixels = np.zeros((224, 224))
    for side, strength in layers:
        layer = Image.fromarray(rng.normal(0, strength, (side, side)).astype(np.float32))
        pixels += np.asarray(layer.resize((224, 224), Image.Resampling.BICUBIC))
    return pixels


def inspect(picture: Image.Image, folder: Path, *, number: int, split: str = "train") -> FilmFacts:
    path = folder / f"IM-{number:04}-0001.jpeg"
    picture.save(path, quality=95)
    found = inspect_film(CollectedFilm(split, 0, "IM", number, path))
    assert isinstance(found, FilmFacts)
    return found


def compress(film: Image.Image) -> Image.Image:
    stored = io.BytesIO()
    film.save(stored, "JPEG", quality=40)
    return Image.open(stored).convert("L")


@pytest.mark.parametrize(
    "copy",
    [
        compress,
        lambda film: film.point([round(40 + 0.7 * level) for level in range(256)]),
        lambda film: film.transform(film.size, Image.Transform.AFFINE, (1, 0, 0, 0, 1, 4)),
        lambda film: film.rotate(1.5),
        lambda film: film.resize((300, 260)),
    ],
    ids=["compressed", "paler", "shifted", "turned", "scaled"],
)
def test_a_changed_copy_is_the_same_film(copy: object, tmp_path: Path) -> None:
    film = draw_chest(1)
    facts = [
        inspect(film, tmp_path, number=1),
        inspect(draw_chest(2), tmp_path, number=2),
        inspect(copy(film), tmp_path, number=3),
    ]
    assert find_near_pairs(facts) == [(0, 2)]


def test_a_film_of_the_same_shape_with_other_detail_is_another_film(tmp_path: Path) -> None:
    shape = draw_layers(np.random.default_rng(1), ((6, 60),))
    facts = []
    for number in (1, 2):
        detail = draw_layers(np.random.default_rng(number + 7), ((56, 8),))
        film = Image.fromarray(np.clip(shape + detail + 120, 0, 255).astype(np.uint8))
        facts.append(inspect(film, tmp_path, number=number))
    distance = (facts[0].perceptual_hash ^ facts[1].perceptual_hash).bit_count()
    assert distance <= HASH_DISTANCE  # so that the detail has to tell them apart
    assert find_near_pairs(facts) == []


def test_blank_films_are_no_near_copies_of_anything(tmp_path: Path) -> None:
    facts = [inspect(Image.new("L", (64, 64), level), tmp_path, number=level) for level in (50, 60)]
    assert find_near_pairs(facts) == []


def test_copies_of_copies_are_one_set_and_the_exact_ones_count_once(tmp_path: Path) -> None:
    film = draw_chest(1)
    facts = [
        inspect(film, tmp_path, number=1),
        inspect(film, tmp_path, number=2, split="test"),
        inspect(compress(film), tmp_path, number=3),
        inspect(compress(compress(film)).rotate(1), tmp_path, number=4),
    ]
    by_bytes, by_pixels, near = find_duplicates(facts)
    assert (by_bytes.sets, by_pixels.sets, by_pixels.films) == (1, 1, 2)
    assert by_pixels.across_splits == by_pixels.across_groups == 1
    assert (near.sets, near.films, near.within) == (1, 3, {"train": 1})
