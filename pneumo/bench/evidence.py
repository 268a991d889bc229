"""The evidence pages on a running server → how long each opening and each slider move takes."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from pneumo.bench.server import serve
from pneumo.bench.timing import Measure, clock, scale
from pneumo.decision.ensemble import read_plan, write_plan
from pneumo.domain import ENSEMBLE
from pneumo.errors import PneumoError
from pneumo.evidence.scores import write_scores
from pneumo.ui.visitor import Visitor

FILMS = 5_856
"""Films of the whole data set: more than any split that is measured at once."""

_SECTION, _SLIDER_PAGE = "Evidence", "performance"
_SLIDER = "Threshold: a film is called PNEUMONIA from this probability on"


def time_pages(models_dir: Path, *, runs: int) -> list[Measure]:
    """Time the opening of each evidence page by a new visitor of a warm server.

    The first opening of each page, which fills the caches, is not kept.

    Raises:
        PneumoError: a page fails, or the server.
    """
    taken: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as cache, serve(models_dir, Path(cache)) as server:
        with Visitor(server.port) as visitor:
            visitor.open(_SLIDER_PAGE)
            pages = visitor.pages.get(_SECTION, [])
        if not pages:
            raise PneumoError(f"The navigation has no section {_SECTION}.")
        for page in pages:
            for _ in range(runs + 1):
                with Visitor(server.port) as visitor:
                    taken.setdefault(page, []).append(clock(partial(visitor.open, page)))
    return [
        Measure(
            f"page_{page}_s", f"opening the page {page}, warm server", tuple(all_[1:]), "under 1.5"
        )
        for page, all_ in taken.items()
    ]


def time_slider(models_dir: Path, *, runs: int, films: int = FILMS) -> list[Measure]:
    """Time moves of the threshold slider on the page Performance.

    Args:
        models_dir: the folder of the networks, whose plan is taken over.
        runs: how often the slider is moved; the first move, which warms up, is not kept.
        films: drawn scores that everything on the page is measured on.

    Raises:
        PneumoError: the page fails, or the server.
    """
    with tempfile.TemporaryDirectory() as folder:
        drawn = Path(folder)
        _write_drawn_scores(models_dir, drawn, films=films)
        with serve(drawn, drawn / "cache") as server, Visitor(server.port) as visitor:
            visitor.open(_SLIDER_PAGE)
            offered = visitor.options_of(_SLIDER)
            places = np.linspace(0, len(offered) - 1, runs + 1).astype(int)
            seconds = [clock(partial(visitor.slide, _SLIDER, offered[at])) for at in places]
    return [
        Measure(
            "slider_ms",
            f"a move of the threshold slider at {films:,} films",
            scale(seconds[1:], 1e3),
            "under 200",
        )
    ]


def _write_drawn_scores(models_dir: Path, folder: Path, *, films: int) -> None:
    """Write a models folder without networks: a plan, and scores drawn from nowhere."""
    import pandas as pd

    plan = read_plan(models_dir)
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
