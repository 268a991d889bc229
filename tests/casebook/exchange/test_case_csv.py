"""Cases → a table that people open in a spreadsheet and programs read back."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime

import pandas as pd
import pytest

from pneumo.casebook.exchange.case_table import tabulate_cases, write_table
from pneumo.casebook.records import Case, CasePrediction, Damaged
from pneumo.domain import MemberScore, Verdict
from pneumo.spreadsheet import guard
from tests.casebook.drawn_cases import draw_case, draw_mended, draw_prediction, draw_refused


def read_back(*cases: Case) -> list[dict[str, str]]:
    text = write_table(tabulate_cases(cases)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_holds_what_was_said_and_by_whom() -> None:
    (row,) = read_back(draw_case())
    assert row["networks_verdict"] == "PNEUMONIA"
    assert float(row["networks_probability_0_to_1"]) == 0.731
    assert float(row["threshold_0_to_1"]) == 0.5
    assert row["operating_point"] == "balanced"
    assert row["model_version"] == "0123456789ab"
    assert float(row["member_second_probability_0_to_1"]) == 0.95
    assert (row["opinion_verdict"], row["opinion_prompt"]) == ("NORMAL", "radiologist v1")
    assert (row["first_read_verdict"], row["last_read_verdict"]) == ("NORMAL", "PNEUMONIA")
    assert row["last_read_cause"] == "the heat map"
    assert row["first_read_seconds"] == "31.5"
    assert row["reference_verdict"] == "PNEUMONIA"
    assert row["conflicts"] == "networks split; networks and language model differ"
    assert row["tags"] == "ward; winter"


def test_refused_film_carries_its_mark_beside_the_verdict_and_why() -> None:
    fine, refused = read_back(draw_case(1), draw_case(2, predictions=(draw_refused(),)))
    assert (fine["mark"], refused["mark"]) == ("", "REFUSED BY THE GATE")
    names = list(refused)
    assert names.index("mark") == names.index("networks_verdict") + 1
    assert refused["gate_version"] == "f00df00df00d"
    assert refused["gate_reasons"] == "It may be no chest film."
    assert float(refused["gate_distance"]) == 5.25
    assert float(refused["gate_distance_threshold"]) == 2.5


def test_what_the_reader_did_to_the_film_is_told() -> None:
    plain, mended = read_back(draw_case(1), draw_case(2, film=draw_mended(2)))
    assert plain["film_mends"] == ""
    assert plain["film_sha256_as_chosen"] == plain["film_sha256"]
    assert mended["film_mends"] == "rotate 180; invert"
    assert mended["film_sha256_as_chosen"] == draw_mended(2).chosen_fingerprint
    assert mended["film_sha256"] == f"{2:064x}"


def test_damaged_case_is_a_row_with_its_id_and_the_error() -> None:
    data = write_table(tabulate_cases([Damaged("f" * 32, "It is damaged, alas."), draw_case(1)]))
    table = pd.read_csv(io.BytesIO(data), keep_default_na=False)
    assert list(table["case_id"]) == ["f" * 32, draw_case(1).id]
    assert list(table["error"]) == ["It is damaged, alas.", ""]
    assert list(table["networks_verdict"]) == ["", "PNEUMONIA"]
    assert table.columns[-1] == "error"
    assert "error" not in read_back(draw_case(1))[0]


def test_every_time_is_iso_8601_in_utc() -> None:
    (row,) = read_back(draw_case())
    moments = {name: cell for name, cell in row.items() if name.endswith("_utc") and cell}
    assert len(moments) == 7
    for cell in moments.values():
        assert datetime.fromisoformat(cell).utcoffset().total_seconds() == 0  # type: ignore[union-attr]


def test_case_without_opinion_read_or_answer_leaves_cells_empty() -> None:
    (row,) = read_back(draw_case(opinions=(), reads=(), reference=None))
    assert row["opinion_verdict"] == row["first_read_verdict"] == row["resolved_at_utc"] == ""
    assert row["opinions"] == row["reads"] == "0"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "  ="])
def test_no_text_becomes_a_formula_in_a_spreadsheet(start: str) -> None:
    typed = f"{start}HYPERLINK(A1)"
    (row,) = read_back(draw_case(title=typed, note=typed, tags=(typed,)))
    for name in ("title", "note", "tags"):
        assert row[name] == f"'{typed}"


def test_numbers_and_harmless_texts_are_left_alone() -> None:
    assert guard(-0.5) == -0.5
    assert guard("a-b") == "a-b"
    assert guard("") == ""
    assert guard("   ") == "   "


def test_commas_quotes_lines_and_foreign_letters_come_back_as_typed() -> None:
    note = 'Zweite Aufnahme, "besser"\n咳 ไอ'
    (row,) = read_back(draw_case(note=note))
    assert row["note"] == note
    table = pd.read_csv(io.BytesIO(write_table(tabulate_cases([draw_case(note=note)]))))
    assert table.columns[0] == "case_id"
    assert table["note"][0] == note


def test_networks_of_several_versions_share_one_table() -> None:
    other = draw_prediction(version="ffffffffffff")
    third = (MemberScore("third", "Third network", 0.4, Verdict.NORMAL),)
    later = CasePrediction(replace(other.prediction, members=third), (), other.read_at)
    first, second = read_back(draw_case(1), draw_case(2, predictions=(later,)))
    assert first["member_third_probability_0_to_1"] == ""
    assert second["member_first_probability_0_to_1"] == ""
    assert second["member_third_probability_0_to_1"] == "0.4"
    names = list(first)
    assert names.index("member_third_probability_0_to_1") < names.index("networks_spread_0_to_1")


def test_no_case_gives_a_file_without_rows() -> None:
    assert write_table([]).decode("utf-8-sig").strip() == ""
