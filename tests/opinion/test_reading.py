"""Every state of a second opinion, reached through the real SDK over real HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from pneumo.domain import Finding, Verdict
from pneumo.errors import PromptError
from pneumo.opinion.endpoint import Endpoint
from pneumo.opinion.picture import FilmPicture
from pneumo.opinion.prices import Price
from pneumo.opinion.problems import ProblemKind
from pneumo.opinion.prompt import Prompt
from pneumo.opinion.providers import PROVIDERS, Provider
from pneumo.opinion.reading import OpinionReader
from tests.opinion.language_model_server import RETRY_AFTER_S, LanguageModelServer

OpenReader = Callable[..., OpinionReader]


def test_sound_answer_becomes_an_opinion_with_its_provenance(
    reader_of: OpenReader, picture: FilmPicture, prompt: Prompt
) -> None:
    result = reader_of("sees").read(picture, prompt)
    assert result.problem is None
    assert result.opinion is not None
    assert result.verdict is Verdict.PNEUMONIA
    assert result.opinion.findings == (Finding("consolidation", "right", "lower", "probable"),)
    assert (result.tokens_in, result.tokens_out, result.attempts) == (1000, 200, 1)
    assert (result.model, result.model_reported) == ("sees", "sees-2026-01-01")
    assert (result.prompt_version, result.prompt_hash) == ("v1", prompt.sha256)
    assert result.parameters["structure"] == "json_schema"
    assert result.parameters["temperature"] == 0
    assert result.host.startswith("127.0.0.1:")
    assert result.cost_usd == 0, "a model on this machine costs nothing"
    assert 0 < result.latency_s < 5
    assert not result.cached


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("model", "kind", "attempts"),
    [
        ("refuses", ProblemKind.REFUSED, 1),
        ("declines", ProblemKind.REFUSED, 1),
        ("chats", ProblemKind.MALFORMED, 2),
        ("malformed", ProblemKind.MALFORMED, 2),
        ("empty", ProblemKind.MALFORMED, 1),
        ("web-page", ProblemKind.MALFORMED, 1),
        ("wordy", ProblemKind.TOO_LONG, 2),
        ("endless", ProblemKind.TOO_LONG, 1),
        ("floods", ProblemKind.TOO_LONG, 1),
        ("truncated", ProblemKind.TRUNCATED, 1),
        ("filtered", ProblemKind.CONTENT_FILTER, 1),
        ("prompt-filtered", ProblemKind.CONTENT_FILTER, 1),
        ("forbidden", ProblemKind.WRONG_KEY, 1),
        ("unknown-model", ProblemKind.UNKNOWN_MODEL, 1),
        ("sees-nothing", ProblemKind.NO_VISION, 1),
        ("rate-limited", ProblemKind.RATE_LIMITED, 1),
        ("no-credit", ProblemKind.NO_CREDIT, 1),
        ("bad-request", ProblemKind.REJECTED, 1),
        ("fails", ProblemKind.SERVER_ERROR, 1),
        ("fails-inside", ProblemKind.SERVER_ERROR, 1),
        ("cut-off", ProblemKind.CUT_OFF, 1),
        ("redirects", ProblemKind.REJECTED, 1),
    ],
)
def test_each_failure_has_a_state_of_its_own(
    reader_of: OpenReader,
    picture: FilmPicture,
    prompt: Prompt,
    *,
    model: str,
    kind: ProblemKind,
    attempts: int,
    streamed: bool,
) -> None:
    heard: list[str] = []
    result = reader_of(model).read(picture, prompt, on_text=heard.append if streamed else None)
    assert result.opinion is None
    assert result.verdict is None
    assert result.problem is not None
    assert result.problem.kind is kind
    assert result.attempts == attempts
    assert result.problem.title
    assert result.problem.advice


def test_every_state_is_reached_by_a_test() -> None:
    marks = test_each_failure_has_a_state_of_its_own.pytestmark  # type: ignore[attr-defined]
    reached = {case[1] for mark in marks if "kind" in mark.args[0] for case in mark.args[1]}
    elsewhere = {
        ProblemKind.NO_KEY,
        ProblemKind.TIMED_OUT,
        ProblemKind.UNREACHABLE,
        ProblemKind.CANCELLED,
    }
    assert reached | elsewhere == set(ProblemKind)


def test_rate_limit_tells_when_to_ask_again(
    reader_of: OpenReader, picture: FilmPicture, prompt: Prompt
) -> None:
    problem = reader_of("rate-limited").read(picture, prompt).problem
    assert problem is not None
    assert problem.retry_after_s == RETRY_AFTER_S
    assert f"in {RETRY_AFTER_S} seconds" in problem.message
    assert problem.passing
    assert problem.detail == "HTTP 429, rate_limit_exceeded"


def test_unstructured_text_is_kept_without_a_verdict(
    reader_of: OpenReader, picture: FilmPicture, prompt: Prompt
) -> None:
    result = reader_of("chats").read(picture, prompt)
    assert result.verdict is None
    assert result.text.startswith("The lungs look a little hazy")
    assert result.tokens_in == 2000, "the attempt to mend it is counted"


def test_answer_that_does_not_fit_is_mended_once(
    server: LanguageModelServer, reader_of: OpenReader, picture: FilmPicture, prompt: Prompt
) -> None:
    result = reader_of("mends").read(picture, prompt)
    assert result.verdict is Verdict.PNEUMONIA
    assert result.attempts == 2
    assert result.parameters["mended"]
    demand = server.asked[1].body["messages"][2]["content"]
    assert "verdict" in demand
    assert "MAYBE" not in demand, "what the model wrote stands in its own message only"


def test_thoughts_and_a_code_fence_do_not_hide_the_answer(
    reader_of: OpenReader, picture: FilmPicture, prompt: Prompt
) -> None:
    result = reader_of("thinks").read(picture, prompt)
    assert result.verdict is Verdict.PNEUMONIA
    assert result.attempts == 1


@pytest.mark.parametrize(
    ("model", "part", "attempts"),
    [
        ("takes-no-structure", "response_format", 2),
        ("takes-no-temperature", "temperature", 2),
        ("takes-no-usage", "stream_options", 2),
        ("takes-no-stream", "stream", 2),
        ("takes-nothing", "response_format", 2),
    ],
)
def test_part_that_a_server_rejects_is_left_out_and_remembered(
    server: LanguageModelServer,
    reader_of: OpenReader,
    picture: FilmPicture,
    prompt: Prompt,
    *,
    model: str,
    part: str,
    attempts: int,
) -> None:
    reader = reader_of(model)
    first = reader.read(picture, prompt, on_text=lambda text: None)
    second = reader.read(picture, prompt, on_text=lambda text: None)
    assert first.verdict is second.verdict is Verdict.PNEUMONIA
    assert (first.attempts, second.attempts) == (attempts, 1)
    assert part in server.asked[0].body
    assert part not in server.asked[-1].body


def test_detail_is_left_out_where_a_server_rejects_it(
    server: LanguageModelServer, reader_of: OpenReader, picture: FilmPicture, prompt: Prompt
) -> None:
    result = reader_of("takes-no-detail", "openai").read(picture, prompt)
    assert result.verdict is Verdict.PNEUMONIA
    assert result.parameters["detail"] is None
    sent = [asked.body["messages"][0]["content"][1]["image_url"] for asked in server.asked]
    assert ["detail" in image for image in sent] == [True, False]


def test_schema_goes_into_the_words_where_the_server_takes_none(
    server: LanguageModelServer, reader_of: OpenReader, picture: FilmPicture, prompt: Prompt
) -> None:
    reader_of("takes-no-structure", "openai").read(picture, prompt)
    assert ["JSON schema" in asked.words for asked in server.asked] == [False, True]


def test_streamed_reading_is_told_as_it_grows(
    reader_of: OpenReader, picture: FilmPicture, prompt: Prompt
) -> None:
    heard: list[str] = []
    result = reader_of("sees").read(picture, prompt, on_text=heard.append)
    assert result.verdict is Verdict.PNEUMONIA
    assert (result.tokens_in, result.tokens_out) == (1000, 200)
    assert heard[-1].startswith("consolidation (right lower). Patchy opacity")
    assert "{" not in "".join(heard)


def test_server_that_ignores_streaming_is_understood(
    reader_of: OpenReader, picture: FilmPicture, prompt: Prompt
) -> None:
    heard: list[str] = []
    result = reader_of("one-piece").read(picture, prompt, on_text=heard.append)
    assert result.verdict is Verdict.PNEUMONIA
    assert heard == []


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("model", ["hangs", "drips"])
def test_server_that_never_ends_is_left_at_the_deadline(
    reader_of: OpenReader, picture: FilmPicture, prompt: Prompt, *, model: str, streamed: bool
) -> None:
    began = time.monotonic()
    result = reader_of(model, timeout_s=0.25).read(
        picture, prompt, on_text=(lambda text: None) if streamed else None
    )
    assert result.problem is not None
    assert result.problem.kind is ProblemKind.TIMED_OUT
    assert time.monotonic() - began < 1.0


@pytest.mark.parametrize("streamed", [False, True])
def test_abandoned_request_is_hung_up(
    reader_of: OpenReader, picture: FilmPicture, prompt: Prompt, *, streamed: bool
) -> None:
    # Another test's request to a hanging server may still wait for its own time-out.
    before = set(threading.enumerate())
    reader = reader_of("drips", timeout_s=0.2)
    reader.read(picture, prompt, on_text=(lambda text: None) if streamed else None)
    began = time.monotonic()
    while any(thread.name == "opinion" for thread in set(threading.enumerate()) - before):
        assert time.monotonic() - began < 2, "nobody listens, yet the request goes on"
        time.sleep(0.01)


def test_mending_does_not_outlast_the_deadline(picture: FilmPicture, prompt: Prompt) -> None:
    with LanguageModelServer(lambda asked: "hangs" if asked.mends else "chats") as server:
        endpoint = Endpoint(PROVIDERS["custom"], server.url, "m", timeout_s=0.25)
        with OpinionReader(endpoint) as reader:
            result = reader.read(picture, prompt)
    assert result.problem is not None
    assert result.problem.kind is ProblemKind.TIMED_OUT
    assert result.latency_s < 1


@pytest.mark.parametrize("model", ["hangs", "drips"])
def test_reading_is_cancelled_at_once(
    reader_of: OpenReader, picture: FilmPicture, prompt: Prompt, model: str
) -> None:
    cancelled = threading.Event()
    threading.Timer(0.1, cancelled.set).start()
    reader = reader_of(model, timeout_s=1.5)
    result = reader.read(picture, prompt, on_text=lambda text: None, cancelled=cancelled)
    assert result.problem is not None
    assert result.problem.kind is ProblemKind.CANCELLED
    assert result.latency_s < 1


def test_cancelled_before_it_began_sends_nothing(
    server: LanguageModelServer, reader_of: OpenReader, picture: FilmPicture, prompt: Prompt
) -> None:
    cancelled = threading.Event()
    cancelled.set()
    result = reader_of("sees").read(picture, prompt, cancelled=cancelled)
    assert result.problem is not None
    assert result.problem.kind is ProblemKind.CANCELLED
    assert server.requests == []


def test_nobody_at_the_address_is_unreachable(
    reader_of: OpenReader, picture: FilmPicture, prompt: Prompt
) -> None:
    result = reader_of("sees", base_url="http://127.0.0.1:9/v1").read(picture, prompt)
    assert result.problem is not None
    assert result.problem.kind is ProblemKind.UNREACHABLE


def test_without_a_key_nothing_is_sent(
    server: LanguageModelServer, reader_of: OpenReader, picture: FilmPicture, prompt: Prompt
) -> None:
    result = reader_of("sees", "openai", typed_key=None).read(picture, prompt)
    assert result.problem is not None
    assert result.problem.kind is ProblemKind.NO_KEY
    assert result.attempts == 0
    assert server.requests == []


def test_missing_variable_is_told_before_anything_is_sent(
    server: LanguageModelServer, reader_of: OpenReader, picture: FilmPicture, prompt: Prompt
) -> None:
    with pytest.raises(PromptError, match="knows no variable name"):
        reader_of("sees").read(picture, prompt, {"name": "Ann"})
    assert server.requests == []


def test_what_the_page_does_wrong_surfaces_as_it_is(
    reader_of: OpenReader, picture: FilmPicture, prompt: Prompt
) -> None:
    def stumble(text: str) -> None:
        raise LookupError("a bug in a page")

    with pytest.raises(LookupError, match="a bug in a page"):
        reader_of("sees").read(picture, prompt, on_text=stumble)


def test_redirect_does_not_lead_the_film_elsewhere(
    server: LanguageModelServer, reader_of: OpenReader, picture: FilmPicture, prompt: Prompt
) -> None:
    reader_of("redirects").read(picture, prompt)
    assert [asked.path for asked in server.requests] == ["/v1/chat/completions"]


def test_tokens_are_priced(picture: FilmPicture, prompt: Prompt, reader_of: OpenReader) -> None:
    local = reader_of("sees").endpoint
    with OpinionReader(replace(local, price=Price(2.0, 8.0))) as reader:
        assert reader.read(picture, prompt).cost_usd == pytest.approx(0.0036)
    with OpinionReader(replace(local, price=None)) as reader:
        assert reader.read(picture, prompt).cost_usd is None


def test_further_provider_is_one_entry(
    server: LanguageModelServer, picture: FilmPicture, prompt: Prompt, reader_of: OpenReader
) -> None:
    entry = Provider(
        name="hospital",
        title="The hospital's own server",
        base_url=server.url,
        key_variables=("HOSPITAL_KEY",),
        needs_key=True,
        structure="json_object",
    )
    reader = reader_of(
        "sees",
        "hospital",
        base_url=None,
        typed_key=None,
        providers=PROVIDERS | {entry.name: entry},
        environment={"HOSPITAL_KEY": "from-the-environment"},
    )
    result = reader.read(picture, prompt)
    assert result.verdict is Verdict.PNEUMONIA
    assert result.provider == "hospital"
    assert server.asked[0].headers["authorization"] == "Bearer from-the-environment"
    assert server.asked[0].body["response_format"] == {"type": "json_object"}


def test_azure_is_asked_by_deployment_and_version(
    server: LanguageModelServer, picture: FilmPicture, prompt: Prompt, reader_of: OpenReader
) -> None:
    reader = reader_of("sees", "azure", base_url=server.url.removesuffix("/v1"))
    assert reader.read(picture, prompt).verdict is Verdict.PNEUMONIA
    asked = server.asked[0]
    version = PROVIDERS["azure"].api_version
    assert asked.path == f"/openai/deployments/sees/chat/completions?api-version={version}"
    assert asked.headers["api-key"] == "a-key"


def test_many_threads_read_with_one_reader(
    server: LanguageModelServer, reader_of: OpenReader, picture: FilmPicture, prompt: Prompt
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    reader = reader_of("takes-no-structure")
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: reader.read(picture, prompt), range(24)))
    assert all(result.verdict is Verdict.PNEUMONIA for result in results)
    assert sum(result.attempts for result in results) == len(server.asked)
