"""A request under way → a connection that is cut once nobody waits, and an answer of bounded size.

What a server writes is counted before anything reads it, the SDK included: that reads the body of
an error, and a line of a stream, to their ends however far away those are.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pneumo.opinion.diagnosis import FaultError
from pneumo.opinion.problems import ProblemKind
from pneumo.opinion.waiting import Line, current_line

if TYPE_CHECKING:
    import httpx2

MOST_BYTES = 4_000_000
"""Longest answer in one piece; a sound one has about 4,000 bytes."""

MOST_STREAMED_BYTES = 16_000_000
"""Longest stream: each word comes in an envelope of some 300 bytes, and so do thoughts."""

MOST_ERROR_BYTES = 100_000
"""How much is read of an error: its beginning says what it is."""


def watch_request(request: httpx2.Request) -> None:
    """Have a request's connection cut once nobody waits for its answer."""
    line = current_line()
    # A packed answer may be a thousand times as long as what came.
    request.headers["Accept-Encoding"] = "identity"
    if line is None:
        return

    def trace(name: str, info: Mapping[str, Any]) -> None:
        stream = info.get("return_value")
        if name.endswith((".connect_tcp.complete", ".start_tls.complete")):
            _cut_when_abandoned(stream.get_extra_info("socket"), line)  # type: ignore[union-attr]

    request.extensions["trace"] = trace


def bound_response(response: httpx2.Response) -> None:
    """Bound what is read of a response.

    Raises:
        FaultError: it is compressed although nobody asked for that.
    """
    if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise FaultError(ProblemKind.MALFORMED, "compressed")
    is_stream = "event-stream" in response.headers.get("content-type", "")
    most = MOST_STREAMED_BYTES if is_stream else MOST_BYTES
    if not response.is_success:
        most = MOST_ERROR_BYTES
    response.stream = _bound(response.stream, most, is_error=not response.is_success)


def _bound(stream: Any, most: int, *, is_error: bool) -> httpx2.SyncByteStream:
    """Return the same bytes, up to a bound; more of an error are left out, more else a fault."""
    import httpx2

    class Bounded(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            count = 0
            for part in stream:
                count += len(part)
                if count <= most:
                    yield part
                elif is_error:
                    return
                else:
                    raise FaultError(ProblemKind.TOO_LONG)

        def close(self) -> None:
            stream.close()

    return Bounded()


def _cut_when_abandoned(connection: socket.socket, line: Line) -> None:
    def cut() -> None:
        # Unlike closing it, this wakes the thread that waits for the next bytes. The socket's own
        # way, since that of an encrypted one would change it under that thread's hands.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(connection, socket.SHUT_RDWR)

    line.when_abandoned(cut)
