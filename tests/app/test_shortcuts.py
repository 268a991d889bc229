"""Visits to the page Is it cheating?"""

from __future__ import annotations

import gzip
import shutil
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pneumo import ENSEMBLE, Estimate
from pneumo.evidence.audit.records import AUDIT_FILE, FILMS, FORMAT, Audit, Baseline, write_audit
from pneumo.evidence.scores import write_scores
from pneumo.evidence.shortcuts.distortions import DISTORTIONS
from pneumo.evidence.shortcuts.expert import EXPERT_FILE, write_expert_read
from pneumo.evidence.shortcuts.stress import STRESS_SCORES, UNCHANGED, list_conditions
from pneumo.evidence.shortcuts.stress_table import STRESS_FILE, Stress, read_stress, write_stress
from pneumo.ui.figures.shortcuts import MEASURES, draw_comparisons, draw_curves, select_curve
from pneumo.ui.widgets.shortcuts import find_estimate, judge_remains
from tests.app.conftest import TITLES

PAGE = "pages/evidence/shortcuts.py"
FILMS_EACH = 40


def draw_scores(rng: np.random.Generator) -> pd.DataFrame:
    labels = np.arange(FILMS_EACH) % 2
    return pd.DataFrame(
        {
            "file": [f"film{k}.jpeg" for k in range(FILMS_EACH)],
            "label": labels,
            "group": [f"child{k}" for k in range(FILMS_EACH)],
            "probability": np.clip(rng.normal(0.35 + 0.3 * labels, 0.2), 0.01, 0.99),
        }
    )


@pytest.fixture(scope="module")
def measured(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Networks that tell the classes apart, but not once the centre is black."""
    models = tmp_path_factory.mktemp("measured")
    rng = np.random.default_rng(1)
    films = draw_scores(rng)[["file", "label", "group"]]
    parts = []
    for name, strength in list_conditions():
        gap = 0 if name == "centre" else 4
        part = films.assign(distortion=name, strength=strength)
        for network in (*TITLES, ENSEMBLE):
            part[network] = rng.normal(gap * films["label"], 1.0).round(3)
        parts.append(part)
    table = pd.concat(parts).to_csv(index=False).encode()
    (models / STRESS_SCORES).write_bytes(gzip.compress(table))
    plan = (tiny_models / "ensemble.json").read_text()
    plan = plan.replace('"fitted_on": {}', '"fitted_on": {"n": 321}')
    (models / "ensemble.json").write_text(plan)
    write_stress(models, replicates=30)
    return models


@pytest.fixture
def stress(models: Path, measured: Path) -> Stress:
    for name in (STRESS_SCORES, STRESS_FILE):
        shutil.copy(measured / name, models)
    return read_stress(models)


@pytest.fixture
def expert(models: Path) -> None:
    films = draw_scores(np.random.default_rng(2))
    for name in (*TITLES, ENSEMBLE):
        write_scores(films, models, name, "test")
    reads = pd.DataFrame({"image": films["file"], "official_binary": films["label"]})
    reads["expert_binary"] = np.where(np.arange(FILMS_EACH) % 5, films["label"], 1)
    reads["official_3class"] = reads["official_binary"]
    reads["expert_3class"] = reads["expert_binary"]
    for flag in ("unusable", "overlay", "borderline"):
        reads[f"expert_{flag}"] = 0
    reads.to_csv(models / "reads.csv", index=False)
    write_expert_read(models / "reads.csv", models, replicates=30)


def words_of(app: AppTest) -> str:
    return " ".join(found.value for found in (*app.markdown, *app.caption))


def test_a_release_without_measurements_names_the_commands(app: AppTest) -> None:
    app.run().switch_page(PAGE).run()
    assert not app.exception
    said = " ".join(info.value for info in app.info)
    for command in ("audit DIR", "stress --data DIR", "expert-read --reads CSV"):
        assert f"python -m pneumo {command}" in said
    assert not app.error
    # What a distortion does can be seen all the same.
    assert [found.label for found in app.selectbox] == ["Distortion"]
    assert "Not a medical device" in app.warning[0].value


def test_every_number_comes_with_n_and_interval(app: AppTest, stress: Stress, expert: None) -> None:
    app.run().switch_page(PAGE).run()
    assert not app.exception
    assert not app.error
    words = words_of(app)
    assert "n = 40 of the 321 held-out training films (20 pneumonias, 20 normal)" in words
    assert f"{find_estimate(stress, 'auc', 'centre', 80):.3f}" in words
    assert f"{find_estimate(stress, 'auc', 'border', 10):.3f}" in words
    assert "cannot be told from guessing" in words
    assert "agree on **90.0% (" in words
    assert "On the 4 films where they disagree" in words
    assert "official label (n = 40)".capitalize() in str(app.table[0].value.columns.tolist())


def test_choosing_a_distortion_changes_question_slider_and_curves(
    app: AppTest, stress: Stress
) -> None:
    app.run().switch_page(PAGE).run()
    app.selectbox(key="distortion").set_value("inversion")
    app.selectbox(key="measure").set_value("mean_normal").run()
    assert not app.exception
    assert DISTORTIONS["inversion"].suspect in words_of(app)
    assert DISTORTIONS["centre"].suspect not in words_of(app)
    assert app.select_slider[0].options == ["as it was", "1"]


@pytest.mark.parametrize("name", DISTORTIONS)
def test_every_distortion_has_a_line_a_network_for_every_measure(stress: Stress, name: str) -> None:
    distortion = DISTORTIONS[name]
    for key, measure in MEASURES.items():
        curve = select_curve(stress.table, distortion, key)
        figure = draw_curves(curve, distortion, measure, titles=stress.titles, banded="first")
        for network, title in stress.titles.items():
            drawn = next(trace for trace in figure.data if trace.name == title)
            values = curve.loc[curve["network"] == network, "value"]
            assert len(drawn.x) == len(distortion.strengths) + 1
            np.testing.assert_allclose(drawn.y, values * (100 if measure.is_share else 1))


def test_damaged_files_are_told_in_words(app: AppTest, models: Path, stress: Stress) -> None:
    for name in (STRESS_FILE, EXPERT_FILE, AUDIT_FILE):
        (models / name).write_text('{"half": ')
    app.run().switch_page(PAGE).run()
    assert not app.exception
    said = [info.value for info in app.info]
    assert len(said) == 3
    assert all("cut off" in sentence and "python -m pneumo" in sentence for sentence in said)


def test_a_file_written_anew_is_read_anew(app: AppTest, models: Path, stress: Stress) -> None:
    app.run().switch_page(PAGE).run()
    (models / STRESS_SCORES).unlink()
    app.run()
    assert any(STRESS_SCORES in info.value for info in app.info)


def test_the_classifier_of_file_facts_is_shown_with_its_interval(
    app: AppTest, models: Path
) -> None:
    baselines = (
        Baseline(FILMS, ("width", "bytes"), 321, 123, Estimate(0.91, 0.85, 0.95, 321)),
        Baseline(FILMS, ("aspect",), 321, 123, Estimate(0.7, 0.6, 0.8, 321)),
    )
    facts = {"format": FORMAT, "date": "", "seconds": 1.0, "fingerprint": ""}
    facts |= {"films": 321, "unreadable": 0, "baselines": baselines}
    nothing_else = {field.name: () for field in fields(Audit)}
    audit = Audit(**nothing_else | facts)
    write_audit(audit, models / AUDIT_FILE)
    app.run().switch_page(PAGE).run()
    assert not app.exception
    assert "From width and file size alone it reaches AUC 0.910 (0.850 to 0.950)" in words_of(app)
    assert "n = 321 films of 123 patient groups" in words_of(app)
    assert words_of(app).count("Measured on") == 1
    assert "0.700 (0.600 to 0.800)" in str(app.table[0].value.to_dict())


def test_curves_begin_with_the_films_as_they_were(stress: Stress) -> None:
    jpeg = DISTORTIONS["jpeg"]
    curve = select_curve(stress.table, jpeg, "auc")
    line = curve[curve["network"] == ENSEMBLE]
    assert line["step"].tolist() == list(range(1 + len(jpeg.strengths)))
    assert line["strength"].tolist() == [jpeg.unchanged, *jpeg.strengths]
    assert line["value"].iloc[0] == find_estimate(stress, "auc", UNCHANGED, 0).value
    figure = draw_curves(curve, jpeg, MEASURES["auc"], titles=stress.titles, banded=ENSEMBLE)
    names = [trace.name for trace in figure.data]
    assert names == [*TITLES.values(), "Ensemble, 95% interval", "Ensemble", "guessing"]
    assert figure.layout.xaxis.ticktext[:2] == ("as it was", "90")
    assert "JPEG quality" in figure.layout.xaxis.title.text
    assert figure.layout.yaxis.title.text == "AUC (no unit)"


def test_references_stand_side_by_side_for_each_network() -> None:
    found = {"First network": Estimate(0.9, 0.8, 0.95, 50), "Ensemble": Estimate(0.8, 0.7, 0.9, 50)}
    figure = draw_comparisons(
        {"official label": found, "the expert": found}, metric="Recall", is_share=True
    )
    assert [trace.name for trace in figure.data] == [
        "official label (n = 50)",
        "the expert (n = 50)",
    ]
    assert figure.data[0].x == (90.0, 80.0)
    assert figure.data[0].y[0] < figure.data[1].y[0] < figure.data[0].y[1]
    assert figure.layout.xaxis.title.text == "Recall (%), 95% interval"


def test_an_interval_across_one_half_is_no_proof() -> None:
    assert "cannot be told from guessing" in judge_remains(Estimate(0.6, 0.45, 0.75, 50))
    assert "worse than guessing" in judge_remains(Estimate(0.3, 0.25, 0.45, 50))
    assert "better than guessing" in judge_remains(Estimate(0.6, 0.55, 0.75, 50))
