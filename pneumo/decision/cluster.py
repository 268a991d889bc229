"""Files and a Ray cluster → a folder of Parquet files, a row a film, as one process writes them."""

from __future__ import annotations

import importlib.util
import logging
import os
import socket
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pneumo.decision.ensemble import Ensemble
from pneumo.decision.operating import BALANCED
from pneumo.decision.row_files import ROWS_A_PART, number_next_part, write_part
from pneumo.decision.sources import Source, pick_sources
from pneumo.decision.worklist import read_sources
from pneumo.errors import PneumoError
from pneumo.settings import Settings

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_DATA_LOG_LEVEL": "ERROR",
}
"""What Ray reads when it is imported: no report to its makers, no advice on the screen."""

PACKAGE = Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"

# Only paths and counts go through Ray's store; its default, a third of the memory, is for data.
STORE_BYTES = 128 * 1024 * 1024

ANSWER_WITHIN_S = 10

# A part holds whole batches of the single process, so that both compute the very same sums.
FILMS_A_BATCH = 8
PARTS_A_WORKER = 4


@dataclass(frozen=True)
class Job:
    """What a worker must know; all paths are absolute and the same on each node.

    Attributes:
        models: folder of the trained networks.
        out: folder that the parts are written to.
        base: folder that the files' names are relative to.
        operating_point: "rule-out", "balanced" or "rule-in".
        show_refused: give a verdict also on films that the gate refuses.
        settings: the limits of the intake.
    """

    models: Path
    out: Path
    base: Path
    operating_point: str = BALANCED
    show_refused: bool = False
    settings: Settings = field(default_factory=Settings)


class PartReader:
    """A worker: loads the networks once, then reads part after part."""

    def __init__(self, job: Job) -> None:
        """Load the networks of a job."""
        self._job = job
        self._ensemble = Ensemble.load(job.models, many_films=True)

    def __call__(self, part: Mapping[str, Any]) -> dict[str, int]:
        """Read one part's files, write its rows, and return how many they are."""
        job, names = self._job, part["files"]
        sources = pick_sources(names, job.base, max_bytes=job.settings.max_bytes)
        rows = read_sources(
            self._ensemble,
            sources,
            operating_point=job.operating_point,
            show_refused=job.show_refused,
            settings=job.settings,
        )
        members = [member.name for member in self._ensemble.plan.members]
        write_part(job.out, part["number"], rows, members)
        return {"films": len(sources)}


def read_on_cluster(
    job: Job, sources: Sequence[Source], *, address: str | None = None, workers: int | None = None
) -> Generator[int]:
    """Read files on a Ray cluster; yield the number of films of each part that is written.

    Parts come in any order, and their numbers are in the order of the films. A part whose
    worker or node is lost is read again by another. A worker finds the films by their labels, and
    knows duplicates within a part only: see `mark_duplicates` for the rest.

    Args:
        job: what to read them with, and where the rows go.
        sources: the films, at least one, as `find_sources` found them.
        address: of a running cluster; None starts one on this machine alone.
        workers: how many processes load the networks; None means one a node.

    Raises:
        PneumoError: Ray is not installed, the cluster does not answer or has too few cores, or
            a part cost too many workers.
    """
    if importlib.util.find_spec("ray") is None:
        raise PneumoError(
            "The engine ray needs Ray, which is not installed: "
            "pip install -r requirements-cluster.txt"
        )
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    import ray

    _connect(address, workers)
    try:
        cores = [node["Resources"].get("CPU", 0) for node in ray.nodes() if node["Alive"]]
        count = workers or max(1, sum(core >= 1 for core in cores))
        parts = cut_parts(sources, workers=count, first=number_next_part(job.out))
        yield from _run(job, parts, count, share_cores(cores, count))
    finally:
        ray.shutdown()


def cut_parts(sources: Sequence[Source], *, workers: int, first: int = 0) -> list[dict[str, Any]]:
    """Cut sources into numbered parts: at most 256 films, fewer where few films meet many workers.

    >>> film = Source("a.png", read=bytes)
    >>> [len(part["files"]) for part in cut_parts([film] * 20, workers=1)]
    [8, 8, 4]
    """
    wanted = -(-len(sources) // (PARTS_A_WORKER * workers))
    size = min(ROWS_A_PART, -(-wanted // FILMS_A_BATCH) * FILMS_A_BATCH)
    return [
        {"number": first + index, "files": [one.label for one in sources[start : start + size]]}
        for index, start in enumerate(range(0, len(sources), size))
    ]


def share_cores(cores: Sequence[float], workers: int) -> int:
    """Return the most cores a worker can have where that many workers fit on these nodes.

    >>> share_cores([16, 8], 3)
    8

    Raises:
        PneumoError: there are more workers than cores.
    """
    for share in range(int(max(cores, default=0)), 0, -1):
        if sum(int(core // share) for core in cores) >= workers:
            return share
    raise PneumoError(
        f"The cluster has {sum(int(core) for core in cores)} cores, too few for {workers} "
        "workers, which need one each: lower --workers."
    )


def _connect(address: str | None, workers: int | None) -> None:
    import ray

    # The code goes with the job, so that each node runs the version that was started.
    common: dict[str, Any] = {
        "runtime_env": {"py_modules": [str(PACKAGE)], "excludes": ["__pycache__"]},
        "log_to_driver": False,
        "logging_level": logging.ERROR,
    }
    if address is None:
        ray.init(
            address="local",
            num_cpus=max(workers or 1, os.cpu_count() or 1),
            include_dashboard=False,
            object_store_memory=STORE_BYTES,
            _node_ip_address=LOOPBACK,
            **common,
        )
        return
    try:
        _ring(address)
        ray.init(address=address, **common)
    except (OSError, ValueError, RuntimeError) as error:
        raise PneumoError(
            f"No Ray cluster answers at {address}: start one with `ray start --head`, and give "
            "the address that it prints."
        ) from error


def _ring(address: str) -> None:
    """Open a connection to an address and close it; Ray itself would try for six minutes."""
    host, _, port = address.rpartition(":")
    if host:
        socket.create_connection((host, int(port)), timeout=ANSWER_WITHIN_S).close()


def _run(job: Job, parts: list[dict[str, Any]], workers: int, cores: int) -> Iterator[int]:
    import ray

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    # Ray starts a lost worker anew as often as it takes, once there is room for it, and has it
    # read its parts again; only one lost while it loads the networks would end the run.
    context.max_consecutive_actor_init_deaths = workers
    read = ray.data.from_items(parts, override_num_blocks=len(parts)).map(
        PartReader,
        fn_constructor_args=(job,),
        # One part is read and one waits; more would queue up behind a worker that dies.
        compute=ray.data.ActorPoolStrategy(size=workers, max_tasks_in_flight_per_actor=2),
        num_cpus=cores,
    )
    try:
        for row in read.iter_rows():
            yield int(row["films"])
    except ray.exceptions.ActorDiedError as error:
        raise PneumoError(
            "No worker of the cluster could load the networks: each node must reach "
            f"{job.models} and have installed what requirements-cluster.txt lists."
        ) from error
    except ray.data.exceptions.ExecutionTimeoutError as error:
        raise PneumoError(
            "The cluster finished no part for a long time: it lost all its nodes, or a film kills "
            f"each worker that reads it. What is finished lies in {job.out}; --resume reads the "
            "rest."
        ) from error
