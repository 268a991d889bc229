"""Parquet output of `predict`: whole parts, the same rows as CSV, and runs that were cut off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pneumo.cli import main
from pneumo.decision.row_files import find_parts, name_columns, write_part
from pneumo.decision.worklist import WorklistRow
from tests.conftest import draw_film


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eleven films and, between them, a text that calls itself a film."""
    folder = tmp_path_factory.mktemp("films")
    for number in range(11):
        draw_film(number % 2, number, side=300).save(folder / f"film{number:02}.jpeg")
    (folder / "film03b.jpeg").write_text("this is no film")
    return folder


def scored(name: str) -> WorklistRow:
    return WorklistRow(
        file=name,
        status="ok",
        operating_point="balanced",
        model_version="abc",
        verdict="NORMAL",
        probability=0.1,
        members={"first": 0.1},
        spread=0.0,
    )


def unread(name: str) -> WorklistRow:
    return WorklistRow(name, "error", "balanced", "abc", reason="The file is empty.")


def test_parquet_holds_the_same_rows_as_csv(
    folder: Path, small_models: Path, tmp_path: Path
) -> None:
    words = ["predict", str(folder), "--models", str(small_models)]
    assert main([*words, "--csv", str(tmp_path / "rows.csv")]) == 0
    assert main([*words, "--parquet", str(tmp_path / "rows")]) == 0
    expected = pd.read_csv(tmp_path / "rows.csv", keep_default_na=False, na_values={
        name: [""] for name in ("probability", "member_custom_cnn", "spread")
    })  # fmt: skip
    rows = pd.read_parquet(tmp_path / "rows")
    assert list(rows) == name_columns(["custom_cnn"])
    pd.testing.assert_frame_equal(rows, expected)
    assert len(rows) == 12
    assert rows["probability"].isna().sum() == 1


def test_a_part_without_any_score_has_the_columns_of_the_others(tmp_path: Path) -> None:
    write_part(tmp_path, 0, [scored("a.png")], ["first"])
    write_part(tmp_path, 1, [unread("b.png")], ["first"])
    kinds = [pd.read_parquet(part).dtypes.to_dict() for part in find_parts(tmp_path)]
    assert kinds[0] == kinds[1]
    assert pd.read_parquet(tmp_path)["member_first"].dtype == np.float64


def test_a_part_that_is_written_again_is_there_once(tmp_path: Path) -> None:
    for _ in range(2):
        write_part(tmp_path, 7, [scored("a.png"), unread("b.png")], ["first"])
    assert [part.name for part in find_parts(tmp_path)] == ["part-000007.parquet"]
    assert len(pd.read_parquet(tmp_path)) == 2


def test_a_writer_killed_in_the_middle_leaves_no_row_behind(tmp_path: Path) -> None:
    write_part(tmp_path, 0, [scored("a.png")], ["first"])
    (tmp_path / ".part-000001.parquet.unfinished").write_bytes(b"PAR1 and no end")
    assert list(pd.read_parquet(tmp_path)["file"]) == ["a.png"]


def test_a_run_that_was_cut_off_is_resumed_with_the_films_that_are_missing(
    folder: Path, small_models: Path, tmp_path: Path
) -> None:
    out, films = tmp_path / "rows", sorted(folder.iterdir())
    words = ["--models", str(small_models), "--parquet", str(out)]
    assert main(["predict", *map(str, films[:5]), *words]) == 0
    before = [part.stat().st_mtime_ns for part in find_parts(out)]
    assert main(["predict", str(folder), "--resume", *words]) == 0
    rows = pd.read_parquet(out)
    assert list(rows["file"]) == [str(film) for film in films]
    assert [part.stat().st_mtime_ns for part in find_parts(out)][: len(before)] == before


def test_a_folder_with_rows_is_not_filled_twice_by_accident(
    folder: Path, small_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    film = str(folder / "film00.jpeg")
    words = ["predict", film, "--models", str(small_models), "--parquet", str(tmp_path)]
    assert main(words) == 0
    assert main(words) == 1
    assert "--resume" in capsys.readouterr().err
    assert len(pd.read_parquet(tmp_path)) == 1


def test_rows_of_two_operating_points_are_not_mixed(
    folder: Path, small_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    words = ["predict", str(folder), "--models", str(small_models), "--parquet", str(tmp_path)]
    write_part(tmp_path, 0, [scored("a.png")], ["custom_cnn"])
    assert main([*words, "--resume"]) == 1
    assert "balanced of abc" in capsys.readouterr().err


def test_a_file_where_the_folder_should_be_is_a_sentence(
    folder: Path, small_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    out = tmp_path / "rows.parquet"
    out.write_text("a file")
    words = ["predict", str(folder), "--models", str(small_models), "--parquet", str(out)]
    assert main(words) == 1
    assert "cannot be made a folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (["--engine", "ray"], "--parquet OUT"),
        (["--workers", "2"], "--engine ray"),
        (["--address", "10.0.0.1:6379"], "--engine ray"),
        (["--engine", "ray", "--parquet", "out", "--workers", "0"], "at least 1"),
        (["--resume"], "--parquet OUT"),
    ],
)
def test_options_that_would_be_passed_over_are_refused(
    words: list[str], advice: str, capsys: pytest.CaptureFixture
) -> None:
    assert main(["predict", "film.png", *words]) == 1
    assert advice in capsys.readouterr().err
