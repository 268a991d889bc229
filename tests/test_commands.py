"""The command line as a user meets it: rows, files and exit statuses."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from pneumo.cli import main
from tests.conftest import REPOSITORY, draw_film

KEYS = {
    "file", "status", "reason", "verdict", "probability", "members", "spread",
    "operating_point", "model_version",
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
    assert main(["predict", str(folder)]) == 0
    printed = capsys.readouterr()
    rows = rows_of(printed.out)
    assert list(rows) == ["a.png", "b.dat", "c.jpeg", "d.png"]
    assert all(set(row) == KEYS for row in rows.values())
    for name in ("a.png", "b.dat"):
        row = rows[name]
        assert row["status"] == "ok"
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


def test_csv_has_one_column_a_network(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "rows.csv"
    assert main(["predict", str(folder / "a.png"), str(folder / "c.jpeg"), "--csv", str(out)]) == 0
    with out.open(newline="", encoding="utf-8") as file:
        good, bad = csv.DictReader(file)
    plan = json.loads((REPOSITORY / "models" / "ensemble.json").read_text(encoding="utf-8"))
    names = [f"member_{member['name']}" for member in plan["members"]]
    assert [column for column in good if column.startswith("member_")] == names
    assert all(0 <= float(good[name]) <= 1 for name in names)
    assert bad["probability"] == ""
    assert bad[names[0]] == ""


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
