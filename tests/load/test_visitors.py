"""Thirty visitors at once through real WebSocket sessions: `pytest -m slow -s tests/load`.

Five minutes long, or as many seconds as LOAD_SECONDS says.
"""

from __future__ import annotations

import itertools
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import pytest

from pneumo.bench.processes import resident_mb
from pneumo.bench.server import Server, serve
from pneumo.ui.shell import NAVIGATION
from pneumo.ui.visitor import Visitor

VISITORS = 30
SECONDS = float(os.environ.get("LOAD_SECONDS", "300"))
WARM_UP_S = min(60.0, SECONDS)
KEPT_S = 30
"""How long the server keeps the session of one who has left; 120 s where nothing is set."""

TOLERANCE_MB = 100
"""What the server may hold more after the wave than before it.

A visit on show holds some 10 MB. One that is never let go of, by each of the thirty, would be three
times this; what the allocator of the C library keeps for the next visitors is less.
"""

END = "What this tool is not"
"""The heading at the end of a film's results."""

OTHERS = [
    script.split("/")[-1].removesuffix(".py")
    for pages in NAVIGATION.values()
    for script in pages
    if script != "reading/analyze.py"
]


@dataclass
class Diary:
    """How long each act of all visitors took, in seconds, by what it was."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @contextmanager
    def note(self, act: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[act].append(time.monotonic() - began)

    def __str__(self) -> str:
        return "; ".join(
            f"{act}: {len(taken):,} times, median {statistics.median(taken):.2f} s, "
            f"longest {max(taken):.2f} s"
            for act, taken in self.seconds.items()
        )


def stay(port: int, number: int, *, until: float, diary: Diary) -> None:
    """Come, look at films and pages, lose the connection and come back, leave, and come again."""
    others = itertools.cycle(OTHERS[number % len(OTHERS) :] + OTHERS[: number % len(OTHERS)])
    while time.monotonic() < until:
        with Visitor(port) as visitor:
            with diary.note("first page"):
                visitor.open()
            for _ in range(2):
                visitor.press("Try a synthetic film")
                with diary.note("film analyzed"):
                    visitor.press("Analyze Image")
                assert END in visitor.headings, visitor.words
                with diary.note("other page"):
                    visitor.open(next(others))
                visitor.come_back()
                with diary.note("come back"):
                    visitor.open()
                assert END in visitor.headings, "the visit was lost with the connection"
                visitor.press("Analyze Another Image")
                assert END not in visitor.headings


def flood(port: int, *, seconds: float) -> Diary:
    """Let all visitors stay for so long, and return what it took them."""
    diary, until = Diary(), time.monotonic() + seconds
    with ThreadPoolExecutor(VISITORS) as pool:
        stays = [
            pool.submit(stay, port, number, until=until, diary=diary) for number in range(VISITORS)
        ]
        for each in stays:
            each.result()
    return diary


def weigh_after_all_left(server: Server) -> float:
    """Return the server's memory in MB once it has let go of every session.

    Streamlit looks for sessions whose time is over when the next visitor leaves.
    """
    time.sleep(KEPT_S + 1)
    for _ in range(2):
        with Visitor(server.port) as visitor:
            visitor.open()
        time.sleep(KEPT_S + 1)
    return resident_mb(server.process.pid)


@contextmanager
def watch(server: Server) -> Iterator[list[float]]:
    """Collect the server's memory in MB, once a second, while the block lasts."""
    weights, over = [resident_mb(server.process.pid)], Event()

    def look() -> None:
        while not over.wait(1):
            weights.append(resident_mb(server.process.pid))

    watcher = Thread(target=look)
    watcher.start()
    try:
        yield weights
    finally:
        over.set()
        watcher.join()


@pytest.mark.slow
def test_thirty_visitors_at_once_meet_no_error_and_leave_no_memory_behind(
    tmp_path: Path, shipped_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PNEUMO_CASEBOOK", str(tmp_path))
    monkeypatch.delenv("PNEUMO_DATA", raising=False)
    monkeypatch.delenv("PNEUMO_DATABASE_URL", raising=False)
    # They all come from this machine, which the server takes for one visitor.
    monkeypatch.setenv("PNEUMO_FILMS_PER_MINUTE", "100000")
    monkeypatch.setenv("STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL", str(KEPT_S))
    with serve(shipped_models, tmp_path / "cache") as server:
        # What is loaded once, and what thirty threads ask of the allocator, is no leak.
        flood(server.port, seconds=WARM_UP_S)
        before = weigh_after_all_left(server)
        with watch(server) as weights:
            began = time.monotonic()
            diary = flood(server.port, seconds=SECONDS)
            lasted = time.monotonic() - began
        after = weigh_after_all_left(server)
    films = len(diary.seconds["film analyzed"])
    print(  # noqa: T201 - the report of a benchmark
        f"\n{VISITORS} visitors for {lasted:.0f} s: {60 * films / lasted:.0f} films a minute. "
        f"{diary}. Memory of the server: {before:.0f} MB before, at most {max(weights):.0f} MB "
        f"meanwhile, {after:.0f} MB after all have left ({after - before:+.0f} MB)"
    )
    assert films >= VISITORS
    assert after < before + TOLERANCE_MB
