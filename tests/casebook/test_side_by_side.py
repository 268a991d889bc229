"""Several at one casebook: none loses a case, whoever is killed (long runs: tests/load)."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

from pneumo.casebook.storage.database import open_database
from pneumo.casebook.store import Casebook
from tests.casebook.drawn_cases import NOON, draw_case, draw_reads
from tests.casebook.saver import save_side_by_side, save_until_killed

OWNER = ""


def test_two_processes_save_at_once_and_none_is_lost_or_doubled(url: str) -> None:
    # Both find no tables when they start: one makes them while the other waits.
    said = save_side_by_side(url, processes=2, count=60)
    casebook = Casebook(open_database(url))
    kept = [row.id for row in casebook.find(OWNER, limit=200).rows]
    casebook.close()
    assert len(kept) == 120
    assert Counter(kept) == Counter(said)


def test_what_a_killed_process_said_is_saved_opens(sqlite_url: str) -> None:
    said: list[str] = []
    for _ in range(3):
        said += save_until_killed(sqlite_url, at_least=10)
    casebook = Casebook(open_database(sqlite_url))
    assert {casebook.open(OWNER, case_id).id for case_id in said} == set(said)
    assert casebook.find(OWNER).total >= len(said) >= 30
    casebook.close()


def test_readers_who_add_to_one_case_at_once_lose_no_read(casebook: Casebook) -> None:
    case = casebook.save(draw_case(reads=()))
    read = draw_reads()[0]
    start = Barrier(4)

    def add(who: int) -> None:
        start.wait()
        for number in range(5):
            moment = NOON + timedelta(seconds=100 * who + number)
            casebook.update(OWNER, case.id, add_read=replace(read, read_at=moment))

    with ThreadPoolExecutor(4) as readers:
        list(readers.map(add, range(4)))
    assert len({each.read_at for each in casebook.open(OWNER, case.id).reads}) == 20


def test_the_same_case_saved_at_once_is_one_case(casebook: Casebook) -> None:
    start = Barrier(6)

    def save(number: int) -> None:
        start.wait()
        casebook.save(draw_case(1, note=f"from window {number}"))

    with ThreadPoolExecutor(6) as windows:
        list(windows.map(save, range(6)))
    assert casebook.find(OWNER).total == 1
