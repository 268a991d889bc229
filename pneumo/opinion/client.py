"""An endpoint → the SDK's client for it, which sends what is meant for that server only."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pneumo.opinion.endpoint import Endpoint
from pneumo.opinion.wire import bound_response, watch_request

if TYPE_CHECKING:
    import ssl

    import httpx2
    import openai

CONNECT_S = 10.0
"""Most seconds until a server takes the connection."""

# No other header leaves: the SDK would add an organisation, a project or any header that the
# environment names, whoever the server is. By the last one the SDK tells itself not to read ahead.
_HEADERS = frozenset(
    {
        "host", "accept", "accept-encoding", "connection", "content-type", "content-length",
        "user-agent", "x-stainless-raw-response",
    }
)  # fmt: skip


def open_client(endpoint: Endpoint) -> openai.OpenAI:
    """Return a client that never retries, reads no more than it must, and goes where it is told.

    A redirect is not followed, for it could lead the film to another host; on this machine no
    proxy is used, for it would take the film elsewhere.
    """
    import httpx2
    import openai

    key = endpoint.key.reveal() if endpoint.key else ""
    version = endpoint.provider.api_version

    def keep_necessary(request: httpx2.Request) -> None:
        for name in list(request.headers):
            if name.lower() not in _HEADERS:
                del request.headers[name]
        if key and version:
            request.headers["api-key"] = key
        elif key:
            request.headers["Authorization"] = f"Bearer {key}"

    environment = not endpoint.stays_here
    transport = openai.DefaultHttpxClient(
        follow_redirects=False,
        trust_env=environment,
        verify=_certificates(environment),
        # Whoever takes up a connection could not tell whose it was to cut it; a new one costs
        # little beside a model's answer, and never turns out to have been closed meanwhile.
        limits=httpx2.Limits(max_keepalive_connections=0),
        event_hooks={"request": [keep_necessary, watch_request], "response": [bound_response]},
    )
    # The SDK insists on a key, and would otherwise look for one in the environment.
    key_for_sdk = key or "none"
    if version:
        return openai.AzureOpenAI(
            azure_endpoint=endpoint.base_url,
            api_version=version,
            api_key=key_for_sdk,
            max_retries=0,
            http_client=transport,
        )
    return openai.OpenAI(
        base_url=endpoint.base_url, api_key=key_for_sdk, max_retries=0, http_client=transport
    )


@cache
def _certificates(environment: bool) -> ssl.SSLContext:
    """Read the machine's certificates once: that takes longer than asking a server nearby."""
    import httpx2

    return httpx2.create_ssl_context(trust_env=environment)


def limit_time(seconds: float) -> httpx2.Timeout:
    """Return time-outs of the connection for a request that has so many seconds left."""
    import httpx2

    return httpx2.Timeout(seconds, connect=min(seconds, CONNECT_S))
