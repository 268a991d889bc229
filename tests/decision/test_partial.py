"""A network that fails costs its film's verdict, and neither other films nor other networks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pneumo.decision import ensemble as module
from pneumo.decision.ensemble import Ensemble
from pneumo.decision.opening import NO_MEMORY
from pneumo.decision.partial import NoJointVerdictError
from pneumo.decision.row_files import drop_passing, find_parts, open_folder, write_part
from pneumo.decision.worklist import WorklistRow, read_files
from pneumo.domain import Concern, FilmQuality
from pneumo.errors import ModelError
from pneumo.intake import read_radiograph
from tests.app.conftest import tiny_models  # noqa: F401
from tests.conftest import draw_film


@pytest.fixture
def ensemble(tiny_models: Path) -> Ensemble:  # noqa: F811
    return Ensemble.load(tiny_models)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("films")
    for number in range(6):
        draw_film(number % 2, number, side=240).save(folder / f"{number}.png")
    return sorted(folder.iterdir())


def fail(ensemble: Ensemble, name: str, fails: Callable[[Any], bool]) -> None:
    """Have a network run out of memory on some calls."""
    network: Any = ensemble._networks[name]
    sound = network._forward

    def forward(films: Any) -> Any:
        if fails(films):
            raise MemoryError
        return sound(films)

    network._forward = forward


def test_network_that_fails_leaves_what_the_others_say(
    ensemble: Ensemble, files: list[Path]
) -> None:
    film = read_radiograph(files[0].read_bytes())
    whole = ensemble.analyze(film)
    fail(ensemble, "second", lambda films: True)
    with pytest.raises(NoJointVerdictError, match=r"no joint verdict\. The network second") as got:
        ensemble.analyze(film)
    part = got.value.part
    assert part.members == whole.prediction.members[:1]
    assert [one.name for one in part.explanations] == ["first"]
    np.testing.assert_array_equal(part.explanations[0].evidence, whole.explanations[1].evidence)
    assert part.is_worth_showing
    assert part.quality is not None
    assert part.quality.gate_version == ""


def test_nothing_is_worth_showing_where_no_network_answers(
    ensemble: Ensemble, files: list[Path]
) -> None:
    for name in ("first", "second"):
        fail(ensemble, name, lambda films: True)
    with pytest.raises(NoJointVerdictError, match=r"first .* second") as got:
        ensemble.analyze(read_radiograph(files[0].read_bytes()))
    assert got.value.part.members == ()
    assert not got.value.part.is_worth_showing


def test_film_that_the_gate_refuses_shows_no_part(
    ensemble: Ensemble, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = FilmQuality.of([Concern("not a chest film", "It is only drawn.", refuses=True)])
    monkeypatch.setattr(Ensemble, "check", lambda *given: [refused])
    fail(ensemble, "second", lambda films: True)
    with pytest.raises(NoJointVerdictError) as got:
        ensemble.analyze(read_radiograph(files[0].read_bytes()))
    assert got.value.part.members
    assert not got.value.part.is_worth_showing


@pytest.mark.parametrize("batch_size", [1, 4])
def test_film_that_a_network_fails_on_is_a_row_and_costs_no_other(
    ensemble: Ensemble, files: list[Path], batch_size: int
) -> None:
    expected = list(read_files(ensemble, files))
    seen: list[bytes] = []

    def fails(films: Any) -> bool:
        # Several at once are too many, and so is always one of the films.
        if len(films) == 1 and not seen:
            seen.append(films[0].tobytes())
        return len(films) > 1 or films[0].tobytes() in seen

    fail(ensemble, "second", fails)
    rows = list(read_files(ensemble, [*files, files[0]], batch_size=batch_size))
    assert [row.file for row in rows] == [str(file) for file in [*files, files[0]]]
    failed = [row for row in rows if row.status == "error"]
    assert 1 <= len(failed) <= 2  # A film and, if it is the first, its duplicate.
    for row in failed:
        assert row.is_passing
        assert "network second could not read the film" in row.reason
        assert (row.verdict, row.probability, row.members) == ("", None, {})
    for row, sound in zip(rows, expected, strict=False):
        assert row == sound or row in failed


def test_film_that_cannot_be_opened_for_want_of_memory_is_a_row(
    ensemble: Ensemble, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pneumo.decision import opening

    def starve(*given: object, **choices: object) -> None:
        raise MemoryError

    monkeypatch.setattr(opening, "read_radiograph", starve)
    rows = list(read_files(ensemble, files[:2]))
    assert [(row.status, row.reason, row.is_passing) for row in rows] == [
        ("error", NO_MEMORY, True)
    ] * 2


@pytest.mark.parametrize("error", [MemoryError(), OSError(28, "No space left"), ImportError("x")])
def test_networks_that_cannot_be_loaded_say_so(
    tiny_models: Path,  # noqa: F811
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*given: object, **choices: object) -> None:
        raise error

    monkeypatch.setattr(module, "load_served_networks", fails)
    with pytest.raises(ModelError, match=r"The networks could not be loaded: .*ask again"):
        Ensemble.load(tiny_models)


def test_only_films_that_may_yet_be_read_are_taken_out_of_a_folder(tmp_path: Path) -> None:
    def row(file: str, **facts: Any) -> WorklistRow:
        return WorklistRow(file, facts.pop("status", "error"), "balanced", "abc", **facts)

    sound = row("sound.png", status="ok", verdict="NORMAL", probability=0.1, fingerprint="f")
    damaged = row("damaged.png", reason="Cut off.")
    failed = row("failed.png", reason="The network failed.", fingerprint="g")
    starved = row("starved.png", reason=NO_MEMORY)
    for number, rows in enumerate([[sound, failed, damaged], [starved], [damaged]]):
        write_part(tmp_path, number, rows, ["first"])
    untouched = find_parts(tmp_path)[2].read_bytes()
    assert drop_passing(tmp_path) == {"failed.png", "starved.png"}
    left = find_parts(tmp_path)
    assert [part.name for part in left] == ["part-000000.parquet", "part-000002.parquet"]
    assert list(pd.read_parquet(left[0])["file"]) == ["sound.png", "damaged.png"]
    assert left[1].read_bytes() == untouched
    known = open_folder(tmp_path, operating_point="balanced", model_version="abc")
    assert known == {"sound.png", "damaged.png"}
    assert drop_passing(tmp_path) == frozenset()
