"""Visits to the page Agreement, and the language model's rows on the networks' pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pneumo.opinion.agreement import Concord
from pneumo.opinion.surveys import COLUMNS, OPINIONS, write_survey
from tests.app.conftest import TITLES, write_scores
from tests.app.test_performance import words
from tests.app.test_start import run

PAGE = "pages/evidence/agreement.py"

# With the scores of test_performance: label, the network at 0.5, and the language model.
LABELS = (0, 0, 0, 0, 0, 1, 1, 1, 1, 1)
ANSWERS = (
    "NORMAL", "NORMAL", "PNEUMONIA", "INDETERMINATE", "PNEUMONIA",
    "PNEUMONIA", "NORMAL", "PNEUMONIA", "NORMAL", "",
)  # fmt: skip


def survey_films(models: Path, slug: str = "a-b-v1", *, split: str = "test", n: int = 10) -> Path:
    table = pd.DataFrame(
        {
            "file": [f"film{k}.jpeg" for k in range(10)],
            "label": LABELS,
            "group": [f"IM-{k // 2}" for k in range(10)],
            "verdict": ANSWERS,
            "problem": ["" if answer else "refused" for answer in ANSWERS],
            "consistency": np.nan,
            "tokens_in": 1000,
            "tokens_out": 200,
            "cost_usd": 0.0036,
            "latency_s": 2.5,
        }
    )[list(COLUMNS)]
    facts = {
        "title": f"{slug} (Somebody, prompt v1)",
        "split": split,
        "model": "b",
        "provider": "a",
        "host": "api.example.org",
        "prompt": {"name": "radiologist", "version": "v1", "sha256": "0" * 64},
        "films_planned": 10,
        "started_at": "2026-01-02T03:04:05+00:00",
    }
    folder = models / OPINIONS / slug
    folder.mkdir(parents=True, exist_ok=True)
    write_survey(folder, table[:n], facts)
    return folder


@pytest.fixture
def visit(app: AppTest, models: Path) -> AppTest:
    write_scores(models)
    survey_films(models)
    return app.switch_page(PAGE)


def tables(app: AppTest) -> dict[str, list[str]]:
    return {
        str(name): [str(value) for value in column]
        for table in app.table
        for name, column in table.value.items()
    }


def test_without_a_survey_the_page_says_what_to_run(app: AppTest, models: Path) -> None:
    write_scores(models)
    app.switch_page(PAGE).run()
    assert not app.exception
    assert not app.error
    said = words(app)
    assert "nothing to compare" in said
    assert "--provider ollama" in said
    assert "OPENAI_API_KEY" in said
    assert not app.metric


def test_kappa_comes_with_its_interval_and_n(visit: AppTest) -> None:
    visit.run()
    assert not visit.exception
    found = {metric.label: (metric.value, metric.delta) for metric in visit.metric}
    # Of 8 films with a verdict 6 alike; by chance (4 x 4 + 4 x 4) / 64 of them.
    assert found["Same verdict"][0] == "75.0%"
    assert found["Kappa, films with a verdict"][0] == "0.500"
    assert found["Kappa, all films"][0] != "0.500"
    assert "n = 8" in found["Kappa, films with a verdict"][1]
    assert "n = 10" in found["Kappa, all films"][1]
    assert "would say the same of 50.0%" in words(visit)
    assert "**moderate**" in words(visit)


def test_each_state_says_who_is_right_how_often(visit: AppTest) -> None:
    visit.run()
    found = tables(visit)
    assert len(found["State"]) == len(Concord)
    assert found["Films"][:4] == ["3", "3", "1", "1"]
    assert [cell.split()[0] for cell in found["All together right"]] == [
        "66.7%", "66.7%", "100.0%", "100.0%",
    ]  # fmt: skip
    assert found["Language model right"][3].startswith("0.0%")


def test_normal_films_called_pneumonia_are_told(visit: AppTest) -> None:
    visit.run()
    assert "Of the **5 normal films** it calls **40.0%" in words(visit)


def test_films_of_a_cell_are_listed(visit: AppTest) -> None:
    visit.run()
    assert list(visit.dataframe[0].value["Film"]) == ["film2.jpeg"]
    visit.selectbox(key="agreement cell").set_value(("no answer", "PNEUMONIA")).run()
    shown = visit.dataframe[0].value
    assert list(shown["Film"]) == ["film9.jpeg"]
    assert list(shown["Why"]) == ["refused"]


def test_other_network_and_operating_point_move_the_numbers(visit: AppTest) -> None:
    visit.run()
    visit.selectbox(key="agreement point").set_value("rule-in").run()
    visit.selectbox(key="agreement network").set_value("second").run()
    assert not visit.exception
    assert f"{TITLES['second']} right" in tables(visit)
    assert {metric.label: metric.value for metric in visit.metric}["Same verdict"] != "75.0%"


def test_the_label_can_take_the_networks_place(visit: AppTest) -> None:
    visit.run()
    visit.segmented_control(key="agreement side").set_value("label").run()
    assert not visit.exception


def test_unfinished_survey_says_so(app: AppTest, models: Path) -> None:
    write_scores(models)
    survey_films(models, n=7)
    app.switch_page(PAGE).run()
    assert any("7 of 10 films" in warning.value for warning in app.warning)


def test_several_surveys_can_be_chosen_from(visit: AppTest, models: Path) -> None:
    survey_films(models, "c-d-v2", n=6)
    visit.run()
    visit.selectbox(key="agreement survey").set_value("c-d-v2").run()
    assert not visit.exception
    assert "**6 films**" in words(visit)


def remove_facts(folder: Path) -> None:
    (folder / "survey_test.json").unlink()


def damage_facts(folder: Path) -> None:
    (folder / "survey_test.json").write_text(json.dumps({"title": 7}))


def damage_scores(folder: Path) -> None:
    (folder / "scores_test.csv").write_text("no table")


@pytest.mark.parametrize(
    ("page", "damage"),
    [
        ("agreement", remove_facts),
        ("agreement", damage_scores),
        ("compare", damage_facts),
        ("performance", damage_scores),
    ],
)
def test_damaged_survey_is_a_sentence_on_every_page(
    visit: AppTest, models: Path, page: str, damage: Callable[[Path], None]
) -> None:
    damage(models / OPINIONS / "a-b-v1")
    visit.switch_page(f"pages/evidence/{page}.py").run()
    assert not visit.exception
    assert any("second-opinion" in error.value for error in visit.error)


def test_survey_of_films_that_no_network_read_says_so(app: AppTest, models: Path) -> None:
    write_scores(models, first=100)
    survey_films(models)
    app.switch_page(PAGE).run()
    assert not app.exception
    assert "no film in common" in app.error[0].value


def test_networks_without_scores_of_the_split_name_the_command(app: AppTest, models: Path) -> None:
    survey_films(models)
    app.switch_page(PAGE).run()
    assert not app.exception
    assert "python -m pneumo evaluate" in app.error[0].value


@pytest.mark.parametrize("page", ["compare", "performance"])
def test_language_models_row_stands_beside_the_networks(visit: AppTest, page: str) -> None:
    visit.switch_page(f"pages/evidence/{page}.py").run()
    assert not visit.exception
    found = tables(visit)
    assert found["Language model"] == ["a-b-v1 (Somebody, prompt v1)"]
    assert found["Films with a verdict"] == ["8 of 10"]
    visit.segmented_control(key="surveyed columns").set_value("All films").run()
    found = tables(visit)
    assert found["Films"] == ["10"]
    assert found["Normal films called PNEUMONIA"][0].startswith("40.0%")
    visit.segmented_control(key="surveyed columns").set_value("Without a verdict").run()
    found = tables(visit)
    assert found["Refused"][0].startswith("10.0%")
    assert found["Agrees with itself"] == ["each film read once"]
    visit.segmented_control(key="surveyed columns").set_value("Cost and making").run()
    found = tables(visit)
    assert found["Cost of a film"] == ["0.0036 US dollars"]
    assert found["Prompt"] == ["radiologist/v1"]


@pytest.mark.parametrize(("split", "asked"), [("test", "test"), ("validation", "test")])
def test_pages_without_a_survey_name_a_command_that_works(
    app: AppTest, models: Path, split: str, asked: str
) -> None:
    write_scores(models, split=split)
    app.switch_page("pages/evidence/performance.py").run()
    (info,) = [info.value for info in app.info if "second-opinion" in info.value]
    assert f"--split {asked} " in info


OPEN = f"""
import sys
from streamlit.testing.v1 import AppTest

app = AppTest.from_file("streamlit_app.py", default_timeout=60).switch_page("{PAGE}").run()
assert not app.exception and not app.error
assert len(app.metric) == 3, app
loaded = {{"tensorflow", "keras", "openvino", "jax", "torch", "openai"}} & sys.modules.keys()
assert not loaded, loaded
"""


def test_opening_the_page_loads_no_runtime(models: Path) -> None:
    write_scores(models)
    survey_films(models)
    run(OPEN, models)
