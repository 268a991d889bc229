"""The port of a running dashboard → what a visitor is shown and presses, without a browser.

It speaks what the browser's script speaks: Streamlit's messages over a WebSocket. What a browser
does besides, to load its script and to draw, is not in it.
"""

from __future__ import annotations

import http.client
import socket
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
        pages: the addresses of the pages by the section of the navigation that lists them.
    """

    def __init__(self, port: int) -> None:
        """Take the port on which the dashboard listens; nothing is asked of it yet."""
        self._port = port
        self._open_until_left = ExitStack()
        self._page_hash = ""
        self._controls: dict[str, _Control] = {}
        self.headings: list[str] = []
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
        # A socket of our own: a proxy that the environment names is not for this machine.
        line = socket.create_connection((_HOST, self._port), timeout=_TIMEOUT_S)
        self._connection = self._open_until_left.enter_context(
            connect(
                f"ws://{_HOST}:{self._port}/_stcore/stream",
                sock=line,
                subprotocols=[Subprotocol("streamlit")],
                max_size=None,
            )
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave."""
        self._open_until_left.close()

    def open(self, page: str = "") -> None:
        """Open a page, and wait until the last of it was sent.

        Args:
            page: its address, such as "performance"; empty for the first page.

        Raises:
            PneumoError: the page failed, or the server went away.
        """
        message = BackMsg()
        message.rerun_script.page_name = page
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
                self.pages = {}
                for page in message.navigation.app_pages:
                    self.pages.setdefault(page.section_header, []).append(page.url_pathname)
            elif kind == "delta":
                self._take_element(message)
            elif kind == "script_finished":
                if message.script_finished in _ENDS:
                    return
                if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise PneumoError("The page cannot be run: its script has an error.")

    def _turn_to(self, message: ForwardMsg) -> None:
        self.headings = []
        if not message.metadata.run.fragment_ids:
            self._page_hash = message.new_session.page_script_hash
            self._controls = {}

    def _take_element(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind in {"button", "slider"}:
            widget = getattr(element, kind)
            self._controls[widget.label] = _Control(
                widget.id, message.delta.fragment_id, tuple(getattr(widget, "options", ()))
            )
        elif kind == "heading":
            self.headings.append(element.heading.body)
        elif kind == "exception":
            raise PneumoError(f"The page failed: {element.exception.message}")
