"""Many files are read side by side, and come out as if read one by one."""

from __future__ import annotations

import time
import weakref
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
from PIL import Image

from pneumo.decision import opening
from pneumo.decision.ensemble import Ensemble
from pneumo.decision.opening import count_decoders
from pneumo.decision.sources import Source, find_sources
from pneumo.decision.worklist import read_files, read_sources
from pneumo.domain import Radiograph
from pneumo.intake import read_radiograph
from tests.app.conftest import tiny_models  # noqa: F401
from tests.conftest import draw_film


@pytest.fixture(scope="module")
def ensemble(small_models: Path) -> Ensemble:
    return Ensemble.load(small_models, many_films=True)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Nineteen films and, among them, a file that is none."""
    folder = tmp_path_factory.mktemp("films")
    for number in range(20):
        path = folder / f"{number:02}.png"
        if number == 7:
            path.write_text("this is no film")
        else:
            draw_film(number % 2, number, side=240).save(path)
    return sorted(folder.iterdir())


@pytest.mark.parametrize("batch_size", [1, 3, 16])
def test_rows_are_those_of_the_films_read_alone(
    small_models: Path, ensemble: Ensemble, files: list[Path], batch_size: int
) -> None:
    alone = Ensemble.load(small_models)
    rows = list(read_files(ensemble, files, batch_size=batch_size))
    assert [row.file for row in rows] == [str(path) for path in files]
    assert [row.status for row in rows].count("error") == 1
    for row in rows:
        if row.status == "error":
            assert row.file.endswith("07.png")
            continue
        film = read_radiograph(Path(row.file).read_bytes())
        expected = alone.analyze(film).prediction
        assert row.probability == pytest.approx(expected.probability, abs=1e-4)
        assert row.verdict == expected.verdict
    assert len({row.probability for row in rows}) > 10


def test_ensemble_answers_single_films_while_it_reads_many(
    ensemble: Ensemble, files: list[Path]
) -> None:
    film = read_radiograph(files[0].read_bytes())
    expected = ensemble.analyze(film).prediction.probability
    found: list[float] = []

    def visit() -> None:
        for _ in range(5):
            found.append(ensemble.analyze(film).prediction.probability)

    visitors = [Thread(target=visit) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    rows = list(read_files(ensemble, files, batch_size=4))
    for visitor in visitors:
        visitor.join()
    assert sum(bool(row.verdict) for row in rows) == 19
    np.testing.assert_allclose(found, [expected] * 20, atol=1e-5)


def test_large_jpeg_is_decoded_smaller_and_scores_the_same(
    ensemble: Ensemble, tmp_path: Path
) -> None:
    # Smooth, as films are at this size.
    small = draw_film(1, 3, side=120)
    path = tmp_path / "large.jpeg"
    small.resize((1900, 2000)).save(path, quality=90)
    (row,) = read_files(ensemble, [path])
    whole = ensemble.analyze(read_radiograph(path.read_bytes())).prediction
    assert row.status == "ok"
    assert row.probability == pytest.approx(whole.probability, abs=0.005)


def test_film_that_comes_again_is_scored_once_and_named(
    ensemble: Ensemble, files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = files[0], files[1]
    again = tmp_path / "again.bmp"  # other bytes, the same pixels
    Image.open(first).save(again)
    scored = []
    score = Ensemble.score

    def counted(self: Ensemble, films: np.ndarray) -> dict:
        scored.append(len(films))
        return score(self, films)

    monkeypatch.setattr(Ensemble, "score", counted)
    rows = list(read_files(ensemble, [first, first, second, again, second], batch_size=2))
    assert [row.duplicate_of for row in rows] == ["", str(first), "", str(first), str(second)]
    assert sum(scored) == 2
    assert rows[3].file == str(again)
    assert rows[3].probability == rows[0].probability
    assert rows[3].fingerprint == rows[0].fingerprint
    assert rows[0].fingerprint == read_radiograph(first.read_bytes()).fingerprint


def test_files_that_cannot_be_read_are_never_duplicates(ensemble: Ensemble, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("this is no film")
    rows = list(read_files(ensemble, [tmp_path / "a", tmp_path / "b"]))
    assert [(row.status, row.duplicate_of) for row in rows] == [("error", "")] * 2
    assert all(row.fingerprint == "" and row.split_vote is None for row in rows)


def test_row_says_whether_the_networks_disagree(
    tiny_models: Path,  # noqa: F811
    files: list[Path],
) -> None:
    # Of the two tiny networks one always says NORMAL, and the other PNEUMONIA.
    (row,) = read_files(Ensemble.load(tiny_models), files[:1])
    assert row.split_vote is True


def test_cancel_keeps_what_is_done_and_begins_nothing_more(
    ensemble: Ensemble, files: list[Path]
) -> None:
    cancelled, read = Event(), []

    def look(file: Path) -> bytes:
        read.append(file)
        return file.read_bytes()

    sources = [Source(str(file), partial(look, file)) for file in files * 5]
    rows = []
    for row in read_sources(ensemble, sources, batch_size=2, cancelled=cancelled):
        rows.append(row)
        cancelled.set()
    assert 1 <= len(rows) <= 4
    assert [row.file for row in rows] == [str(file) for file in files[: len(rows)]]
    assert len(read) <= 12


@pytest.mark.parametrize("gives_way", [False, True])
def test_no_more_films_are_in_memory_than_there_are_decoders(
    ensemble: Ensemble,
    files: list[Path],
    gives_way: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alive, most, began = Counter[str](), [], []

    def watched(data: bytes, **choices: int) -> Radiograph:
        film = read_radiograph(data, **choices)
        alive["films"] += 1
        weakref.finalize(film, alive.subtract, ["films"])
        most.append(alive["films"])
        return film

    monkeypatch.setattr(opening, "read_radiograph", watched)

    def look(file: Path) -> bytes:
        began.append(file)
        return file.read_bytes()

    sources = [Source(str(file), partial(look, file)) for file in files * 4]
    rows = read_sources(ensemble, sources, batch_size=2, gives_way=gives_way)
    next(rows)
    time.sleep(0.3)
    # Whoever does not fetch the rows stops the reading, too.
    assert len(began) <= 12
    assert sum(1 for _ in rows) == len(sources) - 1
    assert len(most) == 4 * 19
    assert max(most) <= (1 if gives_way else count_decoders())


def test_batch_that_gives_way_has_the_same_rows(ensemble: Ensemble, files: list[Path]) -> None:
    together = list(read_files(ensemble, files))
    shown: dict[int, str] = {}
    apart = list(
        read_sources(
            ensemble,
            find_sources(files),
            gives_way=True,
            watch=lambda place, film: shown.update({place: film.fingerprint}),
        )
    )
    assert [replace(row, probability=0, spread=0, members={}) for row in apart] == [
        replace(row, probability=0, spread=0, members={}) for row in together
    ]
    np.testing.assert_allclose(
        [row.probability or 0 for row in apart], [row.probability or 0 for row in together],
        atol=1e-5,
    )  # fmt: skip
    assert shown == {place: row.fingerprint for place, row in enumerate(apart) if row.fingerprint}


def test_batch_that_gives_way_asks_for_one_film_at_a_time(
    ensemble: Ensemble, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    score = Ensemble.score

    def noted(self: Ensemble, films: np.ndarray) -> dict:
        asked.append(len(films))
        return score(self, films)

    monkeypatch.setattr(Ensemble, "score", noted)
    assert len(list(read_sources(ensemble, find_sources(files[:6]), gives_way=True))) == 6
    assert asked == [1] * 6


def test_worklists_that_give_way_take_one_place_in_the_line_together(
    ensemble: Ensemble, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once, most, score = Counter[str](), [], Ensemble.score

    def noted(self: Ensemble, films: np.ndarray) -> dict:
        at_once["films"] += len(films)
        most.append(at_once["films"])
        try:
            return score(self, films)
        finally:
            at_once["films"] -= len(films)

    monkeypatch.setattr(Ensemble, "score", noted)

    def read() -> None:
        list(read_sources(ensemble, find_sources(files[:7]), gives_way=True))

    readers = [Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert most == [1] * 21


def test_reader_who_stops_early_is_let_go(ensemble: Ensemble, files: list[Path]) -> None:
    rows = read_files(ensemble, files, batch_size=2)
    assert next(rows).file == str(files[0])
    rows.close()
