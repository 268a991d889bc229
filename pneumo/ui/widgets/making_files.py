"""Files that are made when they are asked for → the buttons that keep them, or say why not."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from pneumo import PneumoError

_POLL_S = 0.5
_LONGEST_S = 30.0


class Making:
    """Files that one visitor has asked for with a row of buttons, and why the last one failed.

    The browser asks for a file apart from the page: the page runs on its own thread, knows only
    that a button was pressed, and must look for how it ended.
    """

    def __init__(self) -> None:
        """Begin with nothing asked for."""
        self.failure = ""
        self._asked = self._ended = 0
        self._asked_at = 0.0

    @property
    def is_under_way(self) -> bool:
        """Whether a file was asked for that has not come to an end, for a while at most."""
        is_fresh = time.monotonic() - self._asked_at < _LONGEST_S
        return self._asked > self._ended and is_fresh

    def ask(self) -> None:
        """Remember that a button was pressed."""
        self._asked += 1
        self._asked_at = time.monotonic()

    def watch(self, make: Callable[[], bytes]) -> Callable[[], bytes]:
        """Return a maker that remembers why it failed, if it does."""

        def watched() -> bytes:
            try:
                made = make()
            except PneumoError as error:
                self.failure = str(error)
                raise
            else:
                self.failure = ""
                return made
            finally:
                # It may have ended before the page hears that it was asked for.
                self._ended += 1

        return watched


@dataclass(frozen=True)
class FileOffer:
    """A file that a visitor may keep.

    Attributes:
        label: what the button says.
        name: of the file, with its ending.
        mime: its media type.
        icon: of the button.
        make: makes the file's bytes; it runs on a thread that knows nothing of the page.
        help: what the file is; None where a caption says so.
    """

    label: str
    name: str
    mime: str
    icon: str
    make: Callable[[], bytes]
    help: str | None = None


def offer_files(offers: Sequence[FileOffer], *, key: str, caption: str = "") -> None:
    """Show a button a file; nothing is made before one is pressed, and a failure is told.

    Args:
        offers: the files.
        key: tells these buttons from others.
        caption: what is said below them.
    """
    making: Making = st.session_state.setdefault(f"making {key}", Making())
    was_under_way = making.is_under_way

    def show() -> None:
        with st.container(horizontal=True):
            for offer in offers:
                st.download_button(
                    offer.label,
                    making.watch(offer.make),
                    file_name=offer.name,
                    mime=offer.mime,
                    icon=offer.icon,
                    on_click=making.ask,
                    key=f"{key} {offer.label}",
                    help=offer.help,
                )
        if caption:
            st.caption(caption)
        if making.failure:
            st.error(making.failure, title="The file could not be made")
        if was_under_way != making.is_under_way:
            st.rerun()  # From now on the buttons must look for its end, or need no more.

    st.fragment(run_every=_POLL_S if was_under_way else None)(show)()
