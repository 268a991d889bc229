"""Two ways to do the same → how long each takes, repeated in turn, with a ratio for each pair."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Timed = Callable[[int], float]
"""The number of a repeat, counted from 0 → the seconds that it took."""


@dataclass(frozen=True)
class Measure:
    """One thing that was measured, as often as it was.

    Attributes:
        name: its key in the JSON object; ends in its unit, where it has one.
        meaning: what it is, in words.
        values: one a repeat, in that unit; never empty.
        goal: what the project set itself, in words; empty if nothing.
    """

    name: str
    meaning: str
    values: tuple[float, ...]
    goal: str = ""

    @property
    def median(self) -> float:
        """What half of the repeats stay below."""
        return float(np.median(self.values))

    @property
    def spread(self) -> tuple[float, float]:
        """The quartiles: the middle half of the repeats lies between them."""
        low, high = np.quantile(self.values, (0.25, 0.75))
        return float(low), float(high)


def clock(call: Callable[[], object]) -> float:
    """Return the seconds that one call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def time_pairs(
    first: Timed, second: Timed, *, runs: int, warm_up: int = 1
) -> tuple[list[float], list[float]]:
    """Time two things in turn, so that whatever else slows the machine slows both.

    Which of the two goes first changes from pair to pair.

    Args:
        first: one of the two; it times itself.
        second: the other.
        runs: how many pairs are kept, at least 1.
        warm_up: how many pairs before them are not.

    Returns:
        The seconds of each, in the order of the pairs.
    """
    pairs = []
    for run in range(-warm_up, runs):
        if run % 2:
            late, early = second(run + warm_up), first(run + warm_up)
        else:
            early, late = first(run + warm_up), second(run + warm_up)
        if run >= 0:
            pairs.append((early, late))
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def divide(over: Sequence[float], under: Sequence[float]) -> tuple[float, ...]:
    """Return the ratio of each pair.

    >>> divide([3.0, 8.0], [1.0, 2.0])
    (3.0, 4.0)
    """
    return tuple(upper / lower for upper, lower in zip(over, under, strict=True))


def scale(seconds: Sequence[float], factor: float) -> tuple[float, ...]:
    """Return all values times a factor, such as 1000 for milliseconds."""
    return tuple(factor * value for value in seconds)
