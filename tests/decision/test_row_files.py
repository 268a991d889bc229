"""Parquet output of `predict`: whole parts, the same rows as CSV, and runs that were cut off."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pneumo.cli import main
from pneumo.decision.row_files import find_parts, flatten, mark_duplicates, name_columns, write_part
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


def scored(name: str, fingerprint: str = "f") -> WorklistRow:
    return WorklistRow(
        file=name,
        status="ok",
        operating_point="balanced",
        model_version="abc",
        verdict="NORMAL",
        probability=0.1,
        members={"first": 0.1},
        spread=0.0,
        split_vote=False,
        fingerprint=fingerprint,
    )


def unread(name: str) -> WorklistRow:
    return WorklistRow(name, "error", "balanced", "abc", reason="The file is empty.")


def test_parquet_holds_the_same_rows_as_csv(
    folder: Path, small_models: Path, tmp_path: Path
) -> None:
    words = ["predict", str(folder), "--models", str(small_models)]
    assert main([*words, "--csv", str(tmp_path / "rows.csv")]) == 0
    assert main([*words, "--parquet", str(tmp_path / "rows")]) == 0
    empty = ("probability", "member_custom_cnn", "spread", "split_vote", "quality_distance")
    expected = pd.read_csv(
        tmp_path / "rows.csv",
        keep_default_na=False,
        na_values={name: [""] for name in empty},
        dtype={"split_vote": "boolean"},
    )
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


def test_duplicates_are_marked_across_parts_and_other_parts_stay_untouched(tmp_path: Path) -> None:
    write_part(tmp_path, 0, [scored("a.png"), unread("b.png")], ["first"])
    write_part(tmp_path, 1, [scored("c.png", "f"), scored("d.png", "g")], ["first"])
    write_part(tmp_path, 2, [scored("e.png", "h"), unread("f.png")], ["first"])
    before = [part.stat().st_mtime_ns for part in find_parts(tmp_path)]
    kinds = pd.read_parquet(tmp_path).dtypes.to_dict()
    mark_duplicates(tmp_path)
    rows = pd.read_parquet(tmp_path)
    assert list(rows["duplicate_of"]) == ["", "", "a.png", "", "", ""]
    assert rows.dtypes.to_dict() == kinds
    after = [part.stat().st_mtime_ns for part in find_parts(tmp_path)]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, True]


def test_a_duplicate_of_an_earlier_run_is_known_again(
    folder: Path, small_models: Path, tmp_path: Path
) -> None:
    films, out = tmp_path / "films", tmp_path / "rows"
    films.mkdir()
    for name in ("1.jpeg", "2.jpeg"):
        shutil.copy(folder / "film01.jpeg", films / name)
        words = ["predict", str(films), "--models", str(small_models), "--parquet", str(out)]
        assert main([*words, "--resume"]) == 0
    rows = pd.read_parquet(out)
    assert list(rows["duplicate_of"]) == ["", str(films / "1.jpeg")]
    assert rows["probability"].nunique() == 1


def test_what_the_gate_says_is_flattened_into_the_same_columns_as_nothing() -> None:
    concern = {"name": "upside down", "message": "The film is upside down: turn it."}
    quality = {"usability": "refused", "concerns": [concern], "distance": 3.5}
    judged, unjudged = replace(scored("a.png"), quality=quality), scored("b.png")
    cells = flatten(judged, ["first"])
    assert set(cells) == set(flatten(unjudged, ["first"])) == set(name_columns(["first"]))
    assert cells["quality_usability"] == "refused"
    assert cells["quality_reasons"] == "The film is upside down: turn it."
    assert cells["quality_distance"] == 3.5


def test_rows_of_an_earlier_version_are_not_mixed_with_these(
    folder: Path, small_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    write_part(tmp_path, 0, [scored("a.png")], ["custom_cnn"])
    (part,) = find_parts(tmp_path)
    pd.read_parquet(part).drop(columns=["duplicate_of"]).to_parquet(part)
    words = ["predict", str(folder), "--models", str(small_models), "--parquet", str(tmp_path)]
    assert main([*words, "--resume"]) == 1
    assert "earlier version" in capsys.readouterr().err


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
