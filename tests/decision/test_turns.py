"""Who came first is served first, so many at a time."""

from __future__ import annotations

import time
from threading import Barrier, Event, Thread

import numpy as np
import pytest

from pneumo.decision.calibration import Calibration
from pneumo.decision.ensemble import Ensemble, EnsemblePlan, Member
from pneumo.decision.turns import Turns
from pneumo.networks.serving import ServedNetwork


def wait_until(turns: Turns, length: int) -> None:
    while len(turns) < length:
        time.sleep(0.001)


def test_callers_are_served_in_the_order_in_which_they_came() -> None:
    turns, served = Turns(), []

    def call(number: int) -> None:
        with turns.turn():
            served.append(number)

    with turns.turn():
        callers = []
        for number in range(8):
            callers.append(Thread(target=call, args=(number,)))
            callers[-1].start()
            wait_until(turns, number + 2)
        assert not served
    for caller in callers:
        caller.join()
    assert served == list(range(8))
    assert len(turns) == 0


def test_two_places_serve_two_at_a_time_and_no_third() -> None:
    turns, entered, leave = Turns(places=2), [], [Event(), Event(), Event()]

    def call(number: int) -> None:
        with turns.turn():
            entered.append(number)
            leave[number].wait(10)

    callers = [Thread(target=call, args=(number,)) for number in range(3)]
    for number, caller in enumerate(callers):
        caller.start()
        wait_until(turns, number + 1)
    while len(entered) < 2:
        time.sleep(0.001)
    assert sorted(entered) == [0, 1]
    leave[1].set()
    callers[1].join()
    while len(entered) < 3:
        time.sleep(0.001)
    leave[0].set()
    leave[2].set()
    for caller in (callers[0], callers[2]):
        caller.join()
    assert len(turns) == 0


def test_an_error_in_a_turn_ends_it() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="broken"), turns.turn():
        raise ValueError("broken")
    with turns.turn():
        assert len(turns) == 1


def test_none_of_eight_visitors_is_passed_over() -> None:
    """Nobody is passed over: a visitor who asks again comes after all who wait already."""
    started: list[int] = []
    in_work = []
    most = [0]

    def forward(films: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        in_work.append(1)
        most[0] = max(most[0], len(in_work))
        started.append(int(films[0, 0, 0, 0]))
        time.sleep(0.002)
        in_work.pop()
        return np.zeros(1, np.float32), np.zeros((1, 2, 2), np.float32)

    member = Member("one", "One", "", 1.0, Calibration(1.0, 0.0), ())
    plan = EnsemblePlan((member,), Calibration(1.0, 0.0), (), {}, "")
    ensemble = Ensemble(plan, {"one": ServedNetwork("one", forward)})
    ready, errors = Barrier(8), Event()

    def visit(number: int) -> None:
        ready.wait()
        try:
            for _ in range(5):
                ensemble.score(np.full((1, 2, 2), number, np.float32))
        except Exception:
            errors.set()

    visitors = [Thread(target=visit, args=(number,)) for number in range(8)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert not errors.is_set()
    assert most[0] <= 2
    assert len(started) == 40
    for number in range(8):
        places = [place for place, who in enumerate(started) if who == number]
        # Of the two that are read at once, either may be the first to begin.
        assert max(np.diff(places)) <= 10
