"""An endpoint, a prompt and a film's picture → the request that is sent, and nothing beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pneumo.opinion.endpoint import Endpoint
from pneumo.opinion.picture import FilmPicture
from pneumo.opinion.prompt import Prompt


def choose_parts(endpoint: Endpoint, *, streamed: bool) -> frozenset[str]:
    """Return the parts of a request that a server may reject, but this one should take."""
    provider = endpoint.provider
    wanted = {
        "temperature": True,
        "detail": provider.sends_detail,
        "structure": provider.structure != "prompt",
        "stream": streamed and provider.streams,
        "usage": streamed and provider.streams,
    }
    return frozenset(part for part, is_wanted in wanted.items() if is_wanted)


def compose_words(
    endpoint: Endpoint, prompt: Prompt, context: Mapping[str, str] | None, parts: frozenset[str]
) -> str:
    """Return the words that go with the picture.

    Raises:
        PromptError: a variable is missing or not declared.
    """
    text = prompt.render(context)
    provider = endpoint.provider
    by_schema = "structure" in parts and provider.structure == "json_schema"
    if by_schema and not provider.schema_in_prompt:
        return text
    return f"{text}\n\n{ask_for_form(prompt)}"


def ask_for_form(prompt: Prompt) -> str:
    """Return the words that ask for the answer's form."""
    from pneumo.opinion.answer import describe_schema

    schema = json.dumps(describe_schema(prompt.schema_version))
    return (
        "Answer with one JSON object that fits this JSON schema, and with nothing else, not even "
        f"a code fence:\n{schema}"
    )


def compose_request(
    endpoint: Endpoint,
    prompt: Prompt,
    picture: FilmPicture,
    *,
    context: Mapping[str, str] | None,
    parts: frozenset[str],
    mending: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """Return the arguments of the SDK's `chat.completions.create`.

    Args:
        endpoint: who is asked.
        prompt: the question.
        picture: the film as it is sent.
        context: values of the prompt's variables.
        parts: those of `choose_parts` that are left.
        mending: messages that follow the question, when an answer has to be mended.

    Raises:
        PromptError: a variable is missing or not declared.
    """
    image = {"url": picture.data_url}
    if "detail" in parts:
        image["detail"] = prompt.detail
    # One message of the user: not every local model's template knows a system message.
    content = [
        {"type": "text", "text": compose_words(endpoint, prompt, context, parts)},
        {"type": "image_url", "image_url": image},
    ]
    request: dict[str, Any] = {
        "model": endpoint.model,
        "messages": [{"role": "user", "content": content}, *mending],
    }
    if endpoint.provider.extra:
        request["extra_body"] = dict(endpoint.provider.extra)
    if "temperature" in parts:
        request["temperature"] = prompt.temperature
    if "structure" in parts:
        request["response_format"] = _response_format(endpoint, prompt)
    if "stream" in parts:
        request["stream"] = True
        if "usage" in parts:
            request["stream_options"] = {"include_usage": True}
    return request


def _response_format(endpoint: Endpoint, prompt: Prompt) -> dict[str, Any]:
    from pneumo.opinion.answer import describe_schema

    if endpoint.provider.structure == "json_object":
        return {"type": "json_object"}
    schema = describe_schema(prompt.schema_version)
    named = {"name": "chest_film_opinion", "strict": True, "schema": schema}
    return {"type": "json_schema", "json_schema": named}
