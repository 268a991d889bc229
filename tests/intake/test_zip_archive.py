"""Archives, sound and hostile: films come out, and nothing else ever reaches memory or a disk."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from pneumo.errors import DamagedFilmError, FilmError, OversizedFilmError, UnsupportedFilmError
from pneumo.intake import zip_archive
from pneumo.intake.zip_archive import Entry, begins_like_zip, list_entries

GRAIN = np.random.default_rng(1).bytes(50_000)


def pack(*files: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of names that come twice
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def why(entry: Entry, kind: type[FilmError] = UnsupportedFilmError) -> str:
    with pytest.raises(kind) as caught:
        entry.read()
    assert type(caught.value) is kind
    return str(caught.value)


def relabel(archive: bytes, *, size: int, offset: int = 24) -> bytes:
    """Return an archive of one file whose list claims another size."""
    place = archive.rindex(b"PK\x01\x02") + offset
    return archive[:place] + struct.pack("<L", size) + archive[place + 4 :]


@pytest.fixture(params=["memory", "disk"])
def lay(request: pytest.FixtureRequest, tmp_path: Path) -> object:
    """Hand an archive over in memory, or as a path."""

    def lay(data: bytes) -> Path | bytes:
        if request.param == "memory":
            return data
        path = tmp_path / "films.zip"
        path.write_bytes(data)
        return path

    return lay


def test_films_come_out_as_they_went_in(lay) -> None:
    packed = pack(("a.png", b"first"), ("ward/b c.dcm", GRAIN), ("ünï.jpeg", b""))
    entries = list_entries(lay(packed))
    assert [entry.name for entry in entries] == ["a.png", "ward/b c.dcm", "ünï.jpeg"]
    assert [entry.read() for entry in entries] == [b"first", GRAIN, b""]
    assert entries[1].read() == GRAIN


def test_entries_are_read_from_many_threads(lay) -> None:
    files = [(f"{number}.bin", GRAIN[number:]) for number in range(40)]
    entries = list_entries(lay(pack(*files)))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda entry: entry.read(), entries * 3))
    assert found == [data for _, data in files] * 3


def test_folders_hidden_files_and_what_macos_adds_are_left_out() -> None:
    names = ("ward/", ".DS_Store", "ward/._a.png", "__MACOSX/ward/._a.png", ".git/a", "ward/a.png")
    assert [entry.name for entry in list_entries(pack(*((name, b"x") for name in names)))] == [
        "ward/a.png"
    ]


@pytest.mark.parametrize(
    "name", ["/etc/film.png", "../film.png", "ward/../../film.png", "C:\\film.png", "..\\film.png"]
)
def test_names_that_lead_out_are_refused_and_touch_no_disk(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    bad, good = list_entries(pack((name, b"evil"), ("good.png", b"good")))
    assert "leads out of the archive" in why(bad)
    assert good.read() == b"good"
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_link_is_refused() -> None:
    link = zipfile.ZipInfo("film.png")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    (entry,) = list_entries(pack((link, b"/etc/passwd")))
    assert "link to another file" in why(entry)


def test_locked_file_is_refused_with_advice() -> None:
    packed = bytearray(pack(("film.png", b"film")))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(magic) + offset] |= 1
    (entry,) = list_entries(bytes(packed))
    assert "password" in why(entry)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_rare_methods_are_refused(method: int) -> None:
    (entry,) = list_entries(pack(("film.png", GRAIN), method=method))
    assert "ordinary zip archive" in why(entry)


def test_name_that_comes_twice_is_read_once() -> None:
    first, second, third = list_entries(pack(*[("a.png", b"1"), ("a.png", b"2"), ("a.png", b"3")]))
    assert first.read() == b"1"
    assert "two files of this name" in why(second)
    assert [first.name, second.name, third.name] == ["a.png", "a.png (2)", "a.png (3)"]


def test_archive_within_the_archive_is_not_opened() -> None:
    (entry,) = list_entries(pack(("film.png", pack(("deep.png", b"x")))))
    assert "archive within the archive" in why(entry)


def test_file_that_grows_as_no_film_does_is_refused_unread() -> None:
    bomb, black = list_entries(pack(("bomb.png", bytes(20_000_000)), ("black.png", bytes(900_000))))
    assert "250 times" in why(bomb)
    assert len(black.read()) == 900_000


def test_file_larger_than_allowed_is_refused_unread() -> None:
    (entry,) = list_entries(pack(("film.png", GRAIN)), max_bytes=40_000)
    assert "at most 40,000" in why(entry, OversizedFilmError)


@pytest.mark.parametrize("claim", [10, len(GRAIN) - 1, len(GRAIN) + 1, 60_000])
def test_file_that_is_not_as_large_as_it_claims_is_damaged(claim: int) -> None:
    (entry,) = list_entries(relabel(pack(("film.png", GRAIN)), size=claim))
    assert "not what the archive says" in why(entry, DamagedFilmError)


def test_file_whose_bytes_were_changed_is_damaged_and_its_neighbour_is_not() -> None:
    packed = bytearray(pack(("a.png", GRAIN), ("b.png", b"b"), method=zipfile.ZIP_STORED))
    packed[1_000] ^= 0xFF
    bad, good = list_entries(bytes(packed))
    assert "cut off or corrupt" in why(bad, DamagedFilmError)
    assert good.read() == b"b"


def test_archive_that_claims_to_hold_too_much_in_all_is_refused_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(zip_archive, "MOST_IN_ALL", 2)
    packed = pack(*((f"{number}.png", GRAIN) for number in range(3)))
    with pytest.raises(OversizedFilmError, match="holds 150,000 bytes, and at most 100,000"):
        list_entries(packed, max_bytes=len(GRAIN))
    assert len(list_entries(packed, max_bytes=2 * len(GRAIN))) == 3


def test_archive_of_too_many_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_archive, "MOST_ENTRIES", 3)
    with pytest.raises(OversizedFilmError, match="more than 3 files"):
        list_entries(pack(*((f"{number}.png", b"x") for number in range(4))))


def test_list_without_end_is_not_even_taken_into_memory(lay) -> None:
    entry = b"PK\x01\x02" + bytes(24) + struct.pack("<H", 1) + bytes(16) + b"a"
    count = 100_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, count * len(entry), 0, 0)
    with pytest.raises(OversizedFilmError, match="more than 10,000 files"):
        list_entries(lay(entry * count + end))


@pytest.mark.parametrize("kept", [4, 300, 0.5, 0.99])
def test_archive_that_was_cut_off_is_one_sentence(kept: float, lay) -> None:
    packed = pack(("a.png", GRAIN), ("b.png", GRAIN))
    with pytest.raises(DamagedFilmError, match="cut off or corrupt"):
        list_entries(lay(packed[: int(kept if kept > 1 else kept * len(packed))]))


def test_archive_with_any_byte_changed_gives_films_or_reasons() -> None:
    packed = pack(("a.png", GRAIN[:300]), ("b.png", GRAIN[300:500]))
    rng, reasons = np.random.default_rng(2), set()
    for _ in range(1_500):
        changed = bytearray(packed)
        for place in rng.integers(0, len(packed), 3):
            changed[place] = rng.integers(256)
        try:
            entries = list_entries(bytes(changed))
        except FilmError:
            continue
        for entry in entries:
            try:
                entry.read()
            except FilmError as error:
                reasons.add(str(error))
    assert len(reasons) >= 4
    assert not any(".png" in reason for reason in reasons)


def test_archive_that_is_replaced_after_it_was_listed_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "films.zip"
    path.write_bytes(pack(("a.png", GRAIN)))
    (entry,) = list_entries(path)
    path.write_bytes(b"")
    assert "cut off or corrupt" in why(entry, DamagedFilmError)


def test_archive_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(DamagedFilmError):
        list_entries(tmp_path / "nowhere.zip")


def test_empty_archive_lists_nothing_and_begins_like_one() -> None:
    assert begins_like_zip(pack())
    assert list_entries(pack()) == []
    assert not begins_like_zip(GRAIN)
