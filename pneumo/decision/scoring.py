"""Opened films → what the networks and the gate say of each, or why they could not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np

from pneumo.decision.ensemble import Ensemble
from pneumo.decision.opening import OpenedFilm, Unread
from pneumo.decision.turns import Turns
from pneumo.domain import FilmQuality
from pneumo.errors import ModelError
from pneumo.networks.faults import told_as_model_error

# Worklists that give way wait for each other first, so that only one of them, with one film, ever
# stands in the line of those who have a single film.
_GIVING_WAY = Turns()


@dataclass(frozen=True, eq=False)
class Said:
    """What is said of a film: each member's uncalibrated logit by its name, and its quality."""

    logits: Mapping[str, float]
    quality: FilmQuality


def score_films(
    ensemble: Ensemble, films: Sequence[OpenedFilm], *, gives_way: bool
) -> list[Said | Unread]:
    """Have the networks score films and the gate look at them; safe in threads.

    Where a network fails on several at once, each is asked about by itself, so that a film costs
    no other one.

    Args:
        ensemble: the networks.
        films: any number of films.
        gives_way: whether to take turns with others that give way.
    """
    if not films:
        return []
    try:
        with told_as_model_error("The film could not be read"):
            return [*_score(ensemble, films, gives_way=gives_way)]
    except ModelError as error:
        if len(films) == 1:
            return [Unread("error", str(error))]
    return [said for film in films for said in score_films(ensemble, [film], gives_way=gives_way)]


def _score(ensemble: Ensemble, films: Sequence[OpenedFilm], *, gives_way: bool) -> Iterator[Said]:
    pixels = np.stack([film.pixels for film in films])
    with _GIVING_WAY.turn() if gives_way else nullcontext():
        scores = ensemble.score(pixels)
    qualities = ensemble.check([film.file for film in films], pixels, scores)
    for place, quality in enumerate(qualities):
        yield Said({name: float(one.logit[place]) for name, one in scores.items()}, quality)
