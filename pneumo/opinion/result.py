"""One reading's outcome with all that tells where it came from ⇄ a record for a JSON file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pneumo.domain import Opinion, Verdict
from pneumo.opinion.problems import Problem


@dataclass(frozen=True)
class OpinionResult:
    """An opinion or a problem, and never both.

    Attributes:
        opinion: what the model says about the film; None if there is a problem.
        problem: why there is no opinion; None if there is one.
        text: the model's own words where they hold no usable opinion, to be shown as
            "unstructured, no verdict"; else empty.
        provider: name of the provider's entry.
        host: the host that received the film.
        model: the model that was asked for.
        model_reported: the model that answered by the server's own account; may be empty.
        prompt_name: the prompt's name.
        prompt_version: its version.
        prompt_hash: SHA-256 of its file.
        schema_version: form of the answer.
        parameters: temperature, detail, structure and picture of the last request that was sent.
        tokens_in: tokens read in all attempts, None if the server does not count.
        tokens_out: tokens written in all attempts, None likewise.
        cost_usd: what they cost in US dollars; None if no price is on file.
        latency_s: seconds from the question to the outcome.
        attempts: requests that were sent.
        asked_at: date and time of the question, ISO 8601, UTC.
        cached: whether it is an earlier answer to the same question.
    """

    opinion: Opinion | None
    problem: Problem | None
    text: str
    provider: str
    host: str
    model: str
    model_reported: str
    prompt_name: str
    prompt_version: str
    prompt_hash: str
    schema_version: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost_usd: float | None = None
    latency_s: float = 0.0
    attempts: int = 0
    asked_at: str = ""
    cached: bool = False

    @property
    def verdict(self) -> Verdict | None:
        """The opinion's verdict, None if there is no opinion."""
        return self.opinion.verdict if self.opinion else None


def to_record(result: OpinionResult) -> dict[str, Any]:
    """Return a result as plain values for JSON. There is no key, pixel or question in it."""
    return asdict(result)


def from_record(record: object) -> OpinionResult:
    """Return the result that a record holds, each field checked.

    Raises:
        ValueError: it is no such record.
    """
    from pydantic import TypeAdapter

    # Pydantic's own error is a ValueError.
    return TypeAdapter(OpinionResult).validate_python(record)
