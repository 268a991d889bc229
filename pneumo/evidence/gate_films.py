"""Training films → what the gate learns from and is set on: poses, variations, decoys, as features.

Each picture is made with a chance of its own, so that one more of a kind changes no other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from pneumo.errors import ModelError
from pneumo.networks.decoys.catalogue import DRAWN, SPOILED, draw_decoy
from pneumo.networks.poses import POSES, pose, vary
from pneumo.networks.serving import ServedNetwork
from pneumo.networks.snapshots import colour

KINDS = (*DRAWN, *SPOILED)
"""Every kind of decoy; decoy k of `GateFilms.decoys` is of kind k modulo their number."""

_BATCH = 64
_VARIED, _COLOURED = 0.6, 0.15
"""Shares of the films that are learned from which are varied, and tinted, marked or photographed,
besides."""

Films = NDArray[np.uint8]
Features = NDArray[np.float32]
Places = NDArray[np.intp]
Maker = Callable[[int, np.random.Generator], Films]


@dataclass(frozen=True)
class Amounts:
    """How many films and decoys are made.

    Attributes:
        posed: films to learn each of POSES from.
        plain: films as they are, and as many mirrored, to learn from.
        decoys: of each kind.
        held_out: held-out films; None for all.
    """

    posed: int = 400
    plain: int = 1200
    decoys: int = 80
    held_out: int | None = None


@dataclass(frozen=True, eq=False)
class GateFilms:
    """Features, shape (n, k), of all that is learned from and of what thresholds come from.

    Row k of `posed` and `held_out_posed` is in pose k modulo the number of POSES; the rows of
    `held_out`, `held_out_varied`, `held_out_coloured` and `held_out_mirrored` are of the same films
    in the same order. `held_out_decoys` are of KINDS in the same order as `decoys`, and new.
    """

    plain: Features
    mirrored: Features
    posed: Features
    decoys: Features
    held_out: Features
    held_out_varied: Features
    held_out_coloured: Features
    held_out_posed: Features
    held_out_mirrored: Features
    held_out_decoys: Features


@dataclass(frozen=True, eq=False)
class Darkroom:
    """Makes pictures one by one, and looks at them with one network.

    Attributes:
        network: served with taps.
        films: shape (n, 224, 224), uint8.
        seed: of all chance.
    """

    network: ServedNetwork
    films: Films
    seed: int

    def make(self, learn: Places, hold: Places, amounts: Amounts) -> GateFilms:
        """Make and look at everything that the gate needs.

        Args:
            learn: places of the films to learn from, in random order.
            hold: places of the held-out ones, likewise.
            amounts: how many are made.
        """
        plain, decoys = min(amounts.plain, len(learn)), amounts.decoys * len(KINDS)
        posed = min(amounts.posed, len(learn)) * len(POSES)
        films = self.films
        return GateFilms(
            plain=self._look("films", plain, lambda k, _: films[learn[k]]),
            mirrored=self._look("mirrored films", plain, lambda k, _: films[learn[k]][:, ::-1]),
            posed=self._look(
                "turned and inverted films", posed, self._posed(learn, _VARIED, _COLOURED)
            ),
            decoys=self._look("decoys", decoys, self._decoy(learn)),
            held_out=self._look("held-out films", len(hold), lambda k, _: films[hold[k]]),
            held_out_varied=self._look(
                "varied held-out films", len(hold), lambda k, rng: vary(films[hold[k]], rng)
            ),
            held_out_coloured=self._look(
                "coloured held-out films", len(hold), lambda k, rng: colour(films[hold[k]], rng)
            ),
            held_out_posed=self._look(
                "turned held-out films",
                max(1, len(hold) // 8) * len(POSES),
                self._posed(hold, 0.0, 0.0),
            ),
            held_out_mirrored=self._look(
                "mirrored held-out films", len(hold), lambda k, _: films[hold[k]][:, ::-1]
            ),
            held_out_decoys=self._look(
                "decoys from held-out films",
                max(1, amounts.decoys // 4) * len(KINDS),
                self._decoy(hold),
            ),
        )

    def _posed(self, of: Places, varied: float, coloured: float) -> Maker:
        def make(place: int, rng: np.random.Generator) -> Films:
            film = self.films[of[place // len(POSES)]]
            film = vary(film, rng) if rng.random() < varied else film
            film = colour(film, rng) if rng.random() < coloured else film
            return np.asarray(pose(film, *POSES[place % len(POSES)]), dtype=np.uint8)

        return make

    def _decoy(self, of: Places) -> Maker:
        def make(place: int, rng: np.random.Generator) -> Films:
            return draw_decoy(KINDS[place % len(KINDS)], self.films[of[place % len(of)]], rng)

        return make

    def _look(self, title: str, count: int, make: Maker) -> Features:
        found = []
        for start in tqdm(range(0, count, _BATCH), title, unit="batch", leave=False):
            places = range(start, min(count, start + _BATCH))
            made = [make(k, np.random.default_rng([self.seed, *title.encode(), k])) for k in places]
            seen = np.stack(made).astype(np.float32) / np.float32(255)
            features = self.network.score(seen).features
            if features is None:
                raise ModelError(f"{self.network.name} is served without features: name its taps.")
            found.append(features)
        return np.concatenate(found)
