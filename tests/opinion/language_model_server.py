"""A server on this machine that speaks Chat Completions, and fails in every way that others do.

How it behaves is named by the model that is asked for (see `BEHAVIOURS`; any other name is
answered soundly), or by a callable that is given each request. It records what it received.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

TOKENS = {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200}
LISTED = ("sees", "pneumonia", "normal")
RETRY_AFTER_S = 7


def sound_answer(**changes: Any) -> dict[str, Any]:
    """Return an answer of schema version 1 as a sound model gives it."""
    return {
        "image_adequate": "yes",
        "adequacy_reason": "Well exposed and not rotated.",
        "view": "AP",
        "findings": [
            {
                "name": "consolidation",
                "side": "right",
                "zone": "lower",
                "certainty": "probable",
            }
        ],
        "impression": "Patchy opacity in the right lower zone with an air bronchogram.",
        "verdict": "PNEUMONIA",
        "certainty": "moderate",
        "limitations": "One view only.",
    } | changes


NORMAL_ANSWER = sound_answer(
    findings=[], impression="Clear lungs.", verdict="NORMAL", certainty="high"
)
INFORMED_ANSWER = {"changes": "I take back the consolidation: it is the thymus."} | sound_answer(
    findings=[], impression="Clear lungs, a normal thymus.", verdict="NORMAL"
)


@dataclass(frozen=True)
class Recorded:
    """One request as it came over the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    raw: bytes = field(repr=False)

    @property
    def model(self) -> str:
        return str(self.body.get("model", ""))

    @property
    def words(self) -> str:
        """The text of the first message."""
        content = self.body["messages"][0]["content"]
        return content if isinstance(content, str) else str(content[0]["text"])

    @property
    def body_of_picture(self) -> bytes:
        """The picture's file as the request holds it, in base 64."""
        url: str = self.body["messages"][0]["content"][1]["image_url"]["url"]
        return url.removeprefix("data:image/png;base64,").encode()

    @property
    def picture(self) -> bytes:
        """The picture's file."""
        return base64.b64decode(self.body_of_picture)

    @property
    def mends(self) -> bool:
        """Whether it asks for an answer to be mended."""
        return len(self.body["messages"]) > 1


class LanguageModelServer:
    """Runs on a free port of this machine while it is entered.

    Args:
        behave: names the behaviour for a request; the model's name by default.
        answer: the sound answer to a request.
        key: the only key that is accepted; None accepts all.
    """

    def __init__(
        self,
        behave: Callable[[Recorded], str] | None = None,
        *,
        answer: Callable[[Recorded], dict[str, Any]] | None = None,
        key: str | None = None,
    ) -> None:
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self.begin_anew(behave, answer=answer, key=key)

    def begin_anew(
        self,
        behave: Callable[[Recorded], str] | None = None,
        *,
        answer: Callable[[Recorded], dict[str, Any]] | None = None,
        key: str | None = None,
    ) -> None:
        """Behave in this way from now on, and forget all requests."""
        self.behave = behave or (lambda request: request.model)
        self.answer = answer or _usual_answer
        self.key = key
        self.requests: list[Recorded] = []

    def __enter__(self) -> Self:
        self._server = _QuietServer(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The base URL for a client."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def asked(self) -> list[Recorded]:
        """The requests for a completion, oldest first."""
        return [request for request in self.requests if request.method == "POST"]

    def record(self, request: Recorded) -> None:
        with self._lock:
            self.requests.append(request)


def _usual_answer(request: Recorded) -> dict[str, Any]:
    if "heat map" in request.words:
        return INFORMED_ANSWER
    return NORMAL_ANSWER if request.model == "normal" else sound_answer()


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    owner: LanguageModelServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the play."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Small parts must leave at once, as they do on a real server.
    disable_nagle_algorithm = True
    server: _QuietServer

    def log_message(self, *words: Any) -> None:
        """Stay silent."""

    def do_GET(self) -> None:
        self._receive(b"")
        if not self._opens():
            return
        self.send_json(200, {"object": "list", "data": [{"id": name} for name in LISTED]})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.asked = self._receive(raw)
        if self._opens():
            name = self.server.owner.behave(self.asked)
            BEHAVIOURS.get(name, _answer)(self)

    def _receive(self, raw: bytes) -> Recorded:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = json.loads(raw) if raw else {}
        request = Recorded(self.command, self.path, headers, body, raw)
        self.server.owner.record(request)
        return request

    def _opens(self) -> bool:
        key = self.server.owner.key
        given = self.headers.get("Authorization", ""), self.headers.get("api-key", "")
        if key is None or given[0] == f"Bearer {key}" or given[1] == key:
            return True
        # Real servers echo the key; a page must not.
        message = f"Incorrect API key provided: {given[0]}"
        self.send_problem(401, message, code="invalid_api_key")
        return False

    def send_json(self, status: int, body: Any, **headers: str) -> None:
        self.send_bytes(status, json.dumps(body).encode(), "application/json", **headers)

    def send_bytes(self, status: int, data: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def send_problem(self, status: int, message: str, code: str = "", **headers: str) -> None:
        error = {"message": message, "type": "error", "code": code or None}
        self.send_json(status, {"error": error}, **headers)

    def send_completion(self, text: str | None, finish: str = "stop", refusal: str = "") -> None:
        if self.asked.body.get("stream"):
            self.send_stream(_pieces(text or "", refusal), finish)
            return
        message = {"role": "assistant", "content": text, "refusal": refusal or None}
        choice = {"index": 0, "finish_reason": finish, "message": message}
        self.send_json(200, self.envelope("chat.completion", [choice]) | {"usage": TOKENS})

    def send_stream(self, pieces: Iterator[dict[str, Any]], finish: str | None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            self.send_event([{"index": 0, "finish_reason": None, "delta": piece}])
        if finish is None:
            self.close_connection = True
            return
        self.send_event([{"index": 0, "finish_reason": finish, "delta": {}}])
        if (self.asked.body.get("stream_options") or {}).get("include_usage"):
            self.send_event([], usage=TOKENS)
        self.send_chunk(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def send_event(self, choices: list[dict[str, Any]], **more: Any) -> None:
        event = self.envelope("chat.completion.chunk", choices) | more
        self.send_chunk(b"data: " + json.dumps(event).encode() + b"\n\n")

    def send_chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def envelope(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        name = f"{self.asked.model}-2026-01-01"
        return {"id": "1", "object": kind, "created": 1, "model": name, "choices": choices}

    @property
    def answer(self) -> str:
        return json.dumps(self.server.owner.answer(self.asked))

    def wait(self, seconds: float) -> None:
        self.server.owner.closing.wait(seconds)


def _pieces(text: str, refusal: str) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    if refusal:
        yield {"refusal": refusal}
    for start in range(0, len(text), 40):
        yield {"content": text[start : start + 40]}


def _answer(handler: _Handler) -> None:
    handler.send_completion(handler.answer)


def _say(text: str, finish: str = "stop") -> Callable[[_Handler], None]:
    return lambda handler: handler.send_completion(text, finish)


def _fail(status: int, message: str, code: str = "", **headers: str) -> Callable[[_Handler], None]:
    return lambda handler: handler.send_problem(status, message, code, **headers)


def _without(*parts: str, words: str = "Unrecognized request argument: {}") -> Callable[..., None]:
    """Reject requests that hold one of these parts, as strict servers do."""

    def behave(handler: _Handler) -> None:
        image = handler.asked.body["messages"][0]["content"][1]["image_url"]
        for part in parts:
            if part in handler.asked.body or part in image:
                handler.send_problem(400, words.format(part))
                return
        _answer(handler)

    return behave


def _think(handler: _Handler) -> None:
    thought = '<think>Perhaps {"verdict": "NORMAL"}? No.</think>'
    handler.send_completion(f"{thought}\nHere is my reading:\n```json\n{handler.answer}\n```")


def _mend(handler: _Handler) -> None:
    handler.send_completion(handler.answer if handler.asked.mends else '{"verdict": "MAYBE"}')


def _hang(handler: _Handler) -> None:
    handler.wait(30)


def _slow(handler: _Handler) -> None:
    handler.wait(0.3)
    _answer(handler)


def _drip(handler: _Handler) -> None:
    """Send a little, for ever: no single wait is long."""

    def letters() -> Iterator[dict[str, Any]]:
        while not handler.server.owner.closing.is_set():
            yield {"content": "la "}
            time.sleep(0.02)

    if handler.asked.body.get("stream"):
        handler.send_stream(letters(), "stop")
        return
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not handler.server.owner.closing.is_set():
        handler.wfile.write(b" ")
        time.sleep(0.02)


def _cut(handler: _Handler) -> None:
    if handler.asked.body.get("stream"):
        handler.send_stream(_pieces(handler.answer[:120], ""), None)
        return
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "4000")
    handler.end_headers()
    handler.wfile.write(b'{"id": "1", "choices": [{"message": {"content": "{')
    handler.close_connection = True


def _redirect(handler: _Handler) -> None:
    handler.send_json(307, {}, Location="/v1/elsewhere")


_REFUSAL = "I'm sorry, but I can't help with interpreting medical images."

BEHAVIOURS: dict[str, Callable[[_Handler], None]] = {
    # Sound answers, in other clothes or after a detour.
    "thinks": _think,
    "mends": _mend,
    "slow": _slow,
    "takes-no-structure": _without("response_format"),
    "takes-no-temperature": _without("temperature"),
    "takes-no-detail": _without("detail"),
    "takes-no-usage": _without("stream_options"),
    "takes-no-stream": _without("stream"),
    "takes-nothing": _without(
        "response_format", "temperature", "detail", "stream", words="Bad request."
    ),
    "one-piece": lambda handler: (handler.asked.body.pop("stream", None), _answer(handler))[1],
    # No opinion.
    "refuses": lambda handler: handler.send_completion(None, refusal=_REFUSAL),
    "declines": _say(_REFUSAL),
    "chats": _say("The lungs look a little hazy to me, but who knows?"),
    "empty": _say(""),
    "malformed": _say('{"verdict": "PNEUMONIA", "findings": [}'),
    "wordy": lambda handler: handler.send_completion(
        json.dumps(sound_answer(impression="hazy " * 600))
    ),
    "endless": _say("hazy " * 10_000),
    "floods": lambda handler: handler.send_bytes(200, b" " * 5_000_000, "application/json"),
    "truncated": _say('{"image_adequate": "yes", "adequ', "length"),
    "filtered": _say("", "content_filter"),
    # No answer.
    "forbidden": _fail(403, "You may not use this model.", "forbidden"),
    "unknown-model": _fail(404, "The model does not exist.", "model_not_found"),
    "sees-nothing": _fail(400, "This model does not support image input."),
    "rate-limited": _fail(429, "Slow down.", "rate_limit_exceeded", Retry_After=str(RETRY_AFTER_S)),
    "no-credit": _fail(429, "You exceeded your quota.", "insufficient_quota"),
    "bad-request": _fail(400, "The context length is exceeded.", "context_length_exceeded"),
    "prompt-filtered": _fail(400, "The prompt was filtered.", "content_filter"),
    "fails": _fail(500, "Something went wrong.", "server_error"),
    "fails-inside": lambda handler: handler.send_json(
        200, {"error": {"code": 502, "message": "The host is down."}}
    ),
    "web-page": lambda handler: handler.send_bytes(200, b"<html>Hello</html>", "text/html"),
    "hangs": _hang,
    "drips": _drip,
    "cut-off": _cut,
    "redirects": _redirect,
}
