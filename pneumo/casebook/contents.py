"""What was said of a film ⇄ JSON, each field checked on the way back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

import numpy as np
from pydantic import Field, TypeAdapter

from pneumo.casebook.film_facts import FilmFacts
from pneumo.casebook.records import CaseOpinion, CasePrediction, Read, Reference
from pneumo.domain import Explanation, Prediction
from pneumo.opinion.result import OpinionResult, to_record

_LONGEST_SIDE = 1_000_000
_MOST_MENDS = 3

_Evidence = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]


@dataclass(frozen=True)
class _Map:
    name: str
    title: str
    evidence: list[list[_Evidence]]


@dataclass(frozen=True)
class _Said:
    prediction: Prediction
    explanations: list[_Map]
    read_at: datetime
    quality: dict[str, Any]


@dataclass(frozen=True)
class _Asked:
    result: OpinionResult
    informed: bool


def write_predictions(predictions: tuple[CasePrediction, ...]) -> str:
    """Return what the networks said, heat maps included, as JSON."""
    return _write(
        [
            {
                "prediction": asdict(each.prediction),
                "explanations": [
                    {"name": one.name, "title": one.title, "evidence": _numbers(one)}
                    for one in each.explanations
                ],
                "read_at": each.read_at,
                "quality": dict(each.quality),
            }
            for each in predictions
        ]
    )


def read_predictions(text: str | bytes) -> tuple[CasePrediction, ...]:
    """Return what the networks said, as it was written.

    Raises:
        ValueError: it is no such JSON, or empty.
    """
    found = _adapter(list[_Said]).validate_json(text)
    if not found:
        raise ValueError("Expected at least one prediction.")
    return tuple(
        CasePrediction(
            _sound(each.prediction),
            tuple(Explanation(one.name, one.title, _grid(one)) for one in each.explanations),
            to_utc(each.read_at),
            each.quality,
        )
        for each in found
    )


def write_opinions(opinions: tuple[CaseOpinion, ...]) -> str:
    """Return what language models said as JSON."""
    return _write(
        [{"result": to_record(each.result), "informed": each.informed} for each in opinions]
    )


def read_opinions(text: str | bytes) -> tuple[CaseOpinion, ...]:
    """Return what language models said, as it was written.

    Raises:
        ValueError: it is no such JSON.
    """
    found = _adapter(list[_Asked]).validate_json(text)
    return tuple(CaseOpinion(each.result, each.informed) for each in found)


def write_reads(reads: tuple[Read, ...]) -> str:
    """Return what the reader committed to as JSON."""
    return _write([asdict(each) for each in reads])


def read_reads(text: str | bytes) -> tuple[Read, ...]:
    """Return what the reader committed to, as it was written.

    Raises:
        ValueError: it is no such JSON.
    """
    found: tuple[Read, ...] = _adapter(tuple[Read, ...]).validate_json(text)
    return tuple(replace(each, read_at=to_utc(each.read_at)) for each in found)


def read_film_facts(record: object) -> FilmFacts:
    """Return what is kept of a film from plain values.

    Raises:
        ValueError: they are no such facts.
    """
    facts: FilmFacts = _adapter(FilmFacts).validate_python(record)
    if not (0 < facts.rows <= _LONGEST_SIDE and 0 < facts.columns <= _LONGEST_SIDE):
        raise ValueError("Expected the sides of a film.")
    if len(facts.mends) > _MOST_MENDS:
        raise ValueError("Expected a turn, a mirroring and an inversion at most.")
    return facts


def read_reference(record: object) -> Reference | None:
    """Return the answer that a case was resolved with from plain values; None for none.

    Raises:
        ValueError: they are no such answer.
    """
    found: Reference | None = _adapter(Reference | None).validate_python(record)
    return replace(found, resolved_at=to_utc(found.resolved_at)) if found else None


def to_utc(moment: datetime) -> datetime:
    """Return a time in UTC.

    Raises:
        ValueError: it does not say in which time zone it is, or is beyond all years.
    """
    if moment.tzinfo is None:
        raise ValueError("Expected a time with its time zone.")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("Expected a time within the years from 1 to 9999.") from None


def _sound(prediction: Prediction) -> Prediction:
    shares = [prediction.probability, *(member.probability for member in prediction.members)]
    if not all(0 <= share <= 1 for share in shares):
        raise ValueError("Expected probabilities from 0 to 1.")
    return prediction


def _numbers(explanation: Explanation) -> list[list[float]]:
    # The shortest decimals that come back as the same float32.
    grid = np.asarray(explanation.evidence, dtype=np.float32)
    return [[float(str(value)) for value in row] for row in grid]


def _grid(one: _Map) -> np.ndarray[Any, np.dtype[np.float32]]:
    grid = np.array(one.evidence, dtype=np.float32)
    if grid.ndim != 2 or not grid.size:
        raise ValueError("Expected a heat map of rows and columns.")
    return grid


def _write(value: object) -> str:
    text = json.dumps(
        value, default=_plain, allow_nan=False, ensure_ascii=False, separators=(",", ":")
    )
    # A language model may answer with half a letter (a lone surrogate), which no file can hold.
    return text.encode("utf-8", "replace").decode("utf-8")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return to_utc(value).isoformat()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"Expected plain values, but got {type(value).__name__}.")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    # To build one takes milliseconds, which would add up over thousands of cases.
    return TypeAdapter(kind)
