"""The dashboard's pages, run as a visitor's browser would have them run → how long each takes.

A run is a whole script run on the server, from the request to the last element; the browser's own
drawing is not in it.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from pneumo import ENSEMBLE, read_plan
from pneumo.decision.ensemble import EnsemblePlan, write_plan
from pneumo.evidence.scores import write_scores
from pneumo.settings import REPOSITORY
from pneumo.ui.widgets.threshold import SLIDER

SHELL = REPOSITORY / "streamlit_app.py"
PERFORMANCE = "pages/evidence/performance.py"
EVIDENCE_PAGES = tuple(sorted(p.name for p in (REPOSITORY / "pages" / "evidence").glob("*.py")))

_TIMEOUT_S = 120


def time_pages(*, runs: int) -> dict[str, list[float]]:
    """Return the seconds that opening each evidence page took on a warm server, by its file name.

    Args:
        runs: how often each page is opened; a first opening, which fills the caches, is not kept.
    """
    taken: dict[str, list[float]] = {}
    for name in EVIDENCE_PAGES:
        seconds = [_time_opening(name) for _ in range(runs + 1)]
        taken[name.removesuffix(".py")] = seconds[1:]
    return taken


def _time_opening(name: str) -> float:
    app = AppTest.from_file(SHELL, default_timeout=_TIMEOUT_S)
    app.switch_page(f"pages/evidence/{name}")
    return _time_run(app)


def time_slider(*, films: int, moves: int) -> list[float]:
    """Return the seconds that each move of the threshold slider took on the page Performance.

    All of the page is run anew at each move here, and not its fragment alone, so this is the most
    that a visitor waits for the server.

    Args:
        films: drawn scores that everything on the page is measured on.
        moves: how often the slider is moved; the first move, which warms up, is not kept.
    """
    with tempfile.TemporaryDirectory() as folder:
        _write_drawn_scores(Path(folder), films=films)
        with _environment({"PNEUMO_MODELS": folder}):
            app = AppTest.from_file(SHELL, default_timeout=_TIMEOUT_S)
            app.switch_page(PERFORMANCE).run()
            slider = app.select_slider(key=SLIDER)
            labels = slider.options[:: max(1, len(slider.options) // (moves + 1))][: moves + 1]
            seconds = []
            for label in labels:
                app.select_slider(key=SLIDER).set_value(label)
                seconds.append(_time_run(app))
    return seconds[1:]


def _time_run(app: AppTest) -> float:
    began = time.perf_counter()
    app.run()
    seconds = time.perf_counter() - began
    if app.exception:
        raise RuntimeError(app.exception[0].message)
    return seconds


def _write_drawn_scores(folder: Path, *, films: int) -> None:
    """Write a models folder without networks: the shipped plan, and scores drawn from nowhere."""
    plan: EnsemblePlan = read_plan(REPOSITORY / "models")
    write_plan(plan, folder)
    rng = np.random.default_rng(1)
    labels = (np.arange(films) % 4 > 0).astype(int)
    table = pd.DataFrame(
        {
            "file": [f"drawn{number}.jpeg" for number in range(films)],
            "label": labels,
            "group": [f"drawn-{number // 2}" for number in range(films)],
        }
    )
    for name in [*(member.name for member in plan.members), ENSEMBLE]:
        logit = rng.normal(4 * labels - 2, 1.5)
        scores = table.assign(probability=1 / (1 + np.exp(-logit)))
        write_scores(scores, folder, name, "test")


@contextmanager
def _environment(changes: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(changes)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
