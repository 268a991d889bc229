"""What a server or the connection did instead of answering → the problem that it is."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pneumo.opinion.problems import Problem, ProblemKind

_LONGEST_WAIT_S = 24 * 3600.0

# Parts of a request that not every server takes, and the words by which it names them.
_PARTS: dict[str, str] = {
    "temperature": r"temperature",
    "detail": r"\bdetail\b",
    "structure": r"response[_ ]format|json[_ ]schema|json[_ ]object|structured output|grammar",
    "usage": r"stream_options|include_usage",
    "stream": r"\bstream(ing)?\b",
}
_MAY_NAME_A_PART = frozenset({400, 404, 415, 422, 500, 501})
_MAY_BE_A_PART = frozenset(
    {
        ProblemKind.REJECTED,
        ProblemKind.NO_VISION,
        ProblemKind.SERVER_ERROR,
        ProblemKind.UNKNOWN_MODEL,
    }
)
_PICTURE = re.compile(r"image|\bvision\b|multi-?modal|mmproj")
_SIZE = re.compile(r"context (length|window|size)|too (large|big|long|many)|exceed|maximum")
_KEY = re.compile(r"api[ _-]?key")
_FILTER = re.compile(r"content_(filter|policy)|content management policy|flagged|moderation")
_CREDIT = re.compile(r"insufficient_quota|insufficient credit|billing|payment required")
_WAIT = re.compile(r"(?:retry|try again) in (\d+(?:\.\d+)?) ?(ms|s)\b")


@dataclass(frozen=True)
class Fault:
    """A call that brought no answer.

    Attributes:
        problem: how it is shown if nothing can be done about it.
        status: the HTTP status, None if there was no response.
        words: all that the server wrote, in small letters; never shown, logged or kept.
    """

    problem: Problem
    status: int | None = None
    words: str = ""

    def parts_named(self, sent: frozenset[str]) -> frozenset[str]:
        """Return those parts of the request that the server seems not to take.

        Where it says only that the request is bad, all of them are suspect.
        """
        if self.status not in _MAY_NAME_A_PART or self.problem.kind not in _MAY_BE_A_PART:
            return frozenset()
        named = {part for part in sent if re.search(_PARTS[part], self.words)}
        if not named and self.status in (400, 422) and self.problem.kind is ProblemKind.REJECTED:
            return sent if not _SIZE.search(self.words) else frozenset()
        return frozenset(named)


class FaultError(Exception):
    """A fault that was found where only an exception leads out."""

    def __init__(self, kind: ProblemKind, detail: str = "") -> None:
        """Take what the fault is, as for a `Problem`."""
        super().__init__(kind)
        self.fault = Fault(Problem(kind, detail))


def read_fault(error: Exception) -> Fault | None:
    """Return what an exception of the SDK or of its transport means, None for any other."""
    import httpx2
    import openai

    if isinstance(error, FaultError):
        return error.fault
    if isinstance(error, openai.APIStatusError):
        return judge_status(error.status_code, error.body, error.response.headers)
    if isinstance(error, openai.APIConnectionError):
        cause = error.__cause__
        return _judge_connection(cause if isinstance(cause, Exception) else error)
    if isinstance(error, openai.APIError):
        return judge_body(error.body)
    if isinstance(error, httpx2.HTTPError | httpx2.InvalidURL):
        return _judge_connection(error)
    return None


def _judge_connection(cause: Exception) -> Fault:
    import httpx2

    never_there = (
        httpx2.ConnectError,
        httpx2.ConnectTimeout,
        httpx2.ProxyError,
        httpx2.InvalidURL,
        httpx2.UnsupportedProtocol,
    )
    if isinstance(cause, never_there):
        return Fault(Problem(ProblemKind.UNREACHABLE))
    if isinstance(cause, httpx2.TimeoutException):
        return Fault(Problem(ProblemKind.TIMED_OUT))
    return Fault(Problem(ProblemKind.CUT_OFF))


def judge_body(body: object) -> Fault:
    """Return the fault of an error that came inside an answer or a stream, without a status."""
    code = str(body.get("code")) if isinstance(body, Mapping) else ""
    status = int(code) if re.fullmatch(r"[45]\d\d", code) else 500
    return judge_status(429 if "rate_limit" in code else status, body, {})


def judge_status(status: int, body: object, headers: Mapping[str, str]) -> Fault:
    """Return the fault of a response with an error status."""
    words = " ".join(_values(body)).lower()[:20_000]
    detail = ", ".join(filter(None, (f"HTTP {status}", _short_code(body))))
    kind = _kind(status, words)
    wait = _retry_after(headers, words) if kind is ProblemKind.RATE_LIMITED else None
    return Fault(Problem(kind, detail, wait), status, words)


def _kind(status: int, words: str) -> ProblemKind:  # noqa: PLR0911
    if status in (400, 403) and _FILTER.search(words):
        return ProblemKind.CONTENT_FILTER
    if status in (401, 403) or (status == 400 and _KEY.search(words)):
        return ProblemKind.WRONG_KEY
    if status == 402 or (status == 429 and _CREDIT.search(words)):
        return ProblemKind.NO_CREDIT
    if status == 429:
        return ProblemKind.RATE_LIMITED
    if status in (408, 504):
        return ProblemKind.TIMED_OUT
    if status in _MAY_NAME_A_PART and _PICTURE.search(words) and not _SIZE.search(words):
        return ProblemKind.NO_VISION
    if status == 404 or (status == 400 and "model_not_found" in words):
        return ProblemKind.UNKNOWN_MODEL
    return ProblemKind.SERVER_ERROR if status >= 500 else ProblemKind.REJECTED


def _values(body: object) -> Iterator[str]:
    """Yield all that a body says, without the names of its fields: FastAPI calls one "detail"."""
    if isinstance(body, Mapping):
        for value in body.values():
            yield from _values(value)
    elif isinstance(body, list | tuple):
        for value in body:
            yield from _values(value)
    elif body is not None:
        yield str(body)


def _short_code(body: object) -> str:
    """Return the error's code where it is one plain word; anything else might hold a key."""
    if isinstance(body, list) and body:
        body = body[0]
    if isinstance(body, Mapping) and isinstance(body.get("error"), Mapping):
        body = body["error"]
    for field in ("code", "type", "status"):
        code = body.get(field) if isinstance(body, Mapping) else None
        if isinstance(code, str) and re.fullmatch(r"[A-Za-z_]{3,40}", code):
            return code
    return ""


def _retry_after(headers: Mapping[str, str], words: str) -> float | None:
    """Return the seconds to wait (RFC 9110 10.2.3: seconds or a date), None if nothing says."""
    given = headers.get("retry-after", "").strip()
    try:
        seconds = float(given)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            found = _WAIT.search(words)
            if not found:
                return None
            seconds = float(found[1]) * (0.001 if found[2] == "ms" else 1.0)
    # A server may write anything here, "nan" and the year 9999 too.
    return None if math.isnan(seconds) else min(max(seconds, 0.0), _LONGEST_WAIT_S)
