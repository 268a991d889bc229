"""The page Batch: a zip, files or a folder in, a worklist out, whatever is among them."""

from __future__ import annotations

import base64
import io
import json
import threading
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from pneumo import read_plan, read_radiograph
from pneumo.decision.progress import Progress
from pneumo.decision.worklist import WorklistRow
from pneumo.ui.batch import collecting, worklist
from pneumo.ui.batch.collecting import list_folders
from pneumo.ui.batch.presence import PATIENCE_S, Presence
from pneumo.ui.batch.running import Batch
from pneumo.ui.batch.thumbnails import draw_thumbnail
from pneumo.ui.batch.worklist import Choice, count_rows, draw_table, is_conflict, order_rows
from pneumo.ui.widgets.batch import say_progress
from tests.app.conftest import TITLES, FilmBytes

PNG, ZIP = "image/png", "application/zip"


@pytest.fixture
def page(app: AppTest) -> AppTest:
    app.switch_page("pages/reading/batch.py")
    return app.run()


def button(app: AppTest, label: str) -> Any:
    return next(found for found in app.button if found.label == label)


def words(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.text, app.error, app.warning, app.info)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def batch_of(app: AppTest) -> Batch:
    return app.session_state["batch"]


def read(app: AppTest, *files: tuple[str, bytes, str]) -> AppTest:
    app.file_uploader[0].set_value(list(files))
    app.run()
    button(app, "Read the films").click()
    app.run()
    assert batch_of(app).wait(60)
    return app.run()


def pack(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def row(file: str, probability: float | None, **facts: Any) -> WorklistRow:
    facts = {"verdict": "" if probability is None else "NORMAL", "status": "ok"} | facts
    return WorklistRow(
        file=file,
        operating_point="balanced",
        model_version="abc",
        probability=probability,
        **facts,
    )


def test_empty_page_says_what_is_taken_and_where_films_stay(page: AppTest) -> None:
    assert not page.exception
    assert "written to no disk" in page.info[0].value
    assert "At most 1,000 films and 400 MiB" in page.info[0].value
    assert button(page, "Read the films").disabled


def test_zip_of_films_becomes_a_worklist(page: AppTest, film_bytes: FilmBytes) -> None:
    archive = pack(
        ("ward/a.png", film_bytes(1, rows=300, columns=300)),
        ("ward/b.png", film_bytes(2)),
        ("copy.png", film_bytes(1, rows=300, columns=300)),
        ("text.png", b"this is no film"),
        ("../out.png", b"evil"),
    )
    read(page, ("films.zip", archive, ZIP))
    assert not page.exception
    assert metrics(page) == {
        "Files": "5",
        "PNEUMONIA": "3",
        "NORMAL": "0",
        "INDETERMINATE": "0",
        "Split votes": "3",
        "Duplicates": "1",
        "Refused by the gate": "0",
        "Not read": "2",
    }
    table = page.dataframe[0].value
    assert set(table["File"]) == {"a.png", "b.png", "copy.png", "text.png", "out.png"}
    assert list(table["Verdict"][:3]) == ["PNEUMONIA"] * 3
    assert list(table["Verdict"][3:]) == ["none"] * 2
    assert table["Film"][0].startswith("data:image/jpeg;base64,")
    remarks = table.set_index("File")["Remarks"]
    assert remarks["copy.png"] == "Same pixels as films.zip/ward/a.png."
    assert "leads out of the archive" in remarks["out.png"]
    assert "90 x 60 pixels" in remarks["b.png"]
    for title in TITLES.values():
        assert table[f"{title} (%)"].notna().sum() == 3


def test_many_files_are_read_and_hidden_ones_left_out(page: AppTest, film_bytes: FilmBytes) -> None:
    files = [(f"{number}.png", film_bytes(number), PNG) for number in range(12)]
    read(page, *files, (".hidden.png", b"x", PNG))
    assert metrics(page)["Files"] == "12"
    assert not batch_of(page).was_cut_short


def test_filters_and_conflicts_first_change_the_rows_on_show(
    page: AppTest, film_bytes: FilmBytes
) -> None:
    read(page, ("a.png", film_bytes(1), PNG), ("b.txt", b"no film", PNG), ("c.txt", b"none", PNG))
    assert len(page.dataframe[0].value) == 3
    page.text_input[0].set_value("C.TXT").run()
    assert list(page.dataframe[0].value["File"]) == ["c.txt"]
    page.text_input[0].set_value("nowhere").run()
    assert "No row is of the kind" in words(page)
    page.text_input[0].set_value("").run()
    page.toggle[0].set_value(True).run()
    assert "second look first" in words(page)
    assert page.dataframe[0].value["File"][0] == "a.png"


def test_chosen_row_shows_its_film_scores_and_heat_map(
    page: AppTest, film_bytes: FilmBytes
) -> None:
    read(page, ("a.png", film_bytes(1, rows=300, columns=300), PNG))
    assert "Show the heat map" not in [found.label for found in page.button]
    page.session_state[page.dataframe[0].key] = {
        "selection": {"rows": [0], "columns": [], "cells": []}
    }
    page.run()
    assert metrics(page)["Probability of PNEUMONIA"] == "73.1%"
    assert set(TITLES.values()) <= set(metrics(page))
    button(page, "Show the heat map").click()
    page.run()
    assert not page.exception
    assert "Where the networks looked" in [found.value for found in page.subheader]


def test_cancel_keeps_what_is_done(page: AppTest, film_bytes: FilmBytes) -> None:
    files = [(f"{number}.png", film_bytes(number), PNG) for number in range(150)]
    page.file_uploader[0].set_value(files)
    page.run()
    button(page, "Read the films").click()
    page.run()
    while not batch_of(page).rows:
        assert not batch_of(page).wait(0.01)
    button(page, "Cancel, and keep what is done").click()
    page.run()
    assert batch_of(page).wait(60)
    page.run()
    done = len(batch_of(page).rows)
    assert 0 < done < 150
    assert batch_of(page).was_cut_short
    assert f"Cancelled: {done:,} of 150 files were read" in words(page)
    assert metrics(page)["Files"] == f"{done}"


def test_next_batch_begins_with_an_empty_page(page: AppTest, film_bytes: FilmBytes) -> None:
    read(page, ("a.png", film_bytes(), PNG))
    button(page, "Read other films").click()
    page.run()
    assert "batch" not in page.session_state
    assert not page.metric
    assert button(page, "Read the films").disabled


def test_too_many_films_are_told_before_any_is_read(
    page: AppTest, film_bytes: FilmBytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "MOST_FILMS", 2)
    archive = pack(*((f"{number}.png", film_bytes(number)) for number in range(3)))
    page.file_uploader[0].set_value([("films.zip", archive, ZIP)])
    page.run()
    assert "These are 3 films, and at most 2" in page.error[0].value
    assert button(page, "Read the films").disabled
    monkeypatch.setattr(collecting, "MOST_FILMS", 3)
    monkeypatch.setattr(collecting, "MOST_BYTES", len(archive) - 1)
    page.run()
    assert "are taken at a time: choose fewer" in page.error[0].value


def test_missing_networks_are_told_and_the_page_goes_on(
    page: AppTest, models: Path, film_bytes: FilmBytes
) -> None:
    (models / "first" / "weights.safetensors").unlink()
    read(page, ("a.png", film_bytes(), PNG))
    assert not page.exception
    assert "weights.safetensors of the network first is missing" in page.error[0].value
    button(page, "Read other films").click()
    page.run()
    assert not page.error


def test_folder_of_the_server_is_offered_only_by_its_owner(
    app: AppTest, film_bytes: FilmBytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data" / "ward").mkdir(parents=True)
    (tmp_path / "data" / "ward" / "a.png").write_bytes(film_bytes())
    (tmp_path / "data" / ".hidden").mkdir()
    (tmp_path / "data" / ".hidden" / "b.png").write_bytes(film_bytes())
    assert list_folders(tmp_path / "data") == ["ward"]
    monkeypatch.delenv("PNEUMO_DATA", raising=False)
    app.switch_page("pages/reading/batch.py")
    app.run()
    kinds = app.button_group[0]
    assert list(kinds.options) == ["Files or zip archives", "A folder"]
    monkeypatch.setenv("PNEUMO_DATA", str(tmp_path / "data"))
    app.run()
    app.button_group[0].set_value("A folder on the server").run()
    app.selectbox[0].set_value("ward").run()
    button(app, "Read the films").click()
    app.run()
    assert batch_of(app).wait(60)
    app.run()
    assert [row.file for row in batch_of(app).rows] == ["ward/a.png"]


def test_files_to_keep_hold_every_row(models: Path) -> None:
    plan = read_plan(models)
    members = {"first": 0.1, "second": 0.4}
    rows = [
        row("a.png", 0.25, members=members, spread=0.3, split_vote=True, fingerprint="f"),
        row("b.png", None, status="error", reason="Cut off."),
    ]
    from_csv = pd.read_csv(io.BytesIO(worklist.write_csv(rows, plan)))
    from_parquet = pd.read_parquet(io.BytesIO(worklist.write_parquet(rows, plan)))
    assert list(from_csv) == list(from_parquet)
    for table in (from_csv, from_parquet):
        assert list(table["file"]) == ["a.png", "b.png"]
        assert table["member_second"][0] == 0.4
        assert np.isnan(table["probability"][1])
        assert "quality_usability" in table
    first, second = json.loads(worklist.write_json(rows))
    assert first["members"] == members
    assert second["probability"] is None
    assert second["quality"] == {}


ROWS = (
    row("low.png", 0.1),
    row("none.png", None, status="error", reason="Cut off."),
    row("high.png", 0.9, verdict="PNEUMONIA"),
    row("split.png", 0.4, split_vote=True),
    row("copy.png", 0.9, verdict="PNEUMONIA", duplicate_of="high.png"),
    row("side.png", 0.2, status="warned", reason="A lateral view."),
    row("brain.png", 0.95, quality={"usability": "refused", "concerns": [{"message": "No."}]}),
)


def names(choice: Choice) -> list[str]:
    return [ROWS[place].file.removesuffix(".png") for place in order_rows(ROWS, choice)]


def test_most_probable_pneumonia_comes_first_and_the_unread_last() -> None:
    assert names(Choice()) == ["brain", "high", "copy", "split", "side", "low", "none"]
    conflicts_first = names(Choice(conflicts_first=True))
    assert conflicts_first == ["brain", "copy", "split", "side", "high", "low", "none"]
    assert [is_conflict(one) for one in ROWS] == [False, False, False, True, True, True, True]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(verdicts=("PNEUMONIA",)), ["high", "copy"]),
        (Choice(statuses=("error", "warned")), ["side", "none"]),
        (Choice(split_only=True), ["split"]),
        (Choice(duplicates_only=True), ["copy"]),
        (Choice(text=" LATERAL "), ["side"]),
        (Choice(verdicts=("PNEUMONIA",), split_only=True), []),
    ],
)
def test_filters_leave_only_what_was_asked_for(choice: Choice, expected: list[str]) -> None:
    assert names(choice) == expected


def test_counts_add_up_and_unread_rows_have_no_number(models: Path) -> None:
    counts = count_rows(ROWS)
    assert counts["Files"] == 7
    assert counts["Refused by the gate"] == sum(one.is_refused_by_gate for one in ROWS)
    kinds = ("PNEUMONIA", "NORMAL", "Refused by the gate", "Not read")
    assert sum(counts[kind] for kind in kinds) == 7
    table = draw_table(ROWS, [1, 6], {}, read_plan(models))
    assert np.isnan(table["Probability (%)"][0])
    assert table["Remarks"][1] == "No."


@pytest.mark.parametrize("probability", [0.9, None])
def test_what_the_gate_refused_is_called_so_counted_once_and_explained_once(
    models: Path, probability: float | None
) -> None:
    quality = {"usability": "refused", "concerns": [{"message": "This is no film."}]}
    verdict = "PNEUMONIA" if probability else ""
    refused = row(
        "cat.png",
        probability,
        status="refused",
        reason="This is no film.",
        quality=quality,
        verdict=verdict,
    )
    frames = row("frames.dcm", None, status="refused", reason="It has two frames.")
    found = [refused, frames]
    table = draw_table(found, [0, 1], {}, read_plan(models))
    assert list(table["Status"]) == ["refused by the gate", "no single grey film"]
    assert list(table["Remarks"]) == ["This is no film.", "It has two frames."]
    counts = count_rows(found)
    assert (counts["Refused by the gate"], counts["Not read"], counts["PNEUMONIA"]) == (1, 1, 0)
    assert order_rows(found, Choice(statuses=("gate",))) == [0]
    assert order_rows(found, Choice(statuses=("refused",))) == [1]


def test_thumbnail_is_a_small_jpeg_in_the_films_proportions(film_bytes: FilmBytes) -> None:
    url = draw_thumbnail(read_radiograph(film_bytes(rows=600, columns=1200)))
    with Image.open(io.BytesIO(base64.b64decode(url.rpartition(",")[2]))) as picture:
        assert picture.format == "JPEG"
        assert picture.size == (64, 32)
    assert len(url) < 5_000


def test_visitor_who_comes_back_in_time_was_never_gone() -> None:
    now, there = [0.0], [True]
    presence = Presence(lambda: there[0], clock=lambda: now[0])
    there[0], now[0] = False, PATIENCE_S - 1
    assert presence.lasts()
    there[0] = True
    assert presence.lasts()
    there[0], now[0] = False, 2 * PATIENCE_S - 2
    assert presence.lasts()
    now[0] = 2 * PATIENCE_S + 1
    assert not presence.lasts()


def test_batch_that_is_forgotten_stops(page: AppTest, film_bytes: FilmBytes) -> None:
    files = [(f"{number}.png", film_bytes(number), PNG) for number in range(300)]
    page.file_uploader[0].set_value(files)
    page.run()
    button(page, "Read the films").click()
    page.run()
    threads = [thread for thread in threading.enumerate() if thread.name == "batch"]
    assert threads
    state = batch_of(page)._state
    del page.session_state["batch"]
    page.run()
    assert state.ended.wait(30)
    assert len(state.rows) < 300


@pytest.mark.parametrize(
    ("done", "elapsed_s", "said"),
    [
        (0, 0.0, "0 of 1,000 files"),
        (10, 5.0, "10 of 1,000 files · 2.0 a second · about 9 min left"),
        (990, 99.0, "990 of 1,000 files · 10.0 a second · about 1 s left"),
    ],
)
def test_progress_is_said_in_words(done: int, elapsed_s: float, said: str) -> None:
    assert say_progress(Progress(done, 1000, elapsed_s)) == said
