"""Setting a reader up: endpoints, prices, the test of a connection, and what an import loads."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from pneumo.errors import EndpointError, OpinionError, SettingsError
from pneumo.opinion.connection import check_connection
from pneumo.opinion.diagnosis import judge_status
from pneumo.opinion.endpoint import Endpoint, make_endpoint
from pneumo.opinion.prices import Price, find_price, read_prices
from pneumo.opinion.problems import ProblemKind
from pneumo.opinion.providers import PROVIDERS, is_loopback
from pneumo.settings import read_settings
from tests.opinion.conftest import PROMPTS
from tests.opinion.language_model_server import LISTED, LanguageModelServer

ROOM = PROMPTS.parent / "pneumo" / "opinion"


def test_importing_the_room_loads_no_heavy_library() -> None:
    modules = {path.stem for path in ROOM.glob("*.py")} - {"answer", "front_matter", "__init__"}
    imports = "; ".join(f"import pneumo.opinion.{name}" for name in sorted(modules))
    heavy = "{'openai', 'pydantic', 'httpx2', 'frontmatter', 'pandas', 'sklearn', 'keras'}"
    code = f"import sys; {imports}; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_every_entry_is_complete() -> None:
    for name, provider in PROVIDERS.items():
        assert provider.name == name
        assert provider.title
        assert provider.key_variables
        if provider.base_url and is_loopback(provider.base_url):
            assert not provider.needs_key
        elif provider.base_url:
            assert provider.needs_key
            assert provider.base_url.startswith("https://")


def test_azure_takes_its_address_from_the_environment() -> None:
    environment = {
        "AZURE_OPENAI_ENDPOINT": "https://ward.openai.azure.com/",
        "AZURE_OPENAI_API_KEY": "its-key",
    }
    endpoint = make_endpoint("azure", "reader", environment=environment)
    assert endpoint.host == "ward.openai.azure.com"
    assert endpoint.key is not None
    assert not endpoint.stays_here
    with pytest.raises(EndpointError, match="set AZURE_OPENAI_ENDPOINT"):
        make_endpoint("azure", "reader", environment={})


@pytest.mark.parametrize(
    ("provider", "model", "message"),
    [
        ("nobody", "m", "Expected a provider among openai"),
        ("custom", "m", "has no address yet"),
        ("ollama", " ", "name of a model"),
    ],
)
def test_choices_that_name_no_endpoint_are_told(provider: str, model: str, message: str) -> None:
    with pytest.raises(EndpointError, match=message):
        make_endpoint(provider, model, environment={})


def test_settings_name_the_model_to_ask() -> None:
    settings = read_settings(
        {
            "PNEUMO_OPINION_PROVIDER": "ollama",
            "PNEUMO_OPINION_MODEL": "llava",
            "PNEUMO_OPINION_BASE_URL": "http://localhost:1/v1",
            "PNEUMO_OPINION_TIMEOUT_S": "30",
            "PNEUMO_CACHE": "answers",
            "PNEUMO_PROMPTS": "asked",
        }
    )
    assert (settings.opinion_provider, settings.opinion_model) == ("ollama", "llava")
    assert settings.opinion_base_url == "http://localhost:1/v1"
    assert settings.opinion_timeout_s == 30
    assert (settings.cache_dir, settings.prompts_dir) == (Path("answers"), Path("asked"))
    assert read_settings({}).prompts_dir == PROMPTS
    with pytest.raises(SettingsError, match="PNEUMO_OPINION_TIMEOUT_S"):
        read_settings({"PNEUMO_OPINION_TIMEOUT_S": "soon"})


def test_shipped_prices_are_dated_and_sourced() -> None:
    prices = read_prices(PROMPTS)
    assert prices
    assert all(price.as_of and price.source for price in prices.values())
    assert find_price("a-model-of-tomorrow", prices) is None
    hosted = make_endpoint("openai", "gpt-4o-mini", environment={}, prices=prices)
    assert hosted.price == prices["gpt-4o-mini"]
    assert make_endpoint("ollama", "llava", environment={}, prices={}).price == Price(0, 0)


def test_uncounted_tokens_have_no_price() -> None:
    assert Price(1, 2).cost(None, 10) is None
    assert Price(0, 0).cost(None, None) == 0


@pytest.mark.parametrize(
    "text", ["[m]\ninput_usd = 1", "[m]\ninput_usd = 'a'\noutput_usd = 1", "m = 1", "[[", ""]
)
def test_unsound_prices_are_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "prices.toml").write_text(text)
    if not text:
        assert read_prices(tmp_path) == {}
        return
    with pytest.raises(OpinionError, match=r"prices\.toml"):
        read_prices(tmp_path)


def test_negative_price_is_told(tmp_path: Path) -> None:
    (tmp_path / "prices.toml").write_text("[m]\ninput_usd = -1\noutput_usd = nan\n")
    with pytest.raises(OpinionError, match="must not be negative"):
        read_prices(tmp_path)
    assert read_prices(tmp_path / "nowhere") == {}


def _endpoint(server: LanguageModelServer, model: str, provider: str = "custom") -> Endpoint:
    url = server.url.removesuffix("/v1") if provider == "azure" else server.url
    return make_endpoint(
        provider, model, base_url=url, typed_key="a-key", environment={}, timeout_s=2
    )


def test_connection_lists_the_models_and_sends_no_film(server: LanguageModelServer) -> None:
    found = check_connection(_endpoint(server, "sees"))
    assert found.problem is None
    assert set(found.models) == set(LISTED)
    assert "knows the model" in found.sentence
    assert server.asked == []


def test_connection_tells_that_the_model_is_not_there(server: LanguageModelServer) -> None:
    found = check_connection(_endpoint(server, "gpt-9"))
    assert found.problem is not None
    assert found.problem.kind is ProblemKind.UNKNOWN_MODEL
    assert found.models


@pytest.mark.parametrize("provider", ["openrouter", "azure"])
def test_where_a_list_proves_nothing_the_model_is_asked(
    server: LanguageModelServer, provider: str
) -> None:
    assert check_connection(_endpoint(server, "sees", provider)).problem is None
    (asked,) = server.requests
    assert asked.body["messages"] == [{"role": "user", "content": "Say OK."}]
    server.key = "another"
    found = check_connection(_endpoint(server, "sees", provider))
    assert found.problem is not None
    assert found.problem.kind is ProblemKind.WRONG_KEY


def test_connection_tells_a_wrong_key_and_never_shows_it() -> None:
    with LanguageModelServer(key="right") as server:
        found = check_connection(_endpoint(server, "sees"))
    assert found.problem is not None
    assert found.problem.kind is ProblemKind.WRONG_KEY
    assert "a-key" not in repr(found)


def test_connection_without_a_key_or_a_server_says_so(server: LanguageModelServer) -> None:
    keyless = check_connection(make_endpoint("openai", "gpt-4o", environment={}))
    absent = check_connection(
        make_endpoint("custom", "m", base_url="http://127.0.0.1:9/v1", environment={})
    )
    assert keyless.problem is not None
    assert keyless.problem.kind is ProblemKind.NO_KEY
    assert absent.problem is not None
    assert absent.problem.kind is ProblemKind.UNREACHABLE


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, [{"error": {"message": "API key not valid."}}], ProblemKind.WRONG_KEY),
        (402, {"message": "Add credits."}, ProblemKind.NO_CREDIT),
        (404, {"message": "No endpoints that support image input"}, ProblemKind.NO_VISION),
        (403, {"message": "Your input was flagged."}, ProblemKind.CONTENT_FILTER),
        (403, {"message": "Not in your country."}, ProblemKind.WRONG_KEY),
        (404, "<html>", ProblemKind.UNKNOWN_MODEL),
        (413, None, ProblemKind.REJECTED),
        (400, {"message": "image exceeds 5 MB maximum"}, ProblemKind.REJECTED),
        (500, "image input is not supported: mmproj is missing", ProblemKind.NO_VISION),
        (503, None, ProblemKind.SERVER_ERROR),
        (504, None, ProblemKind.TIMED_OUT),
        (307, None, ProblemKind.REJECTED),
    ],
)
def test_servers_say_the_same_in_many_ways(status: int, body: object, kind: ProblemKind) -> None:
    assert judge_status(status, body, {}).problem.kind is kind


def test_problem_never_repeats_what_the_server_wrote() -> None:
    body = {"message": "Incorrect key sk-123", "code": "sk-123", "type": "invalid_request_error"}
    problem = judge_status(401, body, {}).problem
    assert "123" not in repr(problem) + problem.message
    assert problem.detail == "HTTP 401, invalid_request_error"


@pytest.mark.parametrize(
    ("header", "words", "seconds"),
    [
        ("20", "", 20),
        ("0.5", "", 0.5),
        ("-3", "", 0),
        ("1e99", "", 86_400),
        ("nan", "", None),
        ("soon", "", None),
        ("", "Please try again in 1.5s.", 1.5),
        ("", "Please retry in 250ms.", 0.25),
        ("", "Slow down.", None),
    ],
)
def test_time_to_wait_is_read_from_wherever_it_stands(
    header: str, words: str, seconds: float | None
) -> None:
    problem = judge_status(429, {"message": words}, {"retry-after": header}).problem
    assert problem.retry_after_s == seconds
    assert problem.message


def test_time_to_wait_may_be_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    seconds = judge_status(429, None, {"retry-after": later}).problem.retry_after_s
    assert seconds is not None
    assert 50 < seconds <= 60


def test_field_named_detail_is_not_taken_for_the_pictures_detail() -> None:
    fault = judge_status(422, {"detail": [{"loc": ["body", "temperature"], "msg": "no"}]}, {})
    assert fault.parts_named(frozenset({"detail", "temperature"})) == {"temperature"}
