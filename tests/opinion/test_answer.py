"""A model's text becomes an opinion only if it keeps to the form, whatever stands around it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pneumo.domain import Finding, Opinion, Verdict
from pneumo.opinion.answer import (
    SCHEMAS,
    Complaint,
    declines,
    describe_schema,
    narrate,
    read_answer,
)
from pneumo.opinion.problems import ProblemKind
from tests.opinion.language_model_server import INFORMED_ANSWER, sound_answer


def _read(**changes: Any) -> Opinion | Complaint:
    return read_answer(json.dumps(sound_answer(**changes)), "1")


def test_capitals_and_blanks_are_forgiven() -> None:
    finding = {"name": " haze ", "side": "Left", "zone": "LOWER ", "certainty": "Possible"}
    answer = _read(verdict=" normal ", view="ap", findings=[finding])
    assert isinstance(answer, Opinion)
    assert answer.verdict is Verdict.NORMAL
    assert answer.view == "AP"
    assert answer.findings == (Finding("haze", "left", "lower", "possible"),)


def test_treatment_that_nobody_asked_for_is_dropped() -> None:
    answer = _read(treatment="Give a drug.")
    assert isinstance(answer, Opinion)
    assert "drug" not in repr(answer)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"verdict": "PERHAPS"}, "verdict"),
        ({"verdict": None}, "verdict"),
        ({"certainty": 0.93}, "certainty"),
        ({"findings": "none"}, "findings"),
        ({"findings": [{"name": "haze"}]}, "findings.0.side"),
        ({"impression": " "}, "impression"),
    ],
)
def test_answer_out_of_form_is_told_by_field(changes: dict[str, Any], field: str) -> None:
    complaint = _read(**changes)
    assert isinstance(complaint, Complaint)
    assert complaint.kind is ProblemKind.MALFORMED
    assert any(fault.startswith(f"{field}: ") for fault in complaint.faults)
    assert "PERHAPS" not in str(complaint)


@pytest.mark.parametrize(
    "changes",
    [
        {"impression": "x" * 2001},
        {"findings": [sound_answer()["findings"][0]] * 21},
        {"adequacy_reason": "x" * 501, "limitations": "x" * 2001},
    ],
)
def test_only_too_long_is_told_apart_from_malformed(changes: dict[str, Any]) -> None:
    complaint = _read(**changes)
    assert isinstance(complaint, Complaint)
    assert complaint.kind is ProblemKind.TOO_LONG


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "{}" * 1000, "{" * 5000, '{"a":' * 5000, "\x00", '{"verdict": NaN}'],
)
def test_garbage_is_malformed_and_nothing_worse(text: str) -> None:
    complaint = read_answer(text, "1")
    assert isinstance(complaint, Complaint)
    assert complaint.kind is ProblemKind.MALFORMED
    narrate(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't assist with that request.",
        "I\N{RIGHT SINGLE QUOTATION MARK}m unable to provide a diagnosis from images.",
        "I cannot interpret medical images. Please see a doctor.",
        "As an AI, I do not read films.",
        "I am not able to evaluate this X-ray for PNEUMONIA or NORMAL.",
    ],
)
def test_refusals_in_plain_text_are_recognised(text: str) -> None:
    complaint = read_answer(text, "1")
    assert isinstance(complaint, Complaint)
    assert complaint.kind is ProblemKind.REFUSED


@pytest.mark.parametrize(
    "text",
    [
        "I cannot see an effusion; the left lower zone is hazy.",
        "I can't exclude a small infiltrate.",
        "The film is not able to show the apices.",
        "Help was given to hold the child still.",
    ],
)
def test_doubt_is_no_refusal(text: str) -> None:
    assert not declines(text)


def test_sorry_inside_a_sound_answer_is_an_answer() -> None:
    answer = _read(impression="I'm sorry, I can't read more from this rotated film.")
    assert isinstance(answer, Opinion)


def test_schema_is_plain_and_strict_for_every_server() -> None:
    for version in SCHEMAS:
        schema = describe_schema(version)
        text = json.dumps(schema)
        for keyword in ("$ref", "$defs", "maxLength", "maxItems", "default", "anyOf", "title"):
            assert f'"{keyword}"' not in text
        assert schema["required"] == list(schema["properties"])
        assert text.count('"additionalProperties": false') == 2
    assert next(iter(describe_schema("informed-1")["properties"])) == "changes"


def test_informed_answer_must_say_what_it_changes() -> None:
    answer = read_answer(json.dumps(INFORMED_ANSWER), "informed-1")
    assert isinstance(answer, Opinion)
    assert answer.changes.startswith("I take back")
    silent = read_answer(json.dumps(sound_answer()), "informed-1")
    assert isinstance(silent, Complaint)
    assert any(fault.startswith("changes: ") for fault in silent.faults)


def test_growing_answer_reads_like_prose_at_every_length() -> None:
    text = json.dumps(sound_answer())
    told = [narrate(text[:length]) for length in range(len(text) + 1)]
    assert all("{" not in words and '"' not in words for words in told)
    assert told[-1].startswith("consolidation (right lower). Patchy opacity")
