"""Cases in a casebook: they come back as they were, to their owner, until they are deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from pneumo.casebook.contents import write_opinions, write_predictions, write_reads
from pneumo.casebook.journal import SERVER, Act
from pneumo.casebook.records import Case, ConflictState, Damaged, Reference, now_utc
from pneumo.casebook.storage import transactions
from pneumo.casebook.storage.database import open_database
from pneumo.casebook.store import Casebook, CaseQuery
from pneumo.domain import Verdict
from pneumo.errors import CasebookError, MissingCaseError
from tests.casebook.drawn_cases import (
    NOON,
    draw_case,
    draw_mended,
    draw_opinion,
    draw_prediction,
    draw_reads,
    draw_refused,
)
from tests.casebook.films import draw_case_of, draw_film

ME, OTHER = "me", "somebody else"


def in_words(case: Case) -> tuple[object, ...]:
    """Return all that a case holds; heat maps have no equality of their own."""
    said = write_predictions(case.predictions), write_opinions(case.opinions)
    bare = replace(case, predictions=(), opinions=(), reads=())
    return (*said, write_reads(case.reads), vars(bare))


def keep(casebook: Casebook, *cases: Case) -> None:
    for case in cases:
        casebook.save(case)


def ids(casebook: Casebook, **query: object) -> set[int]:
    found = casebook.find(ME, CaseQuery(**query))  # type: ignore[arg-type]
    assert found.total == len(found.rows)
    return {int(row.id, 16) for row in found.rows}


def test_case_comes_back_as_it_was(casebook: Casebook) -> None:
    case = draw_case(owner=ME, note="Husten seit 3 Tagen; 咳嗽 😷", opinions=(draw_opinion(),) * 2)
    case = replace(case, predictions=(replace(case.latest, quality={"usability": "fine"}),))
    saved = casebook.save(case)
    back = casebook.open(ME, case.id)
    assert in_words(saved) == in_words(case) == in_words(back)
    assert back.latest.explanations[0].evidence.dtype == np.float32
    assert back.latest.quality == {"usability": "fine"}


def test_times_come_back_in_utc(casebook: Casebook) -> None:
    east = timezone(timedelta(hours=5))
    moment = datetime(2026, 11, 24, 2, 30, 0, 123000, tzinfo=east)
    read = replace(draw_reads()[0], read_at=moment)
    casebook.save(draw_case(owner=ME, created_at=moment, reads=(read,)))
    back = casebook.open(ME, draw_case().id)
    for found in (back.created_at, back.reads[0].read_at, casebook.find(ME).rows[0].created_at):
        assert found == moment
        assert found.utcoffset() == timedelta(0)


def test_saving_twice_keeps_one_case_and_its_first_time(casebook: Casebook) -> None:
    case = draw_case(owner=ME)
    casebook.save(case)
    again = casebook.save(replace(case, title="Changed", tags=(), created_at=now_utc()))
    assert casebook.find(ME).total == 1
    assert again.created_at == case.created_at
    assert abs(now_utc() - again.updated_at) < timedelta(minutes=1)
    assert casebook.open(ME, case.id).title == "Changed"
    assert casebook.all_tags(ME) == []


def test_film_stays_only_if_asked_for(casebook: Casebook) -> None:
    film = draw_film()
    without, kept = draw_case_of(film, 1, owner=ME), draw_case_of(film, 2, owner=ME)
    assert not casebook.save(without).has_film
    assert casebook.film(ME, without.id) is None
    assert casebook.save(kept, film=film).has_film
    assert casebook.save(kept).has_film  # To save anew without the film leaves it.
    back = casebook.film(ME, kept.id)
    assert back is not None
    assert back.fingerprint == film.fingerprint
    assert not casebook.forget_film(ME, kept.id).has_film
    assert casebook.film(ME, kept.id) is None
    assert not casebook.open(ME, kept.id).has_film


def test_film_of_another_case_is_refused(casebook: Casebook) -> None:
    with pytest.raises(CasebookError, match="another one"):
        casebook.save(draw_case(owner=ME), film=draw_film())
    assert casebook.find(ME).total == 0


def test_nobody_reaches_another_owners_case(casebook: Casebook) -> None:
    film = draw_film()
    case = draw_case_of(film, owner=ME)
    casebook.save(case, film=film)
    for reach in (casebook.open, casebook.film, casebook.update, casebook.forget_film):
        with pytest.raises(MissingCaseError):
            reach(OTHER, case.id)
    assert casebook.find_case(OTHER, case.id) is None
    assert casebook.delete(OTHER, [case.id]) == 0
    assert casebook.find(OTHER).total == 0
    assert casebook.all_tags(OTHER) == casebook.model_versions(OTHER) == []
    assert casebook.list_reads(OTHER).cases == ()
    assert list(casebook.hand_out(OTHER)) == []
    # The same id as another's is a case of one's own.
    casebook.save(replace(case, owner=OTHER, title="Mine"))
    assert casebook.open(ME, case.id).title == case.title
    assert casebook.film(OTHER, case.id) is None


def test_missing_case_says_what_to_do(casebook: Casebook) -> None:
    with pytest.raises(MissingCaseError, match="Choose one from the list"):
        casebook.open(ME, "<script>")


def test_each_filter_finds_its_cases(casebook: Casebook) -> None:
    normal = draw_prediction(0.2, version="other networks")
    agreeing = replace(normal, prediction=replace(normal.prediction, split_vote=False))
    keep(
        casebook,
        draw_case(1, owner=ME, tags=("ward",)),
        draw_case(2, owner=ME, predictions=(draw_prediction(), normal), reference=None),
        draw_case(
            3, owner=ME, predictions=(agreeing,), opinions=(), reads=(), tags=(), note="50% odd_one"
        ),
        draw_case(4, owner=OTHER),
    )
    assert ids(casebook) == {1, 2, 3}
    assert ids(casebook, verdict=Verdict.NORMAL) == {2, 3}
    assert ids(casebook, model_version="other networks") == {2, 3}
    assert ids(casebook, tag="ward") == {1, 2}
    assert ids(casebook, tag="wa") == set()
    assert ids(casebook, resolved=True) == {1, 3}
    assert ids(casebook, resolved=False) == {2}
    assert ids(casebook, conflict=ConflictState.SPLIT_VOTE) == {1, 2}
    assert ids(casebook, conflict=ConflictState.OPINION_DIFFERS) == {1}
    assert ids(casebook, conflict=ConflictState.READER_DIFFERS) == {2}
    assert ids(casebook, conflict=ConflictState.AGREE) == {3}
    assert ids(casebook, fingerprint=f"{2:064x}") == {2}
    assert ids(casebook, verdict=Verdict.NORMAL, resolved=True, text="odd") == {3}
    assert casebook.all_tags(ME) == ["ward", "winter"]
    assert casebook.model_versions(ME) == ["0123456789ab", "other networks"]


def test_searched_text_is_taken_by_the_letter_and_without_case(casebook: Casebook) -> None:
    keep(
        casebook,
        draw_case(1, owner=ME, title="Große Kinder", note=""),
        draw_case(2, owner=ME, title="", note="Fever 50%\nfor days"),
        draw_case(3, owner=ME, title="a_b", note="back\\slash; ВЫСОКИЙ"),
    )
    assert ids(casebook, text="GROSSE") == ids(casebook, text=" große k ") == {1}
    assert ids(casebook, text="%") == ids(casebook, text="50%") == {2}
    assert ids(casebook, text="_") == {3}
    assert ids(casebook, text="a%b") == set()
    assert ids(casebook, text="\\") == ids(casebook, text="высок") == {3}
    assert ids(casebook, text="'; DROP TABLE cases; --") == set()
    assert ids(casebook, text="\0") == {1, 2, 3}


def test_days_are_whole_days_of_utc(casebook: Casebook) -> None:
    last = datetime(2026, 11, 23, 23, 59, 59, 999000, tzinfo=UTC)
    keep(
        casebook,
        draw_case(1, owner=ME, created_at=last),
        draw_case(2, owner=ME, created_at=last + timedelta(milliseconds=1)),
    )
    day = date(2026, 11, 23)
    assert ids(casebook, until=day) == ids(casebook, since=day, until=day) == {1}
    assert ids(casebook, since=date(2026, 11, 24), until=date.max) == {2}


def test_pages_are_newest_first_and_know_the_total(casebook: Casebook) -> None:
    keep(
        casebook,
        *(
            draw_case(number, owner=ME, created_at=NOON + timedelta(minutes=number))
            for number in range(1, 8)
        ),
    )
    page = casebook.find(ME, limit=3, offset=3)
    assert [int(row.id, 16) for row in page.rows] == [4, 3, 2]
    assert page.total == 7
    row = page.rows[0]
    assert (row.opinion, row.reader, row.reference) == (
        Verdict.NORMAL,
        Verdict.PNEUMONIA,
        Verdict.PNEUMONIA,
    )
    assert row.tags == ("ward", "winter")
    assert row.conflicts == draw_case().conflicts


def test_update_changes_what_it_is_told_and_nothing_else(casebook: Casebook) -> None:
    case = casebook.save(draw_case(owner=ME))
    assert casebook.update(ME, case.id, note="New words", tags=["b", " a ", "a"]).tags == ("a", "b")
    today = draw_prediction(0.1, version="today's networks")
    casebook.update(ME, case.id, add_prediction=today, add_opinion=draw_opinion(informed=True))
    casebook.update(ME, case.id, add_read=draw_reads()[0])
    back = casebook.open(ME, case.id)
    assert (back.title, back.note) == (case.title, "New words")
    assert [each.prediction.probability for each in back.predictions] == [0.731, 0.1]
    assert (len(back.opinions), len(back.reads)) == (2, 3)
    assert back.reference == case.reference
    assert casebook.update(ME, case.id, reference=None).reference is None
    assert ids(casebook, resolved=False, verdict=Verdict.NORMAL, text="new WORDS") == {1}
    answer = Reference(Verdict.NORMAL, "CT", NOON)
    assert casebook.update(ME, case.id, reference=answer).reference == answer
    assert casebook.update(ME, case.id, reference=answer, title=case.title).title == case.title


def test_revision_sees_the_case_as_it_is_kept(casebook: Casebook) -> None:
    first = casebook.revise(
        ME, draw_case().id, lambda before: draw_case(owner=ME, note=f"{before}")
    )
    assert first.note == "None"

    def add(before: Case | None) -> Case:
        assert before is not None
        return replace(before, note=before.note + ", then more")

    assert casebook.revise(ME, first.id, add).note == "None, then more"


def test_words_that_no_database_takes_are_made_to_fit(casebook: Casebook) -> None:
    said = draw_opinion()
    odd = replace(said, result=replace(said.result, text="a\0b\ud800"))
    casebook.save(draw_case(owner=ME, note="nul\0 half\ud800", tags=("\0", " x "), opinions=(odd,)))
    back = casebook.open(ME, draw_case().id)
    assert back.note == "nul half?"
    assert back.tags == ("x",)
    assert back.opinions[0].result.text == "a\0b?"


def test_what_is_too_long_is_refused_with_its_length(casebook: Casebook) -> None:
    for changes, words in (
        ({"title": "x" * 201}, "title of at most 200"),
        ({"note": "x" * 20_001}, "note of at most 20,000"),
        ({"tags": ("x" * 51,)}, "tag of at most 50"),
        ({"tags": tuple(map(str, range(31)))}, "at most 30 tags"),
        ({"predictions": ()}, "no prediction"),
        ({"reference": Reference(Verdict.INDETERMINATE, "", NOON)}, "PNEUMONIA or NORMAL"),
    ):
        with pytest.raises(CasebookError, match=words):
            casebook.save(draw_case(owner=ME, **changes))
    assert casebook.find(ME).total == 0


def test_damaged_case_is_named_and_the_others_are_shown(casebook: Casebook) -> None:
    keep(casebook, *(draw_case(number, owner=ME) for number in (1, 2, 3)))
    with casebook.engine.begin() as connection:
        for table, change, number in (
            ("cases", "verdict = 'MAYBE'", 1),
            ("case_contents", "predictions = '[]', reads = '[{\"verdict\": 1}]'", 2),
        ):
            column = "id" if table == "cases" else "case_id"
            connection.execute(
                text(f"UPDATE {table} SET {change} WHERE {column} = '{number:032x}'")
            )
    page = casebook.find(ME)
    assert [int(row.id, 16) for row in page.rows] == [2, 3]
    assert [f"{1:032x}" in problem for problem in page.problems] == [True]
    with pytest.raises(CasebookError, match=f"Case {2:032x} cannot be read"):
        casebook.open(ME, f"{2:032x}")
    reads = casebook.list_reads(ME)
    assert {int(case.case_id, 16) for case in reads.cases} == {1, 3}
    assert len(reads.problems) == 1
    assert casebook.delete(ME, [f"{2:032x}"]) == 1


def test_damaged_case_is_handed_out_by_its_id_and_costs_no_other(casebook: Casebook) -> None:
    keep(casebook, *(draw_case(number, owner=ME) for number in (1, 2, 3)))
    with casebook.engine.begin() as connection:
        change = f"UPDATE case_contents SET reads = '[1]' WHERE case_id = '{2:032x}'"
        connection.execute(text(change))
    found = list(casebook.hand_out(ME))
    (damaged,) = [each for each in found if isinstance(each, Damaged)]
    assert damaged.case_id == f"{2:032x}"
    assert f"Case {2:032x} cannot be read" in damaged.reason
    assert {each.id for each in found if isinstance(each, Case)} == {f"{1:032x}", f"{3:032x}"}


def test_what_was_done_to_a_film_is_kept_and_listed_with_what_the_gate_said(
    casebook: Casebook,
) -> None:
    case = draw_case(owner=ME, film=draw_mended(), predictions=(draw_refused(),))
    keep(casebook, case)
    found = casebook.open(ME, case.id)
    assert found.film == case.film
    assert found.film.mends == ("rotate 180", "invert")
    assert found.film.chosen_fingerprint != found.film.fingerprint
    assert [row.refused for row in casebook.find(ME).rows] == [True]


def test_reads_are_listed_for_the_readers_summary(casebook: Casebook) -> None:
    keep(casebook, draw_case(1, owner=ME), draw_case(2, owner=ME, reads=()))
    (found,) = casebook.list_reads(ME).cases
    case = draw_case(1)
    assert found.reads == case.reads
    assert (found.leaning, found.probability) == (Verdict.PNEUMONIA, 0.731)
    assert (found.opinion, found.operating_point) == (Verdict.NORMAL, "balanced")
    assert found.reference == case.reference


def test_deleted_case_is_gone_from_every_file(sqlite_casebook: Casebook, tmp_path: Path) -> None:
    film = draw_film()
    secret = "A note that nobody shall find"
    case = draw_case_of(film, owner=ME, note=secret, tags=("unfindable tag",))
    sqlite_casebook.save(case, film=film)
    keep(sqlite_casebook, *(draw_case(number, owner=ME) for number in range(2, 40)))
    pixels = casebook_png(sqlite_casebook)
    assert any(holds(tmp_path, word) for word in (secret.encode(), secret.lower().encode()))
    assert holds(tmp_path, pixels)
    assert sqlite_casebook.delete(ME, [case.id, "unknown"]) == 1
    with pytest.raises(MissingCaseError):
        sqlite_casebook.open(ME, case.id)
    for word in (secret.encode(), secret.lower().encode(), b"unfindable tag", pixels):
        assert not holds(tmp_path, word)
    assert sqlite_casebook.find(ME).total == 38


def test_deleted_film_is_gone_from_every_file(sqlite_casebook: Casebook, tmp_path: Path) -> None:
    film = draw_film()
    case = sqlite_casebook.save(draw_case_of(film, owner=ME), film=film)
    pixels = casebook_png(sqlite_casebook)
    assert holds(tmp_path, pixels)
    sqlite_casebook.forget_film(ME, case.id)
    assert not holds(tmp_path, pixels)


def test_deletion_that_a_reader_holds_up_is_finished_at_the_next_act(
    sqlite_casebook: Casebook, tmp_path: Path
) -> None:
    case = sqlite_casebook.save(draw_case(owner=ME, note="not to be found"))
    with sqlite_casebook.engine.execution_options(reads_only=True).begin() as reader:
        reader.execute(text("SELECT count(*) FROM cases")).scalar()
        sqlite_casebook.delete(ME, [case.id])
        assert holds(tmp_path, b"not to be found")
    sqlite_casebook.find(ME)
    assert not holds(tmp_path, b"not to be found")


def casebook_png(casebook: Casebook) -> bytes:
    """Return some bytes of the one film that is kept."""
    with casebook.engine.connect() as connection:
        png: bytes = connection.execute(text("SELECT png FROM case_films")).scalar_one()
    return png[100:150]


def holds(folder: Path, words: bytes) -> bool:
    return any(words in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_delete_takes_all_rows_along(casebook: Casebook) -> None:
    film = draw_film()
    casebook.save(draw_case_of(film, owner=ME), film=film)
    keep(casebook, *(draw_case(number, owner=ME) for number in range(2, 12)))
    assert casebook.delete(ME, [f"{number:032x}" for number in range(1, 200)]) == 11
    with casebook.engine.connect() as connection:
        for table in ("cases", "case_contents", "case_tags", "case_films"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0


def test_journal_tells_who_did_what_and_no_word_of_the_case(casebook: Casebook) -> None:
    film = draw_film()
    case = draw_case_of(film, owner=ME, title="Title words", note="Note words", tags=("tag words",))
    casebook.save(case, film=film)
    casebook.open(ME, case.id)
    casebook.update(ME, case.id, note="Other note words", tags=["other tag words"])
    list(casebook.hand_out(ME))
    casebook.delete(ME, [case.id])
    casebook.save(draw_case(2, owner=OTHER))
    entries = casebook.journal_entries(owner=ME)
    assert [(entry.act, entry.detail) for entry in entries] == [
        (Act.DELETED, ""),
        (Act.EXPORTED, ""),
        (Act.CHANGED, "note, tags"),
        (Act.OPENED, "film"),
        (Act.SAVED, "film"),
    ]
    assert {entry.case_id for entry in entries} == {case.id}
    assert all(abs(now_utc() - entry.at) < timedelta(minutes=1) for entry in entries)
    assert casebook.journal_entries(limit=1)[0].owner == OTHER
    assert "words" not in repr(casebook.journal_entries())


def test_what_failed_is_not_in_the_journal(casebook: Casebook) -> None:
    case = casebook.save(draw_case(owner=ME))

    def fail(before: Case | None) -> Case:
        raise CasebookError("no")

    with pytest.raises(CasebookError, match="no"):
        casebook.revise(ME, case.id, fail)
    with pytest.raises(CasebookError, match="at most"):
        casebook.update(ME, case.id, title="x" * 300)
    assert [entry.act for entry in casebook.journal_entries()] == [Act.SAVED]


def test_cases_go_when_they_are_old_and_not_before(url: str) -> None:
    casebook = Casebook(open_database(url))
    now = now_utc()
    keep(
        casebook,
        draw_case(1, owner=ME, created_at=now - timedelta(days=31)),
        draw_case(2, owner=ME, created_at=now - timedelta(days=29)),
        draw_case(3, owner=OTHER, created_at=now - timedelta(days=400)),
    )
    strict = Casebook(casebook.engine, retention_days=30)
    assert {int(row.id, 16) for row in strict.find(ME).rows} == {2}
    assert strict.find(OTHER).total == 0
    gone = [entry for entry in strict.journal_entries() if entry.act is Act.EXPIRED]
    assert {(entry.owner, int(entry.case_id, 16)) for entry in gone} == {(SERVER, 1), (SERVER, 3)}
    assert strict.delete_expired(1, now) == 1
    casebook.close()


def test_without_retention_nothing_goes(casebook: Casebook) -> None:
    keep(casebook, draw_case(owner=ME, created_at=datetime(1999, 1, 1, tzinfo=UTC)))
    assert casebook.find(ME).total == 1


def test_reader_is_not_kept_waiting_by_a_writer(casebook: Casebook) -> None:
    keep(casebook, draw_case(owner=ME))

    def look_meanwhile(session: object) -> int:
        return casebook.find(ME).total

    assert transactions.write(casebook.engine, look_meanwhile) == 1
