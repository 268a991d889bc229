"""A dashboard of its own on this machine, started as the README says and stopped again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from pneumo.settings import REPOSITORY
from tests.e2e.films import NAME, NOTE

_PATIENCE_S = 60
SECRETS = (NAME, "ERIKA", NOTE, "sk-", ".png", ".dcm", ".jpeg", "Traceback", "Error:", "@example")
"""What no log may hold: what is in films, in their files' names, in notes, in keys, and faults."""


@dataclass(frozen=True)
class Dashboard:
    """A running dashboard.

    Attributes:
        address: where it listens, without a slash at its end.
        log: the file that all goes to which it prints.
        casebook: the folder of its casebook.
    """

    address: str
    log: Path
    casebook: Path


@contextmanager
def running(
    folder: Path,
    environment: Mapping[str, str] | None = None,
    *,
    port: int = 0,
    start: Path = REPOSITORY,
) -> Iterator[Dashboard]:
    """Run a dashboard until the block ends; then its log must tell of nobody, and of no fault.

    Args:
        folder: where its casebook, its cache and its log lie.
        environment: what is set besides; "" unsets.
        port: where it listens; 0 for any that is free.
        start: the project's folder, or one like it.
    """
    port = port or free_port()
    log = folder / "server.log"
    settings = {"PNEUMO_CASEBOOK": str(folder / "casebook"), **(environment or {})}
    given = {name: value for name, value in os.environ.items() if not name.startswith("PNEUMO_")}
    kept = {"PNEUMO_CACHE": os.environ.get("PNEUMO_CACHE", str(folder / "cache"))}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "streamlit", "run", "streamlit_app.py"),
                f"--server.port={port}",
                "--server.headless=true",
            ],
            cwd=start,
            env={**given, **kept, **settings},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://localhost:{port}"
            _await(address, process, log)
            yield Dashboard(address, log, folder / "casebook")
        finally:
            process.terminate()
            process.wait(timeout=20)
    assert_discreet(log)


def assert_discreet(log: Path) -> None:
    """Make sure that a server's log holds no trace of a fault, no name, no note and no key."""
    said = log.read_text(errors="replace")
    for word in SECRETS:
        assert word.casefold() not in said.casefold(), said


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _await(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    began = time.monotonic()
    while time.monotonic() - began < _PATIENCE_S:
        if process.poll() is not None:
            break
        try:
            urlopen(f"{address}/_stcore/health", timeout=1).close()
        except (URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"The dashboard did not start: {log.read_text(errors='replace')}")
