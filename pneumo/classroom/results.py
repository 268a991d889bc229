"""A session that was read → the tables and the record that come out of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pneumo.classroom.agreement import Agreement, measure_agreement
from pneumo.classroom.measures import ReaderPoint, Unanswered, measure_auc
from pneumo.classroom.ratings import Ratings
from pneumo.classroom.records import (
    HIGHEST,
    LOWEST,
    RATINGS,
    SYNTHETIC,
    Answer,
    ClassFilm,
    ClassSession,
    Seat,
    judge,
)
from pneumo.domain import CLASSES
from pneumo.evidence.metrics import Estimate, divide

if TYPE_CHECKING:
    import pandas as pd

RECORD_VERSION = 1

CAVEAT = (
    "A set chosen for teaching is no test of the networks, nor of the students: it is small, its "
    "mix of hard and easy films was chosen, and students read it against a clock on their own "
    "screens."
)


def tabulate_films(ratings: Ratings, unanswered: Unanswered) -> pd.DataFrame:
    """Return a row a film, with what the class and the networks made of it.

    Args:
        ratings: of the class.
        unanswered: whether students without an answer to a film are left out of its share of
            right answers, or count as wrong.

    Returns:
        Columns film (from 1), file, label, answered, unanswered, called_normal,
        called_pneumonia, share_right in [0, 1] (nan of nobody), mean_rating, median_seconds,
        networks_right, and each network's probability under its own name.
    """
    import pandas as pd

    answered, called = ratings.answered, ratings.called
    n = answered.sum(axis=0)
    joint = ratings.plan.ensemble
    said = ratings.probability_of(joint) >= joint.threshold
    asked = n if unanswered == "left out" else np.full(len(n), len(ratings.seats))
    seconds = np.full(len(n), np.nan)
    if n.any():
        seconds[n > 0] = np.nanmedian(ratings.seconds[:, n > 0], axis=0)
    return pd.DataFrame(
        {
            "film": [film.place for film in ratings.films],
            "file": [_name_film(film) for film in ratings.films],
            "label": [CLASSES[film.label] for film in ratings.films],
            "answered": n,
            "unanswered": len(ratings.seats) - n,
            "called_normal": n - called.sum(axis=0),
            "called_pneumonia": called.sum(axis=0),
            "share_right": divide(ratings.is_right.sum(axis=0), asked),
            "mean_rating": LOWEST + (HIGHEST - LOWEST) * ratings.score,
            "median_seconds": seconds,
            "networks_right": said == (ratings.y_true == 1),
            **{network.name: ratings.probability_of(network) for network in ratings.plan.networks},
        }
    )


def tabulate_readers(points: Sequence[ReaderPoint]) -> pd.DataFrame:
    """Return a row a student: name, films answered, and both shares with interval and n."""
    import pandas as pd

    return pd.DataFrame(
        [
            {"student": found.seat.name, "answered": found.point.answered}
            | _spread("sensitivity", found.point.sensitivity)
            | _spread("specificity", found.point.specificity)
            for found in points
        ]
    )


def list_answers(
    session: ClassSession, seats: Sequence[Seat], answers: Sequence[Answer]
) -> list[dict[str, Any]]:
    """Return a row for each film that a student was shown; None where no answer came.

    Returns:
        student, nickname, film, file, label, rating, words, verdict, is_right, seconds.
    """
    seat_of = {seat.number: seat for seat in seats}
    film_of = {film.place: film for film in session.plan.films}
    rows = []
    for answer in answers:
        seat, film, rating = seat_of[answer.seat], film_of[answer.place], answer.rating
        label = CLASSES[film.label]
        verdict = None if rating is None else str(judge(rating))
        rows.append(
            {
                "student": seat.name,
                "nickname": seat.nickname,
                "film": film.place,
                "file": _name_film(film),
                "label": label,
                "rating": rating,
                "words": None if rating is None else RATINGS[rating],
                "verdict": verdict,
                "is_right": None if verdict is None else verdict == label,
                "seconds": answer.seconds,
            }
        )
    return rows


def load_measures() -> None:
    """Load the libraries that results are measured with, which takes seconds the first time."""
    import pandas as pd
    import sklearn.metrics
    import statsmodels.stats.proportion

    _ = pd, sklearn, statsmodels


def _name_film(film: ClassFilm) -> str:
    return film.file or f"{SYNTHETIC} {film.seed}"


def measure_all(ratings: Ratings) -> tuple[Agreement, dict[str, Estimate]]:
    """Return the class's agreement, and the AUC of the class and of each network on the films.

    The class's own AUC, that of its mean ratings, goes under "class".
    """
    labels, groups = ratings.y_true, ratings.groups
    auc = {"class": measure_auc(labels, ratings.score, groups)} | {
        network.name: measure_auc(labels, ratings.probability_of(network), groups)
        for network in ratings.plan.networks
    }
    return measure_agreement(ratings), auc


def record_session(
    session: ClassSession,
    seats: Sequence[Seat],
    answers: Sequence[Answer],
    *,
    agreement: Agreement,
    auc: dict[str, Estimate],
) -> dict[str, Any]:
    """Return a whole session as plain values for JSON; no token, and no number that is not one."""
    plan = session.plan
    return {
        "version": RECORD_VERSION,
        "code": session.code,
        "caveat": CAVEAT,
        "created_at": session.created_at.isoformat(),
        "started_at": session.started_at and session.started_at.isoformat(),
        "ended_at": session.ended_at and session.ended_at.isoformat(),
        "split": plan.split,
        "is_synthetic": plan.is_synthetic,
        "choice": plan.choice,
        "seconds_a_film": plan.seconds,
        "model_version": plan.model_version,
        "ratings": {str(rating): words for rating, words in RATINGS.items()},
        "networks": [
            {"name": network.name, "title": network.title, "threshold": network.threshold}
            for network in plan.networks
        ],
        "films": [
            {
                "film": film.place,
                "file": film.file,
                "seed": film.seed,
                "label": CLASSES[film.label],
                "patient": film.group,
                "probability": dict(film.probability),
            }
            for film in plan.films
        ],
        "students": [
            {"number": seat.number, "name": seat.name, "nickname": seat.nickname} for seat in seats
        ],
        "answers": [
            {
                "student": answer.seat,
                "film": answer.place,
                "rating": answer.rating,
                "seconds": answer.seconds,
            }
            for answer in answers
        ],
        "auc": {name: _plain(estimate) for name, estimate in auc.items()},
        "fleiss_kappa": _plain(agreement.kappa)
        | {"students": agreement.readers, "answers": agreement.answers}
        | {"missing_answers": agreement.missing},
    }


def _spread(name: str, estimate: Estimate) -> dict[str, float]:
    return {
        name: estimate.value,
        f"{name}_low": estimate.low,
        f"{name}_high": estimate.high,
        f"{name}_n": estimate.n,
    }


def _plain(estimate: Estimate) -> dict[str, Any]:
    """Return an estimate for JSON, which knows no nan."""
    found = {"value": estimate.value, "low": estimate.low, "high": estimate.high, "n": estimate.n}
    return {key: None if np.isnan(value) else value for key, value in found.items()}
