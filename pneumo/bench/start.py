"""The command that starts the dashboard → seconds to its first page and to its first verdict."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from pneumo.bench.processes import resident_mb
from pneumo.bench.server import serve
from pneumo.bench.timing import Measure, clock
from pneumo.domain import Verdict
from pneumo.errors import PneumoError
from pneumo.ui.visitor import Visitor


@dataclass(frozen=True)
class Start:
    """What one start took.

    Attributes:
        page_s: from the command to the last element of the first page.
        verdict_s: from the command to the last element of the page with the first verdict.
        later_s: from the press of "Analyze Image" to the same for another film.
        memory_mb: what the server then held.
    """

    page_s: float
    verdict_s: float
    later_s: float
    memory_mb: float


def measure_starts(models_dir: Path, *, runs: int) -> list[Measure]:
    """Start the dashboard with an empty cache, then again with what that start left in it.

    A visitor comes as soon as the server listens, draws a synthetic film as soon as the page is
    there, and has it analyzed at once: the networks get no time to load unseen.

    Raises:
        PneumoError: the server does not start, or shows no verdict.
    """
    first, second = [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as cache:
            first.append(start_once(models_dir, Path(cache)))
            second.append(start_once(models_dir, Path(cache)))
    return [
        Measure("first_page_s", "start to first page, empty cache", _pages(first), "under 2"),
        Measure(
            "first_verdict_s", "start to first verdict, empty cache", _verdicts(first), "under 6"
        ),
        Measure("second_start_page_s", "start to first page, filled cache", _pages(second)),
        Measure(
            "second_start_verdict_s", "start to first verdict, filled cache", _verdicts(second)
        ),
        Measure(
            "later_verdict_s",
            "press to a later verdict on the page",
            tuple(start.later_s for start in first + second),
        ),
        Measure("dashboard_memory_mb", "the server's memory, empty cache", _memories(first)),
        Measure("second_start_memory_mb", "the server's memory, filled cache", _memories(second)),
    ]


def _pages(starts: list[Start]) -> tuple[float, ...]:
    return tuple(start.page_s for start in starts)


def _verdicts(starts: list[Start]) -> tuple[float, ...]:
    return tuple(start.verdict_s for start in starts)


def _memories(starts: list[Start]) -> tuple[float, ...]:
    return tuple(start.memory_mb for start in starts)


def start_once(models_dir: Path, cache: Path) -> Start:
    """Start the dashboard, have two synthetic films analyzed, and stop it.

    Args:
        models_dir: the folder of the networks.
        cache: where the server may keep what makes the next start faster.

    Raises:
        PneumoError: the server does not start, or shows no verdict.
    """
    began = time.perf_counter()
    with serve(models_dir, cache) as server, Visitor(server.port) as visitor:
        visitor.open()
        page_s = time.perf_counter() - began
        visitor.press("Try a synthetic film")
        visitor.press("Analyze Image")
        verdict_s = time.perf_counter() - began
        _expect_verdict(visitor)
        visitor.press("Analyze Another Image")
        visitor.press("Try a synthetic film")
        later_s = clock(lambda: visitor.press("Analyze Image"))
        _expect_verdict(visitor)
        return Start(page_s, verdict_s, later_s, resident_mb(server.process.pid))


def _expect_verdict(visitor: Visitor) -> None:
    if not any(verdict in heading for verdict in Verdict for heading in visitor.headings):
        raise PneumoError(
            f"The page shows no verdict, only: {', '.join(visitor.headings) or 'nothing'}."
        )
