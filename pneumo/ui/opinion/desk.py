"""The settings and what a visitor chose → who is asked for second opinions, and how.

Kept for the browser session. A key that was typed lies here, hidden, and nowhere else.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from pneumo import Settings
from pneumo.opinion.cache import open_cache
from pneumo.opinion.connection import Connection
from pneumo.opinion.endpoint import Endpoint, make_endpoint
from pneumo.opinion.keys import Secret
from pneumo.opinion.prices import read_prices
from pneumo.opinion.prompt import RADIOLOGIST, read_prompt
from pneumo.opinion.reading import OpinionReader
from pneumo.ui.casebook.noting import note_sending
from pneumo.ui.opinion.consultation import Consultation, Inquiry
from pneumo.ui.opinion.errand import Errand

_KEY = "second opinion"


@dataclass
class Desk:
    """What this session has settled about second opinions.

    Attributes:
        provider: name of the provider's entry.
        models: the model's name by provider, so that each keeps its own.
        addresses: the address that was typed, by provider; empty for the provider's own.
        timeout_s: most seconds for one reading.
        prompt_version: of the blind prompt.
        mask_percent: how much of each side is blackened at each border, 0 to 25.
        repeats: readings of the same film, 1 to 5.
        keys: typed keys by the host that each was typed for; none goes to another host.
        key_fault: what was wrong with the key that was typed last.
        agreed: hosts that may receive films, by the visitor's own word.
        tested: the endpoint whose connection was tested last.
        test: that test.
    """

    provider: str
    models: dict[str, str]
    addresses: dict[str, str]
    timeout_s: int
    prompt_version: str = "v1"
    mask_percent: int = 0
    repeats: int = 1
    keys: dict[str, Secret] = field(default_factory=dict, repr=False)
    key_fault: str = ""
    agreed: set[str] = field(default_factory=set)
    tested: Endpoint | None = None
    test: Errand[Connection] | None = None
    _reader: OpinionReader | None = None

    @property
    def model(self) -> str:
        """The chosen model's name, empty if none is."""
        return self.models.get(self.provider, "")

    @property
    def address(self) -> str:
        """The typed address, empty for the provider's own."""
        return self.addresses.get(self.provider, "")

    def connection_to(self, endpoint: Endpoint) -> Connection | None:
        """Return what a test of this endpoint found; None if it was not tested, or still is."""
        if self.test is None or self.test.is_running or not _is_same(self.tested, endpoint):
            return None
        return self.test.outcome()

    def reader_for(self, endpoint: Endpoint) -> OpinionReader:
        """Return the one reader of an endpoint, which knows what its server does not take."""
        if self._reader is None or not _is_same(self._reader.endpoint, endpoint):
            self._reader = OpinionReader(endpoint)
            # Not sooner: a reading of another film may still be under way.
            weakref.finalize(self, self._reader.close)
        return self._reader


def current_desk(settings: Settings) -> Desk:
    """Return this browser session's desk, laid out by the settings if there is none."""
    provider = settings.opinion_provider
    desk: Desk = st.session_state.setdefault(
        _KEY,
        Desk(
            provider=provider,
            models={provider: settings.opinion_model},
            addresses={provider: settings.opinion_base_url or ""},
            timeout_s=settings.opinion_timeout_s,
        ),
    )
    return desk


def find_endpoint(desk: Desk, settings: Settings) -> Endpoint:
    """Return who is asked.

    Raises:
        EndpointError: the provider, the address or the model is missing or cannot be one.
        OpinionError: the file of prices is damaged.
    """

    def make(typed: Secret | None) -> Endpoint:
        return make_endpoint(
            desk.provider,
            desk.model,
            base_url=desk.address or None,
            typed_key=typed.reveal() if typed else None,
            secrets=_read_secrets(),
            timeout_s=desk.timeout_s,
            prices=read_prices(settings.prompts_dir),
        )

    endpoint = make(None)
    typed = desk.keys.get(endpoint.host)
    return make(typed) if typed else endpoint


def prepare_inquiry(
    desk: Desk, endpoint: Endpoint, consultation: Consultation, settings: Settings
) -> Inquiry:
    """Return all that a reading of a film needs beside the film.

    Raises:
        PromptError: the prompt is missing or unsound.
        AccessError: others sign in here, and this session has not.
    """
    return Inquiry(
        reader=desk.reader_for(endpoint),
        prompt=read_prompt(settings.prompts_dir, RADIOLOGIST, desk.prompt_version),
        context={"age": consultation.age, "question": consultation.question},
        mask_share=desk.mask_percent / 100,
        repeats=desk.repeats,
        cache=open_cache(settings.cache_dir),
        before_sending=note_sending(settings, endpoint),
    )


def _is_same(one: Endpoint | None, other: Endpoint) -> bool:
    return one is not None and _identify(one) == _identify(other)


def _identify(endpoint: Endpoint) -> tuple[object, ...]:
    key = endpoint.key.reveal() if endpoint.key else ""
    return endpoint.provider.name, endpoint.base_url, endpoint.model, endpoint.timeout_s, key


def _read_secrets() -> dict[str, object]:
    """Return the content of `.streamlit/secrets.toml`, empty without one."""
    try:
        return dict(st.secrets.to_dict())
    except StreamlitSecretNotFoundError:
        return {}
