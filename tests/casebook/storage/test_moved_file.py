"""A casebook's file that is moved away while it is in use, and what becomes of its cases."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import text

from pneumo.casebook.storage import transactions
from pneumo.casebook.storage.database import open_database
from pneumo.casebook.store import Casebook
from pneumo.errors import CasebookError
from tests.casebook.drawn_cases import draw_case
from tests.conftest import REPOSITORY

OWNER = ""


@pytest.fixture
def file(sqlite_casebook: Casebook) -> Path:
    """The file of a casebook with two cases, which several connections have been made to."""
    meet = Barrier(3)

    def look(session: object) -> None:
        session.execute(text("SELECT 1"))  # type: ignore[attr-defined]
        meet.wait()

    readers = [
        Thread(target=lambda: transactions.read(sqlite_casebook.engine, look)) for _ in range(3)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    sqlite_casebook.save(draw_case(1))
    sqlite_casebook.save(draw_case(2))
    return Path(str(sqlite_casebook.engine.url.database))


def count_in(file: Path) -> int:
    """Return how many cases whoever opens a file afresh finds in it."""
    other = sqlite3.connect(file)
    found: int = other.execute("SELECT count(*) FROM cases").fetchone()[0]
    other.close()
    return found


def refuse(act: Callable[[], object]) -> None:
    with pytest.raises(CasebookError, match="Move the very file back, and all goes on"):
        act()


def test_file_put_back_goes_on_with_every_case(sqlite_casebook: Casebook, file: Path) -> None:
    away = file.with_name("away")
    busy = sqlite_casebook.engine.raw_connection()  # Of a visitor whose page is being drawn.
    file.rename(away)
    refuse(lambda: sqlite_casebook.find(OWNER))
    refuse(lambda: sqlite_casebook.save(draw_case(3)))
    assert not file.exists()
    busy.close()
    away.rename(file)
    assert sqlite_casebook.find(OWNER).total == 2
    sqlite_casebook.save(draw_case(3))
    assert sqlite_casebook.find(OWNER).total == 3
    assert count_in(file) == 3


def test_file_holds_every_case_by_itself(
    sqlite_casebook: Casebook, file: Path, tmp_path: Path
) -> None:
    shutil.copy(file, tmp_path / "copy")
    assert count_in(tmp_path / "copy") == 2


def test_case_read_by_somebody_is_brought_into_the_file_by_the_next_save(
    sqlite_casebook: Casebook, file: Path, tmp_path: Path
) -> None:
    with sqlite_casebook.engine.execution_options(reads_only=True).begin() as reader:
        assert reader.execute(text("SELECT count(*) FROM cases")).scalar() == 2
        sqlite_casebook.save(draw_case(3))
    sqlite_casebook.save(draw_case(4))
    shutil.copy(file, tmp_path / "copy")
    assert count_in(tmp_path / "copy") == 4


def test_other_file_in_its_place_is_left_alone(sqlite_casebook: Casebook, file: Path) -> None:
    file.rename(file.with_name("away"))
    other = Casebook(open_database(f"sqlite:///{file}"))
    other.save(draw_case(7))
    for _ in range(2):
        refuse(lambda: sqlite_casebook.find(OWNER))
        refuse(lambda: sqlite_casebook.save(draw_case(8)))
    assert [row.id for row in other.find(OWNER).rows] == [draw_case(7).id]
    other.close()
    file.unlink()
    file.with_name("away").rename(file)
    assert sqlite_casebook.find(OWNER).total == 2


def test_server_killed_after_the_file_was_put_back_loses_nothing(sqlite_url: str) -> None:
    program = (
        "import os, sys; from pathlib import Path;"
        "from pneumo.casebook.storage.database import open_database;"
        "from pneumo.casebook.store import Casebook; from pneumo.errors import CasebookError;"
        "from tests.casebook.drawn_cases import draw_case;"
        "book = Casebook(open_database(sys.argv[1])); file = Path(book.location);"
        "book.save(draw_case(1)); book.save(draw_case(2)); busy = book.engine.raw_connection();"
        "file.rename(file.with_name('away'))\n"
        "try: book.find('')\n"
        "except CasebookError: file.with_name('away').rename(file); os._exit(7)"
    )
    ended = subprocess.run([sys.executable, "-c", program, sqlite_url], cwd=REPOSITORY, check=False)
    assert ended.returncode == 7
    casebook = Casebook(open_database(sqlite_url))
    assert casebook.find(OWNER).total == 2
    casebook.close()
