"""DeLong's and McNemar's tests against published examples, not against themselves."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pneumo.evidence.paired_tests import compare_auc, compare_decisions
from tests.evidence.test_metrics import draw

# The data set aSAH of the R package pROC: 113 patients after a subarachnoid haemorrhage, whether
# their outcome was poor, and three markers of it. Turck et al. (2010), Intensive Care Med 36:107.
POOR = "".join(
    "00001101001011001011101000000000100110110000000001100010001010011101101111000110100000010000"
    "000000001111110001000"
)
WFNS = (
    "11113254125255125225211112121134214541425511241125521251222151125214524414121421232421451154"
    "221113125225552445111"
)
S100B = """
.13 .14 .1 .04 .13 .1 .47 .16 .18 .1 .12 .1 .44 .71 .04 .08 .49 .04 .07 .33 .09 .09 .07 .11 .07 .17
.07 .11 .13 .19 .05 .16 .41 .14 .34 .35 .48 .09 .96 .25 .5 .46 .16 .07 .43 .45 .11 .08 .09 .86 .52
.08 .06 .13 2.07 .1 .14 .15 .07 .06 .77 .05 .09 .3 .03 .09 .04 .23 .7 .09 .27 .71 .08 .26 .08 .16
.09 .13 .1 .08 .11 .33 .11 .28 .07 .1 .32 .22 .07 .05 .24 .38 .1 .15 .08 .14 .1 .07 .04 .19 .56 .14
.58 .32 .82 .74 .15 .47 .17 .44 .15 .5 .48
"""
NDKA = """
3.01 8.54 8.09 10.42 17.4 12.75 6 13.2 15.54 6.01 15.96 17.86 5.18 8.9 13.41 20.75 11.6 16.11 32.37
54.82 32.41 49.94 40.34 9.47 6.29 12.53 6.54 6.3 80.3 12.8 9.8 9.81 9.85 18.21 5.03 14.04 21.93 8.02
7.42 8.38 6.59 9.63 13.12 7.96 14.34 41.43 7.63 7.06 12.59 13.56 3.87 9.44 7.66 12.98 419.19 27.19
22.27 9.95 21.22 11.73 10.4 58.83 6.39 11.09 12.22 13.67 17.21 22.63 12.9 9.7 21.57 8.23 72.57 15.54
10.51 10.6 14.57 5.19 9.63 4.61 21.48 17.3 12.71 9.44 11.07 19.46 10.83 5.37 11.97 7.75 9.83 10.55
28.49 8.53 12.57 12.9 46.83 11.68 12.67 9.01 9.57 34.06 11.72 14.26 47.61 11.67 24.58 10.33 13.87
15.89 22.43 6.79 13.45
"""


@pytest.fixture(scope="module")
def asah() -> dict[str, np.ndarray]:
    return {
        "poor": np.array([int(digit) for digit in POOR]),
        "wfns": np.array([float(digit) for digit in WFNS]),
        "s100b": np.array(S100B.split(), dtype=float),
        "ndka": np.array(NDKA.split(), dtype=float),
    }


# What pROC 1.19 is held to on aSAH: its tests/testthat/test-auc.R, test-var.R, test-cov.R and
# test-roc.test.R (Robin et al. (2011), BMC Bioinformatics 12:77).
PROC_AUC = {"wfns": 0.823678861788618, "ndka": 0.611957994579946, "s100b": 0.731368563685637}
PROC_VARIANCE = {
    "wfns": 0.00146991470882363,
    "ndka": 0.0031908105493913,
    "s100b": 0.00266868245717244,
}


@pytest.mark.parametrize(
    ("a", "b", "published"),
    [
        ("wfns", "s100b", (0.00119615567376754, 2.20898359144091, 0.0271757822291882)),
        ("wfns", "ndka", (-0.000532967856762438, 2.79777591868904, 0.00514557970691098)),
        ("ndka", "s100b", (-0.000756164938056579, -1.39077002573558, 0.164295175223054)),
    ],
)
def test_delong_gives_what_is_published_with_proc(
    asah: dict[str, np.ndarray], a: str, b: str, published: tuple[float, float, float]
) -> None:
    found = compare_auc(asah["poor"], asah[a], asah[b])
    assert (found.auc_a, found.auc_b) == pytest.approx((PROC_AUC[a], PROC_AUC[b]), rel=1e-12)
    assert found.variance_a == pytest.approx(PROC_VARIANCE[a], rel=1e-12)
    assert found.variance_b == pytest.approx(PROC_VARIANCE[b], rel=1e-12)
    # Covariance of the two AUCs, z and p.
    assert (found.covariance, found.z, found.p) == pytest.approx(published, rel=1e-11)


def test_the_interval_of_a_difference_in_auc_is_the_one_published_with_proc(
    asah: dict[str, np.ndarray],
) -> None:
    found = compare_auc(asah["poor"], asah["wfns"], asah["s100b"])
    published = (0.0104061769564846, 0.174214419249478)
    assert (found.low, found.high) == pytest.approx(published, rel=1e-11)


def test_a_network_does_not_differ_from_itself() -> None:
    y_true, probability = draw(1)
    found = compare_auc(y_true, probability, probability**2)  # the same order of films
    assert (found.difference, found.low, found.high) == pytest.approx((0, 0, 0), abs=1e-9)
    assert (found.z, found.p) == (0.0, 1.0)


def test_delong_without_two_films_a_class_is_not_defined() -> None:
    found = compare_auc([0, 1, 1], [0.1, 0.4, 0.8], [0.5, 0.4, 0.8])
    assert (found.auc_a, found.auc_b) == (1.0, 0.5)
    assert math.isnan(found.p)
    assert math.isnan(found.low)
    assert math.isnan(compare_auc([1, 1], [0.1, 0.4], [0.5, 0.4]).auc_a)
    perfect_against_hopeless = compare_auc([0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0])
    assert perfect_against_hopeless.difference == 1.0
    assert math.isnan(perfect_against_hopeless.p)


def count_as_films(both: int, only_a: int, only_b: int, neither: int) -> list[np.ndarray]:
    """Return labels and two networks' calls with so many films judged right by whom."""
    labels = np.ones(both + only_a + only_b + neither, dtype=int)
    right_a = np.repeat([1, 1, 0, 0], [both, only_a, only_b, neither])
    right_b = np.repeat([1, 0, 1, 0], [both, only_a, only_b, neither])
    return [labels, right_a, right_b]


def test_mcnemar_gives_the_published_p_of_approval_ratings() -> None:
    """Agresti (1990), p. 350: 794, 150, 86, 570; p as R's `mcnemar.test` prints it."""
    found = compare_decisions(*count_as_films(794, 150, 86, 570))
    assert (found.only_a_right, found.only_b_right, found.exact) == (150, 86, False)
    assert found.p == pytest.approx(4.114562e-05, rel=1e-6)


def test_mcnemar_with_few_discordant_films_is_exact() -> None:
    found = compare_decisions(*count_as_films(20, 8, 2, 3))
    assert (found.only_a_right, found.only_b_right, found.exact) == (8, 2, True)
    assert found.p == pytest.approx(2 * (1 + 10 + 45) / 2**10)
    assert compare_decisions(*count_as_films(20, 15, 9, 0)).exact
    assert not compare_decisions(*count_as_films(20, 16, 9, 0)).exact
    assert compare_decisions(*count_as_films(5, 0, 0, 1)).p == 1.0
