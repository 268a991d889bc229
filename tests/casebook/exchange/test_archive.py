"""A casebook goes out as one file and comes in elsewhere; what is wrong with a file is refused."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pneumo.casebook.contents import write_opinions, write_predictions, write_reads
from pneumo.casebook.exchange.arrivals import ImportReport
from pneumo.casebook.journal import Act
from pneumo.casebook.storage.database import open_database
from pneumo.casebook.store import Casebook, CaseQuery
from pneumo.errors import CasebookError
from tests.casebook.drawn_cases import draw_case, draw_mended
from tests.casebook.films import draw_case_of, draw_film

ME, OTHER = "me", "somebody else"

FILM = draw_film()
DEEP = draw_film(
    np.random.default_rng(2).integers(0, 4096, (50, 40)).astype(np.float32) / 4095,
    source="dicom",
    bit_depth=12,
    spacing_mm=(0.1, 0.1),
)


def fill(casebook: Casebook) -> None:
    casebook.save(draw_case_of(FILM, 1, owner=ME), film=FILM)
    casebook.save(draw_case_of(DEEP, 2, owner=ME, title="Ünïcode 咳", reference=None), film=DEEP)
    casebook.save(draw_case(3, owner=ME, reads=(), opinions=(), tags=()))
    casebook.save(draw_case(4, owner=OTHER, title="Not mine"))


def export(casebook: Casebook, owner: str = ME) -> bytes:
    out = io.BytesIO()
    casebook.export(owner, out)
    return out.getvalue()


def members_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def pack(members: dict[str, bytes], *, hashed: bool = True) -> io.BytesIO:
    """Write members into a zip file, with hashes that fit them if asked for."""
    members = dict(members)
    if hashed:
        manifest = json.loads(members["manifest.json"])
        manifest["sha256"] = {
            name: hashlib.sha256(data).hexdigest()
            for name, data in members.items()
            if name != "manifest.json"
        }
        members["manifest.json"] = json.dumps(manifest).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return io.BytesIO(out.getvalue())


@pytest.fixture
def exported(sqlite_casebook: Casebook) -> bytes:
    fill(sqlite_casebook)
    return export(sqlite_casebook)


def test_export_comes_in_elsewhere_as_it_was(
    casebook: Casebook, tmp_path_factory: pytest.TempPathFactory
) -> None:
    fill(casebook)
    data = export(casebook)
    folder = tmp_path_factory.mktemp("elsewhere")
    other = Casebook(open_database(f"sqlite:///{folder}/casebook.sqlite3"))
    assert other.import_(ME, io.BytesIO(data)) == ImportReport(added=3, present=0)
    assert other.find(ME).total == 3
    for row in casebook.find(ME).rows:
        before, after = casebook.open(ME, row.id), other.open(ME, row.id)
        for write, part in (
            (write_predictions, "predictions"),
            (write_opinions, "opinions"),
            (write_reads, "reads"),
        ):
            assert write(getattr(before, part)) == write(getattr(after, part))  # type: ignore[operator]
        bare = {"predictions": (), "opinions": (), "reads": ()}
        assert vars(replace(before, **bare)) == vars(replace(after, **bare))
        film, kept = casebook.film(ME, row.id), other.film(ME, row.id)
        assert (film and vars(film) | {"pixels": 0}) == (kept and vars(kept) | {"pixels": 0})
    other.close()


def test_export_holds_its_owners_cases_only(casebook: Casebook) -> None:
    fill(casebook)
    out = io.BytesIO()
    report = casebook.export(ME, out)
    assert (report.cases, report.films, report.problems) == (3, 2, ())
    members = members_of(out.getvalue())
    assert set(members) == {
        "manifest.json", "cases.jsonl", f"films/{1:032x}.png", f"films/{2:032x}.png"
    }  # fmt: skip
    assert b"Not mine" not in members["cases.jsonl"]
    acts = [(entry.act, int(entry.case_id, 16)) for entry in casebook.journal_entries(3)]
    assert sorted(acts) == [(Act.EXPORTED, 1), (Act.EXPORTED, 2), (Act.EXPORTED, 3)]
    some = io.BytesIO()
    assert casebook.export(ME, some, CaseQuery(resolved=False)).cases == 1


def test_empty_casebook_goes_out_and_comes_in(casebook: Casebook) -> None:
    assert casebook.import_(OTHER, io.BytesIO(export(casebook))) == ImportReport(0, 0)


def test_import_leaves_what_is_there_and_makes_the_rest_the_importers(
    sqlite_casebook: Casebook, exported: bytes
) -> None:
    sqlite_casebook.update(ME, f"{1:032x}", title="Changed since")
    sqlite_casebook.delete(ME, [f"{2:032x}"])
    assert sqlite_casebook.import_(ME, io.BytesIO(exported)) == ImportReport(1, 2)
    assert sqlite_casebook.open(ME, f"{1:032x}").title == "Changed since"
    assert sqlite_casebook.import_("a third", io.BytesIO(exported)) == ImportReport(3, 0)
    assert sqlite_casebook.open("a third", f"{1:032x}").title == "Case 1"
    acts = [entry.act for entry in sqlite_casebook.journal_entries(owner="a third")]
    assert acts == [Act.OPENED, *[Act.IMPORTED] * 3]


def test_mended_film_travels_and_an_export_that_knew_no_mends_comes_in(
    sqlite_casebook: Casebook,
) -> None:
    case = draw_case(1, owner=ME, film=draw_mended())
    sqlite_casebook.save(case)
    members = members_of(export(sqlite_casebook))
    assert sqlite_casebook.import_("new", pack(members)).added == 1
    assert sqlite_casebook.open("new", case.id).film == case.film
    record = json.loads(members["cases.jsonl"])
    for name in ("mends", "chosen_fingerprint"):
        del record["film"][name]
    earlier = members | {"cases.jsonl": json.dumps(record).encode() + b"\n"}
    assert sqlite_casebook.import_("old", pack(earlier)).added == 1
    film = sqlite_casebook.open("old", case.id).film
    assert (film.mends, film.chosen_fingerprint) == ((), film.fingerprint)


@pytest.mark.parametrize("mends", [["explode"], ["mirror"] * 4, "mirror", [1]])
def test_case_with_mends_that_nobody_makes_is_refused(
    sqlite_casebook: Casebook, mends: object
) -> None:
    sqlite_casebook.save(draw_case(1, owner=ME))
    members = members_of(export(sqlite_casebook))
    record = json.loads(members["cases.jsonl"])
    record["film"]["mends"] = mends
    forged = members | {"cases.jsonl": json.dumps(record).encode() + b"\n"}
    report = sqlite_casebook.import_("new", pack(forged))
    assert (report.added, len(report.refused)) == (0, 1)


def test_damaged_case_is_left_out_of_the_export_and_named(sqlite_casebook: Casebook) -> None:
    fill(sqlite_casebook)
    with sqlite_casebook.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE case_contents SET predictions = '' WHERE case_id = '{2:032x}'"
        )
    out = io.BytesIO()
    report = sqlite_casebook.export(ME, out)
    assert report.cases == 2
    assert [f"{2:032x}" in problem for problem in report.problems] == [True]
    assert sqlite_casebook.import_("new", io.BytesIO(out.getvalue())).added == 2


def edit(line: int, change: Callable[[dict[str, Any]], object]) -> Callable[..., None]:
    def apply(members: dict[str, bytes]) -> None:
        lines = members["cases.jsonl"].splitlines()
        record = json.loads(lines[line])
        change(record)
        lines[line] = json.dumps(record).encode()
        members["cases.jsonl"] = b"\n".join(lines) + b"\n"

    return apply


BAD_RECORDS: dict[str, Callable[[dict[str, Any]], object]] = {
    "an id that leads elsewhere": lambda case: case.update(id="../../../etc/passwd"),
    "no prediction": lambda case: case.update(predictions=[]),
    "a probability of 2": lambda case: case["predictions"][0]["prediction"].update(probability=2),
    "a heat map of text": lambda case: case["predictions"][0]["explanations"][0].update(
        evidence=[["x"]]
    ),
    "a heat map of ragged rows": lambda case: case["predictions"][0]["explanations"][0].update(
        evidence=[[0.1], [0.1, 0.2]]
    ),
    "a verdict that is none": lambda case: case["predictions"][0]["prediction"].update(
        verdict="MAYBE"
    ),
    "a time without a zone": lambda case: case.update(created_at="2026-01-01T00:00:00"),
    "a title of a book's length": lambda case: case.update(title="x" * 100_000),
    "a missing field": lambda case: case.pop("note"),
    "a list for a title": lambda case: case.update(title=["x"]),
    "no object": lambda case: case.clear(),
}


@pytest.mark.parametrize("name", BAD_RECORDS)
def test_bad_record_is_refused_and_the_good_ones_beside_it_kept(
    name: str, sqlite_casebook: Casebook, exported: bytes
) -> None:
    members = members_of(exported)
    edit(1, BAD_RECORDS[name])(members)
    report = sqlite_casebook.import_("new", pack(members))
    assert (report.added, report.present, len(report.refused)) == (2, 0, 1)
    assert "Line 2" in report.refused[0]
    assert sqlite_casebook.find("new").total == 2
    with sqlite_casebook.engine.connect() as connection:
        counts = [
            connection.exec_driver_sql(f"SELECT count(*) FROM {table} WHERE owner = 'new'").scalar()
            for table in ("case_contents", "case_films")
        ]
    assert counts[0] == 2
    assert counts[1] <= 2


@pytest.mark.parametrize(
    "line", [b"{", b"[" * 100_000, b"\xff\xfe", b"null", b'{"id": 1e999999}', b""]
)
def test_line_that_is_no_record_is_refused(
    line: bytes, sqlite_casebook: Casebook, exported: bytes
) -> None:
    members = members_of(exported)
    members["cases.jsonl"] = line + b"\n" + members["cases.jsonl"]
    report = sqlite_casebook.import_("new", pack(members))
    assert (report.added, len(report.refused)) == (3, 1)


def test_wrong_or_missing_film_costs_its_case_only(
    sqlite_casebook: Casebook, exported: bytes
) -> None:
    first, second = f"films/{1:032x}.png", f"films/{2:032x}.png"
    members = members_of(exported)
    swapped = members | {first: members[second]}
    gone = {name: data for name, data in members.items() if name != first}
    cut = members | {first: members[first][:-30]}
    for number, (bad, hashed) in enumerate(
        [(swapped, True), (swapped, False), (gone, True), (cut, True)]
    ):
        owner = f"new {number}"
        report = sqlite_casebook.import_(owner, pack(bad, hashed=hashed))
        assert (report.added, len(report.refused)) == (2, 1)
        assert "film" in report.refused[0]
        assert sqlite_casebook.find_case(owner, f"{1:032x}") is None


def test_file_changed_as_a_whole_is_refused(sqlite_casebook: Casebook, exported: bytes) -> None:
    members = members_of(exported)
    other = json.loads(members["manifest.json"])
    changed = members | {"cases.jsonl": members["cases.jsonl"].replace(b"Case 1", b"Case 9")}
    newer = members | {"manifest.json": json.dumps(other | {"version": 2}).encode()}
    for data, hashed, reason in (
        (changed, False, "changed or damaged"),
        (members | {"../../evil.py": b"x"}, True, "files that no export holds"),
        (members | {"films/../../x.png": b"x"}, True, "files that no export holds"),
        (members | {"/etc/passwd": b"x"}, True, "files that no export holds"),
        ({"manifest.json": members["manifest.json"]}, False, "lacks the manifest or the cases"),
        (members | {"manifest.json": b"{"}, False, "manifest is damaged"),
        (members | {"manifest.json": b"[]"}, False, "not that of a casebook"),
        (newer, False, "version"),
        (members | {"manifest.json": json.dumps(other | {"sha256": {"a": 1}}).encode()}, False,
         "manifest is damaged"),
        (members | {"cases.jsonl": b"x" * (9 * 2**20)}, True, "more than any export"),
        (members | {"cases.jsonl": b"0\n" * 5000}, True, "of its cases are unsound"),
    ):  # fmt: skip
        with pytest.raises(CasebookError, match=reason):
            sqlite_casebook.import_("new", pack(data, hashed=hashed))
    assert sqlite_casebook.find("new").total == 0


def test_endless_line_is_refused_before_it_is_read(
    sqlite_casebook: Casebook, exported: bytes
) -> None:
    noise = np.random.default_rng(0).integers(97, 122, 9 * 2**20).astype(np.uint8).tobytes()
    members = members_of(exported) | {"cases.jsonl": noise}
    with pytest.raises(CasebookError, match="longer than any case"):
        sqlite_casebook.import_("new", pack(members))


def test_bomb_is_refused_unopened(sqlite_casebook: Casebook, exported: bytes) -> None:
    members = members_of(exported) | {f"films/{1:032x}.png": bytes(30 * 2**20)}
    with pytest.raises(CasebookError, match="unpack to more than any export"):
        sqlite_casebook.import_("new", pack(members))


@pytest.mark.parametrize("cut", [0, 1, 100, -30])
def test_what_is_no_whole_zip_file_is_refused(
    cut: int, sqlite_casebook: Casebook, exported: bytes
) -> None:
    with pytest.raises(CasebookError, match="export it anew"):
        sqlite_casebook.import_("new", io.BytesIO(exported[:cut]))


def test_flipped_bytes_never_crash_an_import(sqlite_casebook: Casebook, exported: bytes) -> None:
    rng = np.random.default_rng(11)
    for attempt in range(60):
        data = bytearray(exported)
        for place in rng.integers(0, len(data), 3):
            data[place] ^= int(rng.integers(1, 256))
        try:
            report = sqlite_casebook.import_(f"new {attempt}", io.BytesIO(bytes(data)))
        except CasebookError:
            continue
        assert report.added + len(report.refused) == 3


def test_imported_film_keeps_no_text_chunk(sqlite_casebook: Casebook, exported: bytes) -> None:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    members = members_of(exported)
    name = f"films/{1:032x}.png"
    words = PngInfo()
    words.add_text("PatientName", "Somebody")
    tagged = io.BytesIO()
    Image.open(io.BytesIO(members[name])).save(tagged, "PNG", pnginfo=words)
    assert b"Somebody" in tagged.getvalue()
    report = sqlite_casebook.import_("new", pack(members | {name: tagged.getvalue()}))
    assert report.added == 3
    assert b"Somebody" not in members_of(export(sqlite_casebook, "new"))[name]


def test_import_keeps_no_case_that_is_too_old_here(
    sqlite_casebook: Casebook, exported: bytes
) -> None:
    strict = Casebook(sqlite_casebook.engine, retention_days=30)
    members = members_of(exported)
    edit(0, lambda case: case.update(created_at="2001-01-01T00:00:00+00:00"))(members)
    report = strict.import_("new", pack(members))
    assert (report.added, len(report.refused)) == (2, 1)
    assert "older than the 30 days" in report.refused[0]
