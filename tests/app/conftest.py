"""A models folder of two tiny untrained networks, and the app started on a copy of it."""

from __future__ import annotations

import gc
import io
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from pneumo.decision.calibration import Calibration
from pneumo.decision.ensemble import EnsemblePlan, Member, write_plan
from pneumo.domain import ENSEMBLE, OperatingPoint
from pneumo.intake.synthetic import COMPONENTS, SYNTHETIC_FILE, fit_synthetic_films
from pneumo.networks.cards import hash_network, write_card
from pneumo.ui.access import door
from tests.conftest import REPOSITORY

TITLES = {"first": "First network", "second": "Second network"}
VALIDATION_FILMS = 321

FilmBytes = Callable[..., bytes]


def draw_points() -> tuple[OperatingPoint, ...]:
    return tuple(
        OperatingPoint(name, threshold, (threshold - 0.01, threshold + 0.01), 0.9, 0.8, 321)
        for name, threshold in (("rule-out", 0.1), ("balanced", 0.5), ("rule-in", 0.9))
    )


@pytest.fixture(autouse=True)
def _door_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test meet a server on which readers signed in for another."""
    monkeypatch.setattr(door, "_readers_sign_in", Event())


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import keras

    from pneumo.networks.artifacts import save_network
    from pneumo.networks.build import build_network
    from pneumo.networks.zoo import NetworkSpec

    def body(films: object, weights: object) -> object:
        return keras.layers.Conv2D(4, 7, 32, activation="relu")(films)

    folder = tmp_path_factory.mktemp("models")
    members = []
    for seed, (name, title) in enumerate(TITLES.items()):
        keras.utils.set_random_seed(seed)
        spec = NetworkSpec(name, title, body, "signed", hidden_units=8)
        save_network(build_network(spec), folder / name)
        weights = hash_network(folder / name)
        # So flat that an untrained network's verdict is known, whatever the film: -3 or 3.
        calibration = Calibration(slope=1e-6, midpoint=(3e6, -3e6)[seed])
        members.append(Member(name, title, weights, 0.5, calibration, draw_points()))
        write_card(
            folder / name,
            {
                "protocol": "finetune",
                "initialisation": {"from": "random weights"},
                "parameters": {"total": 1234, "trained": 1200},
                "validation": {"n": VALIDATION_FILMS, "auc": 0.51234},
                "films_learned_from": 77,
                "weights_sha256": weights,
            },
        )
    plan = EnsemblePlan(
        tuple(members), Calibration(slope=1.0, midpoint=-1.0), draw_points(), {}, ""
    )
    write_plan(plan, folder)
    films = np.random.default_rng(1).integers(0, 256, (2 * COMPONENTS, 20, 24)).astype(np.uint8)
    statistics = fit_synthetic_films(films, np.arange(2 * COMPONENTS) % 2)
    (folder / SYNTHETIC_FILE).write_bytes(statistics)
    return folder


@pytest.fixture(autouse=True)
def quick_runs() -> Iterator[None]:
    """Spare what other tests have loaded: Streamlit collects all garbage after each run."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the main module back afterwards: other tests' fresh processes begin by importing it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def models(tiny_models: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage; the copy's path is new, so it is loaded anew."""
    return Path(shutil.copytree(tiny_models, tmp_path / "models"))


@pytest.fixture
def app(models: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("PNEUMO_MODELS", str(models))
    st.cache_data.clear()
    st.cache_resource.clear()
    return AppTest.from_file(REPOSITORY / "streamlit_app.py", default_timeout=60)


# Found, missed and false alarms at the ensemble's balanced threshold of 0.5, and only there. The
# tiny networks' flat calibration keeps the order only: the first says NORMAL to every film, the
# second PNEUMONIA.
PROBABILITY = (0.02, 0.03, 0.05, 0.2, 0.6, 0.55, 0.3, 0.95, 0.97, 0.99)
LABELS = (0, 0, 0, 0, 0, 1, 1, 1, 1, 1)


def write_scores(
    models: Path,
    *,
    split: str = "test",
    labels: Sequence[int] = LABELS,
    probability: Sequence[float] = PROBABILITY,
    names: Sequence[str] = (*TITLES, ENSEMBLE),
    first: int = 0,
) -> None:
    """Write the same scores of drawn films for some networks into a models folder."""
    table = pd.DataFrame(
        {
            "file": [f"film{first + place}.jpeg" for place in range(len(labels))],
            "label": labels,
            "group": [f"IM-{place // 2}" for place in range(len(labels))],
            "probability": probability,
        }
    )
    for name in names:
        (models / name).mkdir(exist_ok=True)
        table.to_csv(models / name / f"scores_{split}.csv", index=False)


@pytest.fixture
def film_bytes() -> FilmBytes:
    def draw(seed: int = 1, *, rows: int = 60, columns: int = 90) -> bytes:
        pixels = np.random.default_rng(seed).integers(0, 256, (rows, columns)).astype(np.uint8)
        stored = io.BytesIO()
        Image.fromarray(pixels).save(stored, "PNG")
        return stored.getvalue()

    return draw
