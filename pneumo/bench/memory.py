"""The networks in a fresh process that reads films → how much memory the process then holds."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from pneumo.bench.film import load_ensemble
from pneumo.bench.films import NETWORK_SIDE, draw_jpegs
from pneumo.bench.processes import FreshProcess, resident_mb
from pneumo.bench.timing import Measure
from pneumo.decision.ensemble import read_plan
from pneumo.intake import read_radiograph

_FILMS = 20


def measure_memory(models_dir: Path, *, runs: int) -> list[Measure]:
    """Load the networks and read twenty films, each time in a process of its own.

    Its cache is empty, so that Keras is needed to build the networks: later ones hold less.

    Raises:
        PneumoError: a file is missing.
    """
    files = draw_jpegs(models_dir, _FILMS, side=NETWORK_SIDE)
    members = len(read_plan(models_dir).members)
    held = []
    for _ in range(runs):
        with (
            tempfile.TemporaryDirectory() as cache,
            FreshProcess(backend="openvino", cache=Path(cache)) as process,
        ):
            held.append(process.call(_read_and_weigh, models_dir, files))
    return [
        Measure(
            "serving_memory_mb",
            f"memory of a process with {members} networks after {_FILMS} films, empty cache",
            tuple(held),
            "under 700 with three networks",
        )
    ]


def _read_and_weigh(models_dir: Path, files: list[bytes]) -> float:
    ensemble = load_ensemble(models_dir)
    for data in files:
        ensemble.analyze(read_radiograph(data))
    return resident_mb(os.getpid())
