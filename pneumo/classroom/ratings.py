"""Seats and answers → one table of ratings, a row a student and a column a film."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pneumo.classroom.records import (
    CALLED_FROM,
    HIGHEST,
    LOWEST,
    Answer,
    ClassFilm,
    ClassPlan,
    NetworkFacts,
    Seat,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ratings:
    """What a class answered.

    Attributes:
        plan: what was read.
        seats: the students with an answer at all, in the order in which they joined.
        rating: shape (students, films), from LOWEST to HIGHEST; nan where no answer came.
        seconds: shape (students, films), taken for the answer; nan without one.
    """

    plan: ClassPlan
    seats: tuple[Seat, ...]
    rating: Floats
    seconds: Floats

    @property
    def films(self) -> tuple[ClassFilm, ...]:
        """The films, in the order of the columns."""
        return self.plan.films

    @property
    def y_true(self) -> NDArray[np.int64]:
        """Shape (films,), 1 for pneumonia."""
        return np.array([film.label for film in self.films])

    @property
    def groups(self) -> tuple[str, ...]:
        """The patients, one a film."""
        return tuple(film.group for film in self.films)

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Shape (students, films)."""
        return ~np.isnan(self.rating)

    @property
    def called(self) -> NDArray[np.bool_]:
        """Shape (students, films), whether pneumonia was answered; False without an answer."""
        return self.rating >= CALLED_FROM

    @property
    def is_right(self) -> NDArray[np.bool_]:
        """Shape (students, films), whether the answer is the label; False without an answer."""
        return self.answered & (self.called == (self.y_true == 1))

    @property
    def score(self) -> Floats:
        """Shape (films,), mean rating of those who answered as a score in [0, 1]; else nan."""
        n = self.answered.sum(axis=0)
        total = np.nansum(self.rating, axis=0)
        mean = np.divide(total, n, out=np.full(len(n), np.nan), where=n > 0)
        return (mean - LOWEST) / (HIGHEST - LOWEST)

    def probability_of(self, network: NetworkFacts) -> Floats:
        """Return a network's calibrated probabilities of pneumonia, shape (films,)."""
        return np.array([film.probability[network.name] for film in self.films])


def gather_ratings(plan: ClassPlan, seats: Sequence[Seat], answers: Sequence[Answer]) -> Ratings:
    """Lay answers out as a table; students without any answer have no row."""
    given = [answer for answer in answers if answer.rating is not None]
    active = {answer.seat for answer in given}
    kept = tuple(seat for seat in seats if seat.number in active)
    row = {seat.number: place for place, seat in enumerate(kept)}
    rating = np.full((len(kept), len(plan.films)), np.nan)
    seconds = rating.copy()
    for answer in given:
        cell = row[answer.seat], answer.place - 1
        rating[cell] = answer.rating
        seconds[cell] = np.nan if answer.seconds is None else answer.seconds
    return Ratings(plan, kept, rating, seconds)
