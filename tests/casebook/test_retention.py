"""Cases that have been kept for long enough: gone in time, and out of sight before that."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import pytest

from pneumo.casebook.journal import SERVER, Act
from pneumo.casebook.records import now_utc
from pneumo.casebook.retention import Rounds
from pneumo.casebook.storage.database import open_database
from pneumo.casebook.store import Casebook
from pneumo.errors import CasebookError, MissingCaseError
from tests.casebook.drawn_cases import draw_case

ME = "me"


@pytest.fixture
def strict(casebook: Casebook) -> Casebook:
    """A casebook that keeps cases for a day; the first of its two is older."""
    casebook.save(draw_case(1, owner=ME, created_at=now_utc() - timedelta(days=5)))
    casebook.save(draw_case(2, owner=ME, created_at=now_utc()))
    return Casebook(casebook.engine, retention_days=1)


def test_old_case_does_not_open_by_its_link(strict: Casebook) -> None:
    with pytest.raises(MissingCaseError):
        strict.open(ME, draw_case(1).id)
    assert strict.open(ME, draw_case(2).id).title == "Case 2"
    expired = [entry for entry in strict.journal_entries() if entry.act is Act.EXPIRED]
    assert [(entry.owner, entry.case_id) for entry in expired] == [(SERVER, draw_case(1).id)]


def test_old_case_on_a_disk_that_cannot_be_written_to_is_out_of_sight(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    casebook = Casebook(open_database(sqlite_url), retention_days=None)
    casebook.save(draw_case(1, created_at=now_utc() - timedelta(days=5)))
    casebook.save(draw_case(2, created_at=now_utc()))
    strict = Casebook(casebook.engine, retention_days=1)
    access = os.access
    with monkeypatch.context() as protected:
        protected.setattr(
            os, "access", lambda path, mode: not mode & os.W_OK and access(path, mode)
        )
        page = strict.find("")
        assert (page.total, [row.id for row in page.rows]) == (1, [draw_case(2).id])
        assert strict.find_case("", draw_case(1).id) is None
        assert len(list(strict.hand_out(""))) == 1
        for act in (strict.open, strict.film):
            with pytest.raises(MissingCaseError):
                act("", draw_case(1).id)
    assert casebook.find("").total == 2
    assert strict.find("").total == 1
    assert casebook.find("").total == 1
    strict.close()


def test_old_case_goes_though_nobody_looks(strict: Casebook) -> None:
    strict.keep_to_retention()
    wait_for_count(strict, 1)
    strict.close()


def wait_for_count(strict: Casebook, count: int) -> None:
    lenient = Casebook(strict.engine)
    deadline = time.monotonic() + 20
    while lenient.find(ME).total != count and time.monotonic() < deadline:
        time.sleep(0.02)
    assert lenient.find(ME).total == count


def test_rounds_go_on_after_a_failure_and_end_when_stopped() -> None:
    acts: list[int] = []

    def act() -> None:
        acts.append(len(acts))
        if len(acts) == 1:
            raise CasebookError("The disk is full.")

    rounds = Rounds(act, every_s=0.01)
    deadline = time.monotonic() + 20
    while len(acts) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    rounds.stop()
    count = len(acts)
    assert count >= 3
    time.sleep(0.05)
    assert len(acts) == count
