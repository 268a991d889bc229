"""Files, folders, archives and uploads are all the same to whoever reads them."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from pneumo.decision import sources
from pneumo.decision.ensemble import Ensemble
from pneumo.decision.opening import OpenedFilm, Unread, open_sources
from pneumo.decision.sources import Source, find_sources, pick_sources, take_upload
from pneumo.decision.worklist import read_files, read_sources
from pneumo.errors import FilmError, OversizedFilmError
from pneumo.settings import Settings
from tests.conftest import draw_film


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two films, and an archive with a third, the second again, a text, and a name that leads out.

    Besides a film that is called an archive, an archive that is called a film, a broken archive
    and an empty one.
    """
    folder = tmp_path_factory.mktemp("films")
    for number in range(3):
        draw_film(number % 2, number, side=240).save(folder / f"{number}.png")
    with ZipFile(folder / "more.ZIP", "w") as archive:
        archive.write(folder / "2.png", "ward/two.png")
        archive.write(folder / "1.png", "again.png")
        archive.writestr("notes.txt", "this is no film")
        archive.writestr("../out.png", "evil")
    (folder / "2.png").rename(folder / "film.zip")
    (folder / "broken.zip").write_bytes((folder / "more.ZIP").read_bytes()[:900])
    (folder / "called.png").write_bytes((folder / "more.ZIP").read_bytes())
    with ZipFile(folder / "empty.zip", "w"):
        pass
    return folder


LABELS = [
    "0.png", "1.png", "broken.zip", "called.png", "empty.zip", "film.zip", "more.ZIP/ward/two.png",
    "more.ZIP/again.png", "more.ZIP/notes.txt", "more.ZIP/../out.png",
]  # fmt: skip


def test_archives_in_a_folder_are_opened_by_name_and_content(folder: Path) -> None:
    assert [source.label for source in find_sources([folder])] == [
        f"{folder}/{label}" for label in LABELS
    ]
    assert [source.label for source in find_sources([folder], beside=folder)] == LABELS


def test_an_error_that_nobody_foresaw_costs_its_own_row(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trip(*_: object, **__: object) -> bytes:
        raise KeyError("Roe^Jane")

    sound = (folder / "0.png").read_bytes()
    films = [Source("sound", lambda: sound), Source("odd", trip), Source("too", lambda: sound)]
    opened = [film for _, film in open_sources(films, Settings(), ahead=2)]
    assert [type(film) for film in opened] == [OpenedFilm, Unread, OpenedFilm]
    monkeypatch.setattr(sources, "list_entries", trip)
    (archive,) = find_sources([folder / "more.ZIP"])
    with pytest.raises(FilmError, match="pack the films anew"):
        archive.read()
    assert "Roe" not in getattr(opened[1], "reason", "Roe")


def test_each_bad_file_costs_its_own_row_and_a_bad_archive_one(
    small_models: Path, folder: Path
) -> None:
    ensemble = Ensemble.load(small_models, many_films=True)
    rows = {
        row.file.removeprefix(f"{folder}/"): row for row in read_files(ensemble, [folder])
    }  # fmt: skip
    assert {name: row.status for name, row in rows.items()} == {
        "0.png": "ok",
        "1.png": "ok",
        "broken.zip": "error",
        "called.png": "error",
        "empty.zip": "error",
        "film.zip": "ok",
        "more.ZIP/ward/two.png": "ok",
        "more.ZIP/again.png": "ok",
        "more.ZIP/notes.txt": "error",
        "more.ZIP/../out.png": "refused",
    }
    assert rows["more.ZIP/ward/two.png"].duplicate_of == f"{folder}/film.zip"
    assert rows["more.ZIP/again.png"].duplicate_of == f"{folder}/1.png"
    assert "cut off or corrupt" in rows["broken.zip"].reason
    assert "holds no file" in rows["empty.zip"].reason
    assert "ZIP archive" in rows["called.png"].reason


def test_uploads_give_the_rows_of_the_files_on_disk(small_models: Path, folder: Path) -> None:
    ensemble = Ensemble.load(small_models, many_films=True)
    uploaded = [
        source
        for file in sorted(folder.iterdir())
        for source in take_upload(file.name, file.read_bytes())
    ]
    found = find_sources([folder], beside=folder)
    assert list(read_sources(ensemble, uploaded)) == list(read_sources(ensemble, found))


@pytest.mark.parametrize("is_relative", [False, True])
def test_sources_are_found_again_by_their_labels(
    folder: Path, is_relative: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    sources = find_sources([Path(folder.name) if is_relative else folder])
    wanted = list(reversed(sources))
    again = pick_sources([source.label for source in wanted], folder.parent)
    assert [source.label for source in again] == [source.label for source in wanted]
    for one, other in zip(wanted, again, strict=True):
        try:
            data = one.read()
        except FilmError as error:
            with pytest.raises(type(error), match=str(error)[:20]):
                other.read()
        else:
            assert other.read() == data


def test_what_is_gone_when_it_is_looked_for_again_is_told(folder: Path) -> None:
    lost = pick_sources(["more.ZIP/gone.png", "gone.png"], folder)
    with pytest.raises(FilmError, match="no longer in its archive"):
        lost[0].read()
    with pytest.raises(FilmError, match="cannot be opened: No such file"):
        lost[1].read()


def test_file_larger_than_allowed_is_refused_before_it_is_read(folder: Path) -> None:
    (source, *_) = find_sources([folder / "0.png"], max_bytes=100)
    with pytest.raises(OversizedFilmError, match="at most 100 are read"):
        source.read()
