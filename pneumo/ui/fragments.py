"""A part of a page that runs by itself → the same, which tells an expected error in plain words.

The shell tells what a whole page raises. What a part raises later, Streamlit would show in a box of
its own that helps nobody, and write to the log with its traceback, each time that the part polls.
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec

import streamlit as st

from pneumo import PneumoError
from pneumo.ui.access.staying import current_stay

LONGEST_PAUSE_S = 15.0
"""How long a poll that keeps failing waits at most until it tries again."""

_LOG = logging.getLogger(__name__)
_MISHAPS = "mishaps of fragments"

Arguments = ParamSpec("Arguments")
Draw = Callable[Arguments, None]


@dataclass(frozen=True)
class _Mishap:
    """What went wrong in a part of a page, how often in a row, and when it is tried again."""

    message: str
    count: int
    again_at: float


def fragment(*, run_every: float | None = None) -> Callable[[Draw[Arguments]], Draw[Arguments]]:
    """Return what makes a function a part of a page that runs by itself.

    A part that polls and meets an expected error says so, and goes on by itself once it can: it
    tries less and less often, and writes one line to the log.

    Args:
        run_every: seconds from one poll to the next; None for a part that does not poll.
    """

    def make(draw: Draw[Arguments]) -> Draw[Arguments]:
        return st.fragment(_tell_errors(draw, run_every), run_every=run_every)

    return make


def forget_mishaps() -> None:
    """Let every part of the page try at once: the page is drawn anew."""
    st.session_state.pop(_MISHAPS, None)


def lengthen_pause(first_s: float, count: int) -> float:
    """Return how long to wait after so many errors in a row.

    >>> lengthen_pause(1.0, 1), lengthen_pause(1.0, 3), lengthen_pause(1.0, 9_999)
    (1.0, 4.0, 15.0)
    """
    return min(LONGEST_PAUSE_S, first_s * 2 ** min(count - 1, 10))


def _tell_errors(draw: Draw[Arguments], run_every: float | None) -> Draw[Arguments]:
    name = f"{draw.__module__}.{draw.__qualname__}"

    @functools.wraps(draw)
    def told(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        mishaps: dict[str, _Mishap] = st.session_state.setdefault(_MISHAPS, {})
        last = mishaps.get(name)
        if last and run_every and time.monotonic() < last.again_at:
            _tell(last, run_every)
            return
        try:
            current_stay().require()
            draw(*args, **kwargs)
        except PneumoError as error:
            count = last.count + 1 if last else 1
            again_at = time.monotonic() + lengthen_pause(run_every or 0.0, count)
            mishaps[name] = _Mishap(str(error), count, again_at)
            if not last:
                # The words are for the page: they may name what the log must not.
                _LOG.warning("%s in %s", type(error).__name__, name)
            _tell(mishaps[name], run_every)
        else:
            mishaps.pop(name, None)

    return told


def _tell(mishap: _Mishap, run_every: float | None) -> None:
    st.error(f"{mishap.message} Trying again …" if run_every else mishap.message)
