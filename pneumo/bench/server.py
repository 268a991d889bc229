"""A models folder → the dashboard's server, started as a user starts it, while it is needed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pneumo.errors import PneumoError
from pneumo.settings import REPOSITORY

_PATIENCE_S = 120
_KNOCKS_S = 0.01


@dataclass(frozen=True)
class Server:
    """A running dashboard: its process, and the port of this machine that it listens on."""

    process: subprocess.Popen[bytes]
    port: int


@contextmanager
def serve(models_dir: Path, cache: Path) -> Iterator[Server]:
    """Start the dashboard, hand it over as soon as it listens, and stop it in the end.

    Args:
        models_dir: the folder of the networks.
        cache: where the server may keep what makes the next start faster.

    Raises:
        PneumoError: it does not start.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(REPOSITORY / "streamlit_app.py")]
    process = subprocess.Popen(  # noqa: S603
        [*command, "--server.headless", "true", "--server.port", str(port)],
        cwd=REPOSITORY,
        env=_environment(models_dir, cache),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(process, port)
        yield Server(process, port)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment(models_dir: Path, cache: Path) -> dict[str, str]:
    # What the benchmark itself may have chosen for Keras is not for the server.
    kept = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    return kept | {
        "PNEUMO_MODELS": str(models_dir.resolve()),
        "PNEUMO_CACHE": str(cache),
        "XDG_CACHE_HOME": str(cache),
    }


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError as error:
            if process.poll() is not None or time.monotonic() > until:
                raise PneumoError(
                    "The dashboard does not start: see what `streamlit run streamlit_app.py` says."
                ) from error
            time.sleep(_KNOCKS_S)
        else:
            return
