"""Environment, secrets file or typed text → a provider's key that no print or log shows."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NoReturn

from pneumo.errors import EndpointError

HIDDEN = "•••"


class Secret:
    """A key that shows itself only when it is asked to.

    >>> Secret("sk-1234567890")
    •••
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        """Keep a key.

        Raises:
            EndpointError: it is empty or cannot be sent in a header.
        """
        stripped = text.strip()
        if not stripped or not stripped.isascii() or not stripped.isprintable():
            raise EndpointError(
                "The key is empty or holds characters that no key has: copy it anew."
            )
        self.__text = stripped

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __format__(self, specification: str) -> str:
        return HIDDEN

    def __reduce__(self) -> NoReturn:
        raise TypeError("A key is never written to disk.")

    def reveal(self) -> str:
        """Return the key itself, for the one header that needs it."""
        return self.__text

    def hide_in(self, text: str) -> str:
        """Return a text in which this key, should a server echo it, is blotted out."""
        return text.replace(self.__text, HIDDEN)


def find_key(
    variables: tuple[str, ...],
    *,
    typed: str | None = None,
    secrets: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Secret | None:
    """Return the first key there is: typed for this session, in the secrets, in the environment.

    Args:
        variables: names under which secrets and environment may hold the key.
        typed: what the user typed for this session.
        secrets: a secrets file's content.
        environment: the process's own by default.

    Raises:
        EndpointError: the key that was found cannot be one.
    """
    if typed and typed.strip():
        return Secret(typed)
    for source in (secrets or {}, os.environ if environment is None else environment):
        for variable in variables:
            value = source.get(variable)
            if isinstance(value, str) and value.strip():
                return Secret(value)
    return None
