"""What a file itself, and simple measures of its pixels, say against a score of its film."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pneumo.domain import ADULT, Radiograph
from pneumo.intake import read_radiograph
from pneumo.intake.mending import mend
from pneumo.intake.pixel_quality import Range, find_pixel_concerns, measure_pixels
from pneumo.intake.quality import FilmFile, find_doubts, find_file_concerns
from pneumo.intake.shades import IN_COLOUR
from tests.intake.synthetic_films import dicom, ramp

FRONTAL = Radiograph(
    np.zeros((300, 400), np.float32), "dicom", "DICOM, uncompressed", 12, view="AP", modality="DX"
)


def test_a_frontal_film_raises_no_doubt() -> None:
    assert find_doubts(FRONTAL) == ()
    assert find_doubts(replace(FRONTAL, view=None, modality=None)) == ()
    assert find_doubts(replace(FRONTAL, body_part="CHEST 1 VIEW", age_years=3)) == ()


@pytest.mark.parametrize(
    ("change", "word", "refuses"),
    [
        ({"modality": "CT"}, "modality CT (computed tomography)", True),
        ({"view": "LL"}, "view LL", True),
        ({"body_part": "HAND"}, "body part HAND", True),
        ({"body_part": "T SPINE"}, "body part T SPINE", True),
        ({"body_part": "WHOLEBODY"}, "body part WHOLEBODY", False),
        ({"age_years": ADULT}, "18 years or more", False),
        ({"age_years": 9}, "an age of 9 years", False),
        ({"age_years": 0}, "under 1 year", False),
        ({"notes": (IN_COLOUR,)}, "holds colour", False),
        ({"pixels": np.zeros((100, 200), np.float32)}, "200 x 100", False),
        ({"pixels": np.zeros((200, 900), np.float32)}, "4.50 times as wide", False),
    ],
)
def test_each_doubt_says_what_was_found(change: dict, word: str, refuses: bool) -> None:
    (concern,) = find_file_concerns(FilmFile.of(replace(FRONTAL, **change)))
    assert word in concern.message
    assert concern.refuses is refuses


def test_outside_the_population_is_said_in_those_words() -> None:
    (concern,) = find_file_concerns(FilmFile.of(replace(FRONTAL, age_years=ADULT)))
    assert "outside the population that the networks were trained on" in concern.message
    assert (concern.value, concern.threshold) == (18.0, 5.0)


@pytest.fixture
def film() -> np.ndarray:
    """A square of smooth greys with some grain."""
    rows, columns = np.mgrid[:224, :224] / 223
    grain = np.random.default_rng(1).normal(0, 0.02, (224, 224))
    return np.clip(0.2 + 0.3 * rows + 0.3 * columns + grain, 0, 1).astype(np.float32)


def test_measures_tell_a_border_a_cover_and_a_blur(film: np.ndarray) -> None:
    whole = measure_pixels(film)
    assert whole["border"] == 0
    framed, covered = np.zeros_like(film), film.copy()
    framed[22:-22, 22:-22] = film[22:-22, 22:-22]
    covered[70:150, 70:150] = 0.0
    assert measure_pixels(framed)["border"] == pytest.approx(1 - (180 / 224) ** 2)
    assert measure_pixels(covered)["cover"] == pytest.approx((80 / 112) ** 2, abs=0.01)
    smooth = (film + np.roll(film, 1, 0) + np.roll(film, 1, 1) + np.roll(film, (1, 1), (0, 1))) / 4
    assert measure_pixels(smooth)["sharpness"] < whole["sharpness"] - 0.2


def test_blank_film_is_measured_without_a_warning() -> None:
    measures = measure_pixels(np.zeros((224, 224), np.float32))
    assert measures["border"] == measures["cover"] == measures["black"] == 1.0


@pytest.mark.parametrize("shade", [0.0, 1.0])
def test_border_is_told_as_a_border_and_not_as_exposure(film: np.ndarray, shade: float) -> None:
    framed = np.full_like(film, shade)
    framed[30:-30, 10:-40] = film[30:-30, 10:-40]
    inside, measures = measure_pixels(film[30:-30, 10:-40]), measure_pixels(framed)
    assert measures["border"] == pytest.approx(1 - 164 * 174 / 224**2)
    assert {**measures, "border": 0.0} == pytest.approx(inside)
    assert measures["white"] < 0.01 > measures["black"]


def test_picture_that_is_nearly_all_border_is_measured_whole() -> None:
    dot = np.ones((224, 224), np.float32)
    dot[100:103, 100:103] = 0.0
    measures = measure_pixels(dot)
    assert measures["border"] == pytest.approx(1 - 9 / 224**2)
    assert measures["white"] == pytest.approx(1 - 9 / 224**2)


def test_only_what_lies_beyond_its_range_is_named() -> None:
    ranges = {"black": Range(high=0.3), "sharpness": Range(-1.0, 0.0), "border": Range(high=0.2)}
    measures = {"black": 0.2, "sharpness": -1.5, "border": 0.36}
    blurred, framed = find_pixel_concerns(measures, ranges)
    assert (blurred.name, framed.name) == ("blurred", "mostly border")
    assert (framed.value, framed.threshold) == (0.36, 0.2)
    assert "36%" in framed.message
    assert not framed.refuses


def test_mended_film_is_another_film_with_a_note() -> None:
    pixels = np.arange(6, dtype=np.float32).reshape(2, 3) / 5
    film = replace(FRONTAL, pixels=pixels, spacing_mm=(0.1, 0.2), notes=("Windowed.",))
    turned = mend(film, "rotate 90")
    np.testing.assert_array_equal(turned.pixels, np.rot90(pixels))
    assert turned.spacing_mm == (0.2, 0.1)
    assert turned.notes == ("Windowed.", "Turned by 90 degrees anticlockwise by the reader.")
    assert turned.fingerprint != film.fingerprint
    assert not turned.pixels.flags.writeable
    np.testing.assert_array_equal(mend(turned, "rotate 270").pixels, pixels)
    np.testing.assert_allclose(mend(film, "invert").pixels, 1 - pixels)
    assert mend(film, "") is film


@pytest.mark.parametrize(
    ("age", "years"),
    [("004Y", 4), ("034Y", ADULT), ("030M", 2), ("006M", 0), ("020D", 0), ("4", None), ("", None)],
)
def test_age_of_a_dicom_file_is_read_in_whole_years_and_no_more(
    age: str, years: int | None
) -> None:
    film = read_radiograph(dicom(ramp(), PatientAge=age, BodyPartExamined="CHEST"))
    assert (film.age_years, film.body_part) == (years, "CHEST")
