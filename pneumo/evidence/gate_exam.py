"""The official test films, as they are and turned or inverted → how the gate takes them.

The test split decides nothing about the gate: it is looked at when the gate is done, each look is
written to the ledger, and the result lies in a file of its own ⇄ `models/gate_exam.json`.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from pneumo.decision.gate import Gate
from pneumo.domain import FilmQuality, Usability
from pneumo.errors import MissingWeightsError
from pneumo.evidence.gate_rates import share
from pneumo.evidence.ledger import record_look
from pneumo.intake.collection import collect_films
from pneumo.intake.quality import FilmFile
from pneumo.networks.films import load_films
from pneumo.networks.poses import pose
from pneumo.networks.serving import load_served_network

EXAM_FILE = "gate_exam.json"
_BATCH = 16
_HARMS: dict[str, tuple[int, bool]] = {
    "turned by 90 degrees": (1, False),
    "turned by 180 degrees": (2, False),
    "turned by 270 degrees": (3, False),
    "inverted": (0, True),
}


def examine_gate(data: Path, models_dir: Path, *, command: str) -> dict[str, Any]:
    """Have the gate judge the official test films, and keep the rates.

    Args:
        data: the data set's folder.
        models_dir: the folder of the networks and their gate.
        command: what was called, for the ledger.

    Returns:
        `gate_version`, and by title the rates, each with n and its 95% interval (Wilson).

    Raises:
        DataSetError: the folder is in another layout.
        ModelError: there is no gate, or files are damaged.
    """
    gate = Gate.load(models_dir)
    if gate is None:
        raise MissingWeightsError("There is no gate yet: fit one with `python -m pneumo gate`.")
    network = load_served_network(
        models_dir / gate.network,
        weights_sha256=gate.weights_sha256,
        many_films=True,
        taps=gate.taps,
    )
    films = collect_films(data, ("test",))
    record_look(models_dir, f"gate {gate.version}", command)
    array = load_films(films)

    def judge(title: str, quarters: int, inverted: bool) -> list[FilmQuality]:
        found = []
        for start in tqdm(range(0, len(array), _BATCH), title, unit="batch", leave=False):
            made = [pose(film, quarters, inverted) for film in array[start : start + _BATCH]]
            seen = np.stack(made).astype(np.float32) / np.float32(255)
            features = network.score(seen).features
            if features is not None:
                file = FilmFile(*seen.shape[1:])
                found += [gate.check(file, *one) for one in zip(seen, features, strict=True)]
        return found

    plain = judge("test films", 0, False)
    rates = {
        "test films warned about or refused": [q.usability is not Usability.FINE for q in plain],
        "test films refused": [q.usability is Usability.REFUSED for q in plain],
    }
    for title, how in _HARMS.items():
        noticed = [q.usability is not Usability.FINE for q in judge(title, *how)]
        rates[f"test films {title} noticed"] = noticed
    named: dict[str, int] = {}
    for quality in plain:
        for concern in quality.concerns:
            named[concern.name] = named.get(concern.name, 0) + 1
    exam = {
        "gate_version": gate.version,
        "rates": {title: asdict(share(found)) for title, found in rates.items()},
        "concerns_about_test_films": named,
    }
    stored = json.dumps(exam, indent=2) + "\n"
    (models_dir / EXAM_FILE).write_text(stored, encoding="utf-8")
    return exam


def read_exam(models_dir: Path, gate_version: str) -> dict[str, Any]:
    """Return the rates of the exam of this very gate, {} if it had none."""
    try:
        exam = json.loads((models_dir / EXAM_FILE).read_text(encoding="utf-8"))
        return dict(exam["rates"]) if exam["gate_version"] == gate_version else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
