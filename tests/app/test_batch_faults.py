"""A batch while the machine fails or the networks are replaced: no row is lost, none says wrong."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pneumo.ui.batch.running import Batch
from tests.app.conftest import TITLES, FilmBytes
from tests.app.test_batch import PNG, batch_of, button, metrics, read, words
from tests.app.test_faults import loaded

AGAIN = "Read the unread ones again"


@pytest.fixture
def page(app: AppTest) -> AppTest:
    app.switch_page("pages/reading/batch.py")
    return app.run()


def choose_first_row(page: AppTest) -> AppTest:
    rows = {"selection": {"rows": [0], "columns": [], "cells": []}}
    page.session_state[page.dataframe[0].key] = rows
    return page.run()


def read_anew(page: AppTest) -> AppTest:
    button(page, AGAIN).click()
    page.run()
    assert batch_of(page).wait(60)
    return page.run()


def draw(film_bytes: FilmBytes, count: int) -> list[tuple[str, bytes, str]]:
    return [(f"{n}.png", film_bytes(n, rows=300, columns=300), PNG) for n in range(count)]


def change_plan(models: Path, change: Any) -> None:
    path = models / "ensemble.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_rows_stay_beside_the_threshold_that_they_were_made_with(
    page: AppTest, film_bytes: FilmBytes, models: Path
) -> None:
    read(page, *draw(film_bytes, 2))
    before = batch_of(page).rows
    said = [caption.value for caption in page.caption]

    def raise_threshold(plan: Any) -> None:
        for point in plan["operating_points"]:
            point["threshold"], point["band"] = 0.77, [0.76, 0.78]

    change_plan(models, raise_threshold)
    page.run()
    assert [caption.value for caption in page.caption] == said
    assert "77.0%" not in words(page)
    assert "have changed since this server loaded them" in words(page)
    assert batch_of(page).rows == before
    # The next batch is read by the networks in memory, and so is chosen by their plan.
    button(page, "Read other films").click()
    page.run()
    assert "77.0%" not in words(page)


def test_renamed_member_and_missing_plan_lose_no_score(
    page: AppTest, film_bytes: FilmBytes, models: Path
) -> None:
    read(page, *draw(film_bytes, 1))

    def rename(plan: Any) -> None:
        plan["members"][0] |= {"name": "third", "title": "Third network"}

    change_plan(models, rename)
    choose_first_row(page)
    assert not page.exception
    assert set(TITLES.values()) <= set(metrics(page))
    assert [f"{title} (%)" for title in TITLES.values()] == list(page.dataframe[0].value)[-2:]
    (models / "ensemble.json").unlink()
    page.run()
    assert not page.exception
    assert not page.error
    assert metrics(page)["Files"] == "1"
    assert len(page.get("download_button")) >= 3


def test_film_that_a_network_fails_on_is_read_again_and_the_others_stay(
    page: AppTest, film_bytes: FilmBytes, models: Path
) -> None:
    network = loaded(models)._networks["second"]
    sound, calls = network._forward, [0]

    def flaky(films: Any) -> Any:
        calls[0] += 1
        if calls[0] in (2, 3):
            raise MemoryError
        return sound(films)

    network._forward = flaky
    films = draw(film_bytes, 4)
    read(page, *films, ("copy.png", films[1][1], PNG))
    rows = batch_of(page).rows
    assert [row.status for row in rows] == ["ok", "error", "error", "ok", "error"]
    assert metrics(page)["Not read"] == "3"
    assert "could not read 3 of 5 files" in words(page)
    assert "out of memory" in page.dataframe[0].value["Remarks"].iloc[-1]
    read_anew(page)
    again = batch_of(page).rows
    assert [row.status for row in again] == ["ok"] * 5
    assert [row.file for row in again] == [row.file for row in rows]
    assert (again[0], again[3]) == (rows[0], rows[3])
    assert again[4].duplicate_of == "1.png"
    assert AGAIN not in [found.label for found in page.button]
    assert set(batch_of(page).thumbnails) == set(range(5))


def test_films_that_were_never_begun_are_read_once_the_networks_are_back(
    page: AppTest, film_bytes: FilmBytes, models: Path
) -> None:
    weights = models / "first" / "weights.safetensors"
    weights.rename(models / "away")
    read(page, *draw(film_bytes, 2))
    assert page.error
    assert batch_of(page).rows == ()
    (models / "away").rename(weights)
    read_anew(page)
    assert not page.error
    assert metrics(page)["Files"] == "2"
    assert metrics(page)["Not read"] == "0"


def test_duplicate_is_known_across_readings(
    page: AppTest, film_bytes: FilmBytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = draw(film_bytes, 1)[0]
    read(page, film, ("copy.png", film[1], PNG))
    batch = batch_of(page)
    batch._state.rows.pop()
    assert batch.unread == (1,)
    batch.read_again()
    assert batch.wait(60)
    assert [row.duplicate_of for row in batch.rows] == ["", "0.png"]


def test_limit_on_films_holds_for_reading_again(
    page: AppTest, film_bytes: FilmBytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pneumo import AccessError
    from pneumo.ui.widgets import batch_results

    read(page, *draw(film_bytes, 1))
    batch_of(page)._state.rows.clear()
    page.run()

    def refuse(films: int) -> None:
        raise AccessError(f"{films} films are too many now.")

    monkeypatch.setattr(batch_results, "count_batch", refuse)
    button(page, AGAIN).click()
    page.run()
    assert "1 films are too many now." in words(page)
    assert not batch_of(page).is_running


def test_system_without_a_thread_to_spare_says_so(
    page: AppTest, film_bytes: FilmBytes, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pneumo.ui.batch import running

    class NoThread:
        def __init__(self, **choices: Any) -> None:
            pass

        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    read(page, *draw(film_bytes, 1))
    sound = batch_of(page)
    with monkeypatch.context() as patch:
        patch.setattr(running.threading, "Thread", NoThread)
        batch = Batch(sound.sources, sound._loader, sound._settings, operating_point="balanced")
    assert batch.wait(0)
    assert "could not be read" in batch.failure
    batch.read_again()
    assert batch.wait(60)
    assert len(batch.rows) == 1


@pytest.mark.parametrize(
    "error", [MemoryError(), OSError(errno.EIO, os.strerror(errno.EIO)), ImportError("x", name="y")]
)
def test_networks_that_cannot_be_loaded_are_told_and_asked_again(
    page: AppTest, film_bytes: FilmBytes, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pneumo.decision import ensemble

    def fails(*given: object, **choices: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(ensemble, "load_served_networks", fails)
        read(page, *draw(film_bytes, 1))
    assert not page.exception
    assert any("The networks could not be loaded" in shown.value for shown in page.error)
    assert metrics(read_anew(page))["Files"] == "1"
