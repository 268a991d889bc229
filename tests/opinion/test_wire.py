"""Servers that never come to an end: what is read of them is bounded, and they are hung up on."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from pneumo.opinion.endpoint import Endpoint
from pneumo.opinion.picture import FilmPicture
from pneumo.opinion.problems import ProblemKind
from pneumo.opinion.prompt import Prompt
from pneumo.opinion.providers import PROVIDERS
from pneumo.opinion.reading import OpinionReader
from pneumo.opinion.result import OpinionResult
from pneumo.opinion.wire import MOST_STREAMED_BYTES

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
IN_SOCKETS = 16_000_000
"""Bytes that the machine may hold between a server and whoever reads no more."""


@dataclass
class Endless:
    """A server that begins an answer and then repeats one piece for ever.

    Attributes:
        sent: bytes that went out.
        hung_up: set once the other side is gone.
    """

    begin: bytes
    again: bytes
    pause_s: float = 0.0
    sent: int = 0
    hung_up: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def serving(self) -> Iterator[str]:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            thread = threading.Thread(target=self._serve, args=(listening,))
            thread.start()
            try:
                yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
            finally:
                self.closing.set()
                thread.join()

    def _serve(self, listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, contextlib.suppress(OSError):
            connection.settimeout(0.2)
            with contextlib.suppress(TimeoutError):
                while connection.recv(65_536):
                    pass
            # A reader that neither reads nor hangs up shows as a time-out.
            connection.settimeout(2)
            self._send(connection, self.begin)
            while not self.closing.is_set():
                self._send(connection, self.again)
                time.sleep(self.pause_s)
        if not self.closing.is_set():
            self.hung_up.set()

    def _send(self, connection: socket.socket, data: bytes) -> None:
        connection.sendall(data)
        self.sent += len(data)


def read(
    url: str, picture: FilmPicture, prompt: Prompt, *, timeout_s: float = 0.6, **more: object
) -> OpinionResult:
    endpoint = Endpoint(PROVIDERS["custom"], url, "m", timeout_s=timeout_s)
    reader = OpinionReader(endpoint)  # It stays open, as for a session that goes on.
    try:
        return reader.read(picture, prompt, on_text=lambda _: None, **more)  # type: ignore[arg-type]
    finally:
        assert_threads_end()
        reader.close()


def assert_threads_end() -> None:
    began = time.monotonic()
    while any(thread.name == "opinion" for thread in threading.enumerate()):
        assert time.monotonic() - began < 2, "nobody waits, yet the request goes on"
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("begin", "again"),
    [
        pytest.param(STREAM, b": ping\n\n", id="pings"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", b"X-More: a\r\n", id="headers"),
        pytest.param(STREAM, b"data: ", id="a line that never ends"),
        pytest.param(b"HTTP/1.1 429 X\r\n\r\n", b" ", id="an error"),
        pytest.param(b"", b"", id="nothing"),
    ],
)
def test_server_that_drips_is_hung_up_on_at_the_deadline(
    picture: FilmPicture, prompt: Prompt, begin: bytes, again: bytes
) -> None:
    server = Endless(begin, again, pause_s=0.05)
    with server.serving() as url:
        result = read(url, picture, prompt)
        # Whoever sends nothing cannot know.
        assert not again or server.hung_up.wait(2)
    assert result.problem is not None
    assert result.problem.kind is ProblemKind.TIMED_OUT


def test_server_that_says_nothing_is_hung_up_on_when_the_reading_is_cancelled(
    picture: FilmPicture, prompt: Prompt
) -> None:
    cancelled = threading.Event()
    with Endless(b"", b"", pause_s=0.05).serving() as url:
        threading.Timer(0.1, cancelled.set).start()
        began = time.monotonic()
        result = read(url, picture, prompt, cancelled=cancelled)
    assert result.problem is not None
    assert result.problem.kind is ProblemKind.CANCELLED
    assert time.monotonic() - began < 0.5, "the thread waited for its time-out"


@pytest.mark.parametrize(
    ("begin", "kind"),
    [
        pytest.param(b"HTTP/1.1 500 X\r\n\r\n", ProblemKind.SERVER_ERROR, id="an error"),
        pytest.param(b"HTTP/1.1 302 X\r\nLocation: /\r\n\r\n", ProblemKind.REJECTED, id="a way"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", ProblemKind.TOO_LONG, id="an answer"),
        pytest.param(STREAM + b"data: ", ProblemKind.TOO_LONG, id="a line"),
        pytest.param(STREAM + b"data: x\n", ProblemKind.TOO_LONG, id="lines without a break"),
    ],
)
def test_flood_is_read_up_to_a_bound_and_no_further(
    picture: FilmPicture, prompt: Prompt, begin: bytes, kind: ProblemKind
) -> None:
    server = Endless(begin, b"a" * 1_000_000 + b"\n" * begin.endswith(b"\n"))
    with server.serving() as url:
        result = read(url, picture, prompt, timeout_s=30)
        assert server.hung_up.wait(2)
    assert result.problem is not None
    assert result.problem.kind is kind
    assert server.sent < MOST_STREAMED_BYTES + IN_SOCKETS


def test_answer_that_swells_when_it_is_unpacked_is_not_unpacked(
    picture: FilmPicture, prompt: Prompt
) -> None:
    packed = gzip.compress(b" " * 50_000_000)
    begin = b"HTTP/1.1 500 X\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    with Endless(begin + packed, b"").serving() as url:
        result = read(url, picture, prompt)
    assert result.problem is not None
    assert result.problem.kind is ProblemKind.MALFORMED
    assert result.problem.detail == "compressed"


def test_nobody_is_told_of_a_connection_that_is_cut_after_its_answer(
    picture: FilmPicture, prompt: Prompt
) -> None:
    body = b'{"choices": []}'
    begin = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    with Endless(begin + body, b"", pause_s=0.05).serving() as url:
        result = read(url, picture, prompt)
    assert result.problem is not None
    assert result.problem.kind is ProblemKind.MALFORMED
