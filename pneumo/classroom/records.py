"""What a class is made of: frozen records of the session, its films, its seats and its answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pneumo.domain import ENSEMBLE, Verdict

RATINGS: dict[int, str] = {
    1: "Surely normal",
    2: "Probably normal",
    3: "Perhaps normal",
    4: "Perhaps pneumonia",
    5: "Probably pneumonia",
    6: "Surely pneumonia",
}
"""What a student can answer, in one press: verdict and certainty on one scale.

A scale without a middle forces a verdict, which operating points and agreement need, and its six
steps give every reader a curve, which a bare verdict does not.
"""

LOWEST, HIGHEST = min(RATINGS), max(RATINGS)
CALLED_FROM = 4
"""Ratings from here on call a film pneumonia."""

SYNTHETIC = "synthetic"
"""The split that drawn films are said to come from."""


class SessionState(StrEnum):
    """How far a session has come."""

    WAITING = "waiting"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True)
class NetworkFacts:
    """One network, or the ensemble, beside which a class reads.

    Attributes:
        name: the network's name, or ENSEMBLE.
        title: the name for people.
        threshold: of its balanced operating point, on its calibrated probability.
    """

    name: str
    title: str
    threshold: float


@dataclass(frozen=True)
class ClassFilm:
    """A film that is read, by reference: its pixels are never kept with the session.

    Attributes:
        place: from 1, in the order in which everybody reads.
        file: its name in the data set; empty for a synthetic film. It gives the label away.
        seed: that a synthetic film is drawn by; None for a film of the data set.
        label: 1 for PNEUMONIA, 0 for NORMAL; of a synthetic film, whose statistics it was drawn
            from.
        group: the patient's, or the film's own where it is synthetic.
        probability: calibrated, of pneumonia, by the network's name, ENSEMBLE included.
    """

    place: int
    file: str
    seed: int | None
    label: int
    group: str
    probability: Mapping[str, float]


@dataclass(frozen=True)
class ClassPlan:
    """What a session is begun with.

    Attributes:
        films: what is read, in order.
        networks: whose scores the films carry; the ensemble last.
        seconds: to read a film in; None for as long as it takes.
        split: where the films come from, SYNTHETIC for drawn ones.
        choice: how the films were chosen, in words.
        model_version: of the networks.
    """

    films: tuple[ClassFilm, ...]
    networks: tuple[NetworkFacts, ...]
    seconds: int | None
    split: str
    choice: str
    model_version: str

    @property
    def is_synthetic(self) -> bool:
        """Whether the films were drawn from statistics and show no child."""
        return self.split == SYNTHETIC

    @property
    def ensemble(self) -> NetworkFacts:
        """All networks together."""
        return next(network for network in self.networks if network.name == ENSEMBLE)


@dataclass(frozen=True)
class ClassSession:
    """A session as it stands.

    Attributes:
        code: six characters to join it by.
        plan: what is read.
        state: how far it has come.
        is_shown: whether students see their own results.
        created_at: UTC, as are the next two.
        started_at: None while it waits.
        ended_at: None until it has ended.
    """

    code: str
    plan: ClassPlan
    state: SessionState
    is_shown: bool
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """What a student's browser may know of a session: nothing of labels or networks.

    Attributes:
        state: how far the session has come.
        films: how many there are to read.
        seconds: to read a film in, None for as long as it takes.
        is_synthetic: whether the films were drawn from statistics.
        is_shown: whether the student's own results are shown.
    """

    state: SessionState
    films: int
    seconds: int | None
    is_synthetic: bool
    is_shown: bool


@dataclass(frozen=True)
class Steerer:
    """Who wants to steer a session.

    Attributes:
        token: that the session was begun with; it counts only where nobody signed in to begin it.
        owner: who signed in; empty where nobody does.
        is_admin: whether an administrator signed in, who may steer the sessions of others.
    """

    token: str = ""
    owner: str = ""
    is_admin: bool = False


@dataclass(frozen=True)
class Seat:
    """A student: a drawn name such as "Blue heron", and a nickname if one was typed."""

    number: int
    name: str
    nickname: str = ""

    @property
    def title(self) -> str:
        """The name, with the nickname where there is one."""
        return f"{self.name} ({self.nickname})" if self.nickname else self.name


@dataclass(frozen=True)
class OnShow:
    """The film that a student has before them.

    Attributes:
        film: the film; its label is for the server alone.
        shown_at: UTC.
        until: when its time is over; None without a clock.
    """

    film: ClassFilm
    shown_at: datetime
    until: datetime | None

    def seconds_left(self, now: datetime) -> float | None:
        """Return the time left, at least 0; None without a clock."""
        if self.until is None:
            return None
        return max(0.0, (self.until - now) / timedelta(seconds=1))


@dataclass(frozen=True)
class Answer:
    """What became of a film that a student was shown.

    Attributes:
        seat: the seat's number.
        place: the film's.
        rating: a key of RATINGS; None if the time ran out, or has not yet.
        seconds: from the film's showing to the answer, as the server saw it; None without one.
    """

    seat: int
    place: int
    rating: int | None
    seconds: float | None


@dataclass(frozen=True)
class SeatProgress:
    """How far a student is: films answered, and films that are over, answered or not."""

    seat: Seat
    answered: int
    over: int


@dataclass(frozen=True)
class Progress:
    """How far a class is.

    Attributes:
        state: of the session.
        films: how many there are to read.
        seats: everybody who joined, in that order.
    """

    state: SessionState
    films: int
    seats: tuple[SeatProgress, ...]

    @property
    def answers(self) -> int:
        """How many answers came."""
        return sum(seat.answered for seat in self.seats)

    @property
    def finished(self) -> int:
        """How many students are through with all films."""
        return sum(seat.over >= self.films for seat in self.seats)


def judge(rating: int) -> Verdict:
    """Return the verdict that a rating stands for.

    >>> judge(3).value, judge(4).value
    ('NORMAL', 'PNEUMONIA')
    """
    return Verdict.PNEUMONIA if rating >= CALLED_FROM else Verdict.NORMAL
