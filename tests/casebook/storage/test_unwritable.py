"""A casebook that cannot be written to: what can be read is read, and a message says what to do."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from pneumo.casebook.journal import Act
from pneumo.casebook.storage import transactions
from pneumo.casebook.storage.database import open_database
from pneumo.casebook.storage.failures import Task, explain_failure
from pneumo.casebook.store import Casebook
from pneumo.errors import CasebookError, UnwritableError
from tests.casebook.drawn_cases import draw_case
from tests.casebook.films import draw_case_of, draw_film

OWNER, SIGNED_IN = "", "https://clinic.test 1"


def write_protect(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the disk look read-only, which for the system's first user it never is."""
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK and access(path, mode))


def test_read_only_file_opens_for_reading_and_says_so(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = draw_film()
    case = draw_case_of(film)
    before = Casebook(open_database(sqlite_url))
    before.save(case, film=film)
    assert not before.is_read_only
    before.close()
    with monkeypatch.context() as protected:
        write_protect(protected)
        casebook = Casebook(open_database(sqlite_url))
        assert casebook.is_read_only
        assert casebook.find(OWNER).total == 1
        assert casebook.open(OWNER, case.id).title == case.title
        assert casebook.film(OWNER, case.id) is not None
        with pytest.raises(UnwritableError, match="cannot be written to: give its user the right"):
            casebook.save(draw_case(2))
    casebook.save(draw_case(2))
    assert not casebook.is_read_only
    assert casebook.find(OWNER).total == 2
    casebook.close()


def test_disk_that_turns_read_only_costs_saving_and_no_reading(
    sqlite_casebook: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = sqlite_casebook.save(draw_case())
    write_protect(monkeypatch)
    assert sqlite_casebook.open(OWNER, case.id).title == case.title
    assert [found.title for found in exported(sqlite_casebook)] == [case.title]
    with pytest.raises(UnwritableError, match="cannot be written to"):
        sqlite_casebook.update(OWNER, case.id, note="new")


def exported(casebook: Casebook) -> list[object]:
    return list(casebook.hand_out(OWNER))


def test_read_only_file_of_an_earlier_version_says_what_to_do(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as then:
        then.setattr("pneumo.casebook.storage.migration.newest_revision", lambda: "0001")
        open_database(sqlite_url).dispose()
    write_protect(monkeypatch)
    with pytest.raises(CasebookError, match=r"earlier version .* cannot be written to: give"):
        open_database(sqlite_url)


def test_nobody_who_signs_in_is_shown_a_case_without_a_line_in_the_journal(
    sqlite_casebook: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = sqlite_casebook.save(draw_case(owner=SIGNED_IN))
    with monkeypatch.context() as protected:
        write_protect(protected)
        for act in (
            lambda: sqlite_casebook.open(SIGNED_IN, case.id),
            lambda: list(sqlite_casebook.hand_out(SIGNED_IN)),
        ):
            with pytest.raises(UnwritableError, match="without a line in the log of who did what"):
                act()
        assert sqlite_casebook.find(SIGNED_IN).total == 1
    assert [entry.act for entry in sqlite_casebook.journal_entries()] == [Act.SAVED]


@pytest.mark.parametrize(
    ("task", "advice"),
    [
        (Task.OPEN, "free some, then open it again."),
        (Task.SAVE, "free some, then save again. Nothing was saved halfway."),
        (Task.DELETE, "delete again: a deletion needs a little room for a moment."),
        (Task.EXPORT, "free some, then make the file again."),
    ],
)
def test_full_disk_says_what_to_do_again(task: Task, advice: str) -> None:
    full = sqlite3.connect(":memory:")
    full.execute("PRAGMA max_page_count = 1")
    with pytest.raises(sqlite3.OperationalError) as failed:
        full.execute("CREATE TABLE t (a)")
    full.close()
    said = explain_failure(failed.value, "there", task)
    assert isinstance(said, UnwritableError)
    assert advice in str(said)


@pytest.fixture
def hold(sqlite_casebook: Casebook) -> Callable[[], sqlite3.Connection]:
    def begin() -> sqlite3.Connection:
        other = sqlite3.connect(Path(sqlite_casebook.location), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        return other

    return begin


def test_visitors_of_a_locked_casebook_do_not_wait_for_each_other(
    sqlite_casebook: Casebook,
    hold: Callable[[], sqlite3.Connection],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = sqlite_casebook.save(draw_case())
    for task in Task:
        monkeypatch.setitem(transactions.LONGEST_WAIT_S, task, 0.5)
    other = hold()
    began = time.monotonic()
    with ThreadPoolExecutor(4) as visitors:
        shown = [visitors.submit(sqlite_casebook.open, OWNER, case.id) for _ in range(3)]
        saved = visitors.submit(sqlite_casebook.save, draw_case(2))
        assert {each.result().title for each in shown} == {case.title}
        with pytest.raises(UnwritableError, match="busy for too long: try again"):
            saved.result()
    assert time.monotonic() - began < 1.2
    other.execute("ROLLBACK")
    other.close()
    assert sqlite_casebook.save(draw_case(2)).id == draw_case(2).id


def test_database_that_was_emptied_is_used_anew(casebook: Casebook) -> None:
    casebook.save(draw_case())
    empty(casebook, *inspect(casebook.engine).get_table_names())
    assert casebook.find(OWNER).total == 0
    casebook.save(draw_case(2))
    assert casebook.find(OWNER).total == 1


def test_database_that_lost_a_table_says_what_to_do(casebook: Casebook) -> None:
    case = casebook.save(draw_case())
    empty(casebook, "case_tags")
    with pytest.raises(CasebookError, match="tables are gone: bring it back from a backup"):
        casebook.find_case(OWNER, case.id)


def empty(casebook: Casebook, *tables: str) -> None:
    how = "CASCADE" if casebook.engine.dialect.name == "postgresql" else ""
    other = open_database(casebook.engine.url.render_as_string(hide_password=False))
    with other.connect() as connection:
        if not how:
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.rollback()
        with connection.begin():
            for table in tables:
                connection.execute(text(f"DROP TABLE {table} {how}"))
    other.dispose()


def test_file_is_handed_on_without_a_line_only_where_nobody_signs_in(
    sqlite_casebook: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = sqlite_casebook.save(draw_case())
    write_protect(monkeypatch)
    sqlite_casebook.journal.note(OWNER, Act.EXPORTED, case.id, "PDF")
    sqlite_casebook.note_export(OWNER, case.id, "PDF")
    with pytest.raises(UnwritableError):
        sqlite_casebook.journal.note(SIGNED_IN, Act.EXPORTED, detail="PDF")
    assert [entry.act for entry in sqlite_casebook.journal_entries()] == [Act.SAVED]
