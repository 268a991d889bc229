"""A network's features of films → what the gate's learned part sees in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Sight(NamedTuple):
    """What the learned part sees in one film.

    Attributes:
        distance: from the training films, about 1 for a typical one.
        strangeness: log odds that the picture shows no chest from the front.
        poses: shape (8,), how probable each of POSES is if it is a chest film.
        mirrored: log odds that a film in the first pose is mirrored.
    """

    distance: float
    strangeness: float
    poses: Floats
    mirrored: float


@dataclass(frozen=True, eq=False)
class Lens:
    """The fitted matrices of the learned part, by which features become a `Sight`.

    Attributes:
        mean: shape (k,), of the features.
        scale: shape (k,), their standard deviations.
        centres: shape (2, m), of upright and of inverted films in the first m scaled features.
        whiten: shape (2, m, m), which make the spread around each centre round.
        project: shape (k, d), from scaled features to the directions that the heads look at.
        poses: shape (d + 1, 9), weights and, last, bias for each of POSES and for a decoy.
        mirror: shape (d + 1,), for a film that is mirrored.
    """

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    centres: NDArray[np.float32]
    whiten: NDArray[np.float32]
    project: NDArray[np.floating]
    poses: NDArray[np.float32]
    mirror: NDArray[np.float32]

    def look(self, features: NDArray[np.float32]) -> list[Sight]:
        """Return what is seen in films whose features have shape (n, k)."""
        scaled = scale_features(features, self.mean, self.scale)
        plain = scaled[:, : self.centres.shape[1]]
        whitened = [(plain - c) @ w for c, w in zip(self.centres, self.whiten, strict=True)]
        distance = np.sqrt(np.min([np.mean(z**2, axis=1) for z in whitened], axis=0))
        directions = scaled @ self.project.astype(np.float32, copy=False)
        odds = directions @ self.poses[:-1] + self.poses[-1]
        chest, poses = _log_sum(odds[:, :-1]), odds[:, :-1] - _log_sum(odds[:, :-1])[:, np.newaxis]
        mirrored = directions @ self.mirror[:-1] + self.mirror[-1]
        return [
            Sight(float(d), float(s), np.exp(p), float(m))
            for d, s, p, m in zip(distance, odds[:, -1] - chest, poses, mirrored, strict=True)
        ]


def scale_features(
    features: NDArray[np.float32], mean: NDArray[np.float32], scale: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return features, shape (n, k), in standard deviations from the mean, at most 8 of them.

    Beyond, a feature is not followed, so that a single one cannot outweigh all the others.
    """
    return np.clip((features - mean) / scale, -8.0, 8.0)


def _log_sum(odds: NDArray[np.floating]) -> Floats:
    most = odds.max(axis=1)
    return np.asarray(most + np.log(np.exp(odds - most[:, np.newaxis]).sum(axis=1)))
