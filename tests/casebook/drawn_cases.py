"""Cases drawn for tests: made of what a film's verdict, opinion and reads look like."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from pneumo.casebook.film_facts import FilmFacts
from pneumo.casebook.records import (
    Case,
    CaseOpinion,
    CasePrediction,
    Cause,
    Read,
    Reference,
    Stage,
)
from pneumo.domain import (
    ENSEMBLE,
    Explanation,
    Finding,
    MemberScore,
    OperatingPoint,
    Opinion,
    Prediction,
    Verdict,
)
from pneumo.opinion.result import OpinionResult

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def draw_prediction(probability: float = 0.731, *, version: str = "0123456789ab") -> CasePrediction:
    point = OperatingPoint("balanced", 0.5, (0.49, 0.51), 0.9, 0.8, 321)
    verdict = Verdict.PNEUMONIA if probability >= 0.5 else Verdict.NORMAL
    members = (
        MemberScore("first", "First network", 0.05, Verdict.NORMAL),
        MemberScore("second", "Second network", 0.95, Verdict.PNEUMONIA),
    )
    prediction = Prediction(verdict, verdict, probability, members, 0.9, True, point, version)
    evidence = np.zeros((5, 5), dtype=np.float32)
    evidence[3, 1] = 1.0
    maps = tuple(Explanation(name, name, evidence) for name in (ENSEMBLE, "first", "second"))
    return CasePrediction(prediction, maps, NOON)


def draw_refused() -> CasePrediction:
    """Draw a prediction on a film that the gate had refused."""
    quality = {
        "usability": "refused",
        "concerns": [{"name": "n", "message": "It may be no chest film.", "refuses": True}],
        "distance": 5.25,
        "distance_threshold": 2.5,
        "gate_version": "f00df00df00d",
    }
    return replace(draw_prediction(), quality=quality)


def draw_mended(number: int = 1) -> FilmFacts:
    """Draw what is kept of a film that was turned and inverted before it was read."""
    mends = ("rotate 180", "invert")
    chosen = f"{number + 0xAB00:064x}"
    return FilmFacts(f"{number:064x}", 60, 90, "picture", "PNG", False, mends, chosen)


def draw_opinion(verdict: Verdict = Verdict.NORMAL, *, informed: bool = False) -> CaseOpinion:
    finding = Finding("consolidation", "right", "lower", "probable")
    opinion = Opinion("yes", "", "AP", (finding,), "Clear lungs, it says.", verdict, "moderate", "")
    result = OpinionResult(
        opinion, None, "", "custom", "localhost:11434", "sees", "sees-2026", "radiologist", "v1",
        "a" * 64, "1", {"picture_columns": 512, "picture_rows": 512},
        asked_at="2026-11-23T12:01:00+00:00", latency_s=2.0, attempts=1,
    )  # fmt: skip
    return CaseOpinion(result, informed)


def draw_reads() -> tuple[Read, Read]:
    alone = Read(Verdict.NORMAL, "low", "cannot tell", "cannot tell", Stage.ALONE, NOON, None, 31.5)
    then = replace(
        alone,
        verdict=Verdict.PNEUMONIA,
        certainty="moderate",
        side="right",
        zone="lower",
        stage=Stage.AFTER_NETWORKS,
        cause=Cause.HEAT_MAP,
        read_at=NOON + timedelta(minutes=1),
    )
    return alone, then


def draw_case(number: int = 1, **changes: Any) -> Case:
    """Draw a case with an opinion, two reads, and an answer; the number makes another film."""
    case = Case(
        film=FilmFacts(f"{number:064x}", 60, 90, "picture", "PNG"),
        title=f"Case {number}",
        predictions=(draw_prediction(),),
        opinions=(draw_opinion(),),
        reads=draw_reads(),
        note="Cough for three days.",
        tags=("ward", "winter"),
        reference=Reference(Verdict.PNEUMONIA, "follow-up film", NOON + timedelta(days=3)),
        created_at=NOON,
        updated_at=NOON,
        id=f"{number:032x}",
    )
    return replace(case, **changes)
