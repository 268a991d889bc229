"""20,000 damaged and hostile files, read in processes of their own: `pytest -m slow -s`."""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from pneumo.intake.decoder_process import end_idle
from tests.intake.bombs import BOMBS
from tests.intake.fuzz_run import MOST_MB, MOST_S, Outcome, keep, quiet, read_case
from tests.intake.fuzzing import Case, draw_case

CASES = int(os.environ.get("PNEUMO_FUZZ_CASES", "20000"))
FIRST = int(os.environ.get("PNEUMO_FUZZ_FIRST", "100000"))
A_TURN = 2500
MOST_WALL_S = 60.0
"""For machines that do other work beside: what counts is the time on the processor."""

Job = int | str


def find_case(job: Job) -> Case:
    return draw_case(job) if isinstance(job, int) else Case(0, job, BOMBS[job]())


def read_jobs(jobs: list[Job], told: Connection) -> None:
    """Read each case and tell how it ended: what a worker does."""
    # The decoders' processes have a bound of their own, and count on top.
    most = (MOST_MB + 400) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    with quiet():
        for job in jobs:
            case = find_case(job)
            told.send((job, None))
            before = _children()
            outcome: Outcome | str
            try:
                outcome = read_case(case, measure_memory=True)
            except BaseException as error:  # whatever it is, it must not end the report
                outcome = f"{type(error).__name__}: {error}"
            if isinstance(job, str):  # Only what has ended is counted.
                end_idle()
            after = _children()
            told.send((job, (outcome, after[0] - before[0], after[1])))
        end_idle()
    told.send(("", (_children()[1],)))


def _children() -> tuple[float, float]:
    """Return the seconds and the most MB that ended decoder processes took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


@dataclass
class Tally:
    """What a run brought."""

    kinds: Counter[str] = field(default_factory=Counter)
    slowest: list[tuple[float, str]] = field(default_factory=list)
    largest: list[tuple[float, str]] = field(default_factory=list)
    decoders_mb: float = 0.0
    failed: list[str] = field(default_factory=list)


class Worker:
    """A process that reads some cases, watched from outside."""

    def __init__(self, jobs: list[Job]) -> None:
        context = multiprocessing.get_context("spawn")
        self.told, tells = context.Pipe(duplex=False)
        self.process: BaseProcess = context.Process(target=read_jobs, args=(jobs, tells))
        self.process.start()
        tells.close()
        self.left, self.job, self.since = list(jobs), None, time.monotonic()

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.told.close()


def run(turns: Iterator[list[Job]], folder: Path, *, side_by_side: int) -> Tally:
    tally, workers = Tally(), []
    pending = next(turns, None)
    while pending is not None or workers:
        while pending is not None and len(workers) < side_by_side:
            workers.append(Worker(pending))
            pending = next(turns, None)
        wait([worker.told for worker in workers], timeout=1.0)
        for worker in list(workers):
            ended = _listen(worker, tally, folder)
            hangs = time.monotonic() - worker.since > MOST_WALL_S
            if not (ended or hangs):
                continue
            worker.end()
            workers.remove(worker)
            if worker.job is not None:
                case = find_case(worker.job)
                what = "hangs" if hangs else f"ends its process ({worker.process.exitcode})"
                tally.failed.append(f"{case.name} {what}: {keep(case, folder)}")
                workers.append(Worker(worker.left))
    return tally


def _listen(worker: Worker, tally: Tally, folder: Path) -> bool:
    """Take what a worker has told; return whether it is done."""
    while worker.told.poll():
        try:
            job, told = worker.told.recv()
        except EOFError:
            return True
        worker.since = time.monotonic()
        if told is None:
            worker.job = job
            worker.left.remove(job)
        elif job == "":
            tally.decoders_mb = max(tally.decoders_mb, *told)
            return True
        else:
            worker.job = None
            _count(find_case(job) if isinstance(told[0], str) else None, job, told, tally, folder)
    return False


def _count(
    failed: Case | None,
    job: Job,
    told: tuple[Outcome | str, float, float],
    tally: Tally,
    folder: Path,
) -> None:
    outcome, decoder_s, decoder_mb = told
    if isinstance(outcome, str):
        assert failed is not None
        tally.failed.append(f"{failed.name}: {outcome}: {keep(failed, folder)}")
        return
    name = job if isinstance(job, str) else f"case {job} ({draw_case(job).name})"
    seconds, peak = outcome.seconds + decoder_s, outcome.peak_mb
    tally.kinds[outcome.kind] += 1
    tally.slowest = sorted([*tally.slowest, (seconds, name)])[-5:]
    tally.largest = sorted([*tally.largest, (peak, name)])[-5:]
    if isinstance(job, str):
        tally.decoders_mb = max(tally.decoders_mb, decoder_mb)
    if seconds > MOST_S or peak > MOST_MB:
        path = keep(find_case(job), folder)
        tally.failed.append(f"{name} took {seconds:.1f} s and {peak:.0f} MB: {path}")


def report(title: str, tally: Tally, seconds: float) -> None:
    count = sum(tally.kinds.values())
    print(f"\n{title}: {count} files in {seconds:.0f} s; {dict(tally.kinds)}")  # noqa: T201
    for took, name in reversed(tally.slowest):
        print(f"  {1000 * took:6.0f} ms on the processor: {name}")  # noqa: T201
    for peak, name in reversed(tally.largest):
        print(f"  {peak:6.0f} MB: {name}")  # noqa: T201
    print(f"  {tally.decoders_mb:6.0f} MB at most in a decoder's process")  # noqa: T201


@pytest.mark.slow
def test_thousands_of_damaged_files_end_as_film_or_refusal(tmp_path: Path) -> None:
    numbers = range(FIRST, FIRST + CASES)
    turns = ([*numbers[at : at + A_TURN]] for at in range(0, CASES, A_TURN))
    began = time.monotonic()
    tally = run(iter(turns), tmp_path, side_by_side=os.cpu_count() or 1)
    report("Fuzz", tally, time.monotonic() - began)
    assert not tally.failed, "\n".join(tally.failed)
    assert sum(tally.kinds.values()) == CASES
    assert tally.decoders_mb < MOST_MB


@pytest.mark.slow
def test_files_made_to_take_hours_or_all_memory_do_not(tmp_path: Path) -> None:
    began = time.monotonic()
    # One process each, so that nobody's memory is taken for another's.
    tally = run(iter([[name] for name in BOMBS]), tmp_path, side_by_side=1)
    report("Bombs", tally, time.monotonic() - began)
    assert not tally.failed, "\n".join(tally.failed)
    assert sum(tally.kinds.values()) == len(BOMBS)
    assert tally.decoders_mb < MOST_MB
