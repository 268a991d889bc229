"""Scores of held-out and test films become prediction sets with a measured coverage."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from pneumo.decision.conformal import COVERAGES, Conformal
from pneumo.domain import ENSEMBLE
from pneumo.errors import DataSetError
from pneumo.evidence.coverage import calibrate_sets


@pytest.fixture
def models(shipped_models: Path, tmp_path: Path) -> Path:
    """The shipped plan with scores of made-up films: 300 held out, 100 of the test split."""
    shutil.copy(shipped_models / "ensemble.json", tmp_path)
    (tmp_path / ENSEMBLE).mkdir()
    rng = np.random.default_rng(1)
    for split, n, shift in (("validation", 300, 2.0), ("test", 100, 0.0)):
        rows = ["file,label,group,probability"]
        for k in range(n):
            label = k % 2
            logit = rng.normal(shift if label else -2.0, 1.0)
            rows.append(f"{split}{k}.png,{label},IM-{k // 4},{1 / (1 + np.exp(-logit)):.6f}")
        (tmp_path / ENSEMBLE / f"scores_{split}.csv").write_text("\n".join(rows))
    return tmp_path


def test_coverage_holds_on_held_out_films_and_fails_where_the_films_changed(models: Path) -> None:
    conformal = calibrate_sets(models)
    assert Conformal.load(models) == conformal
    assert [level.coverage for level in conformal.levels] == list(COVERAGES)
    found = conformal.measured["0.95"]
    held_out, test = found["validation"], found["test"]
    assert held_out["covered"]["high"] >= 0.95
    assert (held_out["n"], held_out["groups"]) == (300, 75)
    # The pneumonias of the test split look like nothing the sets were calibrated on.
    assert test["covered_by_class"]["PNEUMONIA"]["high"] < 0.95
    assert test["covered_by_class"]["NORMAL"]["value"] > 0.9


def test_without_test_scores_only_the_held_out_films_are_measured(models: Path) -> None:
    (models / ENSEMBLE / "scores_test.csv").unlink()
    assert set(calibrate_sets(models).measured["0.95"]) == {"validation"}


def test_one_class_among_the_held_out_films_says_so(models: Path) -> None:
    path = models / ENSEMBLE / "scores_validation.csv"
    path.write_text(path.read_text().replace(",1,IM", ",0,IM"))
    with pytest.raises(DataSetError, match="both classes"):
        calibrate_sets(models)
