"""Zones that a reader names, and the heat map's peak, meet on the same film."""

from __future__ import annotations

import numpy as np
import pytest

from pneumo.domain import Finding
from pneumo.opinion.locations import name_place, regions_of
from pneumo.opinion.overlap import peak_in_regions


def _finding(side: str, zone: str) -> Finding:
    return Finding("haze", side, zone, "probable")  # type: ignore[arg-type]


def _evidence(row: int, column: int) -> np.ndarray:
    evidence = np.full((10, 10), -0.2, np.float32)
    evidence[row, column] = 0.8
    return evidence


def test_patients_right_is_on_the_left_of_the_picture() -> None:
    (right,), (left,) = (
        regions_of(_finding("right", "lower")),
        regions_of(_finding("left", "lower")),
    )
    assert right.right < 0.5 < left.left
    assert name_place(0.7, 0.2) == "the right lower zone"
    assert name_place(0.2, 0.8) == "the left upper zone"
    assert name_place(0.5, 0.5) == "the mediastinum"


def test_both_sides_are_two_places_with_the_heart_between() -> None:
    regions = regions_of(_finding("both", "middle"))
    assert len(regions) == 2
    assert not any(region.holds(0.5, 0.5) for region in regions)


@pytest.mark.parametrize(
    ("side", "zone"),
    [("cannot tell", "lower"), ("left", "cannot tell"), ("left", "not in the lungs")],
)
def test_finding_without_a_place_is_drawn_nowhere(side: str, zone: str) -> None:
    assert regions_of(_finding(side, zone)) == ()


def test_every_place_lies_on_the_film() -> None:
    for side in ("left", "right", "both", "midline"):
        for zone in ("upper", "middle", "lower", "perihilar", "whole"):
            for top, left, bottom, right in regions_of(_finding(side, zone)):
                assert 0 <= top < bottom <= 1
                assert 0 <= left < right <= 1


def test_peak_inside_the_named_zone_is_a_hit() -> None:
    named = _finding("right", "lower"), _finding("left", "upper")
    overlap = peak_in_regions(_evidence(6, 2), named)
    assert overlap.inside is True
    assert overlap.hits == named[:1]
    assert overlap.peak == (0.65, 0.25)
    assert overlap.place == "the right lower zone"


def test_peak_elsewhere_is_a_miss() -> None:
    assert peak_in_regions(_evidence(6, 2), [_finding("left", "lower")]).inside is False


def test_without_a_peak_or_a_zone_nothing_is_claimed() -> None:
    nothing = peak_in_regions(np.zeros((7, 7), np.float32), [_finding("left", "lower")])
    assert nothing.peak is None
    assert nothing.inside is None
    assert peak_in_regions(_evidence(6, 2), []).inside is None
    assert peak_in_regions(_evidence(6, 2), [_finding("left", "cannot tell")]).inside is None
