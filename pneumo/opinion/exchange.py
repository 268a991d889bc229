"""One request to a language model, streamed or not → its reply, or why there is none."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pneumo.opinion.client import limit_time
from pneumo.opinion.diagnosis import Fault, judge_body
from pneumo.opinion.problems import Problem, ProblemKind
from pneumo.opinion.waiting import Line, wait_for

if TYPE_CHECKING:
    import openai

MOST_CHARACTERS = 20_000
"""Longest answer that is read; a sound one has about 2,000."""


@dataclass(frozen=True)
class Reply:
    """What a server answered.

    Attributes:
        text: the answer, up to MOST_CHARACTERS.
        refusal: what the model said instead, where the server tells refusals apart.
        finish: why it ended ("stop", "length", "content_filter", ...), None if nothing says.
        model: the model that answered by the server's own account.
        tokens_in: tokens read, None if not counted.
        tokens_out: tokens written, None if not counted.
    """

    text: str = ""
    refusal: str = ""
    finish: str | None = None
    model: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None


def exchange(
    client: openai.OpenAI,
    request: Mapping[str, Any],
    *,
    deadline: float,
    cancelled: threading.Event | None = None,
    on_text: Callable[[str], None] | None = None,
) -> Reply | Fault:
    """Send a request and wait for its reply.

    Args:
        client: see `open_client`.
        request: arguments of the SDK's `chat.completions.create`.
        deadline: the moment of `time.monotonic` at which waiting ends.
        cancelled: set by somebody else to end waiting now.
        on_text: called in this thread with the whole text so far whenever it has grown.
    """

    def work(line: Line) -> Reply | Fault:
        completions: Any = client.chat.completions
        timeout = limit_time(line.seconds_left)
        if request.get("stream"):
            with contextlib.closing(completions.create(**request, timeout=timeout)) as stream:
                # Some servers take `stream` and answer in one piece all the same.
                if "event-stream" in stream.response.headers.get("content-type", ""):
                    return _read_stream(stream, line)
                return _read_whole(stream.response.read())
        whole = completions.with_streaming_response.create(**request, timeout=timeout)
        with whole as response:
            return _read_whole(response.read())

    return wait_for(work, deadline=deadline, cancelled=cancelled, on_text=on_text)


def _read_whole(data: bytes) -> Reply | Fault:
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, Mapping) and body.get("error") and not body.get("choices"):
        return judge_body(body["error"])
    reply = _read_piece(body, "message")
    if reply is None:
        return Fault(Problem(ProblemKind.MALFORMED, "not Chat Completions"))
    return reply if len(reply.text) <= MOST_CHARACTERS else Fault(Problem(ProblemKind.TOO_LONG))


def _read_stream(chunks: Iterator[Any], line: Line) -> Reply | Fault:
    text, refusal, finish, model = "", "", None, ""
    tokens: tuple[int | None, int | None] = (None, None)
    try:
        for chunk in chunks:
            piece = _read_piece(chunk.to_dict(), "delta") or Reply()
            text, refusal = text + piece.text, refusal + piece.refusal
            finish, model = piece.finish or finish, piece.model or model
            if piece.tokens_in is not None:
                tokens = (piece.tokens_in, piece.tokens_out)
            if len(text) + len(refusal) > MOST_CHARACTERS:
                return Fault(Problem(ProblemKind.TOO_LONG))
            if piece.text:
                line.tell(text)
    except json.JSONDecodeError:
        return Fault(Problem(ProblemKind.MALFORMED, "a broken stream"))
    if finish is None and not text and not refusal:
        return Fault(Problem(ProblemKind.CUT_OFF))
    return Reply(text, refusal, finish, model, *tokens)


def _read_piece(body: Any, part: str) -> Reply | None:
    """Read a completion or a chunk of one; servers leave out, or fill with null, what they like."""
    if not isinstance(body, Mapping) or not isinstance(body.get("choices"), list):
        return None
    choices = [choice for choice in body["choices"] if isinstance(choice, Mapping)]
    if not choices and part == "message":
        return None
    choice = choices[0] if choices else {}
    message = choice.get(part)
    message = message if isinstance(message, Mapping) else {}
    usage = body.get("usage")
    usage = usage if isinstance(usage, Mapping) else {}
    return Reply(
        text=_text(message.get("content")),
        refusal=_text(message.get("refusal")),
        finish=_text(choice.get("finish_reason")) or None,
        model=_text(body.get("model"))[:200],
        tokens_in=_count(usage.get("prompt_tokens")),
        tokens_out=_count(usage.get("completion_tokens")),
    )


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "".join(_text(part.get("text")) for part in value if isinstance(part, Mapping))
    return value if isinstance(value, str) else ""


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None
