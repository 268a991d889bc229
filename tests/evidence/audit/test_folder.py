"""From a folder of films to what can be said about it, and back from the file."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pneumo.cli import main
from pneumo.errors import DataSetError
from pneumo.evidence.audit.folder import audit_folder
from pneumo.evidence.audit.originals import read_original_sizes
from pneumo.evidence.audit.records import Audit, read_audit, write_audit
from pneumo.intake.collection import collect_films, fingerprint_films
from tests.conftest import draw_film

CUT_OFF = "IM-0019-0002.jpeg"


@pytest.fixture(scope="module")
def folder(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny data set with planted copies, and one film that was cut off."""
    folder = Path(shutil.copytree(tiny_data, tmp_path_factory.mktemp("audited") / "data"))
    normal, ill = folder / "train" / "NORMAL", folder / "train" / "PNEUMONIA"
    # The same bytes in train and in test, under another number and another label.
    shutil.copy(folder / "test" / "NORMAL" / "IM-0001-0001.jpeg", ill / "person77_virus_1.jpeg")
    # The same pixels in another file.
    with Image.open(normal / "IM-0010-0001.jpeg") as film:
        film.save(normal / "IM-0010-0003.png")
    # The same exposure, brightened and compressed.
    with Image.open(ill / "person11_bacteria_1.jpeg") as film:
        brighter = film.point([min(255, round(20 + 0.9 * level)) for level in range(256)])
        brighter.save(ill / "person11_bacteria_3.jpeg", quality=70)
    whole = (normal / CUT_OFF).read_bytes()
    (normal / CUT_OFF).write_bytes(whole[: len(whole) // 2])
    return folder


@pytest.fixture(scope="module")
def audit(folder: Path) -> Audit:
    return audit_folder(folder)


def test_every_film_is_counted_by_split_class_and_series(audit: Audit) -> None:
    found = {(part.split, part.label): part for part in audit.parts}
    assert found["test", 0].series == {"IM": 6, "NORMAL2-IM": 6}
    assert found["test", 0].groups == 6
    assert found["train", 1].series == {"bacteria": 21, "virus": 21}
    assert found["train", 0].films == 40  # one cut off, one added
    assert audit.films == sum(part.films for part in audit.parts) == 114
    assert audit.splits == ("train", "val", "test")


def test_a_damaged_film_is_counted_and_named_and_the_audit_goes_on(audit: Audit) -> None:
    (film,) = audit.unreadable_films
    assert audit.unreadable == 1
    assert (film.split, film.label, film.file) == ("train", 0, CUT_OFF)
    assert "cut off" in film.reason


def test_a_copy_in_two_splits_with_two_labels_is_found_and_named(audit: Audit) -> None:
    found = audit.find_duplicates("bytes")
    assert (found.sets, found.across_splits, found.across_labels) == (1, 1, 1)
    (films,) = found.listed
    assert {film.file for film in films} == {"IM-0001-0001.jpeg", "person77_virus_1.jpeg"}
    assert {film.group for film in films} == {"IM-1", "virus-77"}


def test_equal_pixels_in_another_file_are_the_same_picture(audit: Audit) -> None:
    found = audit.find_duplicates("pixels")
    assert found.sets == 2
    assert found.within == {"train": 1}
    assert {film.file for film in found.listed[1]} == {"IM-0010-0001.jpeg", "IM-0010-0003.png"}


def test_a_brightened_copy_is_near_and_different_films_are_not(audit: Audit) -> None:
    # Drawn pneumonias are all alike: one bright patch each. Drawn normal films are pure noise.
    found = [{film.file for film in films} for films in audit.find_duplicates("near").listed]
    planted = {"person11_bacteria_1.jpeg", "person11_bacteria_3.jpeg"}
    assert any(planted <= files for files in found)
    assert not any(file.startswith(("IM", "NORMAL2")) for files in found for file in files)


def test_a_number_overlaps_only_where_it_is_read_without_its_series(audit: Audit) -> None:
    found = {overlap.key: overlap for overlap in audit.overlaps}
    assert found["person"].test == 3
    assert all(overlap.both == 0 for overlap in found.values())
    (pneumonias, normals) = audit.reuse
    assert (pneumonias.both, pneumonias.numbers_second) == (14, 15)
    assert normals.both == normals.numbers_first == 14


def test_films_a_group_and_stretches_of_numbers(audit: Audit) -> None:
    sizes = {found.series: found for found in audit.group_sizes}
    assert sizes["bacteria"].groups == {2: 13, 3: 1}
    assert sizes["bacteria"].largest == "bacteria-11"
    stretches = [s for s in audit.stretches if (s.series, s.split) == ("virus", "train")]
    assert [(s.first, s.last, s.films) for s in stretches] == [(10, 19, 20), (77, 77, 1)]


def test_histograms_hold_every_film_and_constants_are_told(audit: Audit) -> None:
    brightness, width = audit.find_measure("brightness"), audit.find_measure("width")
    assert brightness is not None
    assert width is not None
    assert sum(sum(part.counts) for part in brightness.parts) == audit.films
    assert brightness.varies
    assert not width.varies
    assert width.parts[0].quantiles == (48.0,) * 7
    normal, ill = (
        next(part for part in brightness.parts if (part.split, part.label) == ("train", label))
        for label in (0, 1)
    )
    assert ill.quantiles[3] > normal.quantiles[3]


def test_file_size_alone_tells_the_drawn_classes_apart(audit: Audit) -> None:
    (baseline,) = audit.baselines
    assert (baseline.source, baseline.features, baseline.n) == ("films", ("bytes",), 114)
    assert 0 <= baseline.auc.low <= baseline.auc.value <= baseline.auc.high <= 1
    assert baseline.auc.value > 0.6


def test_the_fingerprint_is_that_of_the_collection(audit: Audit, folder: Path) -> None:
    assert audit.fingerprint == fingerprint_films(collect_films(folder))


def test_what_was_written_is_read_back_and_names_no_folder(
    audit: Audit, folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "dataset_audit.json"
    write_audit(audit, path)
    assert read_audit(path) == read_audit(tmp_path) == audit
    assert str(folder.parent) not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"format": 0}', '{"format": 1}', "\x00\xff"]
)
def test_a_damaged_or_old_file_names_the_command(content: str, tmp_path: Path) -> None:
    path = tmp_path / "dataset_audit.json"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(DataSetError, match="python -m pneumo audit"):
        read_audit(path)


def test_a_number_of_the_wrong_kind_is_damage(audit: Audit, tmp_path: Path) -> None:
    path = tmp_path / "dataset_audit.json"
    write_audit(audit, path)
    content = json.loads(path.read_text(encoding="utf-8"))
    content["parts"][0]["films"] = "many"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DataSetError, match="cut off or no audit"):
        read_audit(path)


def test_a_missing_file_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match=r"is missing.*python -m pneumo audit"):
        read_audit(tmp_path)


def test_a_folder_with_one_class_of_one_split_is_audited(tmp_path: Path) -> None:
    normal = tmp_path / "data" / "test" / "NORMAL"
    normal.mkdir(parents=True)
    for number in range(1, 4):
        draw_film(0, number).save(normal / f"IM-{number:04}-0001.jpeg")
    audit = audit_folder(tmp_path / "data")
    assert audit.splits == ("test",)
    assert audit.films == 3
    assert (audit.overlaps, audit.baselines, audit.mean_films) == ((), (), ())


def test_an_empty_folder_and_another_layout_are_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match="train/NORMAL"):
        audit_folder(tmp_path)
    (tmp_path / "train" / "NORMAL").mkdir(parents=True)
    with pytest.raises(DataSetError, match="holds no JPEG or PNG"):
        audit_folder(tmp_path)


def test_a_folder_of_which_nothing_can_be_read_says_why(tmp_path: Path) -> None:
    folder = tmp_path / "train" / "NORMAL"
    folder.mkdir(parents=True)
    (folder / "IM-0001-0001.jpeg").write_bytes(b"no picture")
    with pytest.raises(DataSetError, match=r"None of the 1 films.*IM-0001-0001\.jpeg"):
        audit_folder(tmp_path)


@pytest.fixture
def sizes(folder: Path, tmp_path: Path) -> Path:
    """Originals of the train films: pneumonias are narrower, for that alone they are known."""
    rng = np.random.default_rng(1)
    path = tmp_path / "sizes.csv"
    rows = ["image,label,width,height,mode,bytes"]
    for film in collect_films(folder, ("train",)):
        name = ("NORMAL", "PNEUMONIA")[film.label]
        width = int(rng.integers(900, 1000)) + 500 * (1 - film.label)
        mode = "RGB" if film.label else "L"
        rows.append(f"{film.name},{name},{width},{rng.integers(500, 600)},{mode},1000")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_originals_are_measured_beside_the_films(folder: Path, sizes: Path) -> None:
    audit = audit_folder(folder, original_sizes=sizes)
    assert [(part.split, part.label, part.stored_as_colour) for part in audit.original_parts] == [
        ("train", 0, 0), ("train", 1, 42),
    ]  # fmt: skip
    found = {baseline.features: baseline for baseline in audit.baselines if
             baseline.source == "originals"}  # fmt: skip
    # The file size is the same for all, so nothing is learned from it.
    assert list(found) == [("width", "height", "aspect"), ("width", "height"), ("width",),
                           ("height",), ("aspect",)]  # fmt: skip
    assert found["width",].auc.value == 1.0
    assert found["height",].auc.value < 0.8
    aspect = audit.find_measure("aspect", "originals")
    assert aspect is not None
    assert {part.split for part in aspect.parts} == {"train"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("image,label\nIM-0001-0001.jpeg,NORMAL\n", "no column width"),
        ("image,label,width,height,mode,bytes\n", "no row"),
        ("image,label,width,height,mode,bytes\nIM-1-1.jpeg,WELL,9,9,L,9\n", "labels other"),
        ("image,label,width,height,mode,bytes\nIM-1-1.jpeg,NORMAL,0,9,L,9\n", "no positive"),
        ("image,label,width,height,mode,bytes\nIM-1-1.jpeg,NORMAL,wide,9,L,9\n", "no positive"),
        ("", "no table"),
    ],
)
def test_an_unfit_table_of_sizes_is_told_in_words(text: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "sizes.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataSetError, match=reason):
        read_original_sizes(path)


def test_the_command_writes_beside_the_networks_and_says_what_it_found(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture, audit: Audit
) -> None:
    assert main(["audit", str(folder), "--models", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "114 films read, 1 unreadable" in printed
    assert CUT_OFF in printed
    assert str(folder) not in printed
    again = read_audit(tmp_path)
    assert replace(again, date=audit.date, seconds=audit.seconds) == audit


def test_a_place_that_cannot_be_written_is_told_before_the_work(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    assert main(["audit", str(folder), "--out", str(tmp_path / "no" / "audit.json")]) == 1
    assert "mend --out" in capsys.readouterr().err


def test_the_shipped_audit_is_of_the_official_data_set(shipped_models: Path) -> None:
    audit = read_audit(shipped_models)
    total = {s: sum(p.films for p in audit.parts if p.split == s) for s in audit.splits}
    assert total == {"train": 5216, "val": 16, "test": 624}
    assert audit.find_duplicates("bytes").within == {"train": 24, "test": 6}
    person = next(overlap for overlap in audit.overlaps if overlap.key == "person")
    assert person.both == 170
