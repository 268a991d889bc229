"""Cases → a FHIR bundle that a FHIR library reads back, and that claims no more than was said."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from pneumo.casebook.exchange import fhir
from pneumo.casebook.exchange.fhir import write_bundle
from pneumo.casebook.records import Case, CaseOpinion, Damaged
from pneumo.domain import Verdict
from pneumo.errors import CasebookError
from pneumo.opinion.problems import Problem, ProblemKind
from pneumo.opinion.result import OpinionResult
from tests.casebook.drawn_cases import (
    NOON,
    draw_case,
    draw_mended,
    draw_opinion,
    draw_prediction,
    draw_refused,
)


def resources_of(*cases: Case | Damaged) -> list[Any]:
    """Parse a bundle of cases with the library, and return its resources."""
    from fhir.resources.R4B.bundle import Bundle

    bundle = Bundle.model_validate_json(write_bundle(cases, made_at=NOON))
    return [entry.resource for entry in bundle.entry or []]


def kinds(resources: list[Any]) -> list[str]:
    return [resource.get_resource_type() for resource in resources]


def observed(resources: list[Any], code: str) -> Any:
    (found,) = [
        resource
        for resource in resources
        if resource.get_resource_type() == "Observation" and code in resource.code.text
    ]
    return found


def components(resource: Any) -> dict[str, Any]:
    return {part.code.text: part.valueString or part.valueQuantity for part in resource.component}


def test_report_is_preliminary_knows_no_patient_and_says_what_it_is_not() -> None:
    resources = resources_of(draw_case())
    report = resources[0]
    assert kinds(resources).count("DiagnosticReport") == 1
    assert "Patient" not in kinds(resources)
    assert report.status == "preliminary"
    assert report.subject is None
    assert report.code.coding[0].code == "18748-4"
    assert report.conclusionCode is None
    for needed in ("PNEUMONIA", "73.1%", "balanced", "0123456789ab", "Not a medical device"):
        assert needed in report.conclusion
    assert {r.status for r in resources if r.get_resource_type() == "Observation"} == {
        "preliminary"
    }


def test_each_reader_says_it_in_an_observation_of_its_own() -> None:
    resources = resources_of(draw_case())
    probability = observed(resources, "Probability of pneumonia")
    assert float(probability.valueQuantity.value) == 73.1
    assert (probability.valueQuantity.system, probability.valueQuantity.code) == (
        "http://unitsofmeasure.org",
        "%",
    )
    verdict = observed(resources, "Verdict of the networks")
    assert verdict.valueCodeableConcept.text == "PNEUMONIA"
    assert components(verdict)["Model version"] == "0123456789ab"
    assert float(components(verdict)["Threshold"].value) == 50
    opinion = observed(resources, "language model")
    assert opinion.valueCodeableConcept.text == "NORMAL"
    assert "no human reader; blind" in opinion.code.text
    assert components(opinion)["Prompt"] == "radiologist v1"
    assert observed(resources, "Read 2 of the human reader").valueCodeableConcept.text == (
        "PNEUMONIA"
    )
    assert observed(resources, "Reference answer").component[0].valueString == "follow-up film"
    assert "Cough for three days." in observed(resources, "Title and note").valueString


def test_every_reference_leads_to_an_entry_of_the_bundle() -> None:
    bundle = json.loads(write_bundle([draw_case(1), draw_case(2)], made_at=NOON))
    addresses = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(set(addresses)) == len(addresses)
    text = json.dumps(bundle)
    wanted = {part.split('"')[0] for part in text.split('"reference": "')[1:]}
    assert len(wanted) > 10
    assert wanted <= set(addresses)


def test_devices_are_named_once_however_many_cases_name_them() -> None:
    resources = resources_of(draw_case(1), draw_case(2))
    devices = [r for r in resources if r.get_resource_type() == "Device"]
    assert [device.deviceName[0].name for device in devices] == [
        "Pneumo ensemble of networks",
        "sees",
    ]
    assert devices[0].version[0].value == "0123456789ab"


def test_case_read_by_two_versions_names_both() -> None:
    later = draw_prediction(0.2, version="ffffffffffff")
    resources = resources_of(draw_case(predictions=(draw_prediction(), later)))
    versions = [r.version[0].value for r in resources if r.get_resource_type() == "Device"]
    assert versions[:2] == ["0123456789ab", "ffffffffffff"]
    assert "20.0%" in resources[0].conclusion


def test_same_case_gets_the_same_identities_again() -> None:
    assert write_bundle([draw_case()], made_at=NOON) == write_bundle([draw_case()], made_at=NOON)


def test_refusal_of_a_language_model_is_no_verdict() -> None:
    result = OpinionResult(
        None, Problem(ProblemKind.REFUSED), "", "custom", "", "", "", "radiologist", "v1", "a", "1"
    )
    resources = resources_of(draw_case(opinions=(CaseOpinion(result),)))
    opinion = observed(resources, "language model")
    assert opinion.valueCodeableConcept is None
    assert "declined" in opinion.dataAbsentReason.text
    assert "language model" not in resources[0].conclusion


def test_informed_opinion_is_told_from_the_blind_one() -> None:
    both = (draw_opinion(), draw_opinion(Verdict.PNEUMONIA, informed=True))
    resources = resources_of(draw_case(opinions=both))
    assert observed(resources, "told the networks' score").valueCodeableConcept.text == "PNEUMONIA"
    assert "says NORMAL" in resources[0].conclusion


def test_synthetic_and_overridden_films_are_marked() -> None:
    case = draw_case(predictions=(draw_refused(),))
    resources = resources_of(replace(case, film=replace(case.film, synthetic=True)))
    assert "SYNTHETIC" in resources[0].conclusion
    marks = [tag.display for tag in resources[0].meta.tag]
    assert marks == ["REFUSED BY THE GATE", "SYNTHETIC"]
    assert resources[0].conclusion.startswith("REFUSED BY THE GATE")
    verdict = components(observed(resources, "Verdict of the networks"))
    assert verdict["Mark"] == "REFUSED BY THE GATE"
    assert verdict["Whether the film can be read"] == "refused"
    assert verdict["Concern about the film"] == "It may be no chest film."
    assert verdict["Gate version"] == "f00df00df00d"
    assert float(verdict["Distance from the training films"].value) == 5.25
    assert float(verdict["Distance that the gate warns from"].value) == 2.5
    for name in ("Verdict of the networks", "Probability of pneumonia"):
        assert "REFUSED BY THE GATE" in observed(resources, name).note[0].text
    fine = resources_of(draw_case())
    assert observed(fine, "Verdict of the networks").note is None
    assert "Mark" not in components(observed(fine, "Verdict of the networks"))


def test_what_the_reader_did_to_the_film_is_told_with_both_fingerprints() -> None:
    film = draw_mended()
    resources = resources_of(draw_case(film=film))
    said = "Turned by 180 degrees by the reader. Inverted by the reader."
    assert said in resources[0].conclusion
    verdict = components(observed(resources, "Verdict of the networks"))
    assert verdict["What the reader had done to the film"] == said
    values = [identifier.value for identifier in resources[0].identifier]
    assert values[1:] == [film.fingerprint, film.chosen_fingerprint]
    assert len(resources_of(draw_case())[0].identifier) == 2


def test_damaged_case_is_told_and_costs_no_other() -> None:
    resources = resources_of(Damaged("f" * 32, "It is damaged."), draw_case(1))
    assert kinds(resources)[:2] == ["OperationOutcome", "DiagnosticReport"]
    assert resources[0].issue[0].diagnostics == "It is damaged."


@pytest.mark.parametrize("note", ["<script>&\x00 odd", "咳 ไอ \n\n two", "", "   "])
def test_whatever_was_typed_the_bundle_is_valid(note: str) -> None:
    resources = resources_of(draw_case(note=note, title=note, opinions=(), reads=()))
    assert kinds(resources)[0] == "DiagnosticReport"
    assert b"\\u0000" not in write_bundle([draw_case(note=note)])


def test_no_case_gives_an_empty_bundle() -> None:
    assert resources_of() == []


def test_too_many_cases_are_refused_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fhir, "MOST_CASES", 2)
    with pytest.raises(CasebookError, match="at most 2 cases"):
        write_bundle(draw_case(number) for number in range(1, 4))
