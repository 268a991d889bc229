"""Somebody who signs out in one tab → the end of their stay in every tab that was open before.

Streamlit looks at the cookie of a sign-in when a browser session begins and not again. Who signed
out is therefore remembered here, in the server's memory, and asked wherever somebody acts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from pneumo import AccessError

Made = TypeVar("Made")

_KEY = "stay"
_LEFT_AT: dict[str, float] = {}


@dataclass(frozen=True)
class Stay:
    """A browser session of somebody who has signed in.

    Attributes:
        owner: who; empty where nobody signs in, or this session has not.
        since: when it began, by `time.monotonic`.
    """

    owner: str = ""
    since: float = 0.0

    @property
    def is_over(self) -> bool:
        """Whether they have signed out since, in whatever tab."""
        return bool(self.owner) and _LEFT_AT.get(self.owner, -1.0) >= self.since

    def require(self) -> None:
        """Make sure that it is not over. It may be asked on any thread.

        Raises:
            AccessError: it is.
        """
        if self.is_over:
            raise AccessError("You have signed out: load this page anew to sign in again.")

    def guard(self, make: Callable[[], Made]) -> Callable[[], Made]:
        """Return what makes a file, and refuses to once the stay is over."""

        def guarded() -> Made:
            self.require()
            return make()

        return guarded


def arrive(owner: str) -> Stay:
    """Return the stay of whoever signed in to this browser session, begun if it is new."""
    stay = current_stay()
    if stay.owner != owner:
        stay = st.session_state[_KEY] = Stay(owner, time.monotonic())
    return stay


def current_stay() -> Stay:
    """Return the stay that this browser session is part of."""
    stay: Stay = st.session_state.get(_KEY, Stay())
    return stay


def leave(owner: str) -> None:
    """Sign somebody out, here and in every other tab of theirs."""
    _LEFT_AT[owner] = time.monotonic()
    st.logout()
