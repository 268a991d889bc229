"""Things done one after another → how many are done, how fast, and how long the rest will take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Progress:
    """How far something is.

    Attributes:
        done: how many are done.
        total: how many there are.
        elapsed_s: seconds since the beginning.
    """

    done: int
    total: int
    elapsed_s: float

    @property
    def rate(self) -> float:
        """How many a second, on average since the beginning; 0 before the first."""
        return self.done / self.elapsed_s if self.elapsed_s > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds that the rest takes at that rate; None before the first is done.

        >>> Progress(done=25, total=100, elapsed_s=10.0).seconds_left
        30.0
        """
        return (self.total - self.done) / self.rate if self.rate else None


def follow(
    things: Iterable[Thing],
    total: int,
    tell: Callable[[Progress], None],
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Thing]:
    """Pass things on as they come, and tell how far they are after each.

    Args:
        things: what is done.
        total: how many there are.
        tell: is called once at the beginning, and after each.
        clock: seconds since any moment.
    """
    began = clock()
    tell(Progress(0, total, 0.0))
    for done, thing in enumerate(things, start=1):
        tell(Progress(done, total, clock() - began))
        yield thing
