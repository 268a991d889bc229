"""The pictures and words that pages show."""

from __future__ import annotations

import numpy as np
import pytest

from pneumo import Explanation, OperatingPoint, Prediction, Radiograph, Verdict
from pneumo.ui import wording
from pneumo.ui.figures import reading as figures
from pneumo.ui.pictures import LONGEST_SIDE, draw_colour_bar, lay_heat_map, show_film


def radiograph(rows: int, columns: int, **known: object) -> Radiograph:
    pixels = np.full((rows, columns), 0.5, dtype=np.float32)
    return Radiograph(pixels, "picture", "PNG", 8, **known)  # type: ignore[arg-type]


def predict(probability: float, verdict: Verdict, point: str = "balanced") -> Prediction:
    leaning = Verdict.PNEUMONIA if probability >= 0.5 else Verdict.NORMAL
    at = OperatingPoint(point, 0.5, (0.4, 0.6), 0.9, 0.8, 100)
    return Prediction(verdict, leaning, probability, (), 0.0, False, at, "abc")


@pytest.mark.parametrize(("rows", "columns"), [(60, 90), (2000, 1000), (33, 3000)])
def test_film_keeps_its_proportions(rows: int, columns: int) -> None:
    shown = show_film(radiograph(rows, columns))
    assert max(shown.shape) <= LONGEST_SIDE
    assert shown.shape[0] == pytest.approx(shown.shape[1] * rows / columns, abs=1)


def test_oblong_pixels_are_shown_square() -> None:
    assert show_film(radiograph(100, 100, spacing_mm=(0.2, 0.1))).shape == (100, 50)


def test_synthetic_film_carries_the_word_in_its_pixels() -> None:
    plain, marked = (show_film(radiograph(448, 576), synthetic=flag) for flag in (False, True))
    assert (plain != marked).any()
    assert marked[-20:].max() > 200


def test_evidence_colours_the_film_only_where_it_is() -> None:
    evidence = np.array([[1.0, 0.0], [0.0, -1.0]], dtype=np.float32)
    explanation = Explanation("first", "First", evidence)
    film = show_film(radiograph(100, 100))
    grey = np.repeat(film[..., np.newaxis], 3, axis=2)
    for_pneumonia = lay_heat_map(film, explanation, Verdict.PNEUMONIA, opacity=1.0)
    for_normal = lay_heat_map(film, explanation, Verdict.NORMAL, opacity=1.0)
    assert (for_pneumonia[0, 0] != grey[0, 0]).any()
    assert (for_pneumonia[-1, -1] == grey[-1, -1]).all()
    assert (for_normal[-1, -1] != grey[-1, -1]).any()
    assert (for_pneumonia[0, 0] == draw_colour_bar(Verdict.PNEUMONIA)[0, -1]).all()
    hidden = lay_heat_map(film, explanation, Verdict.PNEUMONIA, opacity=0.0)
    assert (hidden == grey).all()


@pytest.mark.parametrize("verdict", [Verdict.PNEUMONIA, Verdict.NORMAL])
def test_colour_scale_grows_evenly_brighter(verdict: Verdict) -> None:
    brightness = draw_colour_bar(verdict)[0].astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(brightness) > -1).all()


def test_indeterminate_film_is_said_to_lean_and_not_to_be_ill() -> None:
    said = wording.explain_verdict(predict(0.55, Verdict.INDETERMINATE))
    assert "too close" in said
    assert said.endswith("It leans towards PNEUMONIA.")


def test_positive_film_at_rule_out_comes_with_a_caution() -> None:
    said = wording.explain_verdict(predict(0.7, Verdict.PNEUMONIA, "rule-out"))
    assert "many normal films are called PNEUMONIA too" in said


def test_distribution_adds_up_to_one_hundred() -> None:
    figure = figures.draw_distribution(predict(0.7, Verdict.PNEUMONIA))
    assert sum(figure.data[0].x) == pytest.approx(100)
    assert figure.layout.xaxis.title.text == "Calibrated probability (%)"
