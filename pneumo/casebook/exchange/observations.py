"""A case → what was said of its film, each saying a FHIR R4B Observation as plain values for JSON.

What somebody says carries no code of a terminology but the kind of study: a code for pneumonia
would turn "looks like" into a diagnosis.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from pneumo.casebook.exchange.case_table import say_time
from pneumo.casebook.exchange.fhir_parts import (
    component,
    observe,
    percent,
    quantity,
    refer_to,
    text_of,
)
from pneumo.casebook.film_facts import FilmFacts
from pneumo.casebook.records import (
    REFUSED,
    Case,
    CaseOpinion,
    CasePrediction,
    Read,
    Reference,
)
from pneumo.domain import Finding
from pneumo.intake.mending import say_mends


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
        yield _say_probability(said) | _mark(said)
        yield _say_verdict(said, case.film) | _mark(said)
    for opinion in case.opinions:
        yield _say_opinion(opinion)
    for number, read in enumerate(case.reads, start=1):
        yield _say_read(read, number)
    if case.reference:
        yield _say_reference(case.reference)
    if words := text_of(f"{case.title}\n\n{case.note}"):
        yield observe("Title and note of whoever saved the case", say_time(case.updated_at)) | {
            "valueString": words
        }


def _say_probability(said: CasePrediction) -> dict[str, Any]:
    prediction = said.prediction
    observed = observe("Probability of pneumonia, all networks together", say_time(said.read_at))
    return observed | {
        "valueQuantity": percent(prediction.probability),
        "device": _by_networks(said),
        "component": [
            {
                "code": {"text": f"Probability of pneumonia, {member.title}"},
                "valueQuantity": percent(member.probability),
            }
            for member in prediction.members
        ],
    }


def _mark(said: CasePrediction) -> dict[str, Any]:
    """Return the note that what is said of a refused film must not be told without."""
    if not said.is_refused:
        return {}
    return {"note": [{"text": f"{REFUSED}: {text_of(' '.join(said.concerns))}"}]}


def _say_verdict(said: CasePrediction, film: FilmFacts) -> dict[str, Any]:
    prediction, point = said.prediction, said.prediction.operating_point
    components = [
        component("Operating point", point.name),
        {"code": {"text": "Threshold"}, "valueQuantity": percent(point.threshold)},
        component("Model version", prediction.model_version),
        component("Side of the threshold", str(prediction.leaning)),
        component("Networks disagree", "yes" if prediction.split_vote else "no"),
        *_say_quality(said),
        component("What the reader had done to the film", say_mends(film.mends)),
    ]
    return observe("Verdict of the networks at an operating point", say_time(said.read_at)) | {
        "valueCodeableConcept": {"text": str(prediction.verdict)},
        "device": _by_networks(said),
        "component": [part for part in components if part],
    }


def _say_quality(said: CasePrediction) -> list[dict[str, Any]]:
    quality = said.quality
    numbers = (
        ("Distance from the training films", quality.get("distance")),
        ("Distance that the gate warns from", quality.get("distance_threshold")),
    )
    return [
        component("Mark", REFUSED if said.is_refused else ""),
        component("Whether the film can be read", str(quality.get("usability") or "")),
        *(component("Concern about the film", concern) for concern in said.concerns),
        component("Gate version", str(quality.get("gate_version") or "")),
        *(
            {"code": {"text": name}, "valueQuantity": quantity(value, "1")}
            for name, value in numbers
            if value is not None
        ),
    ]


def _say_opinion(said: CaseOpinion) -> dict[str, Any]:
    result, opinion = said.result, said.result.opinion
    told = "told the networks' score before" if said.informed else "blind to the networks' score"
    observed = observe(
        f"Opinion of a language model, no human reader; {told}", result.asked_at or None
    )
    observed["device"] = {"reference": refer_to(_name_model(said))}
    components = [
        component("Prompt", f"{result.prompt_name} {result.prompt_version}"),
        component("SHA-256 of the prompt", result.prompt_hash),
    ]
    if opinion is None:
        reason = result.problem.title if result.problem else "No opinion"
        observed["dataAbsentReason"] = {"text": reason}
    else:
        observed["valueCodeableConcept"] = {"text": str(opinion.verdict)}
        components += [
            component("Certainty, in the model's words", opinion.certainty),
            component("Impression, in the model's words", opinion.impression),
            *(component("Finding", _say_finding(finding)) for finding in opinion.findings),
            component("Limitations, in the model's words", opinion.limitations),
        ]
    return observed | {"component": [part for part in components if part]}


def _say_finding(finding: Finding) -> str:
    return f"{finding.name}; side: {finding.side}; zone: {finding.zone}; {finding.certainty}"


def _say_read(read: Read, number: int) -> dict[str, Any]:
    components = [
        component("Certainty", read.certainty),
        component("Side", read.side),
        component("Zone", read.zone),
        component("What had been shown before", str(read.stage)),
        component("Cause of the change of mind", str(read.cause) if read.cause else ""),
    ]
    if read.seconds is not None:
        components.append(
            {
                "code": {"text": "Time on show before the read"},
                "valueQuantity": quantity(round(read.seconds, 3), "s"),
            }
        )
    return observe(f"Read {number} of the human reader", say_time(read.read_at)) | {
        "valueCodeableConcept": {"text": str(read.verdict)},
        "component": [part for part in components if part],
    }


def _say_reference(reference: Reference) -> dict[str, Any]:
    observed = observe("Reference answer", say_time(reference.resolved_at))
    source = component("Source of the reference answer", reference.source)
    return (
        observed
        | {"valueCodeableConcept": {"text": str(reference.verdict)}}
        | ({"component": [source]} if source else {})
    )


def _by_networks(said: CasePrediction) -> dict[str, str]:
    return {"reference": refer_to(_name_networks(said.prediction.model_version))}
