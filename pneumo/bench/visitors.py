"""Eight visitors at once → how much longer the slowest waits than a visitor alone."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from pneumo.bench.film import load_ensemble
from pneumo.bench.films import NETWORK_SIDE, draw_jpegs
from pneumo.bench.processes import FreshProcess
from pneumo.bench.timing import Measure, divide, scale, time_pairs
from pneumo.intake import read_radiograph

VISITORS = 8


def compare_visitors(models_dir: Path, *, runs: int) -> list[Measure]:
    """Time eight films asked for at the same moment from eight threads, against one alone.

    Raises:
        PneumoError: a file is missing.
    """
    files = draw_jpegs(models_dir, VISITORS, side=NETWORK_SIDE)
    with FreshProcess(backend="openvino") as process:
        slowest, alone = process.call(_time_visitors, models_dir, files, runs)
    return [
        Measure("visitors_slowest_ms", "the slowest of eight at once", scale(slowest, 1e3)),
        Measure("visitor_alone_ms", "one visitor alone, in turn with them", scale(alone, 1e3)),
        Measure(
            "visitors_over_film",
            "the slowest of eight / one alone",
            divide(slowest, alone),
            "at most 8",
        ),
    ]


def _time_visitors(
    models_dir: Path, files: list[bytes], runs: int
) -> tuple[list[float], list[float]]:
    ensemble = load_ensemble(models_dir)

    def visit(data: bytes, start: Barrier) -> float:
        start.wait()
        began = time.perf_counter()
        ensemble.analyze(read_radiograph(data))
        return time.perf_counter() - began

    with ThreadPoolExecutor(VISITORS) as pool:

        def together(run: int) -> float:
            start = Barrier(VISITORS)
            return max(pool.map(visit, files, [start] * VISITORS))

        def alone(run: int) -> float:
            return visit(files[run % VISITORS], Barrier(1))

        return time_pairs(together, alone, runs=runs)
