"""Files of scores: what is read from them, and what is said of damaged ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pneumo.decision.calibration import Calibration, to_logit, to_probability
from pneumo.decision.ensemble import EnsemblePlan, Member, write_plan
from pneumo.decision.operating import choose_operating_points
from pneumo.errors import DataSetError
from pneumo.evidence.scores import list_splits, read_all_scored, read_scored, write_scores

LABELS = np.repeat([0, 1], 6)
SHARES = np.linspace(0.05, 0.95, 12)


def tabulate(probability: np.ndarray = SHARES, labels: np.ndarray = LABELS) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "file": [f"film{k}.jpeg" for k in range(len(labels))],
            "label": labels,
            "group": [f"IM-{k // 2}" for k in range(len(labels))],
            "probability": probability,
        }
    )


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Two networks and their ensemble with scores of two splits."""
    points = choose_operating_points(LABELS, SHARES)
    members = tuple(
        Member(name, name.title(), "", 0.5, Calibration(slope, 0.4), points)
        for name, slope in (("first", 2.0), ("second", 0.5))
    )
    write_plan(EnsemblePlan(members, Calibration(1.5, 0.2), points, {}, ""), tmp_path)
    for split in ("validation", "test"):
        for name in ("first", "second", "ensemble"):
            write_scores(tabulate(), tmp_path, name, split)
    return tmp_path


def damage(models: Path, content: pd.DataFrame | str) -> str:
    """Replace the first network's scores of the test split, and return what is said then."""
    path = models / "first" / "scores_test.csv"
    if isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    else:
        content.to_csv(path, index=False)
    with pytest.raises(DataSetError) as error:
        read_scored(models, "first", "test")
    message = str(error.value)
    assert "first/scores_test.csv" in message
    assert "`python -m pneumo evaluate --data DIR --split test`" in message
    return message


def test_a_networks_scores_are_calibrated_and_the_raw_ones_kept(models: Path) -> None:
    scored = read_scored(models, "first", "test")
    assert (scored.name, scored.title, scored.split, scored.n) == ("first", "First", "test", 12)
    assert scored.groups[:3] == ("IM-0", "IM-0", "IM-1")
    np.testing.assert_array_equal(scored.y_true, LABELS)
    np.testing.assert_allclose(scored.uncalibrated, SHARES, atol=1e-6)
    expected = to_probability(2.0 * (to_logit(scored.uncalibrated) - 0.4))
    np.testing.assert_allclose(scored.probability, expected)


def test_the_ensembles_scores_are_kept_and_the_raw_ones_worked_back(models: Path) -> None:
    scored = read_scored(models, "ensemble", "test")
    assert scored.title == "Ensemble"
    np.testing.assert_allclose(scored.probability, SHARES, atol=1e-6)
    calibrated = to_probability(1.5 * (to_logit(scored.uncalibrated) - 0.2))
    np.testing.assert_allclose(calibrated, scored.probability, atol=1e-9)


def test_a_point_is_found_by_its_name(models: Path) -> None:
    scored = read_scored(models, "first", "test")
    assert scored.find_point("balanced").name == "balanced"
    with pytest.raises(DataSetError, match="rule-out, balanced, rule-in"):
        scored.find_point("best")


def test_splits_are_listed_test_first(models: Path) -> None:
    write_scores(tabulate(), models, "second", "train")
    write_scores(tabulate(), models, "second", "clinic")
    assert list_splits(models) == ["test", "validation", "clinic", "train"]


def test_all_are_read_in_one_order_the_ensemble_last(models: Path) -> None:
    write_scores(tabulate().iloc[::-1], models, "second", "test")
    first, second, ensemble = read_all_scored(models, "test")
    assert [first.name, second.name, ensemble.name] == ["first", "second", "ensemble"]
    assert first.files == second.files == ensemble.files
    np.testing.assert_allclose(second.uncalibrated, SHARES, atol=1e-6)
    np.testing.assert_array_equal(second.y_true, LABELS)


def test_networks_scored_on_other_films_are_not_compared(models: Path) -> None:
    write_scores(tabulate().iloc[:-1], models, "second", "test")
    with pytest.raises(DataSetError, match=r"First and Second .*different films.*evaluate"):
        read_all_scored(models, "test")


def test_networks_with_other_labels_are_not_compared(models: Path) -> None:
    write_scores(tabulate(labels=1 - LABELS), models, "second", "test")
    with pytest.raises(DataSetError, match="different labels"):
        read_all_scored(models, "test")


def test_a_missing_file_names_the_command_that_makes_it(models: Path) -> None:
    with pytest.raises(DataSetError, match="evaluate --data DIR --split train"):
        read_scored(models, "first", "train")
    (models / "first" / "scores_validation.csv").unlink()
    with pytest.raises(DataSetError, match=r"pneumo train.*pneumo calibrate"):
        read_scored(models, "first", "validation")


def test_a_network_that_nobody_knows_is_named_with_those_that_are(models: Path) -> None:
    with pytest.raises(DataSetError, match="first, second, ensemble"):
        read_scored(models, "third", "test")


def test_a_file_that_is_no_table_says_so(models: Path) -> None:
    assert "is no table" in damage(models, "")
    assert "is no table" in damage(models, 'a,b\n"1,2\n3,4,5\n')


def test_a_table_without_a_column_says_which(models: Path) -> None:
    assert "no column label, group" in damage(models, tabulate().drop(columns=["label", "group"]))


def test_an_empty_table_says_so(models: Path) -> None:
    assert "no film" in damage(models, tabulate().iloc[:0])


@pytest.mark.parametrize("label", [2, -1, 0.5, "ill", None])
def test_labels_other_than_0_and_1_are_refused(models: Path, label: object) -> None:
    table = tabulate().astype({"label": object})
    table.loc[3, "label"] = label
    assert "labels other than" in damage(models, table)


@pytest.mark.parametrize("probability", [1.1, -0.1, "high", None])
def test_probabilities_outside_0_to_1_are_refused(models: Path, probability: object) -> None:
    table = tabulate().astype({"probability": object})
    table.loc[3, "probability"] = probability
    assert "outside 0 to 1" in damage(models, table)


def test_a_film_that_comes_twice_is_refused(models: Path) -> None:
    assert "a film twice" in damage(models, pd.concat([tabulate(), tabulate().iloc[:1]]))


def test_a_film_without_a_group_is_refused(models: Path) -> None:
    assert "patient group" in damage(models, tabulate().assign(group=[None, *["IM-1"] * 11]))


def test_a_split_of_one_class_is_read(models: Path) -> None:
    write_scores(tabulate(labels=np.ones(12, dtype=int)), models, "first", "test")
    assert set(read_scored(models, "first", "test").y_true) == {1}
