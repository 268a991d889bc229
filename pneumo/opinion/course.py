"""What one reading has sent, heard and used up so far → the result that it ends with."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pneumo.domain import Opinion
from pneumo.opinion.endpoint import Endpoint
from pneumo.opinion.exchange import Reply
from pneumo.opinion.picture import FilmPicture
from pneumo.opinion.problems import Problem
from pneumo.opinion.prompt import Prompt
from pneumo.opinion.result import OpinionResult

_MOST_TEXT = 8_000


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass
class Course:
    """The course of one reading.

    Attributes:
        parts: parts of the request that are still sent, see `choose_parts`.
        dropped: parts that the server did not take.
        mending: the messages that ask for the answer to be mended; empty until then.
        attempts: requests that were sent.
        text: what the model said last.
        model: the model that answered by the server's own account.
        tokens_in: tokens read in all attempts, None if not counted.
        tokens_out: tokens written in all attempts, None if not counted.
        began: moment of `time.monotonic` at which the reading began.
        asked_at: date and time at which it began, ISO 8601, UTC.
    """

    parts: frozenset[str]
    dropped: frozenset[str] = frozenset()
    mending: list[dict[str, str]] = field(default_factory=list)
    attempts: int = 0
    text: str = ""
    model: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    began: float = field(default_factory=time.monotonic)
    asked_at: str = field(default_factory=_now)

    def drop(self, parts: frozenset[str]) -> None:
        """Do not send these parts again."""
        self.parts, self.dropped = self.parts - parts, self.dropped | parts

    def take(self, reply: Reply) -> None:
        """Note what a reply says and what it took."""
        self.text, self.model = reply.refusal or reply.text, reply.model or self.model
        if reply.tokens_in is not None:
            self.tokens_in = (self.tokens_in or 0) + reply.tokens_in
        if reply.tokens_out is not None:
            self.tokens_out = (self.tokens_out or 0) + reply.tokens_out

    def mend(self, faults: tuple[str, ...], form: str) -> None:
        """Ask for the last answer again, in its form."""
        listed = "\n".join(f"- {fault}" for fault in faults)
        demand = f"Your answer cannot be used:\n{listed}\n\nGive the same answer again, mended."
        self.mending = [
            {"role": "assistant", "content": self.text},
            {"role": "user", "content": f"{demand}\n\n{form}"},
        ]

    def end(
        self, outcome: Opinion | Problem, endpoint: Endpoint, prompt: Prompt, picture: FilmPicture
    ) -> OpinionResult:
        """Return the result with all that tells where it came from."""
        price, solved = endpoint.price, isinstance(outcome, Opinion)
        return OpinionResult(
            opinion=outcome if isinstance(outcome, Opinion) else None,
            problem=outcome if isinstance(outcome, Problem) else None,
            text="" if solved else self.text[:_MOST_TEXT],
            provider=endpoint.provider.name,
            host=endpoint.host,
            model=endpoint.model,
            model_reported=self.model,
            prompt_name=prompt.name,
            prompt_version=prompt.version,
            prompt_hash=prompt.sha256,
            schema_version=prompt.schema_version,
            parameters={
                "temperature": prompt.temperature if "temperature" in self.parts else None,
                "detail": prompt.detail if "detail" in self.parts else None,
                "structure": (
                    endpoint.provider.structure if "structure" in self.parts else "prompt"
                ),
                "mended": bool(self.mending),
                "streamed": "stream" in self.parts,
                "picture_rows": picture.rows,
                "picture_columns": picture.columns,
                "mask_share": picture.mask_share,
            },
            tokens_in=self.tokens_in,
            tokens_out=self.tokens_out,
            cost_usd=price.cost(self.tokens_in, self.tokens_out) if price else None,
            latency_s=time.monotonic() - self.began,
            attempts=self.attempts,
            asked_at=self.asked_at,
        )
