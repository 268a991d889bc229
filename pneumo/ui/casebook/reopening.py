"""A case of the casebook → what the parts of the page Analyze show it with, as it was read.

A casebook's file may come from anywhere. What the page would take for Markdown is therefore
stripped of the signs that mark something up; all other text is shown as plain text.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from pneumo import Analysis, EnsemblePlan, Prediction, Radiograph
from pneumo.casebook.pictures import show_film, show_grey
from pneumo.casebook.records import Case, CaseOpinion, CasePrediction
from pneumo.decision.calibration import Calibration
from pneumo.opinion.repeats import Spread, measure_spread
from pneumo.opinion.result import OpinionResult
from pneumo.ui.session import Film, Reading

_MARKUP = re.compile(r"[^\w .,:;+\-%]")
_LONGEST = 80


def reopen(case: Case, said: CasePrediction, radiograph: Radiograph | None) -> Reading:
    """Return a case's film and one of its predictions as a reading.

    Args:
        case: as it was saved.
        said: one of its predictions.
        radiograph: the film, if its pixels were kept; without it the picture is plain grey.

    Returns:
        The plan holds no more than the case does: the operating point and the model's version.
    """
    film = reopen_film(case, said, radiograph)
    prediction = unmark(said.prediction)
    maps = tuple(
        replace(explanation, title=_plain(explanation.title)) for explanation in said.explanations
    )
    plan = EnsemblePlan(
        (), Calibration(1.0, 0.0), (prediction.operating_point,), {}, prediction.model_version
    )
    return Reading(film, Analysis(prediction, maps), plan, said.read_at)


def reopen_film(case: Case, said: CasePrediction, radiograph: Radiograph | None) -> Film:
    """Return a case's film for the screen, or a plain grey one of the same proportions."""
    refused = said.is_refused
    synthetic = case.film.synthetic
    if radiograph is None:
        picture = show_grey(case.film.rows, case.film.columns, synthetic=synthetic, refused=refused)
        pixels = (picture / np.float32(255)).astype(np.float32)
        radiograph = Radiograph(pixels, case.film.source, case.film.encoding, 8)
    else:
        picture = show_film(radiograph, synthetic=synthetic, refused=refused)
    return Film(case.title, radiograph, picture, synthetic)


def unmark(prediction: Prediction) -> Prediction:
    """Return a prediction whose names cannot be taken for Markdown."""
    point = prediction.operating_point
    return replace(
        prediction,
        members=tuple(replace(member, title=_plain(member.title)) for member in prediction.members),
        operating_point=replace(point, name=_plain(point.name)),
        model_version=_plain(prediction.model_version),
    )


def spread_of(case: Case) -> Spread | None:
    """Return what the blind readings said that were asked alike, the last asking; None if none."""
    blind = [_unmark_result(opinion) for opinion in case.opinions if not opinion.informed]
    if not blind:
        return None
    last = next((result for result in reversed(blind) if result.opinion), blind[-1])
    alike = [result for result in blind if _question(result) == _question(last)]
    # The one that stands for all was asked among them, and is shown first.
    return measure_spread([last, *(result for result in alike if result is not last)])


def informed_of(case: Case) -> OpinionResult | None:
    """Return the last informed reading; None without any."""
    informed = [_unmark_result(opinion) for opinion in case.opinions if opinion.informed]
    return informed[-1] if informed else None


def _unmark_result(opinion: CaseOpinion) -> OpinionResult:
    return replace(opinion.result, asked_at=_plain(opinion.result.asked_at))


def _question(result: OpinionResult) -> tuple[str, ...]:
    return result.provider, result.host, result.model, result.prompt_name, result.prompt_hash


def _plain(text: str) -> str:
    """Return what is left of a name without any sign that marks something up.

    >>> _plain("VGG16 ![x](http://foreign.test/a.png)")
    'VGG16 xhttp:foreign.testa.png'
    """
    return _MARKUP.sub("", text)[:_LONGEST]
