"""From per-film scores to an ensemble, a table of results and a ledger of looks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pneumo.decision.ensemble import Ensemble, read_plan
from pneumo.errors import DamagedWeightsError, DataSetError
from pneumo.evidence.evaluation import calibrate, evaluate
from pneumo.evidence.results import measure, read_results, to_markdown
from pneumo.evidence.scores import read_scores
from pneumo.networks.artifacts import save_network
from pneumo.networks.build import build_network
from pneumo.networks.cards import write_card
from pneumo.networks.zoo import ZOO
from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two untrained networks with made-up scores of 60 held-out films, joined."""
    folder = tmp_path_factory.mktemp("models")
    rng = np.random.default_rng(1)
    labels = np.repeat([0, 1], 30)
    for name in ("first", "second"):
        save_network(build_network(ZOO["custom_cnn"]), folder / name)
        write_card(folder / name, {"title": name.title()})
        logit = rng.normal(3 * labels - 1.5, 1.0)
        pd.DataFrame(
            {
                "file": [f"film{k}.jpeg" for k in range(60)],
                "label": labels,
                "group": [f"child{k // 2}" for k in range(60)],
                "probability": 1 / (1 + np.exp(-logit)),
            }
        ).to_csv(folder / name / "scores_validation.csv", index=False)
    calibrate(folder, ["first", "second"])
    return folder


def test_the_plan_binds_the_weights_it_was_fitted_for(models: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(models, tmp_path / "models"))
    for name in ("architecture.json", "weights.safetensors"):
        shutil.copy(copy / "second" / name, copy / "first" / name)
    with pytest.raises(DamagedWeightsError, match="first"):
        Ensemble.load(copy)


def test_members_weigh_the_same_and_the_version_is_the_files_hash(models: Path) -> None:
    plan = read_plan(models)
    assert [member.weight for member in plan.members] == [0.5, 0.5]
    assert len(plan.version) == 12
    assert plan.fitted_on["n"] == 60


def test_the_joint_scores_are_those_of_the_plan(models: Path) -> None:
    plan = read_plan(models)
    logits = {}
    for name in ("first", "second"):
        share = read_scores(models, name, "validation")["probability"].to_numpy()
        logits[name] = np.log(share / (1 - share))
    joint = read_scores(models, "ensemble", "validation")["probability"]
    np.testing.assert_allclose(plan.mix(logits), joint, atol=1e-5)


def test_networks_with_different_held_out_films_are_not_joined(
    models: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(models, tmp_path / "models"))
    scores = pd.read_csv(copy / "second" / "scores_validation.csv")
    scores.iloc[::-1].to_csv(copy / "second" / "scores_validation.csv", index=False)
    with pytest.raises(DataSetError, match="--fold"):
        calibrate(copy, ["first", "second"])


def test_a_look_at_test_is_kept_and_every_film_is_scored(models: Path, tiny_data: Path) -> None:
    for look in (1, 2):
        results = evaluate(tiny_data, models, split="test", command="the command")
        ledger = pd.read_csv(models / "test_ledger.csv")
        assert len(ledger) == look
    assert ledger["command"].tolist() == ["the command"] * 2
    assert ledger["weights_hash"].iloc[0] == read_plan(models).version
    assert [result.name for result in results] == ["first", "second", "ensemble"]
    assert results == read_results(models, "test")
    for result in results:
        scores = read_scores(models, result.name, "test")
        assert len(scores) == 24
        assert scores["group"].nunique() == 12


def test_other_splits_leave_the_ledger_alone(models: Path, tiny_data: Path) -> None:
    evaluate(tiny_data, models, split="val", command="another command")
    ledger = models / "test_ledger.csv"
    assert not ledger.exists() or "another command" not in ledger.read_text(encoding="utf-8")


def test_a_split_that_was_not_scored_is_named(models: Path) -> None:
    with pytest.raises(DataSetError, match="train"):
        read_scores(models, "first", "train")


def test_the_shipped_plan_fits_the_shipped_weights_and_scores(shipped_models: Path) -> None:
    plan = read_plan(shipped_models)
    assert {"custom_cnn", "vgg16"} <= {member.name for member in plan.members}
    for member in plan.members:
        card = json.loads((shipped_models / member.name / "card.json").read_text(encoding="utf-8"))
        assert card["weights_sha256"] == member.weights_sha256
        assert len(read_scores(shipped_models, member.name, "test")) == 624
        held_out = read_scores(shipped_models, member.name, "validation")
        assert len(held_out) == plan.fitted_on["n"]
    ledger = pd.read_csv(shipped_models / "test_ledger.csv")
    of_networks = ledger[~ledger["weights_hash"].str.startswith("gate ")]
    assert of_networks["weights_hash"].iloc[-1] == plan.version


@pytest.mark.parametrize("split", ["test", "validation"])
def test_stored_results_and_readme_say_what_the_scores_say(
    shipped_models: Path, split: str
) -> None:
    measured = measure(shipped_models, split)
    assert measured == read_results(shipped_models, split)
    assert to_markdown(measured) in (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_all_shipped_models_together_stay_below_100_mb(shipped_models: Path) -> None:
    sizes = [path.stat().st_size for path in shipped_models.rglob("*") if path.is_file()]
    assert 1e6 < sum(sizes) < 100e6
