"""The language models' providers, one entry each; an address → whose it is and where it lies.

To add a provider, add an entry. Nothing else names one.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from pneumo.errors import EndpointError

Structure = Literal["json_schema", "json_object", "prompt"]

OWN_KEY = "PNEUMO_OPINION_KEY"
"""The variable with the key of a server that no entry names, or of a local one that wants one."""


@dataclass(frozen=True)
class Provider:
    """Where a model is asked, and what that server can do.

    Attributes:
        name: the short name for commands and settings.
        title: the name for people.
        base_url: address of the interface, "" if the user must give it.
        key_variables: names under which its key may be in the environment; the first is shown.
        needs_key: whether it answers nobody without a key.
        url_variable: environment variable that may hold the address, "" if none.
        models: names to suggest; the user may type any other.
        vision: whether models there can see pictures at all.
        structure: how it can be held to the answer's form: by a JSON schema, to any JSON object,
            or by words alone. A server that rejects its structure is asked by words.
        schema_in_prompt: whether the schema is written into the prompt besides.
        sends_detail: whether it knows the picture's `detail`.
        streams: whether it sends the text while it is written.
        proves_key: whether listing its models shows that the key is right.
        extra: further fields of each request.
        api_version: version of Azure's interface, "" for everybody else.
        note: one sentence for whoever sets it up.
    """

    name: str
    title: str
    base_url: str
    key_variables: tuple[str, ...] = (OWN_KEY,)
    needs_key: bool = False
    url_variable: str = ""
    models: tuple[str, ...] = ()
    vision: bool = True
    structure: Structure = "json_schema"
    schema_in_prompt: bool = True
    sends_detail: bool = False
    streams: bool = True
    proves_key: bool = True
    extra: Mapping[str, object] = field(default_factory=dict)
    api_version: str = ""
    note: str = ""


PROVIDERS: dict[str, Provider] = {
    provider.name: provider
    for provider in (
        Provider(
            name="openai",
            title="OpenAI",
            base_url="https://api.openai.com/v1",
            key_variables=("OPENAI_API_KEY",),
            needs_key=True,
            models=("gpt-4.1", "gpt-4.1-mini", "gpt-4o", "gpt-4o-mini"),
            schema_in_prompt=False,
            sends_detail=True,
            # The request is not kept for the provider's own evaluation tools.
            extra={"store": False},
        ),
        Provider(
            name="azure",
            title="Azure OpenAI",
            base_url="",
            key_variables=("AZURE_OPENAI_API_KEY",),
            needs_key=True,
            url_variable="AZURE_OPENAI_ENDPOINT",
            schema_in_prompt=False,
            sends_detail=True,
            proves_key=False,
            api_version="2024-10-21",
            note="The model is the name of your deployment.",
        ),
        Provider(
            name="gemini",
            title="Google Gemini",
            base_url="https://generativelanguage.googleapis.com/v1beta/openai",
            key_variables=("GEMINI_API_KEY",),
            needs_key=True,
            models=("gemini-2.5-flash", "gemini-2.5-pro"),
        ),
        Provider(
            name="openrouter",
            title="OpenRouter",
            base_url="https://openrouter.ai/api/v1",
            key_variables=("OPENROUTER_API_KEY",),
            needs_key=True,
            models=("openai/gpt-4.1", "google/gemini-2.5-pro"),
            # Its list of models is open to everybody, so it says nothing about the key.
            proves_key=False,
            extra={"provider": {"data_collection": "deny"}},
            note="Only hosts that promise not to keep what they are sent are asked.",
        ),
        Provider(
            name="ollama",
            title="Ollama",
            base_url="http://localhost:11434/v1",
            models=("gemma3:4b", "qwen2.5vl:7b", "llama3.2-vision", "llava"),
            note="Fetch a model first, e.g. `ollama pull gemma3:4b`.",
        ),
        Provider(
            name="lmstudio",
            title="LM Studio",
            base_url="http://localhost:1234/v1",
            note="Load a model with vision and start the server in the developer's tab.",
        ),
        Provider(
            name="vllm",
            title="vLLM",
            base_url="http://localhost:8000/v1",
            models=("Qwen/Qwen2.5-VL-7B-Instruct", "google/medgemma-4b-it"),
            sends_detail=True,
            note="Start it with `vllm serve MODEL`.",
        ),
        Provider(
            name="llamacpp",
            title="llama.cpp",
            base_url="http://localhost:8080/v1",
            note="Start `llama-server` with a model and its `--mmproj` file; any name will do.",
        ),
        Provider(
            name="custom",
            title="Another server",
            base_url="",
            note="Any server that speaks Chat Completions, by its address.",
        ),
    )
}


def find_provider(name: str, providers: Mapping[str, Provider] | None = None) -> Provider:
    """Return an entry by its name.

    Raises:
        EndpointError: there is none of that name.
    """
    entries = PROVIDERS if providers is None else providers
    if name not in entries:
        raise EndpointError(f"Expected a provider among {', '.join(entries)}, but got {name!r}.")
    return entries[name]


def check_url(url: str) -> str:
    """Return an address without its last slash.

    Raises:
        EndpointError: it is no http address of a server, or it hides a name or a key in itself.
    """
    text = url.strip()
    # A backslash, a space or an @ is read in one way by people and in another by clients.
    odd = any(sign in text for sign in "\\@#? \t\n") or not text.isascii() or not text.isprintable()
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if odd or not sound:
        raise EndpointError(
            "Expected the server's address such as http://localhost:11434/v1, without a user, a "
            "key or a question mark in it: type it anew."
        )
    return text.rstrip("/")


def host_of(url: str) -> str:
    """Return the host that receives what is sent to an address, with its port if it names one.

    >>> host_of("http://localhost:11434/v1")
    'localhost:11434'
    """
    return urlsplit(check_url(url)).netloc.lower()


def is_loopback(url: str) -> bool:
    """Whether what is sent to an address stays on this machine (RFC 6761 6.3, RFC 1122 3.2.1.3).

    >>> is_loopback("http://127.0.0.1:8000/v1"), is_loopback("http://127.0.0.1.example.org")
    (True, False)
    """
    host = urlsplit(check_url(url)).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
