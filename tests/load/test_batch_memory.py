"""A thousand films of original size, from a folder and from an archive, within 1.5 GB of memory."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from tests.conftest import REPOSITORY

FILMS, ROWS, COLUMNS = 1_000, 1_600, 2_000
MOST_MB = 1_500

READ = """
import resource
import sys
from pathlib import Path
from pneumo.decision.ensemble import Ensemble
from pneumo.decision.worklist import read_files

ensemble = Ensemble.load(Path("models"), many_films=True)
rows = list(read_files(ensemble, [Path(sys.argv[1])]))
print(sum(bool(row.verdict) for row in rows), sum(bool(row.duplicate_of) for row in rows))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)
"""


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of films, no two alike, and the same in an archive."""
    folder = tmp_path_factory.mktemp("films")
    (folder / "loose").mkdir()
    rng = np.random.default_rng(1)
    grain = rng.normal(120, 6, (ROWS // 4, COLUMNS // 4)).clip(0, 255).astype(np.uint8)
    large = np.asarray(Image.fromarray(grain).resize((COLUMNS, ROWS)))
    with ZipFile(folder / "films.zip", "w") as archive:
        for number in range(FILMS):
            stored = io.BytesIO()
            Image.fromarray(np.roll(large, number, axis=0)).save(stored, "JPEG", quality=90)
            (folder / "loose" / f"{number:04}.jpeg").write_bytes(stored.getvalue())
            archive.writestr(f"{number:04}.jpeg", stored.getvalue())
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("place", ["loose", "films.zip"])
def test_a_thousand_films_stay_within_the_memory(films: Path, place: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", READ, str(films / place)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert said[:2] == [str(FILMS), "0"]
    assert float(said[2]) < MOST_MB
