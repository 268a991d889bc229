"""A PostgreSQL server of the tests' own: started where it is installed, gone when they end."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAMS = ("initdb", "pg_ctl")


class PostgresqlServer:
    """A running server.

    Attributes:
        password: of its user; nothing that people see may hold it.
    """

    def __init__(self, folder: Path, programs: Path) -> None:
        self.password = secrets.token_hex(12)
        self._folder, self._programs = folder, programs
        # A server refuses to run as root; then it runs as somebody who may do nothing.
        self._user = _humble_user() if os.geteuid() == 0 else None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        (folder / "password").write_text(self.password)
        if self._user:
            for path in (folder, folder / "password"):
                shutil.chown(path, self._user)
        self._run(
            "initdb", "--pgdata", folder / "data", "--username", "pneumo", "--no-sync",
            "--auth", "scram-sha-256", "--pwfile", folder / "password",
            "--encoding", "UTF8", "--locale", "C",
        )  # fmt: skip
        self.start()

    def url(self, database: str) -> str:
        return f"postgresql://pneumo:{self.password}@127.0.0.1:{self._port}/{database}"

    def empty_database(self) -> str:
        """Return the address of the one database of the tests, with nothing in it."""
        self.drop_connections()
        self.tell("DROP SCHEMA public CASCADE")
        self.tell("CREATE SCHEMA public")
        return self.url("postgres")

    def tell(self, statement: str) -> list[Any]:
        """Run one statement as the server's owner and return its rows."""
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def drop_connections(self) -> int:
        """Cut every connection but the one that asks, and return how many there were."""
        return len(
            self.tell(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND usename = 'pneumo'"
            )
        )

    def start(self) -> None:
        settings = (
            f"-p {self._port} -c listen_addresses=127.0.0.1 -c fsync=off "
            f"-c unix_socket_directories={self._folder}"
        )
        log = self._folder / "log"
        self._run("pg_ctl", "start", "-w", "-D", self._folder / "data", "-o", settings, "-l", log)

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-m", "immediate", "-D", self._folder / "data")

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._programs / program), *map(str, arguments)]
        subprocess.run(
            command, check=True, user=self._user, cwd=self._folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip


def find_programs() -> Path | None:
    """Return the folder of the newest server that is installed, None without any."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name)
    )
    found = shutil.which("initdb")
    folders = [*reversed(installed), *([Path(found).resolve().parent] if found else [])]
    return next(
        (folder for folder in folders if all((folder / name).exists() for name in PROGRAMS)), None
    )


@contextmanager
def serve_postgresql(programs: Path) -> Iterator[PostgresqlServer]:
    """Start a server in a folder of its own, and stop it at the end."""
    with tempfile.TemporaryDirectory(prefix="pneumo-postgresql-") as folder:
        server = PostgresqlServer(Path(folder), programs)
        try:
            yield server
        finally:
            server.stop()


def _humble_user() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
