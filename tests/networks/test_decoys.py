"""Films in every pose, films varied, and pictures that are no films."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from pneumo.networks.decoys.catalogue import DRAWN, SPOILED, draw_decoy
from pneumo.networks.poses import POSES, pose, vary
from tests.conftest import draw_film

FILM = np.asarray(draw_film(1, 3).resize((224, 224), Image.Resampling.BILINEAR))


@pytest.mark.parametrize("kind", [*DRAWN, *SPOILED])
def test_each_kind_of_decoy_is_a_picture_and_the_same_for_a_seed(kind: str) -> None:
    made = [draw_decoy(kind, FILM, np.random.default_rng(seed)) for seed in (5, 5, 6)]
    assert made[0].shape == (224, 224)
    assert made[0].dtype == np.uint8
    np.testing.assert_array_equal(made[0], made[1])
    assert not np.array_equal(made[0], made[2])
    assert not np.array_equal(made[0], FILM)


def test_poses_are_all_quarters_upright_first_and_undone_by_the_rest_of_the_turn() -> None:
    assert POSES[0] == (0, False)
    np.testing.assert_array_equal(pose(FILM, *POSES[0]), FILM)
    for quarters, inverted in POSES:
        back = pose(pose(FILM, quarters, inverted), -quarters, inverted)
        np.testing.assert_array_equal(back, FILM)
    assert pose(FILM[:1, :1], 0, True)[0, 0] == 255 - FILM[0, 0]


def test_varied_film_is_another_one_of_the_same_kind() -> None:
    made = [vary(FILM, np.random.default_rng(seed)) for seed in range(12)]
    assert all(film.shape == FILM.shape and film.dtype == np.uint8 for film in made)
    assert len({film.tobytes() for film in made}) == 12
    np.testing.assert_array_equal(made[3], vary(FILM, np.random.default_rng(3)))
