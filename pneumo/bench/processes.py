"""A function → what it returns in a Python process of its own, where nothing else was loaded."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")

_ON_PROCESSOR = {"CUDA_VISIBLE_DEVICES": "-1"}
"""Everything is compared on the processor."""


class FreshProcess:
    """A Python process that lives as long as the block, and calls what it is told to, in turn.

    Functions and what they take and return are pickled. A function that keeps something between
    calls, such as loaded networks, keeps it in that process.
    """

    def __init__(self, *, backend: str, cache: Path | None = None) -> None:
        """Say how the process begins.

        Args:
            backend: what Keras is to run on there.
            cache: where what is compiled is kept; None for the user's own cache.
        """
        kept = {} if cache is None else {"PNEUMO_CACHE": str(cache)}
        self._pool = ProcessPoolExecutor(
            1,
            mp_context=get_context("spawn"),
            initializer=_settle,
            initargs=({**_ON_PROCESSOR, **kept, "KERAS_BACKEND": backend},),
        )

    def __enter__(self) -> Self:
        """Start nothing yet: the process begins with the first call."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process."""
        self._pool.shutdown(cancel_futures=True)

    def call(self, function: Callable[_P, _T], *args: _P.args, **choices: _P.kwargs) -> _T:
        """Return what a function returns there; what it raises is raised here."""
        return self._pool.submit(function, *args, **choices).result()


def _settle(environment: dict[str, str]) -> None:
    os.environ.update(environment)
    # TensorFlow greets on standard error at any log level. What goes wrong here is raised there.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def resident_mb(process: int) -> float:
    """Return how much memory a process holds now, in MB (1,000,000 bytes)."""
    status = Path(f"/proc/{process}/status")
    if status.is_file():
        text = status.read_text(encoding="utf-8")
        kib = next(line.split()[1] for line in text.splitlines() if line.startswith("VmRSS"))
    else:
        asked = ["ps", "-o", "rss=", "-p", str(process)]
        kib = subprocess.run(asked, capture_output=True, text=True, check=True).stdout  # noqa: S603
    return int(kib) * 1024 / 1e6
