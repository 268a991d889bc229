"""A film's picture and a prompt → one language model's opinion, or the problem that kept it back.

The ladder: the answer's form as a JSON schema of the request; where the server rejects that, as
words in the prompt; one attempt to mend an answer that does not fit; at last the raw text, shown
as "unstructured, no verdict".
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pneumo.domain import Opinion
from pneumo.opinion.client import open_client
from pneumo.opinion.course import Course
from pneumo.opinion.diagnosis import Fault
from pneumo.opinion.endpoint import Endpoint
from pneumo.opinion.exchange import Reply, exchange
from pneumo.opinion.picture import FilmPicture
from pneumo.opinion.problems import Problem, ProblemKind
from pneumo.opinion.prompt import Prompt
from pneumo.opinion.request import ask_for_form, choose_parts, compose_request, compose_words
from pneumo.opinion.result import OpinionResult

if TYPE_CHECKING:
    import openai

_MENDABLE = frozenset({ProblemKind.MALFORMED, ProblemKind.TOO_LONG})


class OpinionReader:
    """Asks one endpoint. Several threads may read with it at the same time.

    Attributes:
        endpoint: who is asked.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        """Prepare to ask an endpoint; nothing is sent yet."""
        self.endpoint = endpoint
        self._client: openai.OpenAI | None = None
        self._rejected: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def preview(self, prompt: Prompt, context: Mapping[str, str] | None = None) -> str:
        """Return the words that go to the server with the picture.

        Raises:
            PromptError: a variable is missing or not declared.
        """
        return compose_words(self.endpoint, prompt, context, self._choose(streamed=False))

    def read(
        self,
        picture: FilmPicture,
        prompt: Prompt,
        context: Mapping[str, str] | None = None,
        *,
        on_text: Callable[[str], None] | None = None,
        cancelled: threading.Event | None = None,
    ) -> OpinionResult:
        """Ask what the model sees in a film.

        Args:
            picture: the film as it is sent.
            prompt: the question.
            context: values of the prompt's variables, as the user gave them.
            on_text: called in this thread with what the model has written so far, in words for
                people; never called by a server that does not stream.
            cancelled: set by somebody else to end the reading at once.

        Returns:
            An opinion or a problem, within the endpoint's time-out.

        Raises:
            PromptError: a variable is missing or not declared.
        """
        # Rendered before anything is sent, so that a missing variable costs nothing.
        prompt.render(context)
        endpoint, course = self.endpoint, Course(self._choose(streamed=on_text is not None))
        if endpoint.lacks_key:
            return course.end(Problem(ProblemKind.NO_KEY), endpoint, prompt, picture)
        outcome: Opinion | Problem | None = None
        while outcome is None:
            request = compose_request(
                endpoint,
                prompt,
                picture,
                context=context,
                parts=course.parts,
                mending=course.mending,
            )
            reply = self._ask(request, course, on_text, cancelled)
            outcome = _judge(reply, prompt, course)
        return course.end(outcome, endpoint, prompt, picture)

    def _ask(
        self,
        request: dict[str, object],
        course: Course,
        on_text: Callable[[str], None] | None,
        cancelled: threading.Event | None,
    ) -> Reply | Fault:
        """Send one request, and note what it brought."""
        from pneumo.opinion.answer import narrate

        endpoint = self.endpoint
        # A server that echoes its key must not bring it onto the page or into a file.
        hide = endpoint.key.hide_in if endpoint.key else str

        def tell(text: str) -> None:
            words = narrate(hide(text))
            if on_text is not None and words:
                on_text(words)

        course.attempts += 1
        reply = exchange(
            self._open(),
            request,
            deadline=course.began + endpoint.timeout_s,
            cancelled=cancelled,
            on_text=tell,
        )
        if isinstance(reply, Fault):
            return reply
        # The server takes what is left: the next reading starts without what it rejected.
        with self._lock:
            self._rejected |= course.dropped
        reply = replace(
            reply, text=hide(reply.text), refusal=hide(reply.refusal), model=hide(reply.model)
        )
        course.take(reply)
        return reply

    def _open(self) -> openai.OpenAI:
        with self._lock:
            if self._client is None:
                self._client = open_client(self.endpoint)
            return self._client

    def _choose(self, *, streamed: bool) -> frozenset[str]:
        with self._lock:
            return choose_parts(self.endpoint, streamed=streamed) - self._rejected


def _judge(reply: Reply | Fault, prompt: Prompt, course: Course) -> Opinion | Problem | None:
    """Return how the reading ends, None if the course was changed and is worth another request."""
    if isinstance(reply, Fault):
        unwelcome = reply.parts_named(course.parts)
        course.drop(unwelcome)
        return None if unwelcome else reply.problem
    finish = reply.finish or ""
    if reply.refusal:
        return Problem(ProblemKind.REFUSED)
    if finish.startswith("content_filter"):
        return Problem(ProblemKind.CONTENT_FILTER)
    if finish == "length":
        return Problem(ProblemKind.TRUNCATED)
    return _judge_answer(reply, prompt, course)


def _judge_answer(reply: Reply, prompt: Prompt, course: Course) -> Opinion | Problem | None:
    from pneumo.opinion.answer import read_answer

    answer = read_answer(reply.text, prompt.schema_version)
    if isinstance(answer, Opinion):
        return answer
    if not reply.finish:
        return Problem(ProblemKind.CUT_OFF)
    if answer.kind in _MENDABLE and reply.text.strip() and not course.mending:
        course.mend(answer.faults, ask_for_form(prompt))
        return None
    return Problem(answer.kind)
