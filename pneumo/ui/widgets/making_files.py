"""Files that are made when they are asked for → the buttons that keep them, or say why not."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition

import streamlit as st

from pneumo import PneumoError
from pneumo.ui.access.staying import current_stay
from pneumo.ui.fragments import fragment

_LOOK_S = 0.5
_BEGIN_S = 5.0
_LONGEST_S = 60.0


class Making:
    """Files that one visitor has asked for with a row of buttons, and why the last one failed.

    The browser asks for a file apart from the page: the page runs on its own thread, knows only
    that a button was pressed, and must wait to hear how it ended.
    """

    def __init__(self) -> None:
        """Begin with nothing asked for."""
        self.failure = ""
        self._asked = self._begun = self._ended = 0
        self._asked_at = 0.0
        self._changed = Condition()

    @property
    def is_under_way(self) -> bool:
        """Whether a file was asked for that has not come to an end, for a while at most."""
        patience = _LONGEST_S if self._begun >= self._asked else _BEGIN_S
        return self._ended < self._asked and time.monotonic() - self._asked_at < patience

    def ask(self) -> None:
        """Remember that a button was pressed."""
        self._asked += 1
        self._asked_at = time.monotonic()

    def watch(self, make: Callable[[], bytes]) -> Callable[[], bytes]:
        """Return a maker that tells when it begins and ends, and remembers why it failed."""

        def watched() -> bytes:
            # It may begin, and even end, before the page hears that it was asked for.
            with self._changed:
                self._begun += 1
            try:
                made = make()
            except PneumoError as error:
                self.failure = str(error)
                raise
            else:
                self.failure = ""
                return made
            finally:
                with self._changed:
                    self._ended += 1
                    self._changed.notify_all()

        return watched

    def wait(self, seconds: float) -> None:
        """Wait until nothing is under way, for so long at most."""
        with self._changed:
            self._changed.wait_for(lambda: not self.is_under_way, seconds)

    def give_up(self) -> None:
        """Say so if the browser never asked for a file whose button was pressed."""
        if self._begun < self._asked:
            self._asked = self._begun
            self.failure = "The page changed while you pressed. Press once more."


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


def offer_files(
    offers: Sequence[FileOffer], *, key: str, caption: str = "", left_out: Sequence[str] = ()
) -> None:
    """Show a button a file; nothing is made before one is pressed, and a failure is told.

    Args:
        offers: the files.
        key: tells these buttons from others.
        caption: what is said below them.
        left_out: what the last file could not hold, a sentence each; known once it is made.
    """
    making: Making = st.session_state.setdefault(f"making {key}", Making())
    stay = current_stay()

    @fragment()
    def show() -> None:
        # Streamlit knows a button's file by a name that lasts until the button is drawn anew. A
        # press draws it anew, so that waits until the file is made.
        buttons = st.container(horizontal=True)
        _await_end(making)
        with buttons:
            for offer in offers:
                st.download_button(
                    offer.label,
                    making.watch(stay.guard(offer.make)),
                    file_name=offer.name,
                    mime=offer.mime,
                    icon=offer.icon,
                    on_click=making.ask,
                    key=f"{key} {offer.label}",
                    help=offer.help,
                )
        if caption:
            st.caption(caption)
        if left_out:
            st.warning("\n\n".join(left_out), title="Left out, because it cannot be read")
        if making.failure:
            st.error(making.failure, title="The file could not be made")

    show()


def _await_end(making: Making) -> None:
    place = st.empty()
    while making.is_under_way:
        # Each time it is written, the page may turn to what else its visitor asks for.
        place.caption("Making the file …")
        making.wait(_LOOK_S)
    place.empty()
    making.give_up()
