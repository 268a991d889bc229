"""The port of a running dashboard → what a visitor is shown and presses, without a browser.

It speaks what the browser's script speaks: Streamlit's messages over a WebSocket. What a browser
does besides, to load its script and to draw, is not in it.
"""

from __future__ import annotations

import http.client
import socket
import time
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from pneumo.errors import PneumoError

_TIMEOUT_S = 120
_HOST = "127.0.0.1"
_TEXTS = {"markdown", "text", "alert", "metric"}
_ENDS = {ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY}


@dataclass(frozen=True)
class _Control:
    """A button or slider.

    Attributes:
        id: how the server knows it.
        fragment_id: the part of the page that is run anew when it is used; empty for all of it.
        options: what a slider can be moved to.
    """

    id: str
    fragment_id: str
    options: tuple[str, ...] = ()


class Visitor:
    """One visitor of a dashboard on this machine.

    Attributes:
        headings: the titles and headings of the page, as Markdown, in the order they came.
        words: what else was written since the page, or a part of it, was last drawn.
        seen_at: when each heading and each of the words came first, by `time.monotonic`.
        pages: the addresses of the pages by the section of the navigation that lists them.
        query: what follows the question mark in the browser's address; the page can change it.
    """

    def __init__(self, port: int) -> None:
        """Take the port on which the dashboard listens; nothing is asked of it yet."""
        self._port = port
        self._open_until_left = ExitStack()
        self._session_id = ""
        self._page_hash = ""
        self._controls: dict[str, _Control] = {}
        self._watched: dict[str, float] = {}
        self.query = ""
        self.headings: list[str] = []
        self.words: list[str] = []
        self.seen_at: dict[str, float] = {}
        self.pages: dict[str, list[str]] = {}

    def __enter__(self) -> Self:
        """Ask for the page's frame, then connect as its script does.

        Raises:
            OSError: nobody listens there.
        """
        frame = http.client.HTTPConnection(_HOST, self._port, timeout=_TIMEOUT_S)
        frame.request("GET", "/")
        frame.getresponse().read()
        frame.close()
        self._connect()
        return self

    def _connect(self) -> None:
        # The browser's script asks for an earlier session in the third place; in the second it
        # repeats a cookie that only those have who sign in.
        asked = ["streamlit", *(["no-cookie", self._session_id] if self._session_id else [])]
        # A socket of our own: a proxy that the environment names is not for this machine.
        line = socket.create_connection((_HOST, self._port), timeout=_TIMEOUT_S)
        self._connection = self._open_until_left.enter_context(
            connect(
                f"ws://{_HOST}:{self._port}/_stcore/stream",
                sock=line,
                subprotocols=[Subprotocol(name) for name in asked],
                max_size=None,
                open_timeout=_TIMEOUT_S,
                ping_interval=None,  # As a browser's script, which cannot send any.
            )
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave."""
        self._open_until_left.close()

    def open(self, page: str = "", *, query: str = "") -> None:
        """Open a page, and wait until the last of it was sent.

        Args:
            page: its address, such as "performance"; empty for the first page.
            query: what follows the question mark in it.

        Raises:
            PneumoError: the page failed, or the server went away.
        """
        self.query = query
        message = BackMsg()
        message.rerun_script.page_name = page
        self._run(message)

    def come_back(self) -> None:
        """Lose the connection, and take the same visit up again, as a browser does; then open.

        Raises:
            OSError: nobody listens there any more.
        """
        self._open_until_left.close()
        self._connect()

    @property
    def pause_s(self) -> float | None:
        """Seconds until the page is to be looked at again; None if it waits for nothing."""
        return min(self._watched.values(), default=None)

    def look_again(self) -> None:
        """Have the parts of the page drawn anew that ask for it, as a browser's timer does.

        Raises:
            PneumoError: the page failed, or the server went away.
        """
        for fragment_id in list(self._watched):
            if fragment_id in self._watched:  # A part may have had all of the page drawn anew.
                message = BackMsg()
                message.rerun_script.page_script_hash = self._page_hash
                message.rerun_script.fragment_id = fragment_id
                message.rerun_script.is_auto_rerun = True
                self._run(message)

    def press(self, label: str) -> None:
        """Press a button, and wait until the last of what follows was sent.

        Raises:
            PneumoError: there is no such button, the page failed, or the server went away.
        """
        message, control = self._use(label)
        message.rerun_script.widget_states.widgets.add(id=control.id, trigger_value=True)
        self._run(message)

    def slide(self, label: str, option: str) -> None:
        """Move a slider to one of its options, and wait until the last of what follows was sent.

        Raises:
            PneumoError: there is no such slider, the page failed, or the server went away.
        """
        message, control = self._use(label)
        state = message.rerun_script.widget_states.widgets.add(id=control.id)
        state.string_array_value.data.append(option)
        self._run(message)

    def options_of(self, label: str) -> tuple[str, ...]:
        """Return what a slider can be moved to, in order.

        Raises:
            PneumoError: there is no such slider.
        """
        return self._find(label).options

    def _find(self, label: str) -> _Control:
        if label not in self._controls:
            found = ", ".join(self._controls) or "none"
            raise PneumoError(f"The page has no control {label!r}. It has: {found}.")
        return self._controls[label]

    def _use(self, label: str) -> tuple[BackMsg, _Control]:
        control = self._find(label)
        message = BackMsg()
        message.rerun_script.page_script_hash = self._page_hash
        message.rerun_script.fragment_id = control.fragment_id
        return message, control

    def _run(self, message: BackMsg) -> None:
        message.rerun_script.query_string = self.query
        try:
            self._connection.send(message.SerializeToString())
            self._take_page()
        except (WebSocketException, TimeoutError) as error:
            raise PneumoError(f"The dashboard's server does not answer: {error}.") from error

    def _take_page(self) -> None:
        """Receive until a run ends that no other one follows."""
        while True:
            message = ForwardMsg()
            received = self._connection.recv(_TIMEOUT_S)
            message.ParseFromString(received.encode() if isinstance(received, str) else received)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self._turn_to(message)
            elif kind == "navigation":
                self._page_hash = message.navigation.page_script_hash
                self.pages = {}
                for page in message.navigation.app_pages:
                    self.pages.setdefault(page.section_header, []).append(page.url_pathname)
            elif kind == "delta":
                self._take_element(message)
            elif kind == "page_info_changed":
                self.query = message.page_info_changed.query_string
            elif kind == "auto_rerun":
                self._watched[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            elif kind == "stop_auto_rerun":
                for fragment_id in message.stop_auto_rerun.fragment_ids:
                    self._watched.pop(fragment_id, None)
            elif kind == "script_finished":
                if message.script_finished in _ENDS:
                    return
                if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise PneumoError("The page cannot be run: its script has an error.")

    def _turn_to(self, message: ForwardMsg) -> None:
        self._session_id = message.new_session.initialize.session_id
        self.headings, self.words = [], []
        if not message.metadata.run.fragment_ids:
            self._controls, self._watched = {}, {}

    def _take_element(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind in {"button", "slider"}:
            widget = getattr(element, kind)
            self._controls[widget.label] = _Control(
                widget.id, message.delta.fragment_id, tuple(getattr(widget, "options", ()))
            )
        elif kind == "heading":
            self._read(element.heading.body, self.headings)
        elif kind in _TEXTS:
            self._read(getattr(element, kind).body, self.words)
        elif kind == "exception":
            raise PneumoError(f"The page failed: {element.exception.message}")

    def _read(self, text: str, into: list[str]) -> None:
        into.append(text)
        self.seen_at.setdefault(text, time.monotonic())
