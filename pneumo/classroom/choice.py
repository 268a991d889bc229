"""What the networks said about a split → the films that a class reads, chosen by the instructor."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from pneumo.classroom.records import ClassFilm, NetworkFacts
from pneumo.decision.operating import BALANCED
from pneumo.domain import CLASSES, ENSEMBLE
from pneumo.errors import ClassroomError
from pneumo.evidence.scores import Scored

HARD_SHARE = 1 / 3
"""Share of hard films in each class where they are asked for."""

FEWEST_FILMS, MOST_FILMS = 2, 60


class Hardness(StrEnum):
    """Which films are drawn, judged by how the networks did on them."""

    AS_THEY_COME = "as they come"
    HARD_INCLUDED = "a third hard ones"
    NONE_HARD = "no hard ones"


@dataclass(frozen=True)
class Wish:
    """What an instructor asks for.

    Attributes:
        films: how many, from FEWEST_FILMS to MOST_FILMS.
        ill_share: share of pneumonias, in (0, 1); at least one film of each class is taken.
        hardness: of the films.
        seed: of the drawing; the same wish gives the same films.
    """

    films: int
    ill_share: float
    hardness: Hardness
    seed: int

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ClassroomError: one is out of range.
        """
        if not FEWEST_FILMS <= self.films <= MOST_FILMS:
            raise ClassroomError(
                f"Expected {FEWEST_FILMS} to {MOST_FILMS} films to read, but got {self.films}."
            )
        if not 0 < self.ill_share < 1:
            raise ClassroomError(
                "Expected a share of pneumonias between 0 and 1, so that both classes are read, "
                f"but got {self.ill_share}."
            )

    @property
    def counts(self) -> tuple[int, int]:
        """How many normal films and how many pneumonias: both classes have one at least."""
        ill = min(max(round(self.films * self.ill_share), 1), self.films - 1)
        return self.films - ill, ill


def list_networks(scored: Sequence[Scored]) -> tuple[NetworkFacts, ...]:
    """Return the networks by whose scores films are chosen, with their balanced thresholds."""
    return tuple(
        NetworkFacts(network.name, network.title, network.find_point(BALANCED).threshold)
        for network in scored
    )


def find_hard(scored: Sequence[Scored]) -> NDArray[np.bool_]:
    """Say which films are hard: the ensemble calls them wrong, or its members disagree.

    Args:
        scored: the members and the ensemble, on the same films, see `read_all_scored`.

    Returns:
        Shape (n,).
    """
    called = {
        network.name: network.probability >= network.find_point(BALANCED).threshold
        for network in scored
    }
    joint = called.pop(ENSEMBLE)
    members = np.stack(list(called.values()))
    return (joint != (scored[0].y_true == 1)) | (members != members[0]).any(axis=0)


def choose_films(
    scored: Sequence[Scored], wish: Wish, *, present: Collection[str]
) -> tuple[ClassFilm, ...]:
    """Draw films for a class, at most one of a patient, in a drawn order.

    Args:
        scored: the members and, last, the ensemble, on the same films.
        wish: what is asked for. Where there are fewer hard ones than a third, all are taken.
        present: names of the films that can be shown.

    Raises:
        ClassroomError: there are too few such films.
    """
    rng = np.random.default_rng(wish.seed)
    first = scored[0]
    hard = find_hard(scored)
    shuffled = rng.permutation(first.n)
    usable = [place for place in shuffled if first.files[place] in present]
    if wish.hardness is Hardness.NONE_HARD:
        usable = [place for place in usable if not hard[place]]
    taken: list[int] = []
    patients: set[str] = set()
    for label, count in enumerate(wish.counts):
        of_class = [place for place in usable if first.y_true[place] == label]
        quota = round(count * HARD_SHARE) if wish.hardness is Hardness.HARD_INCLUDED else 0
        chosen = _pick([place for place in of_class if hard[place]], quota, first, patients)
        rest = [place for place in of_class if place not in chosen and not (quota and hard[place])]
        chosen += _pick(rest, count - len(chosen), first, patients)
        if len(chosen) < count:
            raise ClassroomError(
                f"Expected {count} films of the class {CLASSES[label]}, each of another patient, "
                f"but only {len(chosen)} such films can be shown. Ask for fewer films or another "
                "share, or choose films as they come."
            )
        taken += chosen
    return tuple(
        ClassFilm(
            place=number,
            file=first.files[place],
            seed=None,
            label=int(first.y_true[place]),
            group=first.groups[place],
            probability={network.name: float(network.probability[place]) for network in scored},
        )
        for number, place in enumerate(rng.permutation(taken).tolist(), start=1)
    )


def _pick(places: Sequence[int], count: int, scored: Scored, patients: set[str]) -> list[int]:
    """Return the first places of so many new patients, who are then known."""
    picked: list[int] = []
    for place in places:
        if len(picked) == count:
            break
        if scored.groups[place] not in patients:
            patients.add(scored.groups[place])
            picked.append(place)
    return picked


def draw_labels(wish: Wish) -> list[int]:
    """Return the classes of synthetic films to be drawn, in a drawn order."""
    normal, ill = wish.counts
    labels = np.repeat([0, 1], [normal, ill])
    return [int(label) for label in np.random.default_rng(wish.seed).permutation(labels)]
