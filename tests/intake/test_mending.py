"""Films that a reader turns, mirrors and inverts: many presses come to at most three mends."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from pneumo.intake.film import develop
from pneumo.intake.mending import Mend, add_mend, mend, mend_all, say_mends

PIXELS = np.arange(12, dtype=np.float32).reshape(3, 4) / np.float32(255)
FILM = develop(
    PIXELS, source="picture", encoding="PNG", bit_depth=8, spacing_mm=(1.0, 2.0), notes=[]
)
MENDS: tuple[Mend, ...] = ("rotate 90", "rotate 180", "rotate 270", "mirror", "invert")


@pytest.mark.parametrize("presses", list(product(MENDS, repeat=3)))
def test_shortest_way_shows_the_film_that_all_presses_would(presses: tuple[Mend, ...]) -> None:
    mends: tuple[Mend, ...] = ()
    slowly = FILM
    for press in presses:
        mends, slowly = add_mend(mends, press), mend(slowly, press)
    film = mend_all(FILM, mends)
    assert len(mends) <= 3
    np.testing.assert_allclose(film.pixels, slowly.pixels, atol=1e-6)
    assert film.spacing_mm == slowly.spacing_mm
    assert (film is FILM) == (mends == ())


def test_press_that_takes_another_back_leaves_nothing_to_tell() -> None:
    for press, back in (("invert", "invert"), ("rotate 90", "rotate 270"), ("mirror", "mirror")):
        assert add_mend(add_mend((), press), back) == ()
    assert say_mends(()) == ""
    assert add_mend((), "") == ()


def test_each_mend_is_noted_once() -> None:
    film = mend_all(FILM, ("rotate 180", "invert"))
    assert " ".join(film.notes) == say_mends(("rotate 180", "invert"))
    assert film.fingerprint != FILM.fingerprint
