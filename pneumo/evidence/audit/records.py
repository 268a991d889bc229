"""What was found in a data set, as frozen records ⇄ `models/dataset_audit.json`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pneumo.errors import DataSetError
from pneumo.evidence.metrics import Estimate

AUDIT_FILE = "dataset_audit.json"
FORMAT = 1
"""Rises when the records below change, so that an older file is told from a damaged one."""

FILMS, ORIGINALS = "films", "originals"
SOURCES = {
    FILMS: "the files that were audited",
    ORIGINALS: "films at original size, measured elsewhere and listed in a CSV file",
}
"""What a number was measured on, for people."""

UNKNOWN_SPLIT = "unknown"


@dataclass(frozen=True)
class Part:
    """The films of one class of one split.

    Attributes:
        split: "train", "val" or "test".
        label: 0 for NORMAL, 1 for PNEUMONIA.
        films: readable ones.
        series: films by the numbering that their names belong to, e.g. "bacteria".
        groups: patient groups, see `CollectedFilm.group`.
        stored_as_colour: films whose file has more than one channel, be they equal or not.
        coloured: films whose channels differ beyond what compression does; None if unknown.
    """

    split: str
    label: int
    films: int
    series: dict[str, int]
    groups: int
    stored_as_colour: int
    coloured: int | None


@dataclass(frozen=True)
class UnreadableFilm:
    """A film that could not be read, and why."""

    split: str
    label: int
    file: str
    reason: str


@dataclass(frozen=True)
class GroupSizes:
    """How many films the patient groups of one series have.

    Attributes:
        series: the numbering, e.g. "bacteria".
        groups: for each number of films, how many groups have so many.
        largest: name of a group with the most films.
    """

    series: str
    groups: dict[int, int]
    largest: str


@dataclass(frozen=True)
class Stretch:
    """A stretch of a series' numbering whose films lie in one split.

    Attributes:
        series: the numbering.
        split: "train", "val" or "test".
        first: the lowest number.
        last: the highest number; between the two there is no wide gap.
        numbers: how many different numbers.
        films: how many films.
    """

    series: str
    split: str
    first: int
    last: int
    numbers: int
    films: int


@dataclass(frozen=True)
class Overlap:
    """Numbers that occur in train as well as in test, by what is taken for one child.

    Attributes:
        key: "bacteria", "virus", "IM" or "NORMAL2-IM" for a number within one series; "person"
            and "any IM" for the bare number, whatever its series.
        train: different numbers in train.
        test: likewise in test.
        both: numbers in both.
        films_train: films in train whose number is also in test.
        films_test: the reverse.
    """

    key: str
    train: int
    test: int
    both: int
    films_train: int
    films_test: int


@dataclass(frozen=True)
class Reuse:
    """Numbers that two series have in common, in whichever split.

    Attributes:
        first: a series.
        second: another series.
        numbers_first: different numbers in the first.
        numbers_second: likewise in the second.
        both: numbers that occur in both.
    """

    first: str
    second: str
    numbers_first: int
    numbers_second: int
    both: int


@dataclass(frozen=True)
class Distribution:
    """How a measure is spread over the films of one class of one split.

    Attributes:
        split: "train", "val", "test", or "unknown" for films of a list that are not in the folder.
        label: 0 for NORMAL, 1 for PNEUMONIA.
        n: films.
        counts: films in each bin; the outer bins also hold whatever lies beyond the edges.
        quantiles: minimum, 5%, 25%, 50%, 75%, 95% and maximum.
    """

    split: str
    label: int
    n: int
    counts: tuple[int, ...]
    quantiles: tuple[float, float, float, float, float, float, float]


@dataclass(frozen=True)
class Measure:
    """One measure's distributions over common bins.

    Attributes:
        key: "width", "height", "aspect", "bytes", "brightness" or "contrast".
        source: FILMS or ORIGINALS.
        edges: rising, one more than there are bins; a single bin where all films are equal.
        parts: a distribution for each class of each split.
    """

    key: str
    source: str
    edges: tuple[float, ...]
    parts: tuple[Distribution, ...]

    @property
    def varies(self) -> bool:
        """Whether any two films differ in it."""
        return len(self.edges) > 2


@dataclass(frozen=True)
class FoundFilm:
    """One film by split, label, file name and patient group."""

    split: str
    label: int
    file: str
    group: str


@dataclass(frozen=True)
class Duplicates:
    """Sets of films that are one and the same.

    Attributes:
        kind: "bytes" for equal files, "pixels" for equal pictures, "near" for films that a
            person would call the same although their pixels differ.
        sets: how many sets.
        films: films in them, the first of each set included.
        within: sets whose films all lie in one split, by split.
        across_splits: sets that span splits.
        across_labels: sets that have both labels.
        across_groups: sets whose names say that they show different children.
        listed: at most 100 of the sets, those across labels, splits or groups first.
    """

    kind: Literal["bytes", "pixels", "near"]
    sets: int
    films: int
    within: dict[str, int]
    across_splits: int
    across_labels: int
    across_groups: int
    listed: tuple[tuple[FoundFilm, ...], ...]


@dataclass(frozen=True)
class MeanFilm:
    """The mean of all films of one class of one split, and how they vary around it.

    Attributes:
        split: "train", "val" or "test".
        label: 0 for NORMAL, 1 for PNEUMONIA.
        n: films.
        mean: PNG, see `mean_films.decode`: grey levels of 255 at each pixel.
        spread: likewise, their standard deviation.
    """

    split: str
    label: int
    n: int
    mean: str
    spread: str


@dataclass(frozen=True)
class Baseline:
    """How well a classifier does that never looks at the picture.

    Attributes:
        source: FILMS or ORIGINALS.
        features: what it knows of each file: "width", "height", "aspect", "bytes".
        n: films.
        groups: patient groups, none of which was learned from and tested on at once.
        auc: area under the ROC curve, out of fold.
    """

    source: str
    features: tuple[str, ...]
    n: int
    groups: int
    auc: Estimate


@dataclass(frozen=True)
class Audit:
    """All that was found in a data set.

    Attributes:
        format: of the file.
        date: UTC, ISO 8601.
        seconds: how long it took.
        fingerprint: as `fingerprint_films` gives it, unreadable films included.
        films: readable ones.
        unreadable: how many could not be read.
        unreadable_films: the first 50 of them.
        parts: what each class of each split holds.
        original_parts: likewise, of the films whose original sizes were listed.
        group_sizes: of each series.
        stretches: of each series' numbering, by split.
        overlaps: between train and test; empty if either is absent.
        reuse: of numbers by two series.
        measures: of the audited files, then of the originals.
        duplicates: by bytes, by pixels, nearly so.
        mean_films: of each class of each split that has enough films.
        baselines: classifiers on the files' properties; empty if there is one class only.
    """

    format: int
    date: str
    seconds: float
    fingerprint: str
    films: int
    unreadable: int
    unreadable_films: tuple[UnreadableFilm, ...]
    parts: tuple[Part, ...]
    original_parts: tuple[Part, ...]
    group_sizes: tuple[GroupSizes, ...]
    stretches: tuple[Stretch, ...]
    overlaps: tuple[Overlap, ...]
    reuse: tuple[Reuse, ...]
    measures: tuple[Measure, ...]
    duplicates: tuple[Duplicates, ...]
    mean_films: tuple[MeanFilm, ...]
    baselines: tuple[Baseline, ...]

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that are there, in the order of the folder's layout."""
        return tuple(dict.fromkeys(part.split for part in self.parts))

    def find_measure(self, key: str, source: str = FILMS) -> Measure | None:
        """Return a measure, None if it was not taken."""
        found = (m for m in self.measures if (m.key, m.source) == (key, source))
        return next(found, None)

    def find_duplicates(self, kind: str) -> Duplicates:
        """Return the duplicates of one kind."""
        return next(found for found in self.duplicates if found.kind == kind)

    def find_mean(self, split: str, label: int) -> MeanFilm | None:
        """Return the mean film of a class of a split, None if there were too few films."""
        found = (film for film in self.mean_films if (film.split, film.label) == (split, label))
        return next(found, None)


def write_audit(audit: Audit, path: Path) -> None:
    """Write an audit as JSON."""
    text = json.dumps(asdict(audit), indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def read_audit(path: Path) -> Audit:
    """Read an audit from its file, or from the models folder that holds it.

    Raises:
        DataSetError: the file is missing, cut off, or of another format.
    """
    from pydantic import TypeAdapter

    path = path / AUDIT_FILE if path.is_dir() else path
    if not path.is_file():
        raise _broken(f"The file {path.name} is missing")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise _broken(
                f"The file {path.name} is of format {content['format']}, expected was {FORMAT}"
            )
        return TypeAdapter(Audit).validate_python(content)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _broken(f"The file {path.name} is cut off or no audit of a data set") from error


def _broken(what: str) -> DataSetError:
    return DataSetError(
        f"{what}: run `python -m pneumo audit DIR` on the folder that holds train, val and test."
    )
