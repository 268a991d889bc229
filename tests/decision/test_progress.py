"""How far something is, told from what it took so far."""

from __future__ import annotations

from pneumo.decision.progress import Progress, follow


def test_time_left_comes_from_the_rate_so_far() -> None:
    seconds = iter([100.0, 102.0, 104.0, 106.0])
    told: list[Progress] = []
    things = list(follow("abc", 5, told.append, clock=lambda: next(seconds)))
    assert things == ["a", "b", "c"]
    assert [progress.done for progress in told] == [0, 1, 2, 3]
    assert told[0].seconds_left is None
    assert [progress.seconds_left for progress in told[1:]] == [8.0, 6.0, 4.0]
    assert told[-1].rate == 0.5
