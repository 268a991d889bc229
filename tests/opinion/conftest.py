"""What the tests of the second opinion share: a film, the prompts, and a server to ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from pneumo.domain import Radiograph
from pneumo.opinion.endpoint import Endpoint, make_endpoint
from pneumo.opinion.picture import FilmPicture, encode_film
from pneumo.opinion.prompt import Prompt, read_prompt
from pneumo.opinion.reading import OpinionReader
from tests.opinion.language_model_server import LanguageModelServer

PROMPTS = Path(__file__).resolve().parent.parent.parent / "prompts"


@pytest.fixture
def film() -> Radiograph:
    pixels = np.random.default_rng(3).random((60, 40)).astype(np.float32)
    return Radiograph(pixels, "dicom", "DICOM, JPEG", 12, fingerprint="f" * 64)


@pytest.fixture
def picture(film: Radiograph) -> FilmPicture:
    return encode_film(film, side_px=48)


@pytest.fixture(scope="session")
def prompt() -> Prompt:
    return read_prompt(PROMPTS, "radiologist", "v1")


@pytest.fixture(scope="module")
def running_server() -> Iterator[LanguageModelServer]:
    with LanguageModelServer() as running:
        yield running


@pytest.fixture
def server(running_server: LanguageModelServer) -> LanguageModelServer:
    running_server.begin_anew()
    return running_server


@pytest.fixture
def reader_of(server: LanguageModelServer) -> Iterator[Callable[..., OpinionReader]]:
    """Make readers of a model at the server; they are closed in the end."""
    opened: list[OpinionReader] = []

    def open_reader(model: str, provider: str = "custom", **choices: object) -> OpinionReader:
        opened.append(OpinionReader(_endpoint(server, model, provider, **choices)))
        return opened[-1]

    yield open_reader
    for reader in opened:
        reader.close()


def _endpoint(
    server: LanguageModelServer, model: str, provider: str, **choices: object
) -> Endpoint:
    usual = {"base_url": server.url, "timeout_s": 5.0, "environment": {}, "typed_key": "a-key"}
    return make_endpoint(provider, model, **(usual | choices))  # type: ignore[arg-type]
