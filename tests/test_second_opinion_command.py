"""`python -m pneumo second-opinion` as a user meets it: consent, interruption, kill, summary."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pneumo.cli import main
from pneumo.opinion.surveys import list_surveys
from tests.conftest import REPOSITORY
from tests.opinion.language_model_server import Recorded
from tests.opinion.survey_scene import Scene, draw_collection

FILMS = 40


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_collection(tmp_path_factory.mktemp("surveyed"), FILMS)


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("OPENAI_API_KEY", "PNEUMO_OPINION_KEY", "PNEUMO_OPINION_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def openai_key(monkeypatch: pytest.MonkeyPatch, no_keys: None) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")


def command(data: Path, out: Path, *choices: str) -> list[str]:
    return ["second-opinion", "--data", str(data), "--out", str(out), *choices]


def local(url: str, *choices: str) -> tuple[str, ...]:
    return ("--provider", "custom", "--model", "sees", "--base-url", url, *choices)


def test_survey_says_where_films_go_and_ends_with_what_was_measured(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PNEUMO_OPINION_KEY", "a-secret-key")
    with Scene({3: "refuses"}).serve(key="a-secret-key") as server:
        assert main(command(data, tmp_path, *local(server.url, "--limit", "12"))) == 0
        host = server.url.split("/")[2]
    printed = capsys.readouterr()
    assert f"sees at {host} (stays on this machine)" in printed.out
    assert "12 readings to ask" in printed.out
    assert "no name, no label, no score" in printed.out
    assert "Among 11 films with a verdict: sensitivity 100.0%" in printed.out
    assert "refused 8.3%" in printed.out
    assert "reading" in printed.err
    assert "a-secret-key" not in printed.out + printed.err
    (survey,) = list_surveys(tmp_path, "test")
    assert (survey.n, survey.prompt_version, survey.provider) == (12, "v1", "custom")


@pytest.mark.parametrize(
    ("choices", "cost"),
    [
        (("--provider", "openai", "--model", "gpt-4.1"), "Cost: at most $"),
        (local("http://192.0.2.1:9/v1"), "No price of sees is on file"),
    ],
)
@pytest.mark.usefixtures("openai_key")
def test_nothing_leaves_this_machine_without_a_yes(
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture,
    choices: tuple[str, ...],
    cost: str,
) -> None:
    models = tmp_path / "models"
    assert main(command(data, models, *choices)) == 1
    printed = capsys.readouterr()
    assert "leaves this machine" in printed.out
    assert cost in printed.out
    assert "--yes" in printed.err
    assert "Nothing was sent" in printed.err
    assert not list(models.rglob("*.*"))


def test_missing_key_names_the_variable_before_anything_is_said_to_be_sent(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    choices = ("--provider", "openai", "--model", "gpt-4.1", "--yes")
    assert main(command(data, tmp_path, *choices)) == 1
    assert "OPENAI_API_KEY" in capsys.readouterr().err


def test_key_may_come_from_streamlits_secrets_file(data: Path, tmp_path: Path) -> None:
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    secrets.write_text('PNEUMO_OPINION_KEY = "from-the-file"')
    with Scene().serve(key="from-the-file") as server:
        assert main(command(data, tmp_path, *local(server.url, "--limit", "2"))) == 0


def test_damaged_secrets_file_is_named_and_not_quoted(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    secrets.write_text("PNEUMO_OPINION_KEY = sk-123")
    assert main(command(data, tmp_path, *local("http://127.0.0.1:9/v1"))) == 1
    printed = capsys.readouterr()
    assert "secrets.toml" in printed.err
    assert "sk-123" not in printed.out + printed.err


def test_wrong_key_is_a_sentence_with_advice(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    with Scene().serve(key="another") as server:
        assert main(command(data, tmp_path, *local(server.url))) == 1
    assert "did not accept the key" in capsys.readouterr().err
    assert list_surveys(tmp_path, "test") == []


def test_ctrl_c_writes_what_there_is_and_says_how_to_go_on(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    class Impatient(Scene):
        def behave(self, request: Recorded) -> str:
            if len(self.times) == 8:
                os.kill(os.getpid(), signal.SIGINT)
            return super().behave(request)

    with Impatient(delay_s=0.02).serve() as server:
        assert main(command(data, tmp_path, *local(server.url))) == 130
        assert "the same command goes on" in capsys.readouterr().out
        (survey,) = list_surveys(tmp_path, "test")
        assert 2 <= survey.n < 20
        assert survey.planned == FILMS
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_killed_run_is_resumed_and_nobody_answered_is_asked_again(
    data: Path, tmp_path: Path
) -> None:
    scene = Scene({5: "fails", 30: "cut-off"}, delay_s=0.04)
    with scene.serve() as server:
        arguments = command(data, tmp_path, *local(server.url))
        running = subprocess.Popen(
            [sys.executable, "-m", "pneumo", *arguments],
            cwd=REPOSITORY,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        path = tmp_path / "opinions" / "custom-sees-v1" / "answers_test.jsonl"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if path.is_file() and path.read_bytes().count(b"\n") >= 10:
                break
            time.sleep(0.01)
        running.kill()
        running.wait()
        kept = path.read_bytes().count(b"\n")
        assert 10 <= kept < FILMS
        assert list_surveys(tmp_path, "test") == [], "it was killed before it wrote its scores"
        assert main(arguments) == 0
    (survey,) = list_surveys(tmp_path, "test")
    assert survey.n == FILMS
    assert survey.facts["readings_open"] == 0
    assert len(scene.sound) == FILMS
    # Only what was under way when the process died can have been asked twice.
    assert sum(scene.sound.values()) - FILMS <= 4
