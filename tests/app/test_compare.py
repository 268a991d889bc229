"""Visits to the page Compare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pneumo import ENSEMBLE, read_plan
from pneumo.evidence.ledger import record_look
from pneumo.evidence.metrics import METRICS
from pneumo.ui.evidence.making import tabulate_making
from pneumo.ui.evidence.scored import scored_networks
from pneumo.ui.widgets.comparison import measure, tabulate_all
from tests.app.conftest import PROBABILITY, TITLES, write_scores

PAGE = "pages/evidence/compare.py"


@pytest.fixture
def visit(app: AppTest, models: Path) -> AppTest:
    write_scores(models)
    write_scores(models, names=["second"], probability=PROBABILITY[::-1])
    return app.switch_page(PAGE)


def words(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.info, app.warning, app.error)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def sections(app: AppTest) -> list[str]:
    return [found.value for found in app.subheader]


def test_networks_and_ensemble_stand_side_by_side_with_intervals(visit: AppTest) -> None:
    visit.run()
    assert not visit.exception
    assert not visit.error
    table = visit.table[0].value
    assert table["Network"].tolist() == [*TITLES.values(), "Ensemble"]
    assert table["Accuracy"][0] == "50.0% (20.0% to 90.0%)"
    assert table["Specificity"][0].startswith("100.0%")
    assert "n = 10 films: 5 pneumonia, 5 normal" in words(visit)


def test_columns_are_chosen_by_group(visit: AppTest) -> None:
    visit.run().segmented_control(key="compared columns").set_value("Size and making").run()
    table = visit.table[0].value
    assert table["Parameters"].tolist() == ["1,234", "1,234", "2,468"]
    assert table["Started from"].tolist()[:2] == ["random weights", "random weights"]
    assert table["Weights on disk"][0].endswith(" MB")
    visit.segmented_control(key="compared columns").set_value("Ranking and calibration").run()
    assert list(visit.table[0].value)[1:] == [
        metric.title for metric in METRICS.values() if not metric.at_threshold
    ]
    assert not visit.exception


def test_table_to_keep_has_every_metric_with_its_interval_size_and_making(models: Path) -> None:
    write_scores(models)
    networks = scored_networks(models, "test")
    found = measure(networks, "balanced")
    table = tabulate_all(networks, found, tabulate_making(models, read_plan(models)))
    wanted = {f"{key}{end}" for key in METRICS for end in ("", "_low", "_high")}
    wanted |= {"network", "n", "parameters", "parameters_trained", "weights_bytes", "protocol"}
    assert wanted <= set(table)
    assert table["n"].tolist() == [10, 10, 10]
    weights = [(models / name / "weights.safetensors").stat().st_size for name in TITLES]
    assert table["weights_bytes"].tolist() == [*weights, sum(weights)]


def test_every_pair_gets_a_sentence_under_each_test(visit: AppTest) -> None:
    visit.run()
    first, second = TITLES.values()
    said = words(visit)
    assert f"{first}'s AUC is 0.840 higher than {second}'s" in said
    assert "correction for 3 pairs" in said
    assert "films of one child are not" in said
    assert "alone is right on" not in said  # only the open tab computes
    visit.session_state["paired tests"] = "Decisions (McNemar)"
    visit.run()
    assert "alone is right on 5 films" in words(visit)
    visit.session_state["paired tests"] = "Any metric (bootstrap)"
    visit.run()
    assert "Recall (sensitivity): Second network lies 100.0 percentage points above" in words(visit)
    assert not visit.exception


def test_networks_that_disagree_everywhere_have_their_films_listed(visit: AppTest) -> None:
    visit.run()
    assert "decide 0 alike" in words(visit)
    films = visit.dataframe[0].value
    assert len(films) == 10
    assert set(films["label"]) == {"NORMAL", "PNEUMONIA"}
    visit.segmented_control(key="agreement measure").set_value(True).run()
    assert "Kappa is 0" in words(visit)
    assert not visit.exception


def test_published_numbers_are_set_apart_and_told_with_their_protocol(visit: AppTest) -> None:
    visit.run()
    assert "not measured here" in words(visit)
    table = next(found.value for found in visit.dataframe if "Measured on" in found.value)
    by_source = table.set_index("Source")
    assert by_source.loc["Kermany 2018", "Accuracy"] == "92.8%"
    assert by_source.loc["97% to 99% reports", "Comparable with ours"] == "no"
    assert by_source.loc["97% to 99% reports", "Accuracy"] == "97.0% to 99.0%"
    assert by_source.loc["DenseNet121 report", "AUC"] == "not stated"
    visit.segmented_control(key="published metric").set_value("auc").run()
    assert not visit.exception


def test_ledger_lists_looks_and_warns_where_these_networks_have_none(
    visit: AppTest, models: Path
) -> None:
    visit.run()
    assert any("There is no ledger" in info.value for info in visit.info)
    record_look(models, "another", "the command")
    visit.run()
    assert visit.dataframe[-1].value["Command"].tolist() == ["the command"]
    assert any("no look by the present networks" in found.value for found in visit.warning)
    record_look(models, read_plan(models).version, "the command")
    visit.run()
    assert not any("no look by" in found.value for found in visit.warning)


def test_latency_is_measured_only_when_asked_for_and_kept_for_the_session(visit: AppTest) -> None:
    visit.run()
    assert "warm films a network" not in words(visit)
    visit.button(key="measure latency").click().run()
    assert not visit.exception
    table = next(found.value for found in visit.dataframe if "Cold" in found.value)
    assert table["Network"].tolist() == [*TITLES.values(), "All together"]
    assert table["Warm, median"].str.endswith(" ms").all()
    visit.segmented_control(key="compared point").set_value("rule-in").run()
    assert "n = 30 warm films a network, on " in words(visit)


def test_latency_of_a_missing_network_is_told_in_words(visit: AppTest, models: Path) -> None:
    visit.run()
    (models / "second" / "weights.safetensors").unlink()
    visit.button(key="measure latency").click().run()
    assert not visit.exception
    assert any("weights.safetensors" in error.value for error in visit.error)


def test_missing_scores_name_the_command_and_leave_the_rest_of_the_page(
    visit: AppTest, models: Path
) -> None:
    (models / "second" / "scores_test.csv").unlink()
    visit.run()
    assert not visit.exception
    assert "python -m pneumo evaluate" in visit.error[0].value
    assert sections(visit) == [
        "A language model on the same films",
        "How fast they are",
        "Beside what others published",
        "Every look at the test films",
        "How far to trust these numbers",
    ]


def test_networks_scored_on_other_films_are_not_compared(visit: AppTest, models: Path) -> None:
    write_scores(models, names=["second"], first=3)
    visit.run()
    assert not visit.exception
    assert "different films" in visit.error[0].value


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_split_says_so(app: AppTest, models: Path, label: int) -> None:
    write_scores(models, labels=[label] * len(PROBABILITY))
    app.switch_page(PAGE).run()
    assert not app.exception
    assert not app.error
    assert any("same label" in warning.value for warning in app.warning)
    assert "cannot be tested" in words(app)
    app.segmented_control(key="compared columns").set_value("Ranking and calibration").run()
    assert app.table[0].value["AUC-ROC"][0] == "not defined (no interval)"


def test_single_film_gives_sensible_text(app: AppTest, models: Path) -> None:
    write_scores(models, labels=[1], probability=[0.7])
    app.switch_page(PAGE).run()
    assert not app.exception
    assert not app.error


def delete(path: Path) -> None:
    path.unlink()


def fill_with_prose(path: Path) -> None:
    path.write_text('{"parameters": 3, "initialisation": ["no", "object"]}', encoding="utf-8")


def cut_off(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8")[:40], encoding="utf-8")


@pytest.mark.parametrize("damage", [delete, fill_with_prose, cut_off])
def test_damaged_card_leaves_its_cells_unrecorded(
    models: Path, damage: Callable[[Path], None]
) -> None:
    damage(models / "first" / "card.json")
    making = tabulate_making(models, read_plan(models)).set_index("name")
    assert pd.isna(making.loc["first", "parameters"])
    assert making.loc["first", "initialisation"] == "not recorded"
    assert making.loc["second", "parameters"] == 1234
    assert pd.isna(making.loc[ENSEMBLE, "parameters"])
