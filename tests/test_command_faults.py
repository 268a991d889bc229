"""Commands on a machine that fails: a sentence and exit status 1, and what is finished is kept."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pneumo import cli
from pneumo.cli import main
from pneumo.decision import row_files
from pneumo.decision.ensemble import Ensemble
from tests.app.conftest import tiny_models  # noqa: F401
from tests.conftest import REPOSITORY, draw_film

FULL = Path("/dev/full")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    for number in range(6):
        draw_film(number % 2, number, side=240).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def words(folder: Path, tiny_models: Path) -> list[str]:  # noqa: F811
    return ["predict", str(folder), "--models", str(tiny_models)]


def full_disk() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_full_disk_keeps_the_finished_parts_and_says_how_to_go_on(
    words: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write = pd.DataFrame.to_parquet

    def fill_up(table: pd.DataFrame, place: Path, **choices: Any) -> None:
        write(table.head(0), place, **choices)  # As far as it came.
        if "part-000001" in place.name:
            raise full_disk()
        write(table, place, **choices)

    out = tmp_path / "rows"
    monkeypatch.setattr(row_files, "ROWS_A_PART", 2)
    with monkeypatch.context() as patch:
        patch.setattr(pd.DataFrame, "to_parquet", fill_up)
        assert main([*words, "--parquet", str(out)]) == 1
    said = capsys.readouterr().err
    assert "rows cannot be written: No space left on device. The rows of 2 films" in said
    assert "--resume" in said
    assert [path.name for path in out.iterdir()] == ["part-000000.parquet"]
    assert main([*words, "--parquet", str(out), "--resume"]) == 0
    assert pd.read_parquet(out)["file"].is_unique
    assert len(pd.read_parquet(out)) == 6


def test_resume_reads_the_films_again_that_a_network_failed_on(
    words: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "rows"
    asked = []

    def fails(load: Callable[..., Ensemble]) -> Callable[..., Ensemble]:
        def spoiled(*given: Any, **choices: Any) -> Ensemble:
            ensemble = load(*given, **choices)
            network: Any = ensemble._networks["second"]
            sound = network._forward

            def forward(films: Any) -> Any:
                asked.append(len(films))
                if len(asked) < 4:
                    raise MemoryError
                return sound(films)

            network._forward = forward
            return ensemble

        return spoiled

    with monkeypatch.context() as patch:
        patch.setattr(Ensemble, "load", fails(Ensemble.load))
        assert main([*words, "--parquet", str(out)]) == 0
    # The six films together, and then each by itself, of which two fail.
    rows = pd.read_parquet(out)
    assert list(rows["status"]).count("error") == 2
    assert "2 films were not read, as their rows say" in capsys.readouterr().err
    assert main([*words, "--parquet", str(out), "--resume"]) == 0
    again = pd.read_parquet(out)
    assert sorted(again["file"]) == sorted(rows["file"])
    assert "error" not in set(again["status"])


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
def test_output_that_is_full_is_told_without_a_traceback(words: list[str]) -> None:
    with FULL.open("w") as out:
        done = subprocess.run(
            [sys.executable, "-m", "pneumo", *words],
            cwd=REPOSITORY,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert "Standard output cannot be written: No space left on device" in done.stderr
    assert done.returncode == 1


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
def test_full_disk_under_a_csv_file_is_told(
    words: list[str], capsys: pytest.CaptureFixture
) -> None:
    assert main([*words, "--csv", str(FULL)]) == 1
    assert "/dev/full cannot be written: No space left on device" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            full_disk(),
            r"A file or standard output cannot be used: No space left on device.*start again",
        ),
        (PermissionError(errno.EACCES, "no", "models/x"), "models/x cannot be used: Permission"),
        (MemoryError(), "run out of memory"),
    ],
)
def test_any_command_tells_a_fault_in_a_sentence(
    error: Exception, said: str, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(options: object) -> int:
        raise error

    def add(parser: Any) -> None:
        parser.set_defaults(run=run)

    monkeypatch.setitem(cli.COMMANDS, "results", ("fails", add))
    assert main(["results"]) == 1
    printed = capsys.readouterr().err
    assert printed.startswith("pneumo: ")
    assert re.search(said, printed)
