"""A case → what was said of its film, each saying a FHIR R4B Observation as plain values for JSON.

What somebody says carries no code of a terminology but the kind of study: a code for pneumonia
would turn "looks like" into a diagnosis.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from pneumo.casebook.case_table import say_time
from pneumo.casebook.records import Case, CaseOpinion, CasePrediction, Read, Reference
from pneumo.domain import Finding

STATUS = "preliminary"
"""Of every report and observation: nothing here was verified by a clinician."""

IMAGING_STUDY = {
    "coding": [
        {
            "system": "http://loinc.org",
            "code": "18748-4",
            "display": "Diagnostic imaging study",
        }
    ],
    "text": "Chest film, read by trained networks; for research and teaching only",
}
"""The one LOINC code that is known of a film whose view and projection nobody has recorded."""

_UCUM = "http://unitsofmeasure.org"
_CATEGORY = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/observation-category",
            "code": "imaging",
            "display": "Imaging",
        }
    ]
}


def list_observations(case: Case) -> list[dict[str, Any]]:
    """Return a case's observations: the networks', the language models', the reader's."""
    return [{"id": _name(case, place), **said} for place, said in enumerate(_say_all(case))]


def list_devices(case: Case) -> list[dict[str, Any]]:
    """Return the networks and language models that a case's observations name."""
    versions = dict.fromkeys(said.prediction.model_version for said in case.predictions)
    models = {_name_model(opinion): opinion for opinion in case.opinions}
    return [
        *(
            {
                "resourceType": "Device",
                "id": str(_name_networks(version)),
                "deviceName": [{"name": "Pneumo ensemble of networks", "type": "model-name"}],
                "type": {"text": "Software that classifies pictures; no medical device"},
                "version": [{"type": {"text": "model version"}, "value": version}],
            }
            for version in versions
        ),
        *(_describe_model(opinion) for opinion in models.values()),
    ]


def refer_to(identity: UUID | str) -> str:
    """Return the address under which a bundle's entries know each other."""
    return f"urn:uuid:{identity}"


def text_of(text: str) -> str:
    """Return a text as FHIR allows it: without control characters.

    >>> text_of(chr(0) + "one two ")
    'one two'
    """
    return "".join(sign for sign in text if sign >= " " or sign in "\t\r\n").strip()


def _name(case: Case, place: int) -> str:
    """Return the same identity for the same saying whenever a case is exported."""
    return str(uuid5(UUID(case.id), f"observation {place}"))


def _name_networks(version: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"pneumo:networks:{version}")


def _name_model(opinion: CaseOpinion) -> UUID:
    result = opinion.result
    return uuid5(
        NAMESPACE_URL, f"pneumo:language-model:{result.host}:{result.model}:{result.model_reported}"
    )


def _describe_model(opinion: CaseOpinion) -> dict[str, Any]:
    result = opinion.result
    name = text_of(result.model) or "unnamed"
    described: dict[str, Any] = {
        "resourceType": "Device",
        "id": str(_name_model(opinion)),
        "deviceName": [{"name": name, "type": "model-name"}],
        "type": {"text": "General-purpose vision language model; no medical device"},
    }
    if reported := text_of(result.model_reported):
        described["version"] = [{"type": {"text": "model that answered"}, "value": reported}]
    if host := text_of(result.host):
        described["note"] = [{"text": f"Asked at the host {host}"}]
    return described


def _say_all(case: Case) -> Iterator[dict[str, Any]]:
    for said in case.predictions:
        yield _say_probability(said)
        yield _say_verdict(said)
    for opinion in case.opinions:
        yield _say_opinion(opinion)
    for number, read in enumerate(case.reads, start=1):
        yield _say_read(read, number)
    if case.reference:
        yield _say_reference(case.reference)
    if words := text_of(f"{case.title}\n\n{case.note}"):
        yield _observe("Title and note of whoever saved the case", say_time(case.updated_at)) | {
            "valueString": words
        }


def _observe(code: str, moment: str | None) -> dict[str, Any]:
    observed: dict[str, Any] = {
        "resourceType": "Observation",
        "status": STATUS,
        "category": [_CATEGORY],
        "code": {"text": code},
    }
    return observed | ({"effectiveDateTime": moment, "issued": moment} if moment else {})


def _say_probability(said: CasePrediction) -> dict[str, Any]:
    prediction = said.prediction
    observed = _observe("Probability of pneumonia, all networks together", say_time(said.read_at))
    return observed | {
        "valueQuantity": _percent(prediction.probability),
        "device": _by_networks(said),
        "component": [
            {
                "code": {"text": f"Probability of pneumonia, {member.title}"},
                "valueQuantity": _percent(member.probability),
            }
            for member in prediction.members
        ],
    }


def _say_verdict(said: CasePrediction) -> dict[str, Any]:
    prediction, point = said.prediction, said.prediction.operating_point
    components = [
        _component("Operating point", point.name),
        {"code": {"text": "Threshold"}, "valueQuantity": _percent(point.threshold)},
        _component("Model version", prediction.model_version),
        _component("Side of the threshold", str(prediction.leaning)),
        _component("Networks disagree", "yes" if prediction.split_vote else "no"),
        *_say_quality(said),
    ]
    return _observe("Verdict of the networks at an operating point", say_time(said.read_at)) | {
        "valueCodeableConcept": {"text": str(prediction.verdict)},
        "device": _by_networks(said),
        "component": [component for component in components if component],
    }


def _say_quality(said: CasePrediction) -> list[dict[str, Any]]:
    concerns = [str(concern.get("message", "")) for concern in said.quality.get("concerns", ())]
    return [
        _component("Whether the film can be read", str(said.quality.get("usability") or "")),
        *(_component("Concern about the film", concern) for concern in concerns),
    ]


def _say_opinion(said: CaseOpinion) -> dict[str, Any]:
    result, opinion = said.result, said.result.opinion
    told = "told the networks' score before" if said.informed else "blind to the networks' score"
    observed = _observe(
        f"Opinion of a language model, no human reader; {told}", result.asked_at or None
    )
    observed["device"] = {"reference": refer_to(_name_model(said))}
    components = [
        _component("Prompt", f"{result.prompt_name} {result.prompt_version}"),
        _component("SHA-256 of the prompt", result.prompt_hash),
    ]
    if opinion is None:
        reason = result.problem.title if result.problem else "No opinion"
        observed["dataAbsentReason"] = {"text": reason}
    else:
        observed["valueCodeableConcept"] = {"text": str(opinion.verdict)}
        components += [
            _component("Certainty, in the model's words", opinion.certainty),
            _component("Impression, in the model's words", opinion.impression),
            *(_component("Finding", _say_finding(finding)) for finding in opinion.findings),
            _component("Limitations, in the model's words", opinion.limitations),
        ]
    return observed | {"component": [component for component in components if component]}


def _say_finding(finding: Finding) -> str:
    return f"{finding.name}; side: {finding.side}; zone: {finding.zone}; {finding.certainty}"


def _say_read(read: Read, number: int) -> dict[str, Any]:
    components = [
        _component("Certainty", read.certainty),
        _component("Side", read.side),
        _component("Zone", read.zone),
        _component("What had been shown before", str(read.stage)),
        _component("Cause of the change of mind", str(read.cause) if read.cause else ""),
    ]
    if read.seconds is not None:
        components.append(
            {
                "code": {"text": "Time on show before the read"},
                "valueQuantity": _quantity(round(read.seconds, 3), "s"),
            }
        )
    return _observe(f"Read {number} of the human reader", say_time(read.read_at)) | {
        "valueCodeableConcept": {"text": str(read.verdict)},
        "component": [component for component in components if component],
    }


def _say_reference(reference: Reference) -> dict[str, Any]:
    observed = _observe("Reference answer", say_time(reference.resolved_at))
    source = _component("Source of the reference answer", reference.source)
    return (
        observed
        | {"valueCodeableConcept": {"text": str(reference.verdict)}}
        | ({"component": [source]} if source else {})
    )


def _by_networks(said: CasePrediction) -> dict[str, str]:
    return {"reference": refer_to(_name_networks(said.prediction.model_version))}


def _component(code: str, words: str) -> dict[str, Any]:
    """Return a component with a text, empty where there is none: FHIR knows no empty text."""
    words = text_of(words)
    return {"code": {"text": code}, "valueString": words} if words else {}


def _percent(share: float) -> dict[str, Any]:
    return _quantity(round(100 * share, 4), "%")


def _quantity(value: float, unit: str) -> dict[str, Any]:
    """Return a number with a unit of UCUM, whose code is its symbol."""
    return {"value": value, "unit": unit, "system": _UCUM, "code": unit}
