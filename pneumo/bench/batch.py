"""Folders of films → how many a second, beside the bare forward passes of as many."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from pneumo.bench.film import load_limit
from pneumo.bench.films import NETWORK_SIDE, ORIGINAL_SIDE, draw_jpegs, shift_film
from pneumo.bench.processes import FreshProcess
from pneumo.bench.timing import Measure, clock, divide, time_pairs
from pneumo.decision.ensemble import Ensemble
from pneumo.decision.worklist import read_files
from pneumo.errors import PneumoError
from pneumo.intake import read_radiograph
from pneumo.networks.films import squash
from pneumo.networks.zoo import SIDE

_DRAWN = 8
_BLOCK = 64

Times = tuple[list[float], list[float]]


def compare_batches(models_dir: Path, *, runs: int, large_runs: int, films: int) -> list[Measure]:
    """Time `read_files` on 1, 8 and more films against the bare forward passes of as many.

    The largest folder of small films is timed a second time against `Ensemble.score` on the
    arrays that its films decode to: what files, rows and duplicates cost beside the networks.

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
        times = process.call(_time_arrays, models_dir, films, large_runs)
        measures += _compare_arrays(times, films)
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


def _compare_arrays(times: Times, count: int) -> list[Measure]:
    ours, arrays = times
    return [
        Measure(
            "arrays_films_per_s",
            f"films a second, the networks alone on {count} decoded arrays",
            tuple(count / seconds for seconds in arrays),
        ),
        Measure(
            "batch_over_arrays",
            f"throughput / the networks' alone, {count} JPEGs of {NETWORK_SIDE} px",
            divide(arrays, ours),
            "at least 0.85",
        ),
    ]


def _time_batch(models_dir: Path, count: int, side: int, runs: int) -> Times:
    ensemble, bare = Ensemble.load(models_dir, many_films=True), load_limit(models_dir)
    block = np.random.default_rng(1).random((_BLOCK, SIDE, SIDE, 1), dtype=np.float32)
    with tempfile.TemporaryDirectory() as folder:
        files = _write_films(Path(folder), models_dir, count, side)

        def pass_through() -> None:
            # The same films again and again: what they show costs nothing.
            for start in range(0, count, len(block)):
                some = block[: count - start]
                bare.pass_one(some) if count == 1 else bare.pass_many(some)

        return time_pairs(
            lambda run: clock(partial(_read_all, ensemble, files)),
            lambda run: clock(pass_through),
            runs=runs,
        )


def _time_arrays(models_dir: Path, count: int, runs: int) -> Times:
    ensemble = Ensemble.load(models_dir, many_films=True)
    with tempfile.TemporaryDirectory() as folder:
        files = _write_films(Path(folder), models_dir, count, NETWORK_SIDE)
        films = np.stack([squash(read_radiograph(file.read_bytes())) for file in files])

        def score() -> None:
            for start in range(0, count, _BLOCK):
                ensemble.score(films[start : start + _BLOCK])

        return time_pairs(
            lambda run: clock(partial(_read_all, ensemble, files)),
            lambda run: clock(score),
            runs=runs,
        )


def _write_films(folder: Path, models_dir: Path, count: int, side: int) -> list[Path]:
    """Write drawn films, no two with the same pixels, since a duplicate would not be scored."""
    drawn = draw_jpegs(models_dir, min(count, _DRAWN), side=side)
    files = [folder / f"{number:05}.jpeg" for number in range(count)]
    for number, file in enumerate(files):
        turn, place = divmod(number, len(drawn))
        file.write_bytes(shift_film(drawn[place], rows=turn))
    return files


def _read_all(ensemble: Ensemble, files: Sequence[Path]) -> None:
    # Drawn films are no films to the gate.
    for row in read_files(ensemble, files, show_refused=True):
        if not row.verdict:
            raise PneumoError(f"A drawn film could not be read: {row.reason}")
        if row.duplicate_of:
            raise PneumoError("Two drawn films have the same pixels, so that one was not scored.")
