"""Visits to the page Performance."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pneumo import ENSEMBLE, DataSetError
from pneumo.ui.evidence.history import read_history
from tests.app.conftest import LABELS, PROBABILITY, write_scores
from tests.conftest import draw_film

PAGE = "pages/evidence/performance.py"


@pytest.fixture
def visit(app: AppTest, models: Path) -> AppTest:
    write_scores(models)
    return app.switch_page(PAGE)


def tiles(app: AppTest) -> dict[str, tuple[str, str]]:
    return {found.label: (found.value, found.delta) for found in app.metric}


def words(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.error, app.warning, app.info, app.text)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def threshold(app: AppTest) -> Any:
    return app.select_slider(key="threshold")


def test_every_metric_comes_with_its_interval_and_the_films_with_their_number(
    visit: AppTest,
) -> None:
    visit.run()
    assert not visit.exception
    found = tiles(visit)
    assert found["Accuracy"][0] == "80.0%"
    assert found["Recall (sensitivity)"][0] == "80.0%"
    assert found["AUC-ROC"][0] == "0.920"
    assert all(" to " in interval for _, interval in found.values())
    assert "**10 films** of 5 patient groups" in words(visit)
    assert "n = 10 films: 5 pneumonia, 5 normal" in words(visit)
    assert "Not a medical device" in visit.warning[0].value
    assert "test films chose nothing" in words(visit)
    assert "optimistic" not in words(visit)
    assert "All together were not trained" in words(visit)


def test_named_operating_point_moves_the_slider_and_all_numbers(visit: AppTest) -> None:
    visit.run()
    visit.segmented_control(key="operating point").set_value("rule-out").run()
    assert threshold(visit).value == "10.0%"
    assert tiles(visit)["Recall (sensitivity)"][0] == "100.0%"
    assert tiles(visit)["Specificity"][0] == "60.0%"
    assert visit.segmented_control(key="operating point").value == "rule-out"


def test_moved_slider_belongs_to_no_named_point_unless_it_stands_on_one(visit: AppTest) -> None:
    visit.run()
    threshold(visit).set_value("59.5%").run()
    assert visit.segmented_control(key="operating point").value is None
    assert tiles(visit)["Recall (sensitivity)"][0] == "60.0%"
    threshold(visit).set_value("90.0%").run()
    assert visit.segmented_control(key="operating point").value == "rule-in"


def test_chosen_threshold_outlives_a_change_of_network(visit: AppTest) -> None:
    visit.session_state["operating point"] = None
    visit.session_state["threshold"] = "33.0%"
    visit.run()
    visit.selectbox(key="network").set_value("second").run()
    assert not visit.exception
    assert threshold(visit).value == "33.0%"


def test_rarer_pneumonia_makes_alarms_worth_less_but_not_likelihood_ratios(
    visit: AppTest,
) -> None:
    visit.run()
    before = tiles(visit)
    prevalence = next(found for found in visit.select_slider if "Prevalence" in found.label)
    assert prevalence.value == "50.0%"
    assert before["PPV"][0] == "80.0%"
    prevalence.set_value("10.0%").run()
    after = tiles(visit)
    assert after["PPV"][0] == "30.8%"
    assert after["LR+"] == before["LR+"]
    assert "80 are found, 20 missed" in words(visit)
    assert "80 of the 260 alarms are right" in words(visit)


def test_cell_of_the_confusion_matrix_lists_its_films(visit: AppTest) -> None:
    visit.run()
    assert list(visit.dataframe[0].value["File"]) == ["film6.jpeg"]
    visit.segmented_control(key="cell").set_value("TN").run()
    films = visit.dataframe[0].value
    assert list(films["File"]) == ["film3.jpeg", "film2.jpeg", "film1.jpeg", "film0.jpeg"]
    assert films["Probability (%)"].tolist() == pytest.approx([20, 5, 3, 2])
    assert films["Rule-out"].tolist() == ["PNEUMONIA", "NORMAL", "NORMAL", "NORMAL"]
    assert set(films["Official label"]) == {"NORMAL"}


def test_cell_without_films_says_so(visit: AppTest) -> None:
    visit.session_state["operating point"] = None
    visit.session_state["threshold"] = "0.0%"
    visit.run()
    assert not visit.exception
    assert "none of the 10 films at 0.0%" in words(visit)


def test_without_a_copy_of_the_data_the_page_says_how_to_set_one(
    visit: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PNEUMO_DATA", raising=False)
    visit.run()
    assert "PNEUMO_DATA" in words(visit)
    assert not visit.image


def choose_first_missed_film(visit: AppTest) -> None:
    visit.session_state["films ensemble test FN 0.500000"] = {
        "selection": {"rows": [0], "columns": [], "cells": []}
    }
    visit.run()
    assert "Where the networks looked" not in visit.subheader.values
    next(found for found in visit.button if found.label.startswith("Show the film")).click()
    visit.run()


def test_chosen_film_is_shown_with_its_heat_map_from_the_visitors_copy(
    visit: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "test" / "PNEUMONIA"
    folder.mkdir(parents=True)
    draw_film(1, 6).save(folder / "film6.jpeg")
    monkeypatch.setenv("PNEUMO_DATA", str(tmp_path / "data"))
    choose_first_missed_film(visit)
    assert not visit.exception
    assert not visit.error
    assert "Where the networks looked" in visit.subheader.values
    assert "In the table: 30.0%" in words(visit)


def test_film_that_the_copy_lacks_is_named(
    visit: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PNEUMO_DATA", str(tmp_path))
    choose_first_missed_film(visit)
    assert not visit.exception
    assert "film6.jpeg" in visit.error[0].value
    assert "PNEUMO_DATA" in visit.error[0].value
    assert str(tmp_path) not in visit.error[0].value


def remove(path: Path) -> None:
    path.unlink()


def write_prose(path: Path) -> None:
    path.write_text("no table at all")


def write_header_only(path: Path) -> None:
    path.write_text("file,label,group,probability\n")


def write_certainty_beyond_one(path: Path) -> None:
    path.write_text(path.read_text().replace("0.99", "1.99"))


def cut_off(path: Path) -> None:
    path.write_text(path.read_text()[:-12])


@pytest.mark.parametrize(
    "damage", [remove, write_prose, write_header_only, write_certainty_beyond_one, cut_off]
)
def test_unusable_scores_name_the_command_that_makes_them(
    visit: AppTest, models: Path, damage: Callable[[Path], None]
) -> None:
    damage(models / ENSEMBLE / "scores_test.csv")
    visit.run()
    assert not visit.exception
    assert "python -m pneumo evaluate" in visit.error[0].value
    assert not visit.metric


def test_no_scores_at_all_name_the_command_that_makes_them(app: AppTest) -> None:
    app.switch_page(PAGE).run()
    assert not app.exception
    assert "python -m pneumo evaluate" in app.error[0].value


def test_networks_scored_on_other_films_are_told_and_the_rest_is_shown(
    visit: AppTest, models: Path
) -> None:
    write_scores(models, names=["second"], first=3)
    visit.run()
    assert not visit.exception
    assert any("different films" in warning.value for warning in visit.warning)
    assert tiles(visit)["Accuracy"][0] == "80.0%"


def test_film_scored_since_is_read_without_a_restart(visit: AppTest, models: Path) -> None:
    visit.run()
    write_scores(models, labels=(*LABELS, 1), probability=(*PROBABILITY, 0.9))
    visit.run()
    assert "**11 films**" in words(visit)


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_split_says_so(app: AppTest, models: Path, label: int) -> None:
    write_scores(models, labels=[label] * len(PROBABILITY))
    app.switch_page(PAGE).run()
    assert not app.exception
    assert not app.error
    assert any("same label" in warning.value for warning in app.warning)
    assert tiles(app)["AUC-ROC"] == ("not defined", "no interval")
    assert "need films of both classes" in words(app)
    assert "PPV" not in tiles(app)


def test_single_film_gives_sensible_text(app: AppTest, models: Path) -> None:
    write_scores(models, labels=[1], probability=[0.7])
    app.switch_page(PAGE).run()
    assert not app.exception
    assert not app.error
    assert "**1 film** of 1 patient group:" in words(app)
    assert tiles(app)["Specificity"][0] == "not defined"


def test_held_out_films_come_with_the_caveat_that_they_chose_the_thresholds(
    visit: AppTest, models: Path
) -> None:
    write_scores(models, split="validation")
    visit.session_state["split"] = "validation"
    visit.run()
    assert not visit.exception
    assert "optimistic" in words(visit)


def write_history(models: Path, text: str) -> None:
    header = "epoch,side,loss,validation_loss,validation_auc,seconds,kept\n"
    (models / "first" / "history.csv").write_text(header + text)


def test_single_network_shows_its_training_curves(visit: AppTest, models: Path) -> None:
    write_history(models, "1,112,0.5,0.4,0.9,30,True\n2,224,0.4,0.3,0.8,60,False\n")
    visit.session_state["network"] = "first"
    visit.run()
    assert not visit.exception
    assert "the epoch that was kept, 1." in words(visit)


def test_missing_history_is_told_in_words(visit: AppTest) -> None:
    visit.session_state["network"] = "first"
    visit.run()
    assert not visit.exception
    assert any("python -m pneumo train" in info.value for info in visit.info)


@pytest.mark.parametrize("text", ["", "1,112,0.5\n", "1,112,x,0.4,0.9,30,True\n"])
def test_damaged_history_names_the_command_that_makes_it(models: Path, text: str) -> None:
    write_history(models, text)
    with pytest.raises(DataSetError, match="python -m pneumo train --data DIR --model first"):
        read_history(models / "first")


def test_probabilities_near_the_threshold_are_called_as_the_named_point_calls_them(
    app: AppTest, models: Path
) -> None:
    """The slider shows 50.0%; what counts is the threshold itself."""
    write_scores(models, probability=np.where(np.array(LABELS) == 1, 0.5, 0.4999))
    app.switch_page(PAGE).run()
    assert tiles(app)["Accuracy"][0] == "100.0%"
