"""Several readings of the same film → how far the model agrees with itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pneumo.domain import Verdict
from pneumo.opinion.problems import ProblemKind
from pneumo.opinion.result import OpinionResult

MOST_REPEATS = 5


@dataclass(frozen=True)
class Spread:
    """What repeated readings said.

    Attributes:
        results: all of them, in the order of asking.
        verdicts: how often each verdict was given.
        modal: the most frequent verdict; None if two share the first place or there is none.
        consistency: share of the most frequent verdict among the opinions, in (0, 1]; None
            without any opinion.
        refused: readings that the model or its provider declined.
        failed: readings that brought nothing for another reason.
    """

    results: tuple[OpinionResult, ...]
    verdicts: dict[Verdict, int]
    modal: Verdict | None
    consistency: float | None
    refused: int
    failed: int

    @property
    def opinions(self) -> int:
        """Number of readings with an opinion."""
        return sum(self.verdicts.values())


def measure_spread(results: Sequence[OpinionResult]) -> Spread:
    """Return how far readings of one film agree."""
    counts = Counter(result.verdict for result in results if result.verdict is not None)
    declined = (ProblemKind.REFUSED, ProblemKind.CONTENT_FILTER)
    refused = sum(bool(result.problem and result.problem.kind in declined) for result in results)
    ranked = counts.most_common()
    tied = len(ranked) > 1 and ranked[0][1] == ranked[1][1]
    return Spread(
        results=tuple(results),
        verdicts={verdict: counts.get(verdict, 0) for verdict in Verdict},
        modal=ranked[0][0] if ranked and not tied else None,
        consistency=ranked[0][1] / counts.total() if ranked else None,
        refused=refused,
        failed=len(results) - counts.total() - refused,
    )


def read_repeatedly(times: int, read: Callable[[int], OpinionResult]) -> Spread:
    """Read a film several times and return how far the readings agree.

    Reading ends early when one is cancelled.

    Args:
        times: from 1 to 5.
        read: makes one reading, given its number from 0; see `consult`.

    Raises:
        ValueError: the number is out of range.
    """
    if not 1 <= times <= MOST_REPEATS:
        raise ValueError(f"Expected 1 to {MOST_REPEATS} readings, but got {times}.")
    results: list[OpinionResult] = []
    for number in range(times):
        results.append(read(number))
        problem = results[-1].problem
        if problem is not None and problem.kind is ProblemKind.CANCELLED:
            break
    return measure_spread(results)
