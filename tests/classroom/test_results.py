"""The tables and the record that a class leaves."""

from __future__ import annotations

import json
import warnings
from datetime import UTC, datetime

import pytest

from pneumo.classroom.measures import locate_readers
from pneumo.classroom.names import CODE_LENGTH, draw_code, draw_name, tidy_nickname
from pneumo.classroom.ratings import gather_ratings
from pneumo.classroom.records import Answer, ClassSession, Seat, SessionState
from pneumo.classroom.results import (
    list_answers,
    measure_all,
    record_session,
    tabulate_films,
    tabulate_readers,
)
from tests.classroom.scene import draw_plan, rate

LABELS = (0, 0, 1, 1)
AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
SEATS = [Seat(0, "Blue heron", "Ann"), Seat(1, "Red wren"), Seat(2, "Teal owl")]
ANSWERS = [Answer(0, 1, 2, 3.5), Answer(0, 2, None, None), Answer(1, 1, 6, 1.0)]


def session() -> ClassSession:
    return ClassSession("ABC234", draw_plan(LABELS), SessionState.ENDED, False, AT, AT, AT)


def test_film_table_counts_calls_and_shares() -> None:
    ratings = rate([[1, 6, 6, None], [2, 1, 6, None]], LABELS)
    table = tabulate_films(ratings, "left out")
    assert table["share_right"].tolist()[:3] == [1.0, 0.5, 1.0]
    assert table["called_pneumonia"].tolist() == [0, 1, 2, 0]
    assert table["unanswered"].tolist() == [0, 0, 0, 2]
    assert table["networks_right"].tolist() == [True, True, True, False]
    assert table["median_seconds"].tolist()[:3] == [2.0, 4.0, 6.0]
    assert table[["share_right", "mean_rating", "median_seconds"]].iloc[3].isna().all()
    strict = tabulate_films(ratings, "counted as wrong")
    assert strict["share_right"].tolist() == [1.0, 0.5, 1.0, 0.0]


def test_class_of_nobody_still_has_a_table_and_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ratings = rate([], LABELS)
        assert tabulate_films(ratings, "left out")["answered"].tolist() == [0] * 4
        assert locate_readers(ratings, "left out") == []
        agreement, auc = measure_all(ratings)
    assert agreement.readers == 0
    assert auc["class"].n == 0
    assert auc["ensemble"].n == 4


def test_reader_table_gives_each_share_with_interval_and_n() -> None:
    points = locate_readers(rate([[1, 6, 6, None]], LABELS), "left out")
    (row,) = tabulate_readers(points).to_dict("records")
    assert row["sensitivity"] == 1.0
    assert row["sensitivity_n"] == 1
    assert row["specificity"] == 0.5
    assert row["specificity_low"] < 0.5 < row["specificity_high"]


def test_answers_table_keeps_what_was_shown_but_not_answered() -> None:
    rows = list_answers(session(), SEATS, ANSWERS)
    assert [row["student"] for row in rows] == ["Blue heron", "Blue heron", "Red wren"]
    assert [row["nickname"] for row in rows] == ["Ann", "Ann", ""]
    assert [row["verdict"] for row in rows] == ["NORMAL", None, "PNEUMONIA"]
    assert [row["is_right"] for row in rows] == [True, None, False]
    assert list_answers(session(), [], []) == []


def test_record_is_json_without_nan_and_holds_every_answer() -> None:
    agreement, auc = measure_all(gather_ratings(draw_plan(LABELS), SEATS, ANSWERS))
    record = record_session(session(), SEATS, ANSWERS, agreement=agreement, auc=auc)
    back = json.loads(json.dumps(record, allow_nan=False))
    assert len(back["answers"]) == 3
    assert back["films"][3]["label"] == "PNEUMONIA"
    assert back["ended_at"] == "2026-01-02T03:04:00+00:00"
    assert back["auc"]["class"]["value"] is None, "only normal films were answered"
    assert "no test of the networks" in back["caveat"]


def test_codes_have_no_letters_that_are_mistaken() -> None:
    codes = {draw_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == CODE_LENGTH for code in codes)
    assert not set("".join(codes)) & set("ILO01")
    assert draw_name().count(" ") == 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [(" two\nlines ", "two lines"), ("a\u202eb", "a b"), ("Łukasz 李", "Łukasz 李"), (" ", "")],
)
def test_nickname_is_one_printable_line(typed: str, kept: str) -> None:
    assert tidy_nickname(typed) == kept
    assert len(tidy_nickname("x" * 500)) == 40
