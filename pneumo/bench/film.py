"""One film from its bytes to the verdict: ours beside the limit, and beside the peers' way."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path

import numpy as np

from pneumo.bench.films import NETWORK_SIDE, draw_jpegs
from pneumo.bench.processes import FreshProcess
from pneumo.bench.timing import Measure, clock, divide, scale, time_pairs
from pneumo.decision.ensemble import Ensemble, read_plan
from pneumo.intake import read_radiograph
from pneumo.networks.yardsticks import BareNetworks, PeerNetwork, open_as_peers_do
from pneumo.networks.zoo import SIDE

_FILMS = 8
_WARM_UP = 3


@cache
def load_ensemble(models_dir: Path) -> Ensemble:
    """Return the networks as they are served, loaded once a process."""
    return Ensemble.load(models_dir)


@cache
def load_limit(models_dir: Path) -> BareNetworks:
    """Return the same networks' bare forward passes, loaded once a process."""
    return BareNetworks(models_dir / member.name for member in read_plan(models_dir).members)


@cache
def _load_peers(models_dir: Path) -> tuple[PeerNetwork, ...]:
    return tuple(PeerNetwork(models_dir / m.name) for m in read_plan(models_dir).members)


def compare_with_limit(models_dir: Path, *, runs: int) -> list[Measure]:
    """Time one film, ours against the bare forward passes of the same networks.

    Raises:
        PneumoError: a file is missing, or OpenVINO.
    """
    files = draw_jpegs(models_dir, _FILMS, side=NETWORK_SIDE)
    with FreshProcess(backend="openvino") as process:
        ours, limit = process.call(_time_ours_and_limit, models_dir, files, runs)
    return [
        Measure("film_ms", "one film, bytes to verdict with all heat maps", scale(ours, 1e3)),
        Measure("limit_ms", "the limit: bare forward passes, float32", scale(limit, 1e3)),
        Measure("film_over_limit", "one film / the limit", divide(ours, limit), "at most 1.25"),
    ]


def _time_ours_and_limit(
    models_dir: Path, files: list[bytes], runs: int
) -> tuple[list[float], list[float]]:
    bare = load_limit(models_dir)
    film = np.random.default_rng(1).random((1, SIDE, SIDE, 1), dtype=np.float32)

    def ours(run: int) -> float:
        return _time_ours(models_dir, files[run % len(files)])

    def limit(run: int) -> float:
        return clock(partial(bare.pass_one, film))

    load_ensemble(models_dir)
    return time_pairs(ours, limit, runs=runs, warm_up=_WARM_UP)


def _time_ours(models_dir: Path, data: bytes) -> float:
    ensemble = load_ensemble(models_dir)
    return clock(lambda: ensemble.analyze(read_radiograph(data)))


def compare_with_peers(models_dir: Path, *, runs: int) -> list[Measure]:
    """Time one film, the peers' way against ours.

    Each has a process of its own, and one waits while the other works: neither has the other's
    threads or memory beside it.

    Raises:
        PneumoError: a file is missing, or TensorFlow.
    """
    files = draw_jpegs(models_dir, _FILMS, side=NETWORK_SIDE)
    with FreshProcess(backend="tensorflow") as theirs, FreshProcess(backend="openvino") as own:
        # Loading is not part of a film.
        theirs.call(_time_peers, models_dir, files[0])
        own.call(_time_ours, models_dir, files[0])

        def peers(run: int) -> float:
            return theirs.call(_time_peers, models_dir, files[run % len(files)])

        def ours(run: int) -> float:
            return own.call(_time_ours, models_dir, files[run % len(files)])

        slow, fast = time_pairs(peers, ours, runs=runs, warm_up=_WARM_UP)
    return [
        Measure(
            "peer_ms", "one film the peers' way: predict() and gradient tape", scale(slow, 1e3)
        ),
        Measure("film_beside_peer_ms", "one film, ours, in turn with it", scale(fast, 1e3)),
        Measure("peer_over_film", "the peers' way / ours", divide(slow, fast), "at least 5"),
    ]


def _time_peers(models_dir: Path, data: bytes) -> float:
    networks = _load_peers(models_dir)

    def read() -> None:
        film = open_as_peers_do(data)
        for network in networks:
            network.read(film)

    return clock(read)
