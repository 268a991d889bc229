"""A folder of films in the data set's layout → all that can be said about it in numbers."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import monotonic

from tqdm import tqdm

from pneumo.errors import DataSetError
from pneumo.evidence.audit.baseline import measure_baselines
from pneumo.evidence.audit.distributions import distribute
from pneumo.evidence.audit.duplicates import find_duplicates
from pneumo.evidence.audit.inspection import FilmFacts, Unreadable, inspect_film
from pneumo.evidence.audit.mean_films import FilmAverage
from pneumo.evidence.audit.originals import OriginalSizes, read_original_sizes
from pneumo.evidence.audit.patients import (
    find_stretches,
    measure_groups,
    measure_overlaps,
    measure_reuse,
)
from pneumo.evidence.audit.records import (
    FILMS,
    FORMAT,
    ORIGINALS,
    UNKNOWN_SPLIT,
    Audit,
    Baseline,
    MeanFilm,
    Measure,
    Part,
    UnreadableFilm,
)
from pneumo.intake.collection import CollectedFilm, find_films, fingerprint_contents

LONGEST_LIST = 50
_AHEAD = 64
"""Films that are read before the last ones were looked at: enough to keep all cores busy."""


def audit_folder(folder: Path, *, original_sizes: Path | None = None) -> Audit:
    """Read every film of a folder on all cores, and measure what the data set is made of.

    Progress goes to standard error. Of each film some kilobytes are kept, never the pixels.

    Args:
        folder: holds train, val or test, or several of them.
        original_sizes: CSV file with the sizes of films before they were shrunk, see
            `read_original_sizes`.

    Raises:
        DataSetError: the folder is in another layout, no film can be read, or the CSV file is
            none of sizes.
    """
    begun = monotonic()
    originals = read_original_sizes(original_sizes) if original_sizes else None
    films = find_films(folder)
    facts, unreadable, means = _read(films)
    if not facts:
        raise DataSetError(
            f"None of the {len(films)} films in {folder} can be read; the first, "
            f"{films[0].name}: {unreadable[0].reason}"
        )
    contents = {found.film: found.sha256 for found in facts}
    contents |= {found.film: found.sha256 for found in unreadable}
    readable = [found.film for found in facts]
    return Audit(
        format=FORMAT,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        fingerprint=fingerprint_contents(contents),
        films=len(facts),
        unreadable=len(unreadable),
        unreadable_films=tuple(
            UnreadableFilm(found.film.split, found.film.label, found.film.name, found.reason)
            for found in unreadable[:LONGEST_LIST]
        ),
        parts=_count_parts(facts),
        original_parts=_count_original_parts(originals, films),
        group_sizes=measure_groups(readable),
        stretches=find_stretches(readable),
        overlaps=measure_overlaps(readable),
        reuse=measure_reuse(readable),
        measures=_measure_films(facts) + _measure_originals(originals, films),
        duplicates=find_duplicates(facts),
        mean_films=means,
        baselines=_classify_films(facts) + _classify_originals(originals),
        seconds=round(monotonic() - begun, 1),
    )


def _read(
    films: Sequence[CollectedFilm],
) -> tuple[list[FilmFacts], list[Unreadable], tuple[MeanFilm, ...]]:
    facts: list[FilmFacts] = []
    unreadable: list[Unreadable] = []
    averages: dict[tuple[str, int], FilmAverage] = {}
    for found in tqdm(
        _inspect(films), "reading films", len(films), unit="film", leave=False, mininterval=1
    ):
        if isinstance(found, Unreadable):
            unreadable.append(found)
            continue
        average = averages.setdefault((found.film.split, found.film.label), FilmAverage())
        if found.small is not None:
            average.add(found.small)
        facts.append(replace(found, small=None))
    means = (average.summarize(*key) for key, average in averages.items())
    return facts, unreadable, tuple(mean for mean in means if mean is not None)


def _inspect(films: Sequence[CollectedFilm]) -> Iterator[FilmFacts | Unreadable]:
    """Inspect films in their order, with few of them in memory at once.

    Threads are as quick as processes here: decoding and arithmetic let go of Python's lock.
    """
    waiting = iter(films)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        begun = [pool.submit(inspect_film, film) for film in islice(waiting, _AHEAD)]
        while begun:
            yield begun.pop(0).result()
            begun += [pool.submit(inspect_film, film) for film in islice(waiting, 1)]


def _count_parts(facts: Sequence[FilmFacts]) -> tuple[Part, ...]:
    of_part: dict[tuple[str, int], list[FilmFacts]] = {}
    for found in facts:
        of_part.setdefault((found.film.split, found.film.label), []).append(found)
    return tuple(
        Part(
            split=split,
            label=label,
            films=len(chosen),
            series=dict(sorted(Counter(found.film.series for found in chosen).items())),
            groups=len({found.film.group for found in chosen}),
            stored_as_colour=sum(found.stored_as_colour for found in chosen),
            coloured=sum(found.coloured for found in chosen),
        )
        for (split, label), chosen in of_part.items()
    )


def _count_original_parts(
    originals: OriginalSizes | None, films: Sequence[CollectedFilm]
) -> tuple[Part, ...]:
    if originals is None:
        return ()
    of_part: dict[tuple[str, int], list[int]] = {}
    for place, key in enumerate(
        zip(_find_splits(originals, films), originals.labels.tolist(), strict=True)
    ):
        of_part.setdefault(key, []).append(place)
    return tuple(
        Part(
            split=split,
            label=label,
            films=len(places),
            series=dict(sorted(Counter(originals.series[place] for place in places).items())),
            groups=len({originals.groups[place] for place in places}),
            stored_as_colour=int(originals.colour[places].sum()),
            coloured=None,
        )
        for (split, label), places in sorted(of_part.items())
    )


def _find_splits(originals: OriginalSizes, films: Sequence[CollectedFilm]) -> list[str]:
    split_of = {film.name: film.split for film in films}
    return [split_of.get(name, UNKNOWN_SPLIT) for name in originals.names]


def _properties(facts: Sequence[FilmFacts]) -> dict[str, list[float]]:
    return {
        "width": [found.width for found in facts],
        "height": [found.height for found in facts],
        "aspect": [found.aspect for found in facts],
        "bytes": [found.file_bytes for found in facts],
    }


def _measure_films(facts: Sequence[FilmFacts]) -> tuple[Measure, ...]:
    values = _properties(facts) | {
        "brightness": [found.brightness for found in facts],
        "contrast": [found.contrast for found in facts],
    }
    splits = [found.film.split for found in facts]
    labels = [found.film.label for found in facts]
    return tuple(
        distribute(key, FILMS, numbers, splits=splits, labels=labels)
        for key, numbers in values.items()
    )


def _measure_originals(
    originals: OriginalSizes | None, films: Sequence[CollectedFilm]
) -> tuple[Measure, ...]:
    if originals is None:
        return ()
    splits = _find_splits(originals, films)
    return tuple(
        distribute(key, ORIGINALS, numbers, splits=splits, labels=originals.labels.tolist())
        for key, numbers in originals.properties.items()
    )


def _classify_films(facts: Sequence[FilmFacts]) -> tuple[Baseline, ...]:
    labels = [found.film.label for found in facts]
    groups = [found.film.group for found in facts]
    return measure_baselines(FILMS, _properties(facts), labels, groups)


def _classify_originals(originals: OriginalSizes | None) -> tuple[Baseline, ...]:
    if originals is None:
        return ()
    return measure_baselines(
        ORIGINALS, originals.properties, originals.labels, list(originals.groups)
    )
