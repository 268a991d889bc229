"""A provider, a model, an address and a key → the endpoint that a reader asks."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from pneumo.errors import EndpointError
from pneumo.opinion.keys import Secret, find_key
from pneumo.opinion.prices import Price
from pneumo.opinion.providers import (
    OWN_KEY,
    Provider,
    check_url,
    find_provider,
    host_of,
    is_loopback,
)
from pneumo.settings import Settings


@dataclass(frozen=True)
class Endpoint:
    """One model at one address.

    Attributes:
        provider: the entry that says what the server can do.
        base_url: the interface's address, checked.
        model: the model's name as the server knows it.
        key: the key, hidden from prints; None if there is none.
        timeout_s: most seconds that one reading may take from first to last, all attempts and
            repairs included.
        price: what the model costs; None if it is not on file.
    """

    provider: Provider
    base_url: str
    model: str
    key: Secret | None = None
    timeout_s: float = Settings.opinion_timeout_s
    price: Price | None = None

    @property
    def host(self) -> str:
        """The host that will receive the film."""
        return host_of(self.base_url)

    @property
    def stays_here(self) -> bool:
        """Whether the film stays on this machine."""
        return is_loopback(self.base_url)

    @property
    def lacks_key(self) -> bool:
        """Whether the server wants a key and there is none."""
        return self.provider.needs_key and self.key is None


def make_endpoint(
    provider: str,
    model: str,
    *,
    base_url: str | None = None,
    typed_key: str | None = None,
    secrets: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    timeout_s: float = Settings.opinion_timeout_s,
    prices: Mapping[str, Price] | None = None,
    providers: Mapping[str, Provider] | None = None,
) -> Endpoint:
    """Return the endpoint that a user's choices name.

    A provider's own key from the secrets or the environment goes to the provider's own address
    only. Another address gets the key that was typed, or the one of PNEUMO_OPINION_KEY.

    Args:
        provider: name of an entry.
        model: name of the model.
        base_url: address instead of the provider's own.
        typed_key: a key for this session.
        secrets: a secrets file's content.
        environment: the process's own by default.
        timeout_s: most seconds for one reading.
        prices: prices by model, see `pneumo.opinion.prices.read_prices`.
        providers: entries instead of the shipped ones.

    Raises:
        EndpointError: no such provider, no sound address, no model's name or no possible key.
    """
    from pneumo.opinion.prices import find_price

    entry = find_provider(provider, providers)
    given = os.environ if environment is None else environment
    own_url = entry.base_url or (given.get(entry.url_variable, "") if entry.url_variable else "")
    chosen = base_url or own_url
    if not chosen:
        where = f" or set {entry.url_variable}" if entry.url_variable else ""
        raise EndpointError(f"{entry.title} has no address yet: give the server's address{where}.")
    if not model.strip():
        raise EndpointError(f"Expected the name of a model at {entry.title}, but none is given.")
    address = check_url(chosen)
    own = bool(own_url) and host_of(own_url) == host_of(address)
    variables = entry.key_variables if own else (OWN_KEY,)
    return Endpoint(
        provider=entry,
        base_url=address,
        model=model.strip(),
        key=find_key(variables, typed=typed_key, secrets=secrets, environment=given),
        timeout_s=timeout_s,
        # A model that runs here has no price.
        price=Price(0.0, 0.0) if is_loopback(address) else find_price(model.strip(), prices or {}),
    )
