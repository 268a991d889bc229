"""Why there is no second opinion → the state that people see, and what they can do about it.

A problem never touches the networks' verdict. Its words never hold a key, a patient's data or
anything that a server wrote, but for a status and a short code.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ProblemKind(StrEnum):
    """The states in which a reading ends without an opinion."""

    NO_KEY = "no key"
    WRONG_KEY = "wrong key"
    NO_CREDIT = "no credit"
    UNKNOWN_MODEL = "unknown model"
    NO_VISION = "no vision"
    REJECTED = "rejected"
    RATE_LIMITED = "rate limited"
    TIMED_OUT = "timed out"
    UNREACHABLE = "unreachable"
    CUT_OFF = "cut off"
    SERVER_ERROR = "server error"
    REFUSED = "refused"
    CONTENT_FILTER = "content filter"
    TRUNCATED = "truncated"
    TOO_LONG = "too long"
    MALFORMED = "malformed"
    CANCELLED = "cancelled"


_WORDS: dict[ProblemKind, tuple[str, str]] = {
    ProblemKind.NO_KEY: (
        "No key is set",
        "Set the provider's key in the environment or type one for this session, or choose a "
        "model on this machine, which needs none.",
    ),
    ProblemKind.WRONG_KEY: (
        "The server did not accept the key",
        "Check that the key belongs to this provider, is whole, and may use this model.",
    ),
    ProblemKind.NO_CREDIT: (
        "The account has no credit left",
        "Add credit at the provider, or choose another model. Waiting does not help.",
    ),
    ProblemKind.UNKNOWN_MODEL: (
        "The server does not know this model",
        "Check the model's name and the server's address; a local server must have loaded it.",
    ),
    ProblemKind.NO_VISION: (
        "The model cannot see pictures",
        "Choose a model with vision.",
    ),
    ProblemKind.REJECTED: (
        "The server did not accept the request",
        "Choose another model, or a prompt version with a smaller picture.",
    ),
    ProblemKind.RATE_LIMITED: (
        "The server asks to wait",
        "Too many requests were made. Ask again later.",
    ),
    ProblemKind.TIMED_OUT: (
        "The answer took too long",
        "Ask again, choose a faster model, or allow more time with PNEUMO_OPINION_TIMEOUT_S.",
    ),
    ProblemKind.UNREACHABLE: (
        "The server cannot be reached",
        "Check the address and the connection; start a local server first.",
    ),
    ProblemKind.CUT_OFF: (
        "The connection broke before the answer was whole",
        "Ask again.",
    ),
    ProblemKind.SERVER_ERROR: (
        "The server failed",
        "Ask again later; a local server says more in its own window.",
    ),
    ProblemKind.REFUSED: (
        "The model declined to read the film",
        "Ask again, or choose another prompt version or model. It is no verdict on the film.",
    ),
    ProblemKind.CONTENT_FILTER: (
        "The provider's content filter stopped the answer",
        "Choose another model or provider. It is no verdict on the film.",
    ),
    ProblemKind.TRUNCATED: (
        "The answer ended before it was whole",
        "The model reached its limit of words. Choose another model or the shorter prompt.",
    ),
    ProblemKind.TOO_LONG: (
        "The answer is too long",
        "Ask again, or choose another model.",
    ),
    ProblemKind.MALFORMED: (
        "The answer is unstructured: no verdict",
        "The model did not keep to the form, also when asked again. Choose another model.",
    ),
    ProblemKind.CANCELLED: (
        "The reading was cancelled",
        "Ask again when you like.",
    ),
}

_PASSING = frozenset(
    {
        ProblemKind.RATE_LIMITED,
        ProblemKind.TIMED_OUT,
        ProblemKind.UNREACHABLE,
        ProblemKind.CUT_OFF,
        ProblemKind.SERVER_ERROR,
    }
)


@dataclass(frozen=True)
class Problem:
    """Why a reading gave no opinion.

    >>> Problem(ProblemKind.RATE_LIMITED, retry_after_s=20).message
    'The server asks to wait. Too many requests were made. Ask again in 20 seconds.'

    Attributes:
        kind: the state.
        detail: a status or short code for whoever looks after the server, e.g. "HTTP 500";
            may be empty.
        retry_after_s: seconds after which the server wants to be asked again; None if unknown.
    """

    kind: ProblemKind
    detail: str = ""
    retry_after_s: float | None = None

    @property
    def title(self) -> str:
        """What happened, in a few words."""
        return _WORDS[self.kind][0]

    @property
    def advice(self) -> str:
        """What the user can do."""
        advice = _WORDS[self.kind][1]
        if self.kind is ProblemKind.RATE_LIMITED and self.retry_after_s is not None:
            return advice.replace("later", f"in {max(1, round(self.retry_after_s))} seconds")
        return advice

    @property
    def message(self) -> str:
        """What happened and what to do, in one line."""
        return f"{self.title}. {self.advice}"

    @property
    def passing(self) -> bool:
        """Whether the same request may succeed later."""
        return self.kind in _PASSING
