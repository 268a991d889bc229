"""A database opens as today's, whoever made it; one that cannot be used says why and what to do."""

from __future__ import annotations

import importlib
import pkgutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Engine, Table, create_engine, event, insert, text
from sqlalchemy.orm import Session

import pneumo.classroom
from pneumo.casebook.contents import write_opinions, write_predictions, write_reads
from pneumo.casebook.kept_film import KeptFilm, keep_film
from pneumo.casebook.records import Case
from pneumo.casebook.search import fill_entry
from pneumo.casebook.storage import sqlite_file, transactions
from pneumo.casebook.storage.database import Base, database_url, open_database
from pneumo.casebook.storage.failures import Task
from pneumo.casebook.storage.migration import migrate, newest_revision
from pneumo.casebook.storage.tables import CaseContents, CaseEntry, CaseFilm
from pneumo.casebook.store import Casebook
from pneumo.errors import CasebookError
from pneumo.settings import Settings
from tests.casebook.drawn_cases import draw_case, draw_prediction, draw_refused
from tests.casebook.films import draw_case_of, draw_film
from tests.conftest import REPOSITORY
from tests.postgresql_server import PostgresqlServer

OWNER = ""


def test_file_lies_where_the_settings_say_and_only_its_user_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "a b%20?#" / "kept"
    url = database_url(Settings(casebook_dir=folder))
    casebook = Casebook(open_database(url))
    casebook.save(draw_case())
    assert casebook.location == str(folder / "casebook.sqlite3")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    casebook.close()


def test_address_in_the_settings_goes_before_the_folder(tmp_path: Path) -> None:
    url = "postgresql://me:secret@host/name"
    settings = Settings(casebook_dir=tmp_path, database_url=url)
    assert database_url(settings) == url
    assert "secret" not in repr(settings)


def test_default_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert str(tmp_path) in database_url(Settings())
    assert "pneumo" in database_url(Settings())


def test_commits_are_on_the_disk_and_deletions_are_overwritten(sqlite_casebook: Casebook) -> None:
    with sqlite_casebook.engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
        waits = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
    assert settings == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1
    }  # fmt: skip
    assert waits >= 10_000


def load_all_tables() -> None:
    """Import every module of the classroom: its tables share the database."""
    for module in pkgutil.iter_modules(pneumo.classroom.__path__):
        importlib.import_module(f"pneumo.classroom.{module.name}")


def test_migrations_make_the_very_tables_that_the_code_knows(casebook: Casebook) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    load_all_tables()
    with casebook.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
        assert differences == []


def test_database_of_the_first_version_opens_with_its_cases(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = draw_film()
    case = draw_case_of(film)
    refused = draw_case(2, predictions=(draw_prediction(), draw_refused()))
    fine_since = draw_case(3, predictions=(draw_refused(), draw_prediction()))
    with monkeypatch.context() as then:
        then.setattr("pneumo.casebook.storage.migration.newest_revision", lambda: "0001")
        first = open_database(url)
        with Session(first) as session, session.begin():
            save_in_first_version(session, case, keep_film(film))
            save_in_first_version(session, refused)
            save_in_first_version(session, fine_since)
            save_in_first_version(session, draw_case(4))
            session.execute(
                text("UPDATE case_contents SET predictions = :word WHERE case_id = :case_id"),
                {"word": '"usability":"refused" is no JSON', "case_id": draw_case(4).id},
            )
        first.dispose()
    today = Casebook(open_database(url))
    assert version_of(today.engine) == newest_revision()
    found = today.open(OWNER, case.id)
    assert found.title == case.title
    assert found.film == case.film
    kept = today.film(OWNER, case.id)
    assert kept is not None
    assert kept.fingerprint == film.fingerprint
    assert {row.id: row.refused for row in today.find(OWNER).rows} == {
        case.id: False, refused.id: True, fine_since.id: False, draw_case(4).id: False
    }  # fmt: skip
    today.close()


def save_in_first_version(session: Session, case: Case, kept: KeptFilm | None = None) -> None:
    """Write a case's rows with the columns that the first version knew."""
    entry = CaseEntry(owner=case.owner, id=case.id)
    fill_entry(entry, case)
    later = ("mends", "chosen_fingerprint", "refused")
    columns = CaseEntry.__table__.columns
    cells = {each.name: getattr(entry, each.name) for each in columns if each.name not in later}
    session.execute(insert(cast(Table, CaseEntry.__table__)).values(cells))
    session.add(
        CaseContents(
            owner=case.owner,
            case_id=case.id,
            predictions=write_predictions(case.predictions),
            opinions=write_opinions(case.opinions),
            reads=write_reads(case.reads),
        )
    )
    if kept:
        session.add(CaseFilm(owner=case.owner, case_id=case.id, facts=kept.facts, png=kept.png))
    session.flush()


def version_of(engine: Engine) -> object:
    with engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def test_newer_database_is_left_alone(url: str) -> None:
    casebook = Casebook(open_database(url))
    casebook.save(draw_case())
    with casebook.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CasebookError, match=r"newer version .* update the program"):
        open_database(url)
    assert version_of(casebook.engine) == "9999"
    casebook.close()


def test_migration_that_fails_leaves_the_database_as_it_was(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_database(url)
    with engine.begin() as connection:
        for table in ("case_tags", "case_films", "case_contents", "alembic_version"):
            connection.execute(text(f"DROP TABLE {table}"))
    engine.dispose()
    # The tables `cases` and `journal` are in the way of the first step.
    with pytest.raises(CasebookError):
        open_database(url)
    other = create_engine(engine.url)
    with other.connect() as connection, pytest.raises(Exception, match="case_tags"):
        connection.execute(text("SELECT count(*) FROM case_tags"))
    other.dispose()


def test_opening_a_database_of_today_loads_no_alembic(sqlite_url: str) -> None:
    open_database(sqlite_url).dispose()
    program = (
        "import sys; from pneumo.casebook.storage.database import open_database;"
        "open_database(sys.argv[1]).dispose(); assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program, sqlite_url], cwd=REPOSITORY, check=True)


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:"])
def test_casebook_in_memory_is_refused(address: str) -> None:
    with pytest.raises(CasebookError, match="would be gone tomorrow"):
        open_database(address)


@pytest.mark.parametrize(
    "address", ["mysql://me:secret@host/name", "no address: secret", "postgresql://me:secret@h:x/n"]
)
def test_unknown_address_is_refused_without_its_password(address: str) -> None:
    with pytest.raises(CasebookError, match="PNEUMO_DATABASE_URL") as refused:
        open_database(address)
    assert "secret" not in str(refused.value)


def test_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CasebookError, match="set PNEUMO_CASEBOOK to another"):
        open_database(f"sqlite:///{tmp_path}/file/casebook.sqlite3")


def test_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "casebook.sqlite3"
    path.write_bytes(b"A letter to somebody. " * 300)
    with pytest.raises(CasebookError, match="The file is no casebook: move it away"):
        open_database(f"sqlite:///{path}")
    assert path.read_bytes() == b"A letter to somebody. " * 300


def test_damaged_file_says_so(sqlite_url: str, tmp_path: Path) -> None:
    casebook = Casebook(open_database(sqlite_url))
    for number in range(1, 60):
        casebook.save(draw_case(number))
    casebook.close()
    path = tmp_path / "kept" / "casebook.sqlite3"
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\x5a" * (len(data) - 4096))
    with pytest.raises(CasebookError, match="damaged"):
        Casebook(open_database(sqlite_url)).find(OWNER)


@pytest.fixture
def limit(sqlite_casebook: Casebook) -> Iterator[Callable[[str], None]]:
    """Let a test set what each of the casebook's connections may do."""
    listeners: list[Callable[..., None]] = []

    def set_limit(pragma: str) -> None:
        def prepare(connection: Any, _record: object) -> None:
            connection.execute(f"PRAGMA {pragma}").close()

        event.listen(sqlite_casebook.engine, "connect", prepare)
        listeners.append(prepare)
        sqlite_casebook.engine.dispose()

    yield set_limit
    for listener in listeners:
        event.remove(sqlite_casebook.engine, "connect", listener)


def test_full_disk_says_so_and_saves_nothing_halfway(
    sqlite_casebook: Casebook, limit: Callable[[str], None]
) -> None:
    kept = sqlite_casebook.save(draw_case(1))
    limit("max_page_count = 40")
    film = draw_film()

    def fill() -> None:
        for number in range(2, 60):
            sqlite_casebook.save(draw_case_of(film, number), film=film)

    with pytest.raises(CasebookError, match="No room is left on the disk: free some"):
        fill()
    page = sqlite_casebook.find(OWNER, limit=100)
    assert kept.id in {row.id for row in page.rows}
    for row in page.rows:
        found = sqlite_casebook.find_case(OWNER, row.id)
        assert found is not None
        assert found.has_film == (row.id != kept.id)


def test_casebook_that_may_only_be_read_says_so_and_still_lists(
    sqlite_casebook: Casebook, limit: Callable[[str], None]
) -> None:
    sqlite_casebook.save(draw_case(1))
    limit("query_only = ON")
    with pytest.raises(CasebookError, match="cannot be written to: give its user the right"):
        sqlite_casebook.save(draw_case(2))
    assert sqlite_casebook.find(OWNER).total == 1


def test_casebook_that_is_held_for_too_long_says_so(
    sqlite_casebook: Casebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(transactions.LONGEST_WAIT_S, Task.SAVE, 0.1)
    other = sqlite3.connect(tmp_path / "kept" / "casebook.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(CasebookError, match="busy for too long: try again"):
        sqlite_casebook.save(draw_case())
    other.execute("ROLLBACK")
    other.close()
    assert sqlite_casebook.save(draw_case()).id == draw_case().id


def test_no_message_holds_what_was_being_saved(
    sqlite_casebook: Casebook, limit: Callable[[str], None]
) -> None:
    limit("query_only = ON")
    with pytest.raises(CasebookError) as failed:
        sqlite_casebook.save(draw_case(note="the note"))
    assert "the note" not in str(failed.value)
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__


@pytest.fixture
def server_casebook(postgresql: PostgresqlServer) -> Iterator[Casebook]:
    casebook = Casebook(open_database(postgresql.empty_database()))
    yield casebook
    casebook.close()


def test_dropped_connection_is_made_anew(
    server_casebook: Casebook, postgresql: PostgresqlServer
) -> None:
    case = server_casebook.save(draw_case())
    assert postgresql.drop_connections() > 0
    assert server_casebook.find(OWNER).total == 1
    assert postgresql.drop_connections() > 0
    server_casebook.save(draw_case(2))
    assert postgresql.drop_connections() > 0
    assert server_casebook.update(OWNER, case.id, title="Later").title == "Later"
    assert server_casebook.find(OWNER).total == 2


def test_server_that_goes_and_comes_back_is_told_and_found_again(
    server_casebook: Casebook, postgresql: PostgresqlServer
) -> None:
    server_casebook.save(draw_case())
    postgresql.stop()
    try:
        for act in (lambda: server_casebook.find(OWNER), lambda: server_casebook.save(draw_case())):
            with pytest.raises(CasebookError, match="cannot be reached: see that its server") as no:
                act()
            assert postgresql.password not in str(no.value)
        with pytest.raises(CasebookError, match="cannot be reached"):
            open_database(postgresql.url("postgres"))
    finally:
        postgresql.start()
    assert server_casebook.find(OWNER).total == 1


def test_server_that_does_not_know_the_user_says_so(postgresql: PostgresqlServer) -> None:
    url = postgresql.url("postgres").replace(postgresql.password, "wrongword")
    with pytest.raises(CasebookError, match="does not accept the user or the password") as refused:
        open_database(url)
    assert "wrongword" not in str(refused.value)
    with pytest.raises(CasebookError, match="no database of that name"):
        open_database(postgresql.url("nowhere"))


def test_location_of_a_server_has_no_password(
    server_casebook: Casebook, postgresql: PostgresqlServer
) -> None:
    assert server_casebook.location.startswith("PostgreSQL database postgres on 127.0.0.1, port")
    assert postgresql.password not in server_casebook.location
    assert postgresql.password not in repr(server_casebook.engine)


def test_row_that_another_holds_on_a_server_is_waited_for_and_told(
    server_casebook: Casebook, postgresql: PostgresqlServer
) -> None:
    case = server_casebook.save(draw_case())
    quick = Casebook(open_database(f"{postgresql.url('postgres')}?options=-clock_timeout%3D100ms"))
    with server_casebook.engine.begin() as other:
        other.execute(text("SELECT id FROM cases FOR UPDATE")).all()
        with pytest.raises(CasebookError, match="busy for too long"):
            quick.update(OWNER, case.id, title="Now")
    quick.close()


def test_reads_only_option_is_what_lets_readers_pass_a_writer(sqlite_casebook: Casebook) -> None:
    with sqlite_casebook.engine.begin():
        count = transactions.read(
            sqlite_casebook.engine,
            lambda session: session.scalar(text("SELECT count(*) FROM cases")),
        )
    assert count == 0


def test_migration_to_an_earlier_step_stops_there(sqlite_url: str, tmp_path: Path) -> None:
    path = tmp_path / "kept" / "casebook.sqlite3"
    sqlite_file.make_file(path)
    engine = create_engine(sqlite_url)
    sqlite_file.set_up(engine, sqlite_file.SqliteFile(path))
    migrate(engine, "0001")
    assert version_of(engine) == "0001"
    engine.dispose()
