"""A folder in the layout of the Kermany data set → a table of its films with label and group.

The layout is Kaggle's: `DIR/{train,val,test}/{NORMAL,PNEUMONIA}/*.jpeg`. The file name carries
who is on the film: `personN_(bacteria|virus)_M`, `IM-N-…` or `NORMAL2-IM-N-…`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pneumo.domain import CLASSES
from pneumo.errors import DataSetError

SPLITS = ("train", "val", "test")
_EXTENSIONS = frozenset({".jpeg", ".jpg", ".png"})
_NAME = re.compile(
    r"(?:person(?P<person>\d+)_(?P<cause>bacteria|virus)|(?P<series>(?:NORMAL2-)?IM)-(?P<number>\d+))"
)


@dataclass(frozen=True, order=True)
class CollectedFilm:
    """One film of the data set.

    Attributes:
        split: "train", "val" or "test", as the folder says.
        label: 0 for NORMAL, 1 for PNEUMONIA.
        series: which numbering the film belongs to: "IM", "NORMAL2-IM", "bacteria", "virus".
        number: the number within that series.
        path: where the file lies.
    """

    split: str
    label: int
    series: str
    number: int
    path: Path

    @property
    def group(self) -> str:
        """Key of the films that may show the same child: the series with its number.

        The same person number occurs under bacteria and under virus with films that have
        nothing else in common, so a number counts only within its series. Whether two series
        share children is unknown.
        """
        return f"{self.series}-{self.number}"

    @property
    def name(self) -> str:
        """File name without folders."""
        return self.path.name


def collect_films(folder: Path, splits: Iterable[str] = SPLITS) -> list[CollectedFilm]:
    """List the films of some splits, in a fixed order.

    Raises:
        DataSetError: the folder is not in the data set's layout, holds no film, or a file name
            does not say to which group its film belongs.
    """
    films: list[CollectedFilm] = []
    for split in splits:
        for label, class_name in enumerate(CLASSES):
            class_folder = folder / split / class_name
            if not class_folder.is_dir():
                raise DataSetError(
                    f"Expected the folder {split}/{class_name} inside {folder}, which is not "
                    "there. Point --data at the folder that holds train, val and test, as it "
                    "comes out of Kaggle's chest-xray-pneumonia archive."
                )
            films += _list_class(class_folder, split, label)
    return _at_least_one(films, folder)


def find_films(folder: Path) -> list[CollectedFilm]:
    """List the films of whichever splits and classes are there, in a fixed order.

    Raises:
        DataSetError: not one class of one split is there, all are empty, or a file name does
            not say to which group its film belongs.
    """
    films: list[CollectedFilm] = []
    is_laid_out = False
    for split in SPLITS:
        for label, class_name in enumerate(CLASSES):
            if (class_folder := folder / split / class_name).is_dir():
                is_laid_out = True
                films += _list_class(class_folder, split, label)
    if not is_laid_out:
        raise DataSetError(
            f"Expected a folder such as train/{CLASSES[0]} inside {folder}, which has none of "
            "them. Name the folder that holds train, val or test, as it comes out of Kaggle's "
            "chest-xray-pneumonia archive."
        )
    return _at_least_one(films, folder)


def _at_least_one(films: list[CollectedFilm], folder: Path) -> list[CollectedFilm]:
    if not films:
        raise DataSetError(f"{folder} holds no JPEG or PNG film: check that the download is whole.")
    return films


def _list_class(class_folder: Path, split: str, label: int) -> list[CollectedFilm]:
    return [
        CollectedFilm(split, label, *parse_name(path.name), path)
        for path in sorted(class_folder.iterdir())
        if path.suffix.lower() in _EXTENSIONS and not path.name.startswith(".")
    ]


def parse_name(name: str) -> tuple[str, int]:
    """Return the series that a file name belongs to and the number within it.

    >>> parse_name("person12_virus_34.jpeg"), parse_name("NORMAL2-IM-0383-0001.jpeg")
    (('virus', 12), ('NORMAL2-IM', 383))

    Raises:
        DataSetError: the name is none of the data set's.
    """
    match = _NAME.match(name)
    if match is None:
        raise DataSetError(
            f"The file name {name} does not say which child it shows. Expected names such "
            "as person12_virus_34.jpeg, IM-0115-0001.jpeg or NORMAL2-IM-0383-0001.jpeg."
        )
    return match["cause"] or match["series"], int(match["person"] or match["number"])


def assign_folds(films: Sequence[CollectedFilm], folds: int) -> list[int]:
    """Deal films into folds of whole groups; return each film's fold, 0 to folds - 1.

    Each series is cut into blocks of consecutive numbers, as the official split was: fold 0
    holds the lowest numbers of every series, next to those of the official test films. A fold
    of neighbours is a harder exam than one drawn at random, since a film's neighbours were
    taken at the same time.

    Raises:
        DataSetError: fewer than two folds, or fewer groups in a series than folds.
    """
    if folds < 2:
        raise DataSetError(f"At least 2 folds are needed to hold one out, not {folds}.")
    fold_of_group: dict[str, int] = {}
    for series in sorted({film.series for film in films}):
        counts: dict[int, int] = {}
        for film in films:
            if film.series == series:
                counts[film.number] = counts.get(film.number, 0) + 1
        if len(counts) < folds:
            raise DataSetError(
                f"The series {series} has {len(counts)} groups, too few for {folds} folds: "
                "ask for fewer with --folds."
            )
        total, seen = sum(counts.values()), 0
        for number in sorted(counts):
            fold_of_group[f"{series}-{number}"] = min(seen * folds // total, folds - 1)
            seen += counts[number]
    return [fold_of_group[film.group] for film in films]


def fingerprint_films(films: Iterable[CollectedFilm]) -> str:
    """Return a SHA-256 over names, labels and bytes: equal data sets have equal ones."""
    return fingerprint_contents(
        {film: hashlib.sha256(film.path.read_bytes()).hexdigest() for film in films}
    )


def fingerprint_contents(contents: Mapping[CollectedFilm, str]) -> str:
    """Return what `fingerprint_films` does, from each film's own SHA-256, hexadecimal."""
    digest = hashlib.sha256()
    for film in sorted(contents):
        digest.update(f"{film.split}/{film.label}/{film.name} {contents[film]}\n".encode())
    return digest.hexdigest()
