"""Films in every pose, films varied, and pictures that are no films."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from pneumo.networks.decoys.catalogue import DRAWN, SPOILED, draw_decoy
from pneumo.networks.decoys.phantom import project_trunk
from pneumo.networks.decoys.rays import View, cross
from pneumo.networks.decoys.spoiled import enlarge
from pneumo.networks.poses import POSES, pose, vary
from pneumo.networks.snapshots import colour
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


def test_rays_pass_an_ellipsoid_as_far_as_its_axes_say_from_every_side() -> None:
    size = (0.3, 0.2, 0.4)
    for turn, depth in ((0.0, 0.2), (np.pi / 2, 0.3)):
        view = View(turn, roll=0.0, height=0.1, shift=0.0, size=1.0)
        ball = cross(view, (0.0, 0.0, 0.1), size, 0.0)
        assert ball.length().max() == pytest.approx(2 * depth, rel=1e-3)
        assert ball.length()[0].max() == 0  # Its head ends below the picture's upper edge.
        half = cross(view, (0.0, 0.0, 0.1), (0.15, 0.1, 0.2), 0.0)
        np.testing.assert_allclose(half.within(ball).length(), half.length())
    leaning = cross(View(np.pi / 2, 0.0, 0.0, 0.0, 1.0), (0.0, 0.0, 0.0), size, 0.5).length()
    rows, columns = np.nonzero(leaning)
    # From the side, front is right: the head leans back, to the left.
    assert columns[rows < 60].mean() < 112 < columns[rows > 164].mean()


def test_trunk_from_the_side_hides_one_lung_behind_the_other() -> None:
    def unlike_its_mirror(turn: float) -> float:
        view = View(turn, roll=0.0, height=0.0, shift=0.0, size=1.0)
        found = []
        for seed in range(4):
            path = project_trunk(np.random.default_rng(seed), view)[60:140]
            found.append(np.abs(path - path[:, ::-1]).mean() / path.mean())
        return float(np.mean(found))

    assert unlike_its_mirror(np.pi / 2) > 1.5 * unlike_its_mirror(0.0)


def test_no_enlarged_part_is_nearly_the_whole_film() -> None:
    place = np.linspace(0, 1, 224, dtype=np.float32)
    across = np.tile(place, (224, 1))
    for film in (across, across.T):
        made = [enlarge(film, np.random.default_rng(seed)) for seed in range(200)]
        kept = [float(np.ptp(part)) for part in made]
        assert 0.4 < max(kept) < 0.47
        middles = [abs(float(part.mean()) - 0.5) for part in made]
        assert min(middles) < 0.02


def test_coloured_film_is_still_the_film_that_it_was() -> None:
    made = [colour(FILM, np.random.default_rng(seed)) for seed in range(24)]
    assert all(film.shape == FILM.shape and film.dtype == np.uint8 for film in made)
    assert len({film.tobytes() for film in made}) == 24
    alike = [np.corrcoef(film.ravel(), FILM.ravel())[0, 1] for film in made]
    assert np.median(alike) > 0.6
    np.testing.assert_array_equal(made[3], colour(FILM, np.random.default_rng(3)))
