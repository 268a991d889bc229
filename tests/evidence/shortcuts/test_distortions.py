"""What each distortion takes away from a film, and what it leaves."""

from __future__ import annotations

import numpy as np
import pytest

from pneumo.domain import Radiograph
from pneumo.evidence.shortcuts.distortions import DISTORTIONS, distort, show_distorted

SIDE = 224
FILMS = np.random.default_rng(1).integers(1, 256, (3, SIDE, SIDE)).astype(np.uint8)


def change(name: str, strength: float, films: np.ndarray = FILMS) -> np.ndarray:
    return distort(films, DISTORTIONS[name], strength)


@pytest.mark.parametrize("name", DISTORTIONS)
def test_no_strength_changes_nothing_and_every_other_something(name: str) -> None:
    distortion = DISTORTIONS[name]
    np.testing.assert_array_equal(change(name, distortion.unchanged), FILMS)
    assert distortion.unchanged not in distortion.strengths
    for strength in distortion.strengths:
        changed = change(name, strength)
        assert changed.shape == FILMS.shape
        assert changed.dtype == np.uint8
        assert (changed != FILMS).any(axis=(1, 2)).all()


@pytest.mark.parametrize("name", DISTORTIONS)
def test_the_films_handed_in_stay_as_they_were(name: str) -> None:
    before = FILMS.copy()
    change(name, DISTORTIONS[name].unchanged)[:] = 0
    change(name, DISTORTIONS[name].strengths[-1])[:] = 0
    np.testing.assert_array_equal(FILMS, before)


@pytest.mark.parametrize("name", ["centre", "border", "blur", "jpeg", "noise"])
def test_a_stronger_distortion_leaves_less_of_the_film(name: str) -> None:
    smooth = np.tile(np.linspace(20, 220, SIDE).astype(np.uint8), (1, SIDE, 1))
    smooth[:, 100:130, 100:130] = 255
    distances = [
        np.abs(change(name, strength, smooth).astype(int) - smooth).mean()
        for strength in DISTORTIONS[name].strengths
    ]
    assert distances == sorted(distances)
    assert distances[0] < distances[-1]


def test_a_hidden_border_leaves_the_centre_as_it_was() -> None:
    changed = change("border", 25)
    np.testing.assert_array_equal(changed[:, 56:168, 56:168], FILMS[:, 56:168, 56:168])
    assert np.count_nonzero(changed[0]) == 112 * 112


def test_a_hidden_centre_leaves_the_border_as_it_was() -> None:
    changed = change("centre", 50)
    assert not changed[:, 56:168, 56:168].any()
    assert np.count_nonzero(changed[0]) == SIDE * SIDE - 112 * 112
    np.testing.assert_array_equal(changed[:, :56], FILMS[:, :56])


def test_centre_and_border_of_the_same_frame_add_up_to_the_film() -> None:
    np.testing.assert_array_equal(change("centre", 80) + change("border", 10), FILMS)


def test_inverting_twice_gives_the_film_back() -> None:
    np.testing.assert_array_equal(change("inversion", 1, change("inversion", 1)), FILMS)


def test_turning_upside_down_twice_gives_the_film_back() -> None:
    upside_down = change("rotation", 180)
    np.testing.assert_array_equal(upside_down, FILMS[:, ::-1, ::-1])
    np.testing.assert_array_equal(change("rotation", 180, upside_down), FILMS)


def test_a_quarter_turn_loses_no_pixel() -> None:
    np.testing.assert_array_equal(change("rotation", 90), np.rot90(FILMS, axes=(1, 2)))


def test_blur_keeps_the_mean_and_loses_the_detail() -> None:
    blurred = change("blur", 4)
    assert blurred.mean() == pytest.approx(FILMS.mean(), abs=2)
    assert blurred.std() < FILMS.std() / 4


def test_noise_has_the_strength_that_it_is_said_to_have() -> None:
    grey = np.full((1, SIDE, SIDE), 128, np.uint8)
    assert change("noise", 20, grey).std() == pytest.approx(20, abs=0.5)


def test_noise_is_the_same_whenever_asked_for_and_differs_between_films() -> None:
    grey = np.full((2, SIDE, SIDE), 128, np.uint8)
    first = change("noise", 20, grey)
    np.testing.assert_array_equal(first, change("noise", 20, grey))
    assert (first[0] != first[1]).any()


def test_a_film_of_any_size_is_shown_as_the_networks_see_it() -> None:
    film = Radiograph(np.full((40, 90), 0.5, np.float32), "picture", "PNG", 8, (1.0, 2.0))
    shown = show_distorted(film, DISTORTIONS["border"], 25)
    assert shown.pixels.shape == (SIDE, SIDE)
    assert shown.pixels[0, 0] == 0
    assert shown.pixels[112, 112] == pytest.approx(0.5, abs=0.01)
    assert shown.spacing_mm is None
