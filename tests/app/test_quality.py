"""Films on the page Analyze that the gate warns about, mends or refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pneumo.decision.conformal import Conformal, Level
from pneumo.decision.ensemble import read_plan
from pneumo.decision.gate import Gate
from pneumo.decision.sight import Lens
from pneumo.decision.thresholds import Thresholds
from pneumo.domain import Concern, FilmQuality
from pneumo.networks.poses import POSES
from pneumo.ui.session import Visit
from tests.app.conftest import TITLES, FilmBytes

PNG = "image/png"
BACK = "Back to the film as chosen"


def give_gate(models: Path, *, pose: int = 0, refuses: bool = False) -> None:
    """Give the tiny networks a gate that sees every film in one pose, or refuses every film."""
    poses = np.zeros((2, len(POSES) + 1), np.float32)
    poses[-1, pose], poses[-1, -1] = 9.0, -9.0
    member = next(m for m in read_plan(models).members if m.name == next(iter(TITLES)))
    Gate(
        network=member.name,
        weights_sha256=member.weights_sha256,
        taps=(("scaled", 1),),
        ranges={},
        thresholds=Thresholds(2.0, 4.0, 3.0, 0.0, 1.0, 0.5, 3.0, 0.0, -8.0, 0.5),
        lens=Lens(
            mean=np.zeros(6, np.float32),
            scale=np.ones(6, np.float32),
            centres=np.full((2, 1), -8.0 if refuses else 0.0, np.float32),
            whiten=np.ones((2, 1, 1), np.float32),
            project=np.zeros((6, 1), np.float32),
            poses=poses,
            mirror=np.array([0.0, -1.0], np.float32),
        ),
        fitted_on={},
        measured={"held-out films refused": {"value": 0.0, "low": 0.0, "high": 0.01, "n": 1053}},
    ).save(models)


def button(app: AppTest, label: str) -> Any:
    return next(found for found in app.button if found.label == label)


def words(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.text, app.error, app.warning, app.info, app.header)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def read(app: AppTest, *films: tuple[str, bytes]) -> AppTest:
    app.run()
    app.file_uploader[0].set_value([(name, data, PNG) for name, data in films]).run()
    button(app, "Analyze Image").click()
    return app.run()


def visit(app: AppTest) -> Visit:
    found: Visit = app.session_state["visit"]
    return found


def film(film_bytes: FilmBytes) -> bytes:
    return film_bytes(rows=180, columns=200)


def test_without_a_gate_the_page_says_so_and_shows_the_verdict(
    app: AppTest, film_bytes: FilmBytes
) -> None:
    read(app, ("child.png", film(film_bytes)))
    assert not app.exception
    assert "The gate that looks at the film itself is not there" in words(app)
    assert app.metric


def test_fine_film_is_shown_with_its_distance_and_threshold(
    app: AppTest, models: Path, film_bytes: FilmBytes
) -> None:
    give_gate(models)
    read(app, ("child.png", film(film_bytes)))
    assert not app.exception
    assert "fine" in next(found.label for found in app.expander if "gate" in found.label)
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Warned about from"] == "2.00"
    assert float(shown["Distance from the training films"]) < 2
    assert "n = 1,053" in words(app)


def test_refused_film_has_no_verdict_before_it_is_asked_for_all_the_same(
    app: AppTest, models: Path, film_bytes: FilmBytes
) -> None:
    give_gate(models, refuses=True)
    read(app, ("cat.png", film(film_bytes)))
    assert not app.exception
    assert "oo unlike the training films" in app.error[0].value
    assert not app.header
    assert "Probability of PNEUMONIA" not in [metric.label for metric in app.metric]
    before = visit(app).readings[0].film.picture
    button(app, "Show the networks' answer all the same").click().run()
    assert not app.exception
    assert "PNEUMONIA" in app.header[0].value
    assert "REFUSED BY THE GATE" in app.error[0].value
    after = visit(app).readings[0].film.picture
    assert after.shape == before.shape
    changed = np.flatnonzero((after != before).any(axis=1))
    assert changed[0] > 0.8 * len(after)  # The words stand at the foot.


def test_refused_film_among_others_is_listed_without_a_verdict(
    app: AppTest, models: Path, film_bytes: FilmBytes
) -> None:
    give_gate(models, refuses=True)
    read(app, ("one.png", film(film_bytes)), ("two.png", film_bytes(2, rows=180, columns=200)))
    table = app.dataframe[0].value
    assert list(table["Verdict"]) == ["none: refused"] * 2
    assert list(table["Probability of pneumonia"]) == [""] * 2


def test_film_that_stands_on_its_head_is_turned_by_one_press_and_back_by_another(
    app: AppTest, models: Path, film_bytes: FilmBytes
) -> None:
    give_gate(models, pose=2)
    read(app, ("child.png", film(film_bytes)))
    assert "The film looks upside down" in words(app)
    assert "PNEUMONIA" in app.header[0].value  # A warning hides nothing.
    first = visit(app).readings[0].film.radiograph
    button(app, "Rotate by half a turn").click().run()
    assert not app.exception
    turned = visit(app).readings[0].film.radiograph
    np.testing.assert_array_equal(turned.pixels, np.rot90(first.pixels, 2))
    assert turned.fingerprint != first.fingerprint
    assert "Turned by 180 degrees by the reader." in words(app)
    button(app, BACK).click().run()
    assert visit(app).readings[0].film.radiograph is first
    assert BACK not in [found.label for found in app.button]


def test_film_with_no_concern_can_be_turned_and_what_was_done_is_told_at_its_shortest(
    app: AppTest, film_bytes: FilmBytes
) -> None:
    read(app, ("child.png", film(film_bytes)))
    first = visit(app).readings[0].film.radiograph
    for label in ("Rotate to the left", "Invert", "Rotate to the left"):
        button(app, label).click().run()
        assert not app.exception
    shown = visit(app).readings[0].film
    assert shown.mends == ("rotate 180", "invert")
    np.testing.assert_array_equal(shown.radiograph.pixels, 1 - np.rot90(first.pixels, 2))
    assert "Turned by 180 degrees by the reader. Inverted by the reader." in words(app)
    button(app, "Invert").click().run()
    assert visit(app).readings[0].film.mends == ("rotate 180",)
    button(app, "Rotate by half a turn").click().run()
    assert visit(app).readings[0].film.radiograph is first
    assert BACK not in [found.label for found in app.button]


def test_refused_film_that_is_turned_can_be_mended_before_and_after_the_override(
    app: AppTest, models: Path, film_bytes: FilmBytes
) -> None:
    give_gate(models)
    read(app, ("child.png", film(film_bytes)))
    turned = Concern("upside down", "It looks upside down.", remedy="rotate 180")
    quality = FilmQuality.of([Concern("no film", "It is none.", refuses=True), turned])
    reading = visit(app).readings[0]
    refused = replace(reading, analysis=replace(reading.analysis, quality=quality))
    visit(app).readings = (refused,)
    app.run()
    assert "Besides: upside down." in words(app)
    key = "remedy rotate 180 1 0"
    assert key in [found.key for found in app.button]
    button(app, "Show the networks' answer all the same").click().run()
    assert "PNEUMONIA" in app.header[0].value
    next(found for found in app.button if found.key == key).click().run()
    assert not app.exception
    assert visit(app).readings[0].film.mends == ("rotate 180",)
    assert not visit(app).readings[0].film.overridden


def test_damaged_gate_costs_the_gate_and_not_the_verdict(
    app: AppTest, models: Path, film_bytes: FilmBytes
) -> None:
    give_gate(models)
    (models / "gate.json").write_text("{")
    read(app, ("child.png", film(film_bytes)))
    assert not app.exception
    assert "fit the gate anew" in words(app)
    assert "PNEUMONIA" in app.header[0].value


@pytest.mark.parametrize("least", [(0.9, 0.9), (0.1, 0.1)])
def test_what_cannot_be_ruled_out_is_shown_with_its_measured_coverage(
    app: AppTest, models: Path, film_bytes: FilmBytes, least: tuple[float, float]
) -> None:
    rate = {"value": 0.8, "low": 0.7, "high": 0.85, "n": 624}
    found = {"covered": rate, "covered_by_class": {"NORMAL": rate}, "undecided": 0.1}
    Conformal(
        read_plan(models).version,
        (Level(0.95, least, (100, 100)),),
        {"0.95": {"test": found}},
    ).save(models)
    read(app, ("child.png", film(film_bytes)))
    assert not app.exception
    assert "At 95% coverage: PNEUMONIA and NORMAL" in words(app)
    assert "80.0% (70.0% to 85.0%) of 624 films covered" in words(app)
    assert "less than stated for NORMAL" in words(app)
