"""Many files are read side by side, and come out as if read one by one."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from pneumo.decision.ensemble import Ensemble
from pneumo.decision.worklist import read_files
from pneumo.intake import read_radiograph
from tests.conftest import draw_film


@pytest.fixture(scope="module")
def ensemble(small_models: Path) -> Ensemble:
    return Ensemble.load(small_models, many_films=True)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Nineteen films and, among them, a file that is none."""
    folder = tmp_path_factory.mktemp("films")
    for number in range(20):
        path = folder / f"{number:02}.png"
        if number == 7:
            path.write_text("this is no film")
        else:
            draw_film(number % 2, number, side=240).save(path)
    return sorted(folder.iterdir())


@pytest.mark.parametrize("batch_size", [1, 3, 16])
def test_rows_are_those_of_the_films_read_alone(
    small_models: Path, ensemble: Ensemble, files: list[Path], batch_size: int
) -> None:
    alone = Ensemble.load(small_models)
    rows = list(read_files(ensemble, files, batch_size=batch_size))
    assert [row.file for row in rows] == [str(path) for path in files]
    assert [row.status for row in rows].count("error") == 1
    for row in rows:
        if row.status == "error":
            assert row.file.endswith("07.png")
            continue
        film = read_radiograph(Path(row.file).read_bytes())
        expected = alone.analyze(film).prediction
        assert row.probability == pytest.approx(expected.probability, abs=1e-4)
        assert row.verdict == expected.verdict
    assert len({row.probability for row in rows}) > 10


def test_ensemble_answers_single_films_while_it_reads_many(
    ensemble: Ensemble, files: list[Path]
) -> None:
    film = read_radiograph(files[0].read_bytes())
    expected = ensemble.analyze(film).prediction.probability
    found: list[float] = []

    def visit() -> None:
        for _ in range(5):
            found.append(ensemble.analyze(film).prediction.probability)

    visitors = [Thread(target=visit) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    rows = list(read_files(ensemble, files, batch_size=4))
    for visitor in visitors:
        visitor.join()
    assert sum(bool(row.verdict) for row in rows) == 19
    np.testing.assert_allclose(found, [expected] * 20, atol=1e-5)


def test_large_jpeg_is_decoded_smaller_and_scores_the_same(
    ensemble: Ensemble, tmp_path: Path
) -> None:
    # Smooth, as films are at this size.
    small = draw_film(1, 3, side=120)
    path = tmp_path / "large.jpeg"
    small.resize((1900, 2000)).save(path, quality=90)
    (row,) = read_files(ensemble, [path])
    whole = ensemble.analyze(read_radiograph(path.read_bytes())).prediction
    assert row.status == "ok"
    assert row.probability == pytest.approx(whole.probability, abs=0.005)


def test_reader_who_stops_early_is_let_go(ensemble: Ensemble, files: list[Path]) -> None:
    rows = read_files(ensemble, files, batch_size=2)
    assert next(rows).file == str(files[0])
    rows.close()
