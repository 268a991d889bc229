"""How each kind of film was judged, told apart by its patient group."""

from __future__ import annotations

import numpy as np
import pytest

from pneumo.domain import OperatingPoint
from pneumo.errors import DataSetError
from pneumo.evidence.scores import Scored
from pneumo.evidence.subgroups import measure_subgroups

FILMS = {
    "bacteria-1": [0.9, 0.8],
    "bacteria-2": [0.7, 0.2],
    "virus-1": [0.6],
    "virus-3": [0.3],
    "IM-1": [0.1, 0.4],
    "IM-7": [0.65],
    "NORMAL2-IM-1": [0.2],
}


def make_scored(films: dict[str, list[float]]) -> Scored:
    groups = tuple(group for group, shares in films.items() for _ in shares)
    probability = np.array([share for shares in films.values() for share in shares])
    labels = np.array([int(group[0] in "bv") for group in groups])
    files = tuple(f"{k}.jpeg" for k in range(len(groups)))
    point = OperatingPoint("balanced", 0.5, (0.45, 0.55), 1.0, 1.0, 10)
    return Scored("net", "Net", "test", files, groups, labels, probability, probability, (point,))


def test_each_kind_is_measured_on_its_own_films() -> None:
    found = {one.name: one for one in measure_subgroups(make_scored(FILMS), replicates=200)}
    assert {name: (one.share_right.value, one.share_right.n) for name, one in found.items()} == {
        "bacterial pneumonia": (3 / 4, 4),
        "viral pneumonia": (1 / 2, 2),
        "normal (IM series)": (2 / 3, 3),
        "normal (NORMAL2-IM series)": (1.0, 1),
    }
    for one in found.values():
        assert one.share_right.low <= one.share_right.value <= one.share_right.high


def test_a_kind_of_pneumonia_is_ranked_against_all_normal_films() -> None:
    bacterial, viral, im, normal2 = measure_subgroups(make_scored(FILMS), replicates=200)
    # Normals 0.1, 0.2, 0.4, 0.65: of 16 pairs 0.9, 0.8 and 0.7 win all, 0.2 wins 1 and ties 1.
    assert bacterial.auc is not None
    assert viral.auc is not None
    assert bacterial.auc.value == pytest.approx((4 + 4 + 4 + 1.5) / 16)
    assert bacterial.auc.n == 8
    assert viral.auc.value == pytest.approx((3 + 2) / 8)
    assert im.auc is None
    assert normal2.auc is None


def test_only_kinds_that_a_split_has_are_named() -> None:
    (viral,) = measure_subgroups(make_scored({"virus-1": [0.6, 0.4]}), replicates=20)
    assert viral.name == "viral pneumonia"
    assert viral.auc is None
    assert measure_subgroups(make_scored({"child-1": [0.6]}), replicates=20) == []


def test_an_unknown_operating_point_is_refused() -> None:
    with pytest.raises(DataSetError, match="balanced"):
        measure_subgroups(make_scored(FILMS), operating_point="best")
