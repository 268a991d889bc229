"""The models folder → how long each network takes for a film on this machine."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pneumo.decision.ensemble import EnsemblePlan
from pneumo.domain import ENSEMBLE
from pneumo.networks.serving import load_served_network
from pneumo.networks.zoo import SIDE

WARM_FILMS = 30


@dataclass(frozen=True)
class Latency:
    """How long one network takes on this machine.

    Attributes:
        name: the network's name, or ENSEMBLE.
        title: its name for people.
        cold_s: seconds from its files to the verdict on the first film.
        warm_ms: milliseconds for each of the films after that, one at a time.
    """

    name: str
    title: str
    cold_s: float
    warm_ms: tuple[float, ...]

    @property
    def median_ms(self) -> float:
        """What half of the warm films stay below, in milliseconds."""
        return float(np.median(self.warm_ms))

    @property
    def p95_ms(self) -> float:
        """What 19 of 20 warm films stay below, in milliseconds."""
        return float(np.quantile(self.warm_ms, 0.95))


def measure_latency(
    models_dir: Path, plan: EnsemblePlan, *, films: int = WARM_FILMS
) -> Iterator[Latency]:
    """Load each member of a plan anew, time it on random films, and yield what was found.

    A time covers the score and the heat map of a film of 224 pixels, as a verdict does; reading
    the file does not belong to it. How long a network takes does not depend on what the film
    shows. The first member is loaded once before, untimed: what a process needs once for the
    runtime would else be charged to it.

    Args:
        models_dir: the folder of the networks.
        plan: which of them, and with which weights.
        films: how many warm films each network reads.

    Raises:
        ModelError: a network's files are missing or damaged.
    """
    rng = np.random.default_rng(1)
    array = rng.random((films + 1, 1, SIDE, SIDE), dtype=np.float32)
    first = plan.members[0]
    load_served_network(models_dir / first.name, weights_sha256=first.weights_sha256)
    for member in plan.members:
        began = time.perf_counter()
        network = load_served_network(
            models_dir / member.name, weights_sha256=member.weights_sha256
        )
        network.score(array[0])
        cold_s = time.perf_counter() - began
        warm_ms = []
        for film in array[1:]:
            began = time.perf_counter()
            network.score(film)
            warm_ms.append(1000 * (time.perf_counter() - began))
        yield Latency(member.name, member.title, cold_s, tuple(warm_ms))


def add_up(latencies: Sequence[Latency], *, title: str) -> Latency:
    """Return the ensemble's latency: it asks its networks one after the other.

    Args:
        latencies: one a member, each with the same number of warm films.
        title: what the ensemble is called.
    """
    return Latency(
        ENSEMBLE,
        title,
        sum(latency.cold_s for latency in latencies),
        tuple(sum(times) for times in zip(*(one.warm_ms for one in latencies), strict=True)),
    )


def describe_machine() -> str:
    """Name this machine's processor, how many cores are free to use, and its system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    unit = "core" if cores == 1 else "cores"
    return f"{_processor()}, {cores} {unit}, {platform.system()}"


def _processor() -> str:
    """Return the processor's name; Python itself knows it on some systems only."""
    described = Path("/proc/cpuinfo")
    if described.is_file():
        for line in described.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name" and value.strip():
                return value.strip()
    return platform.processor() or platform.machine()
