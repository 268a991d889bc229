"""Folders of films → how many a second, beside the bare forward passes of as many."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from pneumo.bench.film import load_limit
from pneumo.bench.films import NETWORK_SIDE, ORIGINAL_SIDE, draw_jpegs
from pneumo.bench.processes import FreshProcess
from pneumo.bench.timing import Measure, clock, divide, time_pairs
from pneumo.decision.ensemble import Ensemble
from pneumo.decision.worklist import read_files
from pneumo.errors import PneumoError
from pneumo.networks.zoo import SIDE

_DRAWN = 8
_BLOCK = 64

Times = tuple[list[float], list[float]]


def compare_batches(models_dir: Path, *, runs: int, large_runs: int, films: int) -> list[Measure]:
    """Time `read_files` on 1, 8 and more films against the bare forward passes of as many.

    Args:
        models_dir: the folder of the networks.
        runs: how often one film and eight are timed.
        large_runs: how often the largest folder is.
        films: how many there are in the largest folder.

    Raises:
        PneumoError: a file is missing, or OpenVINO; or a film could not be read.
    """
    measures = []
    with FreshProcess(backend="openvino") as process:
        for count in sorted({1, 8, films}):
            repeats = large_runs if count == films else runs
            times = process.call(_time_batch, models_dir, count, NETWORK_SIDE, repeats)
            measures += _describe(times, count, f"{count} JPEGs of {NETWORK_SIDE} px", f"_{count}")
        times = process.call(_time_batch, models_dir, films, ORIGINAL_SIDE, large_runs)
        words = f"{films} JPEGs of {ORIGINAL_SIDE} px"
        measures += _describe(times, films, words, f"_{films}_large")
    # The largest folder is what the goals are about, however many films it holds.
    goals = {
        f"batch_over_limit_{films}": ("batch_over_limit", "at least 0.9 at 1,000 films"),
        f"batch_over_limit_{films}_large": ("batch_over_limit_large", "at least 0.7"),
    }
    for place, measure in enumerate(measures):
        if measure.name in goals:
            name, goal = goals[measure.name]
            measures[place] = replace(measure, name=name, goal=goal)
    return measures


def _describe(times: Times, count: int, words: str, end: str) -> list[Measure]:
    ours, limit = times
    return [
        Measure(
            f"films_per_s{end}",
            f"films a second, {words}, files to rows",
            tuple(count / seconds for seconds in ours),
        ),
        Measure(
            f"limit_films_per_s{end}",
            f"films a second, bare forward passes of {count}",
            tuple(count / seconds for seconds in limit),
        ),
        # Throughput is films a second, so the ratio of throughputs has our seconds below.
        Measure(
            f"batch_over_limit{end}", f"throughput / the limit's, {words}", divide(limit, ours)
        ),
    ]


def _time_batch(models_dir: Path, count: int, side: int, runs: int) -> Times:
    ensemble, bare = Ensemble.load(models_dir, many_films=True), load_limit(models_dir)
    block = np.random.default_rng(1).random((_BLOCK, SIDE, SIDE, 1), dtype=np.float32)
    drawn = draw_jpegs(models_dir, min(count, _DRAWN), side=side)
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number:05}.jpeg" for number in range(count)]
        for number, file in enumerate(files):
            file.write_bytes(drawn[number % len(drawn)])

        def read() -> None:
            for row in read_files(ensemble, files):
                if not row.verdict:
                    raise PneumoError(f"A drawn film could not be read: {row.reason}")

        def pass_through() -> None:
            # The same films again and again: what they show costs nothing.
            for start in range(0, count, len(block)):
                some = block[: count - start]
                bare.pass_one(some) if count == 1 else bare.pass_many(some)

        return time_pairs(lambda run: clock(read), lambda run: clock(pass_through), runs=runs)
