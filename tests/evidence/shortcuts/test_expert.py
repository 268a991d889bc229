"""A second read of the test films against the labels and against the networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score, confusion_matrix, roc_auc_score

from pneumo.cli import main
from pneumo.decision.calibration import Calibration
from pneumo.decision.ensemble import EnsemblePlan, Member, read_plan, write_plan
from pneumo.domain import OperatingPoint
from pneumo.errors import DataSetError
from pneumo.evidence.kappa import kappa
from pneumo.evidence.resampling import Resampling
from pneumo.evidence.results import read_results
from pneumo.evidence.scores import read_scores, write_scores
from pneumo.evidence.shortcuts.expert import (
    AGREED,
    DISPUTED,
    EXPERT,
    EXPERT_FILE,
    OFFICIAL,
    ExpertRead,
    read_expert_read,
    write_expert_read,
)

N = 90
POINT = OperatingPoint("balanced", 0.5, (0.4, 0.6), 0.9, 0.9, N)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    labels = np.arange(N) % 3 > 0
    table = pd.DataFrame(
        {
            "file": [f"film{k}.jpeg" for k in range(N)],
            "label": labels.astype(int),
            "group": [f"child{k // 2}" for k in range(N)],
            "probability": np.clip(rng.normal(0.35 + 0.3 * labels, 0.2), 0.01, 0.99),
        }
    )
    write_scores(table, tmp_path, "first", "test")
    write_scores(table, tmp_path, "ensemble", "test")
    member = Member("first", "First network", "", 1.0, Calibration(1.0, 0.0), (POINT,))
    write_plan(EnsemblePlan((member,), Calibration(1.0, 0.0), (POINT,), {}, ""), tmp_path)
    return tmp_path


@pytest.fixture
def reads(models: Path) -> Path:
    """Another order than the scores', and every fifth film read otherwise."""
    scores = read_scores(models, "ensemble", "test").sample(frac=1, random_state=1)
    number = scores["file"].str.extract(r"(\d+)")[0].astype(int)
    official = scores["label"]
    expert = official.where(number % 5 > 0, 1 - official)
    table = pd.DataFrame(
        {
            "image": scores["file"],
            "official_binary": official,
            "expert_binary": expert,
            "official_3class": official * (1 + number % 2),
            "expert_3class": expert,
            "expert_unusable": (number % 10 == 0).astype(int),
            "expert_overlay": (number % 10 < 2).astype(int),
            "expert_borderline": 0,
        }
    )
    table.to_csv(models / "reads.csv", index=False)
    return models / "reads.csv"


def compare(models: Path, reads: Path) -> tuple[ExpertRead, pd.DataFrame]:
    """Return what was found, and the films' scores beside their reads, joined by pandas."""
    found = write_expert_read(reads, models, replicates=200)
    scores = read_scores(models, "first", "test")
    return found, scores.merge(pd.read_csv(reads), left_on="file", right_on="image")


def test_agreement_is_what_scikit_learn_says(models: Path, reads: Path) -> None:
    found, films = compare(models, reads)
    official, expert = films["official_binary"], films["expert_binary"]
    assert found.kappa.value == pytest.approx(cohen_kappa_score(official, expert), abs=1e-12)
    assert found.kappa.low < found.kappa.value < found.kappa.high
    assert found.agreement.value == pytest.approx(4 / 5)
    (right, alarms), (missed, seen) = confusion_matrix(official, expert)
    assert found.two_classes == [[right, alarms], [missed, seen]]
    assert found.sensitivity.value == pytest.approx(seen / (seen + missed))
    assert found.specificity.value == pytest.approx(right / (right + alarms))
    assert np.sum(found.three_classes) == found.n == N
    assert found.n_groups == N / 2


def test_networks_are_measured_against_each_reading(models: Path, reads: Path) -> None:
    found, films = compare(models, reads)
    by_reference = {row.reference: row.found for row in found.networks if row.name == "first"}
    said = films["probability"]
    same = films["official_binary"] == films["expert_binary"]
    for reference, column, chosen in (
        (OFFICIAL, "official_binary", same | True),
        (EXPERT, "expert_binary", same | True),
        (AGREED, "official_binary", same),
        (DISPUTED, "official_binary", ~same),
    ):
        auc = by_reference[reference]["auc"]
        assert auc.n == chosen.sum()
        expected = roc_auc_score(films[column][chosen], said[chosen])
        assert auc.value == pytest.approx(expected, abs=1e-6)
        right = (said[chosen] >= 0.5) == films[column][chosen]
        assert by_reference[reference]["accuracy"].value == pytest.approx(right.mean())


def test_an_expert_who_always_agrees_leaves_no_film_in_dispute(models: Path, reads: Path) -> None:
    table = pd.read_csv(reads)
    table.assign(expert_binary=table["official_binary"]).to_csv(reads, index=False)
    found, _ = compare(models, reads)
    assert found.kappa.value == 1.0
    assert {row.reference for row in found.networks} == {OFFICIAL, EXPERT, AGREED}
    assert read_expert_read(models) == found


def test_flags_that_no_film_has_are_left_out(models: Path, reads: Path) -> None:
    found, films = compare(models, reads)
    counts = {flag.flag: flag.agreement.n for flag in found.flags}
    assert counts == {"unusable": 9, "overlay": 18, "none": N - 18}
    unusable = films[films["expert_unusable"] == 1]
    agree = (unusable["official_binary"] == unusable["expert_binary"]).mean()
    assert found.flags[0].agreement.value == pytest.approx(agree)


def test_what_is_kept_reads_back_and_names_no_film(models: Path, reads: Path) -> None:
    found, _ = compare(models, reads)
    assert read_expert_read(models) == found
    text = (models / EXPERT_FILE).read_text(encoding="utf-8")
    assert "film0" not in text
    assert "child0" not in text


def test_kappa_of_readings_that_never_differ_from_one_answer_is_not_defined() -> None:
    one = Resampling([str(film) for film in range(7)], replicates=10)
    assert np.isnan(kappa([1] * 7, [1] * 7, one).value)
    # Cohen's own kind of example: 0.7 observed, 0.5 by chance.
    first, second = [0] * 25 + [1] * 25, [0] * 20 + [1] * 5 + [0] * 10 + [1] * 15
    many = Resampling([str(film) for film in range(50)], replicates=10)
    assert kappa(first, second, many).value == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda table: table.drop(columns="expert_binary"), "lacks the columns expert_binary"),
        (lambda table: table.assign(expert_3class=5), "expert_3class.* from 0 to 2"),
        (lambda table: table.assign(expert_binary=None), "expert_binary.* from 0 to 1"),
        (lambda table: table.iloc[:-1], "has 89 rows, of which 89 name"),
        (lambda table: pd.concat([table, table.iloc[:1]]), "has 91 rows, of which 90 name"),
        (
            lambda table: table.assign(official_binary=1 - table["official_binary"]),
            "other official labels",
        ),
    ],
)
def test_a_wrong_file_of_reads_is_told_in_words(
    models: Path, reads: Path, damage: object, said: str
) -> None:
    damage(pd.read_csv(reads)).to_csv(reads, index=False)
    with pytest.raises(DataSetError, match=said):
        write_expert_read(reads, models)
    assert not (models / EXPERT_FILE).exists()


def test_no_table_at_all_is_told_in_words(models: Path, tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match="cannot be read as a table"):
        write_expert_read(tmp_path / "nowhere.csv", models)


def test_missing_or_cut_off_statistics_name_the_command(models: Path, reads: Path) -> None:
    with pytest.raises(DataSetError, match=r"missing.*python -m pneumo expert-read --reads CSV"):
        read_expert_read(models)
    compare(models, reads)
    whole = (models / EXPERT_FILE).read_text(encoding="utf-8")
    for damaged in (whole[:200], "[]", "{}"):
        (models / EXPERT_FILE).write_text(damaged, encoding="utf-8")
        with pytest.raises(DataSetError, match="corrupt"):
            read_expert_read(models)


def test_the_command_says_what_it_found(
    models: Path, reads: Path, capsys: pytest.CaptureFixture
) -> None:
    assert main(["expert-read", "--models", str(models), "--reads", str(reads)]) == 0
    printed = capsys.readouterr().out
    assert "agree on 80.0%" in printed
    assert "First network, disputed: AUC" in printed


def test_the_shipped_statistics_belong_to_the_shipped_scores(shipped_models: Path) -> None:
    found = read_expert_read(shipped_models)
    assert found.model_version == read_plan(shipped_models).version
    assert found.n == np.sum(found.two_classes) == np.sum(found.three_classes) == 624
    measured = {row.name: row for row in read_results(shipped_models, "test")}
    official = [row for row in found.networks if row.reference == OFFICIAL]
    assert [row.name for row in official] == list(measured)
    for row in official:
        assert row.found["auc"].value == pytest.approx(measured[row.name].auc.value, abs=1e-9)
    text = (shipped_models / EXPERT_FILE).read_text(encoding="utf-8")
    assert "jpeg" not in text
