"""A database of any earlier version, or an empty one → one whose tables are today's."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text

from pneumo.casebook.storage.failures import locate
from pneumo.casebook.storage.sqlite_file import READS_ONLY, is_read_only, keep_log
from pneumo.errors import CasebookError

FOLDER = Path(__file__).resolve().parent / "migrations"

_LOCK = Lock()  # Alembic's operations act on the whole process.
_SERVER_LOCK = 0x706E65756D6F  # "pneumo"; any number that no other program takes.


def newest_revision() -> str:
    """Return the number of the last migration: four digits, which its file's name ends in."""
    return max(path.stem[-4:] for path in (FOLDER / "versions").glob("revision_*.py"))


def migrate(engine: Engine, revision: str | None = None) -> None:
    """Bring a database's tables up to date, or to one revision, in one transaction.

    Processes that start together wait for the first one.

    Raises:
        CasebookError: the database was made by a newer version.
        SQLAlchemyError: the database failed; or a sqlite3.Error.
    """
    goal = revision or newest_revision()
    cannot_write = is_read_only(engine)
    if engine.dialect.name == "sqlite" and not cannot_write:
        keep_log(engine)
    access = engine.execution_options(**{READS_ONLY: True}) if cannot_write else engine
    with _LOCK, access.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:number)"), {"number": _SERVER_LOCK}
            )
        found = _revision_of(connection)
        if found is not None and found > newest_revision():
            raise CasebookError(
                f"The casebook ({locate(engine)}) was made by a newer version of this program "
                f"(tables {found}, known here up to {newest_revision()}): update the program. "
                "Nothing was changed."
            )
        if found is not None and found >= goal:
            return
        if cannot_write:
            raise CasebookError(
                f"The casebook ({locate(engine)}) was made by an earlier version of this program "
                "and has to be brought up to date, but it cannot be written to: give its user the "
                "right to, then restart the server. Nothing was changed."
            )
        _upgrade(connection, goal)


def _revision_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _upgrade(connection: Connection, goal: str) -> None:
    # Alembic takes a third of a second, and is needed once in a version's life.
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(FOLDER))

    def steps(found: Any, _context: object) -> Any:
        return scripts._upgrade_revs(goal, found)

    context = MigrationContext.configure(
        connection, opts={"fn": steps, "transactional_ddl": True, "as_sql": False}
    )
    with Operations.context(context):
        context.run_migrations()
