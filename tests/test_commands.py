"""The command line as a user meets it: rows, files and exit statuses."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

from pneumo.cli import main
from pneumo.decision import worklist
from pneumo.decision.ensemble import Ensemble
from tests.conftest import REPOSITORY, draw_film
from tests.decision.conftest import small_models  # noqa: F401

KEYS = {
    "file", "status", "reason", "verdict", "probability", "members", "spread", "split_vote",
    "fingerprint", "duplicate_of", "quality", "operating_point", "model_version",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two films, a text that calls itself a JPEG, and a film cut off in the middle."""
    folder = tmp_path_factory.mktemp("films")
    draw_film(0, 1, side=300).save(folder / "a.png")
    draw_film(1, 1, side=300).save(folder / "b.dat", "JPEG")
    (folder / "c.jpeg").write_text("this is no film")
    whole = io.BytesIO()
    draw_film(1, 2, side=300).save(whole, "PNG")
    (folder / "d.png").write_bytes(whole.getvalue()[: len(whole.getvalue()) // 2])
    (folder / ".hidden").write_text("not looked at")
    return folder


def rows_of(text: str) -> dict[str, dict]:
    return {Path(row["file"]).name: row for row in map(json.loads, text.splitlines())}


def test_a_bad_file_is_a_row_and_no_crash(folder: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["predict", "--show-refused", str(folder)]) == 0
    printed = capsys.readouterr()
    rows = rows_of(printed.out)
    assert list(rows) == ["a.png", "b.dat", "c.jpeg", "d.png"]
    assert all(set(row) == KEYS for row in rows.values())
    for name in ("a.png", "b.dat"):
        row = rows[name]
        assert row["status"] == "refused"  # They are only drawn.
        assert row["verdict"] in {"PNEUMONIA", "NORMAL", "INDETERMINATE"}
        assert 0 <= row["probability"] <= 1
        assert row["spread"] == pytest.approx(
            max(row["members"].values()) - min(row["members"].values()), abs=2e-6
        )
    for name in ("c.jpeg", "d.png"):
        assert rows[name]["status"] == "error"
        assert rows[name]["reason"]
        assert rows[name]["verdict"] == ""
        assert rows[name]["probability"] is None
    assert "reading" in printed.err


def test_what_the_gate_refuses_has_a_reason_and_no_verdict(
    folder: Path, capsys: pytest.CaptureFixture
) -> None:
    assert main(["predict", str(folder / "a.png")]) == 1
    (row,) = rows_of(capsys.readouterr().out).values()
    assert row["status"] == "refused"
    assert row["quality"]["usability"] == "refused"
    assert row["quality"]["distance"] > row["quality"]["distance_threshold"]
    assert row["quality"]["concerns"][0]["message"] in row["reason"]
    assert row["verdict"] == ""
    assert row["probability"] is None


def test_csv_has_one_column_a_network(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "rows.csv"
    films = [str(folder / "a.png"), str(folder / "c.jpeg")]
    assert main(["predict", "--show-refused", *films, "--csv", str(out)]) == 0
    with out.open(newline="", encoding="utf-8") as file:
        good, bad = csv.DictReader(file)
    plan = json.loads((REPOSITORY / "models" / "ensemble.json").read_text(encoding="utf-8"))
    names = [f"member_{member['name']}" for member in plan["members"]]
    assert [column for column in good if column.startswith("member_")] == names
    assert all(0 <= float(good[name]) <= 1 for name in names)
    assert bad["probability"] == ""
    assert bad[names[0]] == ""


def test_an_archive_is_read_like_a_folder_and_duplicates_are_named(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    with ZipFile(tmp_path / "films.zip", "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
        archive.write(folder / "a.png", "again/a.png")
    assert main(["predict", "--show-refused", str(folder), str(tmp_path / "films.zip")]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["file"] for row in rows[4:]] == [
        f"{tmp_path / 'films.zip'}/{name}"
        for name in ("a.png", "b.dat", "c.jpeg", "d.png", "again/a.png")
    ]
    for alone, packed in zip(rows[:2], rows[4:6], strict=True):
        assert packed == alone | {"file": packed["file"], "duplicate_of": alone["file"]}
        assert len(alone["fingerprint"]) == 64
        assert alone["split_vote"] in {True, False}
        assert alone["quality"].keys() == packed["quality"].keys()
    assert [row["reason"] for row in rows[2:4]] == [row["reason"] for row in rows[6:8]]
    assert rows[8]["duplicate_of"] == rows[0]["file"]


def test_a_broken_archive_is_one_row_and_the_rest_is_read(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    (tmp_path / "cut.zip").write_bytes(b"PK\x03\x04 and no more")
    films = [str(tmp_path / "cut.zip"), str(folder / "a.png")]
    assert main(["predict", "--show-refused", *films]) == 0
    broken, film = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert broken["status"] == "error"
    assert "archive" in broken["reason"]
    assert film["verdict"]


def test_ctrl_c_keeps_what_is_done_and_says_how_much(
    small_models: Path,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(60):
        draw_film(number % 2, number, side=300).save(tmp_path / f"{number:02}.png")
    score = Ensemble.score

    def interrupted(self: Ensemble, films: np.ndarray) -> dict:
        os.kill(os.getpid(), signal.SIGINT)
        return score(self, films)

    monkeypatch.setattr(Ensemble, "score", interrupted)
    usual = signal.getsignal(signal.SIGINT)
    out = tmp_path / "rows.csv"
    words = ["predict", str(tmp_path), "--models", str(small_models)]
    # The networks are asked by two threads: whoever asks second must not end the run at once.
    monkeypatch.setattr(worklist, "_IN_WORK", 1)
    assert main([*words, "--csv", str(out)]) == 130
    done = len(out.read_text(encoding="utf-8").splitlines()) - 1
    assert 1 <= done < 60
    assert f"Stopped: {done} of 60 files are done and kept." in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is usual


def test_help_says_what_the_exit_status_means(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit):
        main(["predict", "--help"])
    words = " ".join(capsys.readouterr().out.split())
    assert "Exit status: 0 if at least one film got a verdict" in words
    assert "130 after Ctrl-C" in words
    assert "zip archive of films" in words


def test_nothing_readable_is_a_failure(folder: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["predict", str(folder / "c.jpeg"), "/no/such/film.png"]) == 1
    rows = rows_of(capsys.readouterr().out)
    assert rows["film.png"]["status"] == "error"


def test_rule_in_never_calls_more_films_than_rule_out(
    folder: Path, capsys: pytest.CaptureFixture
) -> None:
    called = {}
    for point in ("rule-out", "rule-in"):
        main(["predict", str(folder), "--operating-point", point])
        rows = rows_of(capsys.readouterr().out).values()
        assert {row["operating_point"] for row in rows} == {point}
        called[point] = sum(row["verdict"] == "PNEUMONIA" for row in rows)
    assert called["rule-in"] <= called["rule-out"]


def test_a_folder_without_models_is_a_sentence_and_no_traceback(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    assert main(["predict", str(folder), "--models", str(tmp_path)]) == 1
    assert "ensemble.json is missing" in capsys.readouterr().err


def test_importing_the_project_loads_no_framework() -> None:
    script = (
        "import sys, pneumo; "
        "print([m for m in ('keras', 'tensorflow', 'openvino', 'sklearn', 'streamlit', 'pandas') "
        "if m in sys.modules])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"
