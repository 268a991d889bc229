"""A casebook in a folder of the test's own, and one on a server where PostgreSQL is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pneumo.casebook.storage.database import FILE_NAME, open_database
from pneumo.casebook.store import Casebook
from tests.postgresql_server import PostgresqlServer, find_programs, serve_postgresql


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'kept' / FILE_NAME}"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: no initdb in PATH or /usr/lib/postgresql")
    with serve_postgresql(programs) as server:
        yield server


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database, of each kind in turn."""
    if request.param == "SQLite":
        return str(request.getfixturevalue("sqlite_url"))
    return str(request.getfixturevalue("postgresql").empty_database())


@pytest.fixture
def casebook(url: str) -> Iterator[Casebook]:
    casebook = Casebook(open_database(url))
    yield casebook
    casebook.close()


@pytest.fixture
def sqlite_casebook(sqlite_url: str) -> Iterator[Casebook]:
    casebook = Casebook(open_database(sqlite_url))
    yield casebook
    casebook.close()
