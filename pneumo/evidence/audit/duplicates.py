"""Facts about films → the sets of films that are one and the same, exactly or nearly."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from pneumo.evidence.audit.inspection import FilmFacts
from pneumo.evidence.audit.records import Duplicates, FoundFilm

HASH_DISTANCE = 14
"""Perceptual hashes that differ in so many of 64 bits or fewer make two films candidates."""

LIKENESS = 0.9
"""Candidates whose fine detail correlates above this, best shift allowed, are the same film.

On the 5,856 films of Kermany et al. the likeness of different films ends at 0.863. Copies made of
150 of them by compression, brightening, a shift of 8 pixels in 224 or a turn by 2 degrees reach
0.933 and more, though a shift often moves the hash beyond HASH_DISTANCE; a copy magnified by 7%
reaches 0.86 and is missed, as is a mirrored one.
"""

LONGEST_LIST = 100

_ROWS, _PAIRS = 512, 4096
_FINE, _COARSE = 0.7, 3.0
"""Detail is what a blur of 0.7 pixels keeps and one of 3 pixels loses, of 64: edges and ribs."""

_Spectra = NDArray[np.complex64]


def find_duplicates(facts: Sequence[FilmFacts]) -> tuple[Duplicates, Duplicates, Duplicates]:
    """Return the films with equal bytes, with equal pixels, and those nearly equal.

    A film stands for its exact copies when near duplicates are looked for.
    """
    equal_bytes = _gather(facts, (found.sha256 for found in facts))
    equal_pixels = _gather(facts, (found.fingerprint for found in facts))
    different = list({found.fingerprint: found for found in reversed(facts)}.values())[::-1]
    near = _join(different, find_near_pairs(different))
    return (
        _describe("bytes", equal_bytes),
        _describe("pixels", equal_pixels),
        _describe("near", near),
    )


def find_near_pairs(facts: Sequence[FilmFacts]) -> list[tuple[int, int]]:
    """Return the places of films that show the same exposure, each pair once.

    All hashes are compared with all others, in blocks of rows; candidates are then compared by
    their detail.
    """
    hashes = np.array([found.perceptual_hash for found in facts], dtype=np.uint64)
    spectra = _transform([found.thumbnail for found in facts])
    pairs: list[tuple[int, int]] = []
    for first, second in tqdm(
        _find_candidates(hashes), "comparing films", unit="block", leave=False, mininterval=1
    ):
        alike = _measure_likeness(spectra[first], spectra[second]) > LIKENESS
        pairs += zip(first[alike].tolist(), second[alike].tolist(), strict=True)
    return pairs


def _find_candidates(
    hashes: NDArray[np.uint64],
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    for start in range(0, len(hashes), _ROWS):
        block = hashes[start : start + _ROWS, np.newaxis]
        differing = np.bitwise_count(block ^ hashes[np.newaxis, start:])
        first, second = np.nonzero(np.triu(differing <= HASH_DISTANCE, k=1))
        for pair in range(0, len(first), _PAIRS):
            chosen = slice(pair, pair + _PAIRS)
            yield first[chosen] + start, second[chosen] + start


def _transform(thumbnails: Sequence[NDArray[np.uint8]]) -> _Spectra:
    """Return the Fourier transforms of each film's detail, normed to a likeness of 1 with itself.

    The edges of the picture fade out, since a shift would tear them apart. A film without detail
    has a likeness of 0 with every other.
    """
    from scipy import fft
    from scipy.ndimage import gaussian_filter

    side = thumbnails[0].shape[0]
    window = np.outer(np.hanning(side), np.hanning(side)).astype(np.float32)
    spectra = np.empty((len(thumbnails), side, side // 2 + 1), dtype=np.complex64)
    for place, thumbnail in enumerate(thumbnails):
        levels = thumbnail.astype(np.float32)
        detail = window * (gaussian_filter(levels, _FINE) - gaussian_filter(levels, _COARSE))
        detail -= detail.mean()
        norm = float(np.linalg.norm(detail))
        spectra[place] = fft.rfft2(detail / norm if norm > 1e-3 else detail * 0)
    return spectra


def _measure_likeness(first: _Spectra, second: _Spectra) -> NDArray[np.float32]:
    """Return the largest correlation over all shifts, for each pair, in [0, 1]."""
    from scipy import fft

    products = first * np.conj(second)
    side = first.shape[1]
    shifts = fft.irfft2(products, s=(side, side), workers=os.cpu_count() or 1)
    return np.asarray(shifts.max(axis=(1, 2)), dtype=np.float32)


def _gather(facts: Sequence[FilmFacts], keys: Iterable[Hashable]) -> list[list[FilmFacts]]:
    sets: dict[Hashable, list[FilmFacts]] = {}
    for found, key in zip(facts, keys, strict=True):
        sets.setdefault(key, []).append(found)
    return [films for films in sets.values() if len(films) > 1]


def _join(facts: Sequence[FilmFacts], pairs: Iterable[tuple[int, int]]) -> list[list[FilmFacts]]:
    """Return the sets that pairs link together, directly or by way of others."""
    leader = list(range(len(facts)))

    def lead(place: int) -> int:
        while leader[place] != place:
            leader[place] = leader[leader[place]]
            place = leader[place]
        return place

    for first, second in pairs:
        leader[lead(second)] = lead(first)
    return _gather(facts, (lead(place) for place in range(len(facts))))


def _describe(
    kind: Literal["bytes", "pixels", "near"], sets: Sequence[Sequence[FilmFacts]]
) -> Duplicates:
    within: Counter[str] = Counter()
    spans = labels = groups = 0
    ranked = []
    for facts in sets:
        films = [found.film for found in facts]
        splits = {film.split for film in films}
        is_across_labels = len({film.label for film in films}) > 1
        if len(splits) == 1:
            within.update(splits)
        else:
            spans += 1
        labels += is_across_labels
        is_across_groups = len({film.group for film in films}) > 1
        groups += is_across_groups
        listed = tuple(FoundFilm(film.split, film.label, film.name, film.group) for film in films)
        ranked.append((-is_across_labels, -(len(splits) > 1), -is_across_groups, listed))
    ranked.sort(key=lambda entry: entry[:3])
    return Duplicates(
        kind,
        len(sets),
        sum(len(facts) for facts in sets),
        dict(sorted(within.items())),
        spans,
        labels,
        groups,
        tuple(listed for *_, listed in ranked[:LONGEST_LIST]),
    )
