"""What leaves for a language model: grey pixels and the prompt's words, to one host, no more."""

from __future__ import annotations

import io
import logging
import pickle
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from pneumo.domain import Radiograph
from pneumo.errors import EndpointError
from pneumo.intake.reading import read_radiograph
from pneumo.opinion.cache import open_cache
from pneumo.opinion.consultation import consult
from pneumo.opinion.endpoint import make_endpoint
from pneumo.opinion.keys import Secret, find_key
from pneumo.opinion.picture import encode_film
from pneumo.opinion.prompt import Prompt
from pneumo.opinion.providers import check_url, host_of, is_loopback
from pneumo.opinion.reading import OpinionReader
from tests.opinion.language_model_server import LanguageModelServer

KEY = "sk-very-secret-0123456789"


def _chunks(png: bytes) -> Iterator[bytes]:
    position = 8
    while position < len(png):
        (length,) = struct.unpack(">I", png[position : position + 4])
        yield png[position + 4 : position + 8]
        position += 12 + length


def _named_film() -> Radiograph:
    """Read a picture whose every corner of metadata names a patient."""
    rng = np.random.default_rng(1)
    picture = Image.fromarray(rng.integers(0, 256, (300, 260), dtype=np.uint8))
    words, exif = PngInfo(), Image.Exif()
    words.add_text("Patient", "DOE^JANE")
    exif[0x010E] = "DOE^JANE 2011-04-01"
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", pnginfo=words, exif=exif)
    assert b"DOE^JANE" in buffer.getvalue()
    return read_radiograph(buffer.getvalue())


def test_blind_call_holds_pixels_and_the_prompt_only(
    server: LanguageModelServer, reader_of: Callable[..., OpinionReader], prompt: Prompt
) -> None:
    reader = reader_of("sees", typed_key=KEY)
    consult(_named_film(), prompt, reader)
    (asked,) = server.requests
    assert set(asked.body) == {"model", "messages", "temperature", "response_format"}
    (message,) = asked.body["messages"]
    assert [part["type"] for part in message["content"]] == ["text", "image_url"]
    assert asked.words == reader.preview(prompt), "the preview is what is sent"
    letters = asked.raw.replace(asked.body_of_picture, b"").lower()
    for word in (b"doe^", b"jane", b"2011", b".png", b".dcm", b".jpeg", b"probability", b"score"):
        assert word not in letters
    for word in ("network", "heat map", "{{"):
        assert word not in asked.words
    assert set(_chunks(asked.picture)) == {b"IHDR", b"IDAT", b"IEND"}
    sent = Image.open(io.BytesIO(asked.picture))
    assert (sent.mode, sent.size, sent.info) == ("L", (260, 300), {})


def test_no_header_leaves_but_the_necessary(
    server: LanguageModelServer,
    reader_of: Callable[..., OpinionReader],
    prompt: Prompt,
    film: Radiograph,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_ORG_ID", "the-hospital")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "ward-3")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Ward: 3\nAuthorization: Bearer other")
    result = consult(film, prompt, reader_of("sees", typed_key=None))
    assert result.opinion is not None
    necessary = {"host", "accept", "accept-encoding", "connection", "content-type"}
    necessary |= {"content-length", "user-agent", "x-stainless-raw-response"}
    assert set(server.asked[0].headers) <= necessary


def test_clinical_context_is_sent_only_when_it_is_given(
    server: LanguageModelServer,
    reader_of: Callable[..., OpinionReader],
    prompt: Prompt,
    film: Radiograph,
) -> None:
    reader = reader_of("sees")
    consult(film, prompt, reader)
    consult(film, prompt, reader, context={"age": "3 years", "question": ""})
    assert ["as told" in asked.words for asked in server.asked] == [False, True]
    assert "3 years" in server.asked[1].words
    assert "Question, as told" not in server.asked[1].words


def test_masked_border_is_black_in_what_is_sent(film: Radiograph) -> None:
    bright = Radiograph(np.ones((100, 80), np.float32), "picture", "PNG", 8)
    sent = np.asarray(Image.open(io.BytesIO(encode_film(bright, side_px=100, mask_share=0.1).png)))
    assert sent[:10].max() == sent[-10:].max() == sent[:, :8].max() == sent[:, -8:].max() == 0
    assert sent[10:-10, 8:-8].min() == 255
    with pytest.raises(ValueError, match="Expected a share"):
        encode_film(film, side_px=100, mask_share=0.4)


def test_picture_is_shrunk_to_the_side_and_never_enlarged(film: Radiograph) -> None:
    small, same = encode_film(film, side_px=30), encode_film(film, side_px=1024)
    assert (small.rows, small.columns) == (30, 20)
    assert (same.rows, same.columns) == (60, 40)
    shown = np.asarray(Image.open(io.BytesIO(same.png)), dtype=float)
    assert np.abs(shown - film.pixels * 255).max() <= 0.5


def test_key_is_never_shown_logged_or_kept(
    film: Radiograph, prompt: Prompt, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = []
    for accepted in (KEY, "another"):
        with LanguageModelServer(key=accepted) as server:
            endpoint = make_endpoint("custom", "sees", base_url=server.url, typed_key=KEY)
            with OpinionReader(endpoint) as reader:
                result = consult(film, prompt, reader, cache=open_cache(tmp_path))
        assert (result.problem is None) is (accepted == KEY)
        assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
        shown += [repr(result), repr(endpoint), str(endpoint.key), f"{endpoint.key}"]
    assert any(tmp_path.rglob("*.json"))
    with pytest.raises(TypeError, match="never written"):
        pickle.dumps(endpoint)
    logged = [record.getMessage() for record in caplog.records]
    for text in (*shown, *logged, *(path.read_text() for path in tmp_path.rglob("*.json"))):
        assert KEY not in text


def test_key_that_a_server_echoes_in_its_answer_is_blotted_out(
    film: Radiograph, prompt: Prompt
) -> None:
    with LanguageModelServer(lambda asked: "chats") as server:
        endpoint = make_endpoint("custom", "m", base_url=server.url, typed_key="hazy")
        with OpinionReader(endpoint) as reader:
            result = consult(film, prompt, reader)
    assert "a little ••• to me" in result.text


def test_key_comes_from_the_session_before_the_secrets_before_the_environment() -> None:
    names, environment, secrets = ("A_KEY",), {"A_KEY": "of-the-environment"}, {"A_KEY": "secret"}
    typed = find_key(names, typed=" typed ", secrets=secrets, environment=environment)
    from_secrets = find_key(names, typed="  ", secrets=secrets, environment=environment)
    from_environment = find_key(names, secrets={}, environment=environment)
    assert typed is not None
    assert from_secrets is not None
    assert from_environment is not None
    assert typed.reveal() == "typed"
    assert from_secrets.reveal() == "secret"
    assert from_environment.reveal() == "of-the-environment"
    assert find_key(names, environment={}) is None


@pytest.mark.parametrize("text", ["", "  ", "ключ", "two\nlines"])
def test_what_cannot_be_a_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(EndpointError, match="copy it anew"):
        Secret(text)


def test_providers_key_goes_to_the_providers_own_host_only() -> None:
    environment = {"OPENAI_API_KEY": KEY, "PNEUMO_OPINION_KEY": "own"}
    own = make_endpoint("openai", "gpt-4o", environment=environment)
    elsewhere = make_endpoint(
        "openai", "gpt-4o", base_url="https://gateway.example.org/v1", environment=environment
    )
    assert own.key is not None
    assert own.key.reveal() == KEY
    assert elsewhere.key is not None
    assert elsewhere.key.reveal() == "own"


@pytest.mark.parametrize(
    ("url", "stays"),
    [
        ("http://localhost:11434/v1", True),
        ("http://LOCALHOST/v1", True),
        ("http://127.8.0.1:1/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://localhost.example.org/v1", False),
        ("http://127.0.0.1.example.org/v1", False),
        ("http://192.168.0.5:8000/v1", False),
        ("http://0.0.0.0:8000/v1", False),
        ("https://api.openai.com/v1", False),
    ],
)
def test_only_a_loopback_host_stays_on_this_machine(url: str, *, stays: bool) -> None:
    assert is_loopback(url) is stays


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:11434",
        "ftp://localhost/v1",
        "file:///etc/passwd",
        "http://",
        "http://127.0.0.1@example.org/v1",
        "http://127.0.0.1\\@example.org/v1",
        "http://example.org:99999/v1",
        "http://example.org/v1?key=1",
        "http://exa mple.org/v1",
        "http://ex\N{CYRILLIC SMALL LETTER A}mple.org/v1",
    ],
)
def test_address_that_could_mislead_is_refused(url: str) -> None:
    with pytest.raises(EndpointError, match="Expected the server's address"):
        check_url(url)


def test_host_is_named_with_its_port() -> None:
    assert host_of("https://API.openai.com/v1/") == "api.openai.com"
    assert host_of("http://localhost:1234/v1") == "localhost:1234"


def test_proxy_of_the_environment_is_not_used_on_this_machine(
    reader_of: Callable[..., OpinionReader],
    prompt: Prompt,
    film: Radiograph,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert consult(film, prompt, reader_of("sees")).opinion is not None
