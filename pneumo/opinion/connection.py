"""An endpoint → whether it can be reached, takes the key and knows the model, without any film."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pneumo.opinion.client import limit_time, open_client
from pneumo.opinion.diagnosis import Fault
from pneumo.opinion.endpoint import Endpoint
from pneumo.opinion.exchange import exchange
from pneumo.opinion.problems import Problem, ProblemKind
from pneumo.opinion.waiting import Line, wait_for

if TYPE_CHECKING:
    import openai

_LONGEST_S = 15.0
_MAY_LACK_A_LIST = frozenset(
    {ProblemKind.UNKNOWN_MODEL, ProblemKind.REJECTED, ProblemKind.MALFORMED}
)


@dataclass(frozen=True)
class Connection:
    """What a test of the connection found.

    Attributes:
        problem: why the model cannot be asked; None if it can, as far as a test without a film
            tells.
        models: the models that the server lists; empty if it was not asked or lists none.
        latency_s: seconds that the test took.
    """

    problem: Problem | None
    models: tuple[str, ...]
    latency_s: float

    @property
    def sentence(self) -> str:
        """The outcome in a sentence."""
        if self.problem is not None:
            return self.problem.message
        return f"The server knows the model and answered within {self.latency_s:.1f} seconds."


def check_connection(endpoint: Endpoint) -> Connection:
    """Test an endpoint within 15 seconds or its own time-out, whichever is less.

    The server's models are listed. Where the list says nothing about the key or the model, the
    model is asked to say OK instead, which costs a few tokens.
    """
    began = time.monotonic()
    if endpoint.lacks_key:
        return Connection(Problem(ProblemKind.NO_KEY), (), 0.0)
    deadline = began + min(endpoint.timeout_s, _LONGEST_S)
    client = open_client(endpoint)
    try:
        problem, models = _check(endpoint, client, deadline)
    finally:
        client.close()
    return Connection(problem, models, time.monotonic() - began)


def _check(
    endpoint: Endpoint, client: openai.OpenAI, deadline: float
) -> tuple[Problem | None, tuple[str, ...]]:
    if endpoint.provider.proves_key:
        models = _list_models(client, deadline)
        if isinstance(models, Fault) and models.problem.kind not in _MAY_LACK_A_LIST:
            return models.problem, ()
        if not isinstance(models, Fault) and models:
            known = _is_listed(endpoint.model, models)
            return (None if known else Problem(ProblemKind.UNKNOWN_MODEL)), models
    question = {"role": "user", "content": "Say OK."}
    request = {"model": endpoint.model, "messages": [question]}
    reply = exchange(client, request, deadline=deadline)
    return (reply.problem if isinstance(reply, Fault) else None), ()


def _list_models(client: openai.OpenAI, deadline: float) -> tuple[str, ...] | Fault:
    def work(line: Line) -> tuple[str, ...] | Fault:
        models = client.models.with_streaming_response.list(timeout=limit_time(line.seconds_left))
        with models as response:
            return _read_names(response.read())

    return wait_for(work, deadline=deadline)


def _read_names(data: bytes) -> tuple[str, ...] | Fault:
    try:
        body: Any = json.loads(data)
    except (ValueError, RecursionError):
        body = None
    listed = body.get("data") if isinstance(body, Mapping) else None
    if not isinstance(listed, list):
        return Fault(Problem(ProblemKind.MALFORMED, "no list of models"))
    names = (model.get("id") for model in listed if isinstance(model, Mapping))
    return tuple(sorted(name for name in names if isinstance(name, str)))


def _is_listed(model: str, models: tuple[str, ...]) -> bool:
    """Whether a model is listed: Gemini puts "models/" before a name, Ollama ":latest" behind."""
    return bool({model, f"models/{model}", f"{model}:latest"} & set(models))
