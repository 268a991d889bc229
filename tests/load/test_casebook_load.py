"""A casebook under load: a thousand saves at once, twenty kills, ten thousand cases searched."""

from __future__ import annotations

import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from uuid import uuid4

import pytest

from pneumo.casebook.records import ConflictState
from pneumo.casebook.shelf import put
from pneumo.casebook.storage import transactions
from pneumo.casebook.storage.database import open_database
from pneumo.casebook.store import Casebook, CaseQuery
from pneumo.domain import Verdict
from tests.casebook.conftest import casebook, postgresql, sqlite_url, url
from tests.casebook.drawn_cases import NOON, draw_case, draw_prediction
from tests.casebook.saver import save_side_by_side, save_until_killed

__all__ = ["casebook", "postgresql", "sqlite_url", "url"]

CASES = 10_000
OWNERS = 4


@pytest.mark.slow
def test_thousand_cases_saved_at_once_are_all_there(url: str) -> None:
    began = time.monotonic()
    said = save_side_by_side(url, processes=2, count=500)
    seconds = time.monotonic() - began
    casebook = Casebook(open_database(url))
    kept = [row.id for row in casebook.find("", limit=2000).rows]
    say(f"2 x 500 cases at once in {casebook.engine.dialect.name}: {seconds:.1f} s")
    casebook.close()
    assert len(kept) == 1000
    assert Counter(kept) == Counter(said)


@pytest.mark.slow
def test_twenty_kills_in_the_midst_of_saves_lose_nothing_that_was_acknowledged(
    sqlite_url: str,
) -> None:
    said: list[str] = []
    for attempt in range(20):
        said += save_until_killed(sqlite_url, at_least=5 + 7 * attempt % 40)
    casebook = Casebook(open_database(sqlite_url))
    assert {casebook.open("", case_id).id for case_id in said} == set(said)
    say(f"20 kills: all {len(said)} acknowledged cases open, {casebook.find('').total} kept")
    casebook.close()


@pytest.mark.slow
def test_ten_thousand_cases_are_searched_in_an_instant(casebook: Casebook) -> None:
    fill(casebook)
    queries = {
        "all": CaseQuery(),
        "text": CaseQuery(text="note 77"),
        "text that is nowhere": CaseQuery(text="nowhere"),
        "verdict": CaseQuery(verdict=Verdict.NORMAL),
        "conflict": CaseQuery(conflict=ConflictState.READER_DIFFERS),
        "agreement": CaseQuery(conflict=ConflictState.AGREE),
        "model": CaseQuery(model_version="version 1"),
        "tag": CaseQuery(tag="tag 3"),
        "resolved": CaseQuery(resolved=True),
        "dates": CaseQuery(since=date(2026, 11, 25), until=date(2026, 11, 26)),
        "everything": CaseQuery(
            text="note", verdict=Verdict.NORMAL, model_version="version 1", resolved=False
        ),
    }
    last = CASES // OWNERS - 50
    acts: dict[str, Callable[[], object]] = {
        name: partial(casebook.find, "reader 0", query) for name, query in queries.items()
    }
    acts["last page"] = partial(casebook.find, "reader 0", offset=last)
    acts["tags"] = partial(casebook.all_tags, "reader 0")
    acts["models"] = partial(casebook.model_versions, "reader 0")
    seconds = {name: time_act(act) for name, act in acts.items()}
    say(f"{CASES:,} cases of {OWNERS} owners in {casebook.engine.dialect.name}, medians in ms:")
    say({name: round(1000 * found) for name, found in seconds.items()})
    reads = time_act(partial(casebook.list_reads, "reader 0"))
    say(f"all reads of {CASES // OWNERS:,} cases: {1000 * reads:.0f} ms")
    assert len(casebook.find("reader 0", offset=last).rows) == 50
    assert max(seconds.values()) < 0.3


def say(what: object) -> None:
    sys.stdout.write(f"\n{what}\n")


def time_act(act: Callable[[], object]) -> float:
    """Return the median of five times, in seconds."""
    found = []
    for _ in range(5):
        began = time.perf_counter()
        act()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def fill(casebook: Casebook) -> None:
    """Keep cases as `save` does, but many in one transaction."""
    case = draw_case()
    said = [
        (draw_prediction(0.1 + 0.2 * number, version=f"version {number % 3}"),)
        for number in range(5)
    ]
    for begin in range(0, CASES, 1000):

        def work(session: object, begin: int = begin) -> None:
            for number in range(begin, begin + 1000):
                put(
                    session,  # type: ignore[arg-type]
                    replace(
                        case,
                        id=uuid4().hex,
                        owner=f"reader {number % OWNERS}",
                        predictions=said[number % 5],
                        note=f"note {number} " + "of some length " * 20,
                        tags=(f"tag {number % 7}", "all"),
                        reference=case.reference if number % 3 else None,
                        created_at=NOON + timedelta(minutes=number),
                    ),
                )

        transactions.write(casebook.engine, work)
