"""A small class to test with: films of known labels, two networks, and students who answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pneumo.classroom.ratings import Ratings, gather_ratings
from pneumo.classroom.records import Answer, ClassFilm, ClassPlan, NetworkFacts, Seat
from pneumo.domain import ENSEMBLE, OperatingPoint
from pneumo.evidence.scores import Scored

NETWORKS = (
    NetworkFacts("first", "First network", 0.5),
    NetworkFacts(ENSEMBLE, "Ensemble", 0.5),
)


def draw_plan(
    labels: Sequence[int] = (0, 1, 0, 1), *, seconds: int | None = None, split: str = "test"
) -> ClassPlan:
    """Films of these labels; the networks are right about every one but the last."""
    films = tuple(
        ClassFilm(
            place=place,
            file=f"film{place}.jpeg" if split == "test" else "",
            seed=None if split == "test" else place,
            label=label,
            group=f"patient-{place}",
            probability=dict.fromkeys(
                ("first", ENSEMBLE), 0.9 if (label == 1) != (place == len(labels)) else 0.1
            ),
        )
        for place, label in enumerate(labels, start=1)
    )
    return ClassPlan(films, NETWORKS, seconds, split, "as they come", "0123456789ab")


def rate(rows: Sequence[Sequence[int | None]], labels: Sequence[int]) -> Ratings:
    """A table of ratings, a row a student, None where no answer came."""
    seats = [Seat(number, f"Bird {number}") for number, _ in enumerate(rows)]
    answers = [
        Answer(number, place, rating, None if rating is None else 2.0 * place)
        for number, row in enumerate(rows)
        for place, rating in enumerate(row, start=1)
    ]
    return gather_ratings(draw_plan(labels), seats, answers)


def draw_scored(films: int = 40) -> list[Scored]:
    """Two networks and the ensemble; the networks disagree on every fifth film."""
    labels = np.arange(films) % 2
    sure = np.where(labels == 1, 0.9, 0.1)
    doubted = np.where(np.arange(films) % 5 == 0, 1 - sure, sure)
    point = OperatingPoint("balanced", 0.5, (0.4, 0.6), 0.9, 0.9, 10)
    return [
        Scored(
            name=name,
            title=name.capitalize(),
            split="test",
            files=tuple(f"film{place}.jpeg" for place in range(films)),
            groups=tuple(f"patient-{place // 2}" for place in range(films)),
            y_true=labels,
            probability=probability,
            uncalibrated=probability,
            operating_points=(point,),
        )
        for name, probability in (("first", sure), ("second", doubted), (ENSEMBLE, sure))
    ]


def sqlite_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'casebook.sqlite3'}"
