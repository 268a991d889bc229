"""The shipped gate before real films and real strangers, where they lie beside the project."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pneumo.decision.gate import Gate
from pneumo.domain import FilmQuality, Radiograph, Usability
from pneumo.errors import PneumoError
from pneumo.intake import read_radiograph
from pneumo.intake.mending import mend
from pneumo.intake.quality import FilmFile
from pneumo.intake.shades import IN_COLOUR
from pneumo.networks.films import squash
from pneumo.networks.serving import load_served_network

DATA = Path(__file__).parents[2].parent / "shared" / "data"
Check = Callable[[Sequence[Radiograph]], list[FilmQuality]]

pytestmark = pytest.mark.skipif(
    not all((DATA / name).is_dir() for name in ("dicom", "not_chest_xray", "originals")),
    reason="the real films and strangers are absent",
)


@pytest.fixture(scope="module")
def check(shipped_models: Path) -> Check:
    gate = Gate.load(shipped_models)
    assert gate is not None
    network = load_served_network(shipped_models / gate.network, taps=gate.taps)

    def judge(films: Sequence[Radiograph]) -> list[FilmQuality]:
        seen = np.stack([squash(film) for film in films])
        features = network.score(seen).features
        assert features is not None
        files = [FilmFile.of(film) for film in films]
        return [gate.check(*one) for one in zip(files, seen, features, strict=True)]

    return judge


def read(paths: Sequence[Path]) -> list[Radiograph]:
    """Read those that the intake does not refuse by itself."""
    films = []
    for path in paths:
        try:
            films.append(read_radiograph(path.read_bytes()))
        except PneumoError:
            continue
    return films


def sample(folder: str, step: int) -> list[Radiograph]:
    return read([path for path in sorted((DATA / folder).rglob("*")) if path.is_file()][::step])


def refused(found: Sequence[FilmQuality]) -> float:
    return float(np.mean([quality.usability is Usability.REFUSED for quality in found]))


def test_photographs_brains_and_screenshots_are_refused(check: Check) -> None:
    assert refused(check(sample("not_chest_xray", 6))) >= 0.98


def test_other_modalities_and_bones_are_refused_by_what_they_look_like_alone(check: Check) -> None:
    others = [
        Radiograph(film.pixels, film.source, film.encoding, film.bit_depth)
        for film in [*sample("dicom/not_xray", 1), *sample("dicom/other_xray", 1)]
    ]
    assert len(others) == 4
    assert refused(check(others)) == 1.0


def test_chest_films_of_adults_are_read(check: Check) -> None:
    assert refused(check(sample("dicom/chest", 1))) == 0.0


def test_films_in_colour_are_read_with_a_warning(check: Check) -> None:
    """Blue as from a light box, and with a ring drawn around a finding."""
    shown = []
    for film in [*sample("originals", 8), *sample("dicom/chest", 1)]:
        rows, columns = np.mgrid[: film.rows, : film.columns]
        ring = np.hypot(rows / film.rows - 0.5, columns / film.columns - 0.3)
        marked = np.where(np.abs(ring - 0.1) < 0.01, np.float32(0.3), film.pixels)
        for pixels in (0.1 + np.float32(0.7) * film.pixels, marked):
            shown.append(replace(film, pixels=pixels.astype(np.float32), notes=(IN_COLOUR,)))
    found = check(shown)
    assert refused(found) == 0.0
    assert all("in colour" in [concern.name for concern in quality.concerns] for quality in found)


def test_two_pictures_in_one_are_refused(check: Check) -> None:
    pairs = []
    for film in sample("originals", 4):
        half = film.pixels[:, ::2]
        pairs.append(replace(film, pixels=np.hstack([half, np.rot90(half, 2), half[:, ::-1]])))
    assert refused(check(pairs)) >= 0.9


def test_films_of_original_size_are_fine_and_noticed_when_turned_or_inverted(check: Check) -> None:
    films = sample("originals", 8)
    assert np.mean([quality.usability is Usability.FINE for quality in check(films)]) >= 0.9
    for remedy in ("rotate 180", "invert"):
        found = check([mend(film, remedy) for film in films])
        assert np.mean([remedy in [c.remedy for c in q.concerns] for q in found]) >= 0.9
