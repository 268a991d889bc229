"""A data set and a network become a gate, and the gate is examined on the test split."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pneumo.decision.calibration import Calibration
from pneumo.decision.ensemble import EnsemblePlan, Member, write_plan
from pneumo.decision.gate import Gate
from pneumo.decision.sight import Sight
from pneumo.errors import DataSetError, MissingWeightsError
from pneumo.evidence.gate_exam import examine_gate, read_exam
from pneumo.evidence.gate_films import Amounts
from pneumo.evidence.gate_rates import choose_thresholds, share
from pneumo.evidence.gating import NETWORK, fit_gate
from pneumo.evidence.ledger import read_ledger
from pneumo.networks.cards import hash_network


def write_ensemble(folder: Path, name: str) -> None:
    """Write an ensemble of one tiny untrained network whose layers are called as the gate's."""
    import keras

    from pneumo.networks.artifacts import save_network
    from pneumo.networks.build import build_network
    from pneumo.networks.zoo import NetworkSpec

    def body(films: object, weights: object) -> object:
        seen = keras.layers.Conv2D(64, 16, 16, name="block_9_add")(films)
        return keras.layers.Conv2D(96, 1, 1, activation="relu", name="block_12_add")(seen)

    keras.utils.set_random_seed(1)
    save_network(build_network(NetworkSpec(name, "Tiny", body, "signed", 4)), folder / name)
    member = Member(name, "Tiny", hash_network(folder / name), 1.0, Calibration(1.0, 0.0), ())
    write_plan(EnsemblePlan((member,), Calibration(1.0, 0.0), (), {}, ""), folder)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory, tiny_data: Path) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_ensemble(folder, NETWORK)
    fit_gate(tiny_data, folder, amounts=Amounts(posed=5, plain=20, decoys=1))
    return folder


def test_gate_is_fitted_on_train_and_val_and_says_on_how_many(models: Path) -> None:
    gate = Gate.load(models)
    assert gate is not None
    assert gate.network == NETWORK
    assert gate.fitted_on["films"] == 88
    assert gate.fitted_on["films_held_out"] + gate.fitted_on["groups_learned_from"] > 20
    assert gate.measured["held-out films refused"]["n"] == gate.fitted_on["films_held_out"]
    assert not (models / "test_ledger.csv").exists()


def test_same_seed_gives_the_same_gate(models: Path, tiny_data: Path, tmp_path: Path) -> None:
    write_ensemble(tmp_path, NETWORK)
    again = fit_gate(tiny_data, tmp_path, amounts=Amounts(posed=5, plain=20, decoys=1))
    first = Gate.load(models)
    assert first is not None
    assert vars(again.thresholds) == pytest.approx(vars(first.thresholds), abs=1e-3)


def test_exam_looks_at_the_test_films_once_and_is_written_to_the_ledger(
    models: Path, tiny_data: Path
) -> None:
    exam = examine_gate(tiny_data, models, command="test")
    assert exam["rates"]["test films refused"]["n"] == 24
    (look,) = read_ledger(models)
    assert look.model_version == f"gate {exam['gate_version']}"
    assert read_exam(models, exam["gate_version"]) == exam["rates"]
    assert read_exam(models, "another") == {}
    assert json.loads((models / "gate_exam.json").read_text()) == exam


def test_ensemble_without_the_gates_network_says_what_is_missing(
    tiny_data: Path, tmp_path: Path
) -> None:
    write_ensemble(tmp_path, "other")
    with pytest.raises(DataSetError, match=NETWORK):
        fit_gate(tiny_data, tmp_path)
    with pytest.raises(MissingWeightsError, match="pneumo gate"):
        examine_gate(tiny_data, tmp_path, command="test")


def test_thresholds_leave_the_stated_shares_beyond_them() -> None:
    rng = np.random.default_rng(1)

    def draw(spread: float) -> list[Sight]:
        return [
            Sight(float(1 + spread * abs(d)), float(spread * s - 5), np.eye(8)[0], float(m))
            for d, s, m in rng.normal(size=(2000, 3))
        ]

    films, varied, coloured = draw(0.1), draw(0.3), draw(0.2)
    limits = choose_thresholds(films, varied, coloured)
    near = [film.distance for film in films]
    outermost, median = np.quantile(near, [0.999, 0.5])
    assert limits.distance_warns == pytest.approx(1.25 * outermost - 0.25 * median, abs=1e-3)
    assert np.mean([film.distance > limits.distance_refuses for film in varied]) == 0.001
    assert limits.distance_warns < limits.distance_doubts < limits.distance_refuses
    assert limits.strangeness_doubts < limits.strangeness_refuses
    assert limits.pose_warns == 0.5
    strange = [film.strangeness > limits.strangeness_in_colour for film in coloured]
    assert np.mean(strange) == pytest.approx(0.01)
    assert np.mean([film.strangeness > limits.strangeness_unsure for film in varied]) < 0.051
    assert limits.pose_unsure == 1.0


def test_share_carries_its_interval() -> None:
    found = share([True] * 8 + [False] * 2)
    # Wilson (1927) for 8 of 10.
    assert (found.value, found.n) == (0.8, 10)
    assert (found.low, found.high) == pytest.approx((0.4902, 0.9433), abs=1e-4)
