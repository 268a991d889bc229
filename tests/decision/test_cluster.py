"""A batch on a Ray cluster: the same rows as one process, whatever dies on the way."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
from contextlib import closing
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest

from pneumo.cli import main
from pneumo.decision.cluster import Job, cut_parts, read_on_cluster, share_cores
from pneumo.decision.row_files import find_parts, mark_duplicates
from pneumo.decision.sources import Source, find_sources
from pneumo.errors import PneumoError
from tests.conftest import REPOSITORY, draw_film

HAS_RAY = importlib.util.find_spec("ray") is not None
FILMS = 240

needs_ray = [
    pytest.mark.cluster,
    pytest.mark.skipif(not HAS_RAY, reason="requirements-cluster.txt is not installed"),
    # Ray leaves pipes and log files open, and warns of its own deprecated settings.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"),
]


def on_a_cluster(test: object) -> object:
    for mark in needs_ray:
        test = mark(test)
    return test


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """240 films, one of them a text that calls itself a film; the last are in an archive.

    One film is there three times: twice in the folder, and once in the archive.
    """
    folder = tmp_path_factory.mktemp("films")
    for number in range(FILMS):
        draw_film(number % 2, number, side=300).save(folder / f"film{number:03}.jpeg")
    (folder / "film100.jpeg").write_text("this is no film")
    shutil.copy(folder / "film001.jpeg", folder / "film101.jpeg")
    with ZipFile(folder / "more.zip", "w") as archive:
        for number in range(FILMS - 40, FILMS):
            file = folder / f"film{number:03}.jpeg"
            archive.write(file, f"ward/{file.name}")
            file.unlink()
        archive.write(folder / "film001.jpeg", "again.jpeg")
    (folder / "film000.jpeg").unlink()
    return folder


@pytest.fixture(scope="module")
def expected(
    folder: Path, small_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> pd.DataFrame:
    """What the single process says."""
    out = tmp_path_factory.mktemp("process") / "rows"
    words = ["predict", str(folder), "--models", str(small_models), "--parquet", str(out)]
    assert main(words) == 0
    return pd.read_parquet(out)


@pytest.fixture
def job(small_models: Path, tmp_path: Path) -> Job:
    out = tmp_path / "rows"
    out.mkdir()
    return Job(models=small_models, out=out, base=REPOSITORY)


def find_workers() -> list[int]:
    """Return the ids of the processes that read films in the clusters of this process."""
    parents = {}
    titles = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(process.name)] = int(
                (process / "stat").read_text().rpartition(")")[2].split()[1]
            )
            titles[int(process.name)] = (process / "cmdline").read_text()
        except OSError:  # it has ended since it was listed
            continue
    return [
        worker
        for worker, title in titles.items()
        if title.startswith("ray::") and "PartReader" in title
        if os.getpid() in (parents[worker], parents.get(parents[worker]))
    ]


def films_in(folder: Path) -> list[Source]:
    return find_sources([folder])


@on_a_cluster
def test_two_workers_give_the_rows_of_one_process(
    folder: Path, small_models: Path, expected: pd.DataFrame, tmp_path: Path
) -> None:
    out = tmp_path / "rows"
    words = ["predict", str(folder), "--models", str(small_models), "--parquet", str(out)]
    assert main([*words, "--engine", "ray", "--workers", "2"]) == 0
    assert len(find_parts(out)) > 2
    pd.testing.assert_frame_equal(pd.read_parquet(out), expected, check_exact=True)


@on_a_cluster
def test_a_worker_killed_in_the_middle_costs_no_film(
    folder: Path, expected: pd.DataFrame, job: Job
) -> None:
    with closing(read_on_cluster(job, films_in(folder), workers=2)) as parts:
        films = next(parts)
        assert films < FILMS
        workers = find_workers()
        assert len(workers) == 2
        os.kill(workers[0], signal.SIGKILL)
        assert films + sum(parts) == FILMS
    mark_duplicates(job.out)
    pd.testing.assert_frame_equal(pd.read_parquet(job.out), expected, check_exact=True)


@on_a_cluster
def test_a_node_lost_in_the_middle_costs_no_film(
    folder: Path, expected: pd.DataFrame, job: Job
) -> None:
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    try:
        nodes = [cluster.add_node(num_cpus=1) for _ in range(2)]
        with closing(read_on_cluster(job, films_in(folder), address=cluster.address)) as parts:
            films = next(parts)
            assert films < FILMS
            cluster.remove_node(nodes[0], allow_graceful=False)
            assert films + sum(parts) == FILMS
    finally:
        cluster.shutdown()
    mark_duplicates(job.out)
    pd.testing.assert_frame_equal(pd.read_parquet(job.out), expected, check_exact=True)


@on_a_cluster
def test_networks_that_no_worker_can_load_are_a_sentence(folder: Path, job: Job) -> None:
    nowhere = Job(models=job.models / "elsewhere", out=job.out, base=job.base)
    with pytest.raises(PneumoError, match="each node must reach"):
        list(read_on_cluster(nowhere, films_in(folder)[:8], workers=1))


@on_a_cluster
def test_a_cluster_that_does_not_answer_is_a_sentence(job: Job) -> None:
    with pytest.raises(PneumoError, match="No Ray cluster answers at"):
        list(read_on_cluster(job, find_sources([Path("film.png")]), address="127.0.0.1:1"))


@pytest.mark.skipif(HAS_RAY, reason="Ray is installed")
def test_without_ray_a_sentence_says_what_to_install(job: Job) -> None:
    with pytest.raises(PneumoError, match=r"pip install -r requirements-cluster\.txt"):
        list(read_on_cluster(job, find_sources([Path("film.png")])))


def test_parts_hold_each_film_once_and_in_order() -> None:
    films = [Source(f"{number}.png", read=bytes) for number in range(5000)]
    parts = cut_parts(films, workers=3, first=10)
    assert [name for part in parts for name in part["files"]] == [film.label for film in films]
    assert [part["number"] for part in parts] == list(range(10, 10 + len(parts)))
    assert max(len(part["files"]) for part in parts) == 256


def test_each_worker_gets_as_many_cores_as_fit_its_node() -> None:
    assert share_cores([2], 2) == 1
    assert share_cores([16, 16], 2) == 16
    assert share_cores([16, 16], 3) == 8
    assert share_cores([0, 4, 64], 10) == 6


def test_more_workers_than_cores_are_refused() -> None:
    with pytest.raises(PneumoError, match="3 cores, too few for 4 workers"):
        share_cores([1, 2], 4)
