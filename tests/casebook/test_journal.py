"""Who did what: named as they were then, found by day, and written before anything leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from pneumo.casebook import journal as journals
from pneumo.casebook.journal import Act, JournalEntry, JournalQuery
from pneumo.casebook.people import introduce
from pneumo.casebook.records import now_utc
from pneumo.casebook.storage.database import open_database
from pneumo.casebook.store import Casebook
from pneumo.errors import MissingCaseError
from tests.casebook.drawn_cases import NOON, draw_case, draw_prediction

ME, OTHER = "https://id.example 41", "https://id.example 42"


def acts_of(casebook: Casebook) -> list[tuple[Act, str]]:
    return [(entry.act, entry.detail) for entry in casebook.journal.find()]


def test_each_line_keeps_the_name_of_its_own_day(casebook: Casebook) -> None:
    introduce(ME, "ada@example.org")
    case = casebook.save(draw_case(owner=ME))
    introduce(ME, "ada.lovelace@example.org")
    casebook.open(ME, case.id)
    casebook.save(draw_case(owner=OTHER))
    names = [(entry.owner, entry.name) for entry in casebook.journal.find()]
    assert names == [(OTHER, ""), (ME, "ada.lovelace@example.org"), (ME, "ada@example.org")]


def test_journal_of_an_earlier_version_keeps_its_lines(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = {"at": NOON, "owner": ME, "act": "saved", "case_id": "f" * 32, "detail": "film"}
    with monkeypatch.context() as then:
        then.setattr("pneumo.casebook.storage.migration.newest_revision", lambda: "0003")
        earlier = open_database(url)
        with earlier.begin() as connection:
            names = ", ".join(line)
            values = ", ".join(f":{name}" for name in line)
            connection.execute(text(f"INSERT INTO journal ({names}) VALUES ({values})"), line)
        earlier.dispose()
    casebook = Casebook(open_database(url))
    assert casebook.journal.find() == [JournalEntry(NOON, ME, Act.SAVED, "f" * 32, "film", "")]
    casebook.close()


def test_acts_are_found_by_day_and_kind_and_page_by_page(
    casebook: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = datetime(2026, 11, 1, 23, 59, 59, tzinfo=UTC)
    for hours in range(6):
        moment = begin + timedelta(hours=12 * hours)
        monkeypatch.setattr(journals, "now_utc", lambda moment=moment: moment)
        casebook.journal.note(ME, Act.OPENED if hours % 2 else Act.CHANGED, f"{hours:032x}")
    find = casebook.journal.find
    days = JournalQuery(since=begin.date() + timedelta(days=1), until=begin.date() + timedelta(2))
    assert [int(entry.case_id) for entry in find(days)] == [4, 3, 2, 1]
    assert casebook.journal.count(days) == 4
    assert [int(entry.case_id) for entry in find(days, limit=2, offset=2)] == [2, 1]
    opened = replace(days, acts=frozenset({Act.OPENED}))
    assert [int(entry.case_id) for entry in find(opened)] == [3, 1]
    assert casebook.journal.count() == 6
    assert find(JournalQuery(OTHER)) == []


def test_case_of_another_is_refused_and_noted_and_one_that_never_was_is_not(
    casebook: Casebook,
) -> None:
    case = casebook.save(draw_case(owner=ME))
    for case_id in (case.id, "f" * 32):
        with pytest.raises(MissingCaseError):
            casebook.open(OTHER, case_id)
    last = casebook.journal.find()[0]
    assert (last.owner, last.act, last.case_id) == (OTHER, Act.REFUSED, case.id)
    assert casebook.journal.count() == 2


def test_nobody_who_does_not_sign_in_is_refused_by_name(casebook: Casebook) -> None:
    case = casebook.save(draw_case(owner=ME))
    with pytest.raises(MissingCaseError):
        casebook.open("", case.id)
    assert casebook.journal.count() == 1


def test_answer_in_spite_of_the_gate_is_told(casebook: Casebook) -> None:
    said = replace(draw_prediction(), quality={"usability": "refused"})
    casebook.save(draw_case(predictions=(said,), opinions=(), reads=()))
    casebook.save(draw_case(2))
    assert acts_of(casebook) == [
        (Act.SAVED, ""),
        (Act.SAVED, "refused by the gate, answered all the same"),
    ]


def test_case_that_is_handed_on_is_noted_and_one_that_is_gone_is_not_handed_on(
    casebook: Casebook,
) -> None:
    case = casebook.save(draw_case(owner=ME))
    casebook.note_export(ME, case.id, "PDF")
    with pytest.raises(MissingCaseError):
        casebook.note_export(OTHER, case.id, "PDF")
    casebook.delete(ME, [case.id])
    with pytest.raises(MissingCaseError):
        casebook.note_export(ME, case.id, "PDF")
    assert acts_of(casebook)[1] == (Act.EXPORTED, "PDF")
    assert casebook.journal.count() == 3
    assert abs(now_utc() - casebook.journal.find()[0].at) < timedelta(minutes=1)
