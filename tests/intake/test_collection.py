"""The data set's folder becomes a table, and folds never tear a child's films apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from pneumo.errors import DataSetError
from pneumo.intake.collection import assign_folds, collect_films, fingerprint_films


def test_label_and_group_come_from_folder_and_file_name(tiny_data: Path) -> None:
    films = {film.name: film for film in collect_films(tiny_data, ("test",))}
    assert len(films) == 24
    ill = films["person2_virus_1.jpeg"]
    assert (ill.label, ill.group, ill.split) == (1, "virus-2", "test")
    assert films["NORMAL2-IM-0003-0002.jpeg"].group == "NORMAL2-IM-3"


def test_the_same_number_in_two_series_is_not_the_same_child(tiny_data: Path) -> None:
    groups = {film.group for film in collect_films(tiny_data, ("train",)) if film.number == 12}
    assert groups == {"IM-12", "NORMAL2-IM-12", "bacteria-12", "virus-12"}


def test_no_group_is_torn_apart_and_fold_0_has_the_lowest_numbers(tiny_data: Path) -> None:
    films = collect_films(tiny_data, ("train", "val"))
    folds = assign_folds(films, 5)
    of_group: dict[str, set[int]] = {}
    for film, fold in zip(films, folds, strict=True):
        of_group.setdefault(film.group, set()).add(fold)
    assert all(len(found) == 1 for found in of_group.values())
    assert sorted(set(folds)) == [0, 1, 2, 3, 4]
    in_first = {film.number for film, fold in zip(films, folds, strict=True) if fold == 0}
    others = {film.number for film, fold in zip(films, folds, strict=True) if fold > 0}
    assert max(in_first) < min(others)


def test_a_folder_in_another_layout_is_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match="chest-xray-pneumonia"):
        collect_films(tmp_path)


def test_a_film_whose_name_hides_the_child_is_refused(tiny_data: Path, tmp_path: Path) -> None:
    for name in ("NORMAL", "PNEUMONIA"):
        (tmp_path / "test" / name).mkdir(parents=True)
    source = next((tiny_data / "test" / "NORMAL").iterdir())
    (tmp_path / "test" / "NORMAL" / "scan.jpeg").write_bytes(source.read_bytes())
    with pytest.raises(DataSetError, match=r"scan\.jpeg"):
        collect_films(tmp_path, ("test",))


def test_too_few_groups_for_the_folds_are_refused(tiny_data: Path) -> None:
    with pytest.raises(DataSetError, match="--folds"):
        assign_folds(collect_films(tiny_data, ("test",)), 5)


def test_one_changed_byte_changes_the_fingerprint(tiny_data: Path, tmp_path: Path) -> None:
    films = collect_films(tiny_data, ("test",))
    assert fingerprint_films(films) == fingerprint_films(list(reversed(films)))
    changed = tmp_path / films[0].name
    changed.write_bytes(films[0].path.read_bytes() + b"\0")
    moved = type(films[0])(films[0].split, films[0].label, "IM", films[0].number, changed)
    assert fingerprint_films([moved, *films[1:]]) != fingerprint_films(films)
