"""How long networks take on this machine is measured, not looked up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pneumo.decision.calibration import Calibration
from pneumo.decision.ensemble import EnsemblePlan, Member
from pneumo.decision.latency import Latency, add_up, describe_machine, measure_latency
from pneumo.domain import ENSEMBLE
from pneumo.errors import MissingWeightsError
from pneumo.networks.cards import hash_network
from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two networks of one layer each."""
    import keras

    from pneumo.networks.artifacts import save_network
    from pneumo.networks.build import build_network
    from pneumo.networks.zoo import NetworkSpec

    def body(films: object, weights: object) -> object:
        return keras.layers.Conv2D(2, 7, 32)(films)

    folder = tmp_path_factory.mktemp("models")
    for name in ("first", "second"):
        spec = NetworkSpec(name, name.title(), body, "signed", hidden_units=4)
        save_network(build_network(spec), folder / name)
    return folder


def plan_for(folder: Path) -> EnsemblePlan:
    calibration = Calibration(1.0, 0.0)
    members = tuple(
        Member(name, name.title(), hash_network(folder / name), 0.5, calibration, ())
        for name in ("first", "second")
    )
    return EnsemblePlan(members, calibration, (), {}, "")


def test_each_network_is_timed_cold_and_on_as_many_warm_films_as_asked(folder: Path) -> None:
    found = list(measure_latency(folder, plan_for(folder), films=5))
    assert [latency.title for latency in found] == ["First", "Second"]
    for latency in found:
        assert len(latency.warm_ms) == 5
        assert 0 < latency.median_ms <= latency.p95_ms
        # To load and compile takes longer than to read one film more.
        assert 1000 * latency.cold_s > latency.median_ms


def test_missing_network_is_named(folder: Path) -> None:
    plan = plan_for(folder)
    measuring = measure_latency(folder / "elsewhere", plan, films=1)
    with pytest.raises(MissingWeightsError, match="first"):
        next(measuring)


def test_ensemble_takes_what_its_networks_take_together() -> None:
    first, second = (
        Latency("first", "First", 1.0, (10.0, 20.0, 30.0)),
        Latency("second", "Second", 0.5, (1.0, 2.0, 9.0)),
    )
    together = add_up([first, second], title="All together")
    assert together.name == ENSEMBLE
    assert together.cold_s == 1.5
    assert together.warm_ms == (11.0, 22.0, 39.0)
    assert together.median_ms == 22.0
    assert together.p95_ms == pytest.approx(37.3)


def test_machine_is_named_with_its_cores() -> None:
    assert "core" in describe_machine()


def test_module_alone_loads_no_runtime() -> None:
    code = (
        "import sys, pneumo.decision.latency; "
        "assert not {'keras', 'tensorflow', 'openvino'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True)
