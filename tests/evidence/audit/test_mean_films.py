"""Mean films: their sums, their storage, and how far two are apart."""

from __future__ import annotations

import numpy as np
import pytest

from pneumo.evidence.audit.mean_films import (
    FilmAverage,
    compare_means,
    decode,
    encode,
    standardize_difference,
    subtract,
)
from pneumo.evidence.audit.records import MeanFilm


def average(films: np.ndarray) -> MeanFilm:
    sums = FilmAverage()
    for film in films:
        sums.add(film)
    found = sums.summarize("train", 0)
    assert found is not None
    return found


def draw(seed: int, *, n: int = 40, brighter: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.clip(rng.normal(100 + brighter, 20, (n, 9, 9)), 0, 255).astype(np.uint8)


def test_mean_and_spread_are_numpys_to_a_sixteenth_of_a_grey_level() -> None:
    films = draw(1)
    found = average(films)
    np.testing.assert_allclose(decode(found.mean), films.mean(axis=0), atol=1 / 16)
    np.testing.assert_allclose(decode(found.spread), films.std(axis=0), atol=1 / 16)


def test_the_mean_of_few_films_is_not_kept_since_it_would_show_them() -> None:
    sums = FilmAverage()
    for film in draw(1, n=7):
        sums.add(film)
    assert sums.summarize("val", 1) is None


def test_a_difference_keeps_its_sign_and_its_unit() -> None:
    bright, dark = average(draw(1, brighter=10)), average(draw(2))
    assert subtract(bright, dark).mean() == pytest.approx(10, abs=1.5)
    assert standardize_difference(bright, dark).mean() == pytest.approx(0.5, abs=0.1)
    assert standardize_difference(dark, bright).mean() < 0


def test_pixels_that_never_vary_differ_by_no_standard_deviation() -> None:
    black = average(np.zeros((8, 4, 4), dtype=np.uint8))
    assert not standardize_difference(black, black).any()


def test_films_of_one_kind_are_as_far_apart_as_chance_puts_them() -> None:
    rng = np.random.default_rng(1)
    first = average(rng.normal(100, 20, (60, 30, 30)).astype(np.uint8))
    second = average(rng.normal(100, 20, (90, 30, 30)).astype(np.uint8))
    found = compare_means(first, second)
    assert (found.n_first, found.n_second) == (60, 90)
    assert found.standardized == pytest.approx(found.by_chance, rel=0.1)


def test_stored_planes_come_back() -> None:
    plane = np.arange(12, dtype=float).reshape(3, 4) * 20.0625
    np.testing.assert_array_equal(decode(encode(plane)), plane)
