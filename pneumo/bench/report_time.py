"""One case, film and all → how long its report takes, once what is loaded once is loaded."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from pneumo.bench.film import load_ensemble
from pneumo.bench.films import NETWORK_SIDE, draw_jpegs
from pneumo.bench.processes import FreshProcess
from pneumo.bench.timing import Measure, clock, scale
from pneumo.casebook.film_facts import FilmFacts
from pneumo.casebook.records import Case, CasePrediction, now_utc
from pneumo.intake import read_radiograph

_NOTE = "Fever and cough for three days, on the right less air than on the left. " * 6


def time_report(models_dir: Path, *, runs: int) -> list[Measure]:
    """Time the report of one page on a film with its heat maps and a note.

    Raises:
        PneumoError: a file is missing, or a library that makes reports.
    """
    (data,) = draw_jpegs(models_dir, 1, side=NETWORK_SIDE)
    with FreshProcess(backend="openvino") as process:
        seconds = process.call(_time, models_dir, data, runs)
    return [Measure("report_ms", "one report of a case as PDF", scale(seconds, 1e3), "under 1000")]


def _time(models_dir: Path, data: bytes, runs: int) -> list[float]:
    from pneumo.casebook.report import report_pdf

    film = read_radiograph(data)
    analysis = load_ensemble(models_dir).analyze(film)
    said = CasePrediction(analysis.prediction, analysis.explanations, now_utc())
    case = Case(FilmFacts.of(film, synthetic=True), "A drawn film", (said,), note=_NOTE)
    make = partial(report_pdf, case, film=film, models_dir=models_dir)
    make()
    return [clock(make) for _ in range(runs)]
