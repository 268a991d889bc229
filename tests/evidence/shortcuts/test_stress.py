"""Held-out films under distortion: who is scored, what is kept, and what follows from it."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from pneumo.decision.calibration import Calibration, to_probability
from pneumo.decision.ensemble import Ensemble, EnsemblePlan, Member, read_plan, write_plan
from pneumo.domain import OperatingPoint
from pneumo.errors import DataSetError
from pneumo.evidence.scores import read_scores, write_scores
from pneumo.evidence.shortcuts.stress import (
    STRESS_SCORES,
    UNCHANGED,
    draw_held_out,
    list_conditions,
    read_stress_scores,
    stress,
)
from pneumo.evidence.shortcuts.stress_table import MEASURES, STRESS_FILE, read_stress, write_stress
from pneumo.intake.collection import collect_films
from pneumo.networks.artifacts import save_network
from pneumo.networks.build import build_network
from pneumo.networks.cards import hash_network
from pneumo.networks.films import load_films
from pneumo.networks.zoo import NetworkSpec

POINT = OperatingPoint("balanced", 0.5, (0.4, 0.6), 0.9, 0.9, 12)


def few_layers(films, weights):
    import keras

    return keras.layers.Conv2D(4, 7, 32, activation="relu")(films)


@pytest.fixture(scope="module")
def data(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny data set without its test films: whoever asks for them fails."""
    folder = Path(shutil.copytree(tiny_data, tmp_path_factory.mktemp("data") / "films"))
    shutil.rmtree(folder / "test")
    return folder


@pytest.fixture(scope="module")
def models(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One untrained network, with eight films held out."""
    folder = tmp_path_factory.mktemp("models")
    spec = NetworkSpec("first", "First network", few_layers, "signed", hidden_units=4)
    save_network(build_network(spec), folder / "first")
    held_out = [film for film in collect_films(data, ("train", "val")) if film.number < 11]
    table = pd.DataFrame(
        {
            "file": [film.name for film in held_out],
            "label": [film.label for film in held_out],
            "group": [film.group for film in held_out],
            "probability": 0.5,
        }
    )
    write_scores(table, folder, "ensemble", "validation")
    member = Member(
        "first",
        "First network",
        hash_network(folder / "first"),
        1.0,
        Calibration(2.0, 0.1),
        (POINT,),
    )
    fitted_on = {"n": len(held_out)}
    write_plan(EnsemblePlan((member,), Calibration(1.0, 0.0), (POINT,), fitted_on, ""), folder)
    return folder


@pytest.fixture(scope="module")
def scored(data: Path, models: Path) -> pd.DataFrame:
    return stress(data, models)


def test_every_held_out_film_is_scored_in_every_condition(scored: pd.DataFrame) -> None:
    found = scored.groupby(["distortion", "strength"], sort=False).size()
    assert list(found.index) == list_conditions()
    assert set(found) == {8}
    assert scored.groupby("file")["group"].nunique().max() == 1


def test_what_is_kept_are_the_networks_own_calibrated_log_odds(
    data: Path, models: Path, scored: pd.DataFrame
) -> None:
    films = [film for film in collect_films(data, ("train", "val")) if film.number < 11]
    array = load_films(films).astype(np.float32) / 255.0
    logit = Ensemble.load(models).score(array)["first"].logit
    kept = scored[scored["distortion"] == UNCHANGED]
    np.testing.assert_allclose(kept["first"], 2.0 * (logit - 0.1), atol=6e-4)
    np.testing.assert_allclose(kept["ensemble"], kept["first"], atol=2e-3)
    inverted = scored[scored["distortion"] == "inversion"]["first"].to_numpy()
    assert np.abs(inverted - kept["first"].to_numpy()).max() > 0.01


@pytest.mark.parametrize("resume", [True, False])
def test_a_run_that_was_cut_off_goes_on_only_if_asked_to(
    data: Path, models: Path, scored: pd.DataFrame, tmp_path: Path, resume: bool
) -> None:
    copy = Path(shutil.copytree(models, tmp_path / "models"))
    finished = scored[scored["distortion"].isin([UNCHANGED, "centre"])].assign(first=7.5)
    partial = copy / f"stress_partial_{read_plan(copy).version}_8.csv"
    finished.to_csv(partial, index=False)
    table = stress(data, copy, resume=resume)
    assert (table["first"] == 7.5).sum() == (len(finished) if resume else 0)
    others = ~table["distortion"].isin([UNCHANGED, "centre"])
    pd.testing.assert_frame_equal(table[others], scored[others])
    # Equal scores give equal bytes, and nothing is left behind.
    same = (copy / STRESS_SCORES).read_bytes() == (models / STRESS_SCORES).read_bytes()
    assert same is not resume
    assert not list(copy.glob("stress_partial*"))


def test_films_that_are_not_in_the_folder_are_counted(
    data: Path, models: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(data, tmp_path / "films"))
    (other / "train" / "NORMAL" / "IM-0010-0001.jpeg").unlink()
    with pytest.raises(DataSetError, match=r"1 of the 8 held-out films, such as IM-0010-0001"):
        stress(other, models)


def make_scores(films: int) -> pd.DataFrame:
    """Three films of each child, a quarter of the children healthy."""
    child = np.arange(films) // 3
    return pd.DataFrame(
        {
            "file": [f"film{k}" for k in range(films)],
            "label": (child % 4 > 0).astype(int),
            "group": [f"child{k}" for k in child],
        }
    )


def test_a_draw_keeps_children_whole_and_classes_in_proportion() -> None:
    scores = make_scores(1200)
    drawn = draw_held_out(scores, limit=300)
    assert 300 <= len(drawn) <= 305
    assert drawn["label"].mean() == pytest.approx(0.75, abs=0.01)
    assert set(drawn.groupby("group").size()) == {3}
    assert drawn.equals(draw_held_out(scores, limit=300))
    assert not drawn.equals(draw_held_out(scores, limit=300, seed=2))
    assert drawn.index.is_monotonic_increasing


def test_no_limit_draws_everybody() -> None:
    scores = make_scores(30)
    assert draw_held_out(scores).equals(scores)
    assert draw_held_out(scores, limit=31).equals(scores)


def test_the_table_says_what_counting_gives(
    models: Path, scored: pd.DataFrame, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(models, tmp_path / "models"))
    rng = np.random.default_rng(1)
    table = scored.assign(first=rng.normal(scored["label"], 1.0).round(3))
    (copy / STRESS_SCORES).write_bytes(gzip.compress(table.to_csv(index=False).encode()))
    found = write_stress(copy, replicates=200)
    assert (found.n, found.n_pneumonia, found.n_groups, found.n_held_out) == (8, 4, 4, 8)
    assert found.titles == {"first": "First network", "ensemble": "Ensemble"}
    assert len(found.table) == len(list_conditions()) * 2 * len(MEASURES)
    blurred = table[(table["distortion"] == "blur") & (table["strength"] == 4)]
    ill, said = blurred["label"] == 1, to_probability(blurred["first"])
    expected = {
        "auc": roc_auc_score(ill, said),
        "recall": (said[ill] >= 0.5).mean(),
        "specificity": (said[~ill] < 0.5).mean(),
        "mean_pneumonia": said[ill].mean(),
        "mean_normal": said[~ill].mean(),
    }
    rows = found.table.query("network == 'first' and distortion == 'blur' and strength == 4")
    for row in rows.itertuples():
        assert row.value == pytest.approx(expected[row.measure], abs=1e-5)
        assert row.low <= row.value <= row.high
    assert (rows["low"] < rows["high"]).any()


def test_missing_files_name_the_command(models: Path, tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match="python -m pneumo stress --data DIR"):
        read_stress_scores(tmp_path)
    with pytest.raises(DataSetError, match="python -m pneumo stress --data DIR"):
        read_stress(tmp_path)


@pytest.mark.parametrize(
    "content", [b"no gzip", gzip.compress(b"file,label\na,1\n"), gzip.compress(b"")]
)
def test_damaged_scores_name_the_command(tmp_path: Path, content: bytes) -> None:
    (tmp_path / STRESS_SCORES).write_bytes(content)
    with pytest.raises(DataSetError, match=r"corrupt.*python -m pneumo stress"):
        read_stress_scores(tmp_path)


def test_a_cut_off_file_names_the_command(
    models: Path, scored: pd.DataFrame, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(models, tmp_path / "models"))
    write_stress(copy, replicates=20)
    whole = (copy / STRESS_FILE).read_text(encoding="utf-8")
    (copy / STRESS_FILE).write_text(whole[: len(whole) // 2], encoding="utf-8")
    with pytest.raises(DataSetError, match="corrupt"):
        read_stress(copy)
    (copy / STRESS_FILE).write_text(whole, encoding="utf-8")
    packed = (copy / STRESS_SCORES).read_bytes()
    (copy / STRESS_SCORES).write_bytes(packed[: len(packed) // 2])
    with pytest.raises(DataSetError, match="corrupt"):
        read_stress_scores(copy)
    with pytest.raises(DataSetError, match="do not belong together"):
        read_stress(copy)


def test_the_shipped_table_follows_from_the_shipped_scores(
    shipped_models: Path, tmp_path: Path
) -> None:
    shipped = read_stress(shipped_models)
    plan = read_plan(shipped_models)
    assert shipped.model_version == plan.version
    assert shipped.n_held_out == plan.fitted_on["n"]
    scores = read_stress_scores(shipped_models)
    chosen = scores["distortion"].isin([UNCHANGED, "inversion"])
    shutil.copy(shipped_models / "ensemble.json", tmp_path)
    few = gzip.compress(scores[chosen].to_csv(index=False).encode())
    (tmp_path / STRESS_SCORES).write_bytes(few)
    again = write_stress(tmp_path).table
    kept = shipped.table[shipped.table["distortion"].isin([UNCHANGED, "inversion"])]
    pd.testing.assert_frame_equal(again, kept.reset_index(drop=True))
    assert (shipped.table["low"] <= shipped.table["high"]).all()


def test_shipped_films_are_held_out_ones_and_score_as_they_did(shipped_models: Path) -> None:
    scores = read_stress_scores(shipped_models)
    assert list(dict.fromkeys(zip(scores["distortion"], scores["strength"], strict=True))) == (
        list_conditions()
    )
    assert (shipped_models / STRESS_SCORES).stat().st_size < 1.5e6
    before = scores[scores["distortion"] == UNCHANGED].set_index("file")
    held_out = read_scores(shipped_models, "ensemble", "validation").set_index("file")
    assert set(before.index) <= set(held_out.index)
    assert not set(before.index) & set(read_scores(shipped_models, "ensemble", "test")["file"])
    said = held_out.loc[before.index, "probability"]
    np.testing.assert_allclose(to_probability(before["ensemble"]), said, atol=0.01)


def test_the_file_is_read_by_people_too(models: Path, scored: pd.DataFrame, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(models, tmp_path / "models"))
    write_stress(copy, replicates=20)
    lines = (copy / STRESS_FILE).read_text(encoding="utf-8").splitlines()
    rows = json.loads("\n".join(lines))["rows"]
    assert sum('"recall"' in line for line in lines) == len(rows) / len(MEASURES)
