"""A collection → which children it may show: films a group, number ranges, train and test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from pneumo.evidence.audit.records import GroupSizes, Overlap, Reuse, Stretch
from pneumo.intake.collection import SPLITS, CollectedFilm

WIDE_GAP = 50
"""Numbers that are further apart than this belong to two stretches of a series."""

PERSON, ANY_IM = "person", "any IM"
_BARE_NUMBERS = {PERSON: ("bacteria", "virus"), ANY_IM: ("IM", "NORMAL2-IM")}


def measure_groups(films: Sequence[CollectedFilm]) -> tuple[GroupSizes, ...]:
    """Count, for each series, the groups that have one film, two films and so on."""
    found = []
    for series in _list_series(films):
        of_group = Counter(film.group for film in films if film.series == series)
        largest = min(of_group, key=lambda group: (-of_group[group], group))
        found.append(GroupSizes(series, dict(sorted(Counter(of_group.values()).items())), largest))
    return tuple(found)


def find_stretches(films: Sequence[CollectedFilm]) -> tuple[Stretch, ...]:
    """Tell which stretches of each series' numbering lie in which split."""
    found = []
    for series in _list_series(films):
        for split in SPLITS:
            of_number = Counter(f.number for f in films if (f.series, f.split) == (series, split))
            numbers = np.array(sorted(of_number), dtype=int)
            for run in np.split(numbers, np.flatnonzero(np.diff(numbers) > WIDE_GAP) + 1):
                if len(run):
                    count = sum(of_number[number] for number in run.tolist())
                    found.append(Stretch(series, split, int(run[0]), int(run[-1]), len(run), count))
    return tuple(found)


def measure_overlaps(films: Sequence[CollectedFilm]) -> tuple[Overlap, ...]:
    """Count the numbers that occur in train as well as in test, by every reading of a number."""
    if not {"train", "test"} <= {film.split for film in films}:
        return ()
    readings: dict[str, Callable[[CollectedFilm], bool]] = {
        series: _belongs_to((series,)) for series in _list_series(films)
    }
    readings |= {key: _belongs_to(series) for key, series in _BARE_NUMBERS.items()}
    return tuple(
        _compare(key, [film for film in films if belongs(film)])
        for key, belongs in readings.items()
    )


def measure_reuse(films: Sequence[CollectedFilm]) -> tuple[Reuse, ...]:
    """Count the numbers that occur in both series of pneumonias, and of normal films."""
    found = []
    for first, second in _BARE_NUMBERS.values():
        numbers = [{f.number for f in films if f.series == series} for series in (first, second)]
        if all(numbers):
            found.append(
                Reuse(first, second, len(numbers[0]), len(numbers[1]), len(numbers[0] & numbers[1]))
            )
    return tuple(found)


def _belongs_to(series: tuple[str, ...]) -> Callable[[CollectedFilm], bool]:
    return lambda film: film.series in series


def _compare(key: str, films: Sequence[CollectedFilm]) -> Overlap:
    train = Counter(film.number for film in films if film.split == "train")
    test = Counter(film.number for film in films if film.split == "test")
    both = train.keys() & test.keys()
    return Overlap(
        key,
        len(train),
        len(test),
        len(both),
        sum(train[number] for number in both),
        sum(test[number] for number in both),
    )


def _list_series(films: Sequence[CollectedFilm]) -> list[str]:
    return sorted({film.series for film in films})
