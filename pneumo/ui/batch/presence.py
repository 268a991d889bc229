"""A browser session → whether its visitor is still there, asked from a thread of ours."""

from __future__ import annotations

import time
from collections.abc import Callable

from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

PATIENCE_S = 90.0
"""Seconds without a connection after which a visitor counts as gone. A telephone that is put away
for a moment comes back within them."""


class Presence:
    """Whether somebody is connected, or was within the last PATIENCE_S seconds."""

    def __init__(
        self, is_connected: Callable[[], bool], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Count from now.

        Args:
            is_connected: says whether somebody is connected now.
            clock: seconds since any moment.
        """
        self._is_connected = is_connected
        self._clock = clock
        self._seen_at = clock()

    def lasts(self) -> bool:
        """Say whether the visitor is there; it must be asked more often than PATIENCE_S."""
        now = self._clock()
        if self._is_connected():
            self._seen_at = now
        return now - self._seen_at <= PATIENCE_S


def watch_visitor() -> Presence:
    """Return the presence of the visitor whose page is being made now.

    Streamlit forgets a session some time after its browser is closed, on a quiet server only when
    the next visitor comes.
    """
    context = get_script_run_ctx()
    session = context.session_id if context else ""

    def is_connected() -> bool:
        # Without a server, as in tests, there is no connection that could end.
        return not runtime.exists() or runtime.get_instance().is_active_session(session)

    return Presence(is_connected)
