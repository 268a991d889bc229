"""What a visitor asks for → whether it is too much for a minute, told before any of it is done."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

import streamlit as st

from pneumo import AccessError, read_settings
from pneumo.ui.access.visitor import current_person

_WINDOW_S = 60
_MOST_EXACT = 10_000
_SESSION = "session"


@dataclass(frozen=True)
class Limit:
    """So many of one thing within a minute.

    Attributes:
        what: the things, for people, e.g. "films".
        most: how many within a minute.
        setting: the environment variable that raises it.
    """

    what: str
    most: int
    setting: str


class Limiter:
    """Counts what each visitor asked for within the last minute, in memory."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        # Not sooner: the first page does not wait for it.
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter, SlidingWindowCounterRateLimiter

        # The one keeps a moment for each thing, and is exact; the other two numbers a visitor,
        # however many bytes are counted, and takes what came a minute ago to have come evenly.
        self._exact = MovingWindowRateLimiter(MemoryStorage())
        self._rough = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count(self, limit: Limit, visitor: str, *, amount: int = 1) -> None:
        """Count what a visitor asks for now.

        Raises:
            AccessError: it is more than allowed; then none of it is counted.
        """
        from limits import RateLimitItemPerSecond

        item = RateLimitItemPerSecond(limit.most, _WINDOW_S)
        windows = self._exact if limit.most <= _MOST_EXACT else self._rough
        if not windows.hit(item, limit.what, visitor, cost=amount):
            raise AccessError(
                f"At most {limit.most:,} {limit.what} a minute are taken from one visitor, so that "
                f"others are served too: wait a moment and try again, or raise {limit.setting} on "
                "the server. Nothing was lost."
            )


def count_opened(amount: int) -> None:
    """Count films that this session's visitor wants opened, before any is decoded.

    Raises:
        AccessError: they are too many for a minute.
    """
    most = read_settings().films_per_minute
    _count(Limit("files", most, "PNEUMO_FILMS_PER_MINUTE"), amount)


def count_batch(amount: int) -> None:
    """Count films that this session's visitor wants read as a batch.

    They have a window of their own: whoever reads a thousand films at once waits for others.

    Raises:
        AccessError: they are too many for a minute.
    """
    most = read_settings().batch_films_per_minute
    _count(Limit("films of batches", most, "PNEUMO_BATCH_FILMS_PER_MINUTE"), amount)


def count_films(amount: int) -> None:
    """Count films that this session's visitor wants read.

    Raises:
        AccessError: they are too many for a minute.
    """
    most = read_settings().films_per_minute
    _count(Limit("films", most, "PNEUMO_FILMS_PER_MINUTE"), amount)


def count_opinions(amount: int) -> None:
    """Count second opinions that this session's visitor asks for.

    Raises:
        AccessError: they are too many for a minute.
    """
    most = read_settings().opinions_per_minute
    _count(Limit("second opinions", most, "PNEUMO_OPINIONS_PER_MINUTE"), amount)


def _count(limit: Limit, amount: int) -> None:
    # On this machine, and behind a proxy on it, all addresses are alike: then each browser session
    # counts for itself.
    visitor = (
        current_person().owner
        or st.context.ip_address
        or st.session_state.setdefault(_SESSION, uuid4().hex)
    )
    current_limiter().count(limit, visitor, amount=amount)


@st.cache_resource(show_spinner=False)
def current_limiter() -> Limiter:
    """Return the one limiter of this server."""
    return Limiter()
