"""Cases → one FHIR Bundle as JSON: a DiagnosticReport a case, with what each reader said.

FHIR R4B: servers in use speak R4 or R4B, whose reports and observations are the same, and few
speak R5. Everything is validated on making. There is no patient in it, not an invented one
either: a case knows none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from pneumo.casebook.exchange.case_table import say_time
from pneumo.casebook.exchange.fhir_parts import IMAGING_STUDY, STATUS, refer_to, text_of
from pneumo.casebook.exchange.observations import list_devices, list_observations
from pneumo.casebook.film_facts import FilmFacts
from pneumo.casebook.records import REFUSED, Case, Damaged, now_utc
from pneumo.errors import CasebookError
from pneumo.intake.mending import say_mends

CAVEAT = (
    "Not a medical device: for research and teaching only. No decision about a patient may rest "
    "on this report."
)
SYNTHETIC = "SYNTHETIC film, drawn from statistics: it shows no child."
_REFUSED = f"{REFUSED}: whoever saved the film wanted the networks' answer all the same."
MOST_CASES = 1_000
"""Most cases of one bundle; it bounds the memory and the time that an export takes."""

_RADIOLOGY = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/v2-0074",
            "code": "RAD",
            "display": "Radiology",
        }
    ]
}


def write_bundle(cases: Iterable[Case | Damaged], *, made_at: datetime | None = None) -> bytes:
    """Return a validated Bundle of type collection as JSON in UTF-8.

    The same case always gets the same identities, so that a server that takes it twice can tell.

    Args:
        cases: at most MOST_CASES of them; of one that cannot be read, an OperationOutcome says so.
        made_at: when the bundle is made, UTC; now by default.

    Raises:
        CasebookError: there are more cases, or one of them cannot be told in FHIR.
    """
    from fhir.resources.R4B.bundle import Bundle
    from pydantic import ValidationError

    devices: dict[str, dict[str, Any]] = {}
    resources: list[dict[str, Any]] = []
    for number, case in enumerate(cases, start=1):
        if number > MOST_CASES:
            raise CasebookError(
                f"A FHIR bundle holds at most {MOST_CASES:,} cases here. Filter for fewer, or "
                "export the whole casebook as a file."
            )
        if isinstance(case, Damaged):
            resources.append(_tell_damage(case))
            continue
        observations = list_observations(case)
        devices |= {device["id"]: device for device in list_devices(case)}
        resources += [_report(case, observations), *observations]
    entries = [
        {"fullUrl": refer_to(resource["id"]), "resource": resource}
        for resource in [*resources, *devices.values()]
    ]
    content: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": say_time(made_at or now_utc()),
    }
    if entries:  # FHIR knows no empty list.
        content["entry"] = entries
    try:
        Bundle.model_validate(content)
    except ValidationError as error:
        raise CasebookError(
            "These cases cannot be told in FHIR: a text or a number in them is not allowed there. "
            "Export them as CSV or as a casebook's file instead."
        ) from error
    # What was validated, written by Python: the library takes twice as long to write as to check.
    return json.dumps(content, indent=2, ensure_ascii=False).encode()


def conclude(case: Case) -> str:
    """Say in sentences what was said of a film, and what it is not."""
    latest = case.latest.prediction
    point = latest.operating_point
    said = [_REFUSED] * case.latest.is_refused + [SYNTHETIC] * case.film.synthetic
    if case.film.mends:
        said.append(f"Before it was read: {say_mends(case.film.mends)}")
    said.append(
        f"The networks (model version {latest.model_version}) say {latest.verdict} at the "
        f"operating point {point.name}, whose threshold is {100 * point.threshold:.1f}%: "
        f"probability of pneumonia {100 * latest.probability:.1f}%."
    )
    if latest.split_vote:
        said.append("The networks disagree among themselves.")
    if result := case.opinion:
        said.append(
            f"A language model ({text_of(result.model)}, prompt {result.prompt_name} "
            f"{result.prompt_version}), not a human reader, says {result.verdict}."
        )
    if case.reads:
        said.append(f"The human reader said {case.reads[-1].verdict}.")
    if case.reference:
        said.append(f"Resolved as {case.reference.verdict}: {text_of(case.reference.source)}.")
    return " ".join([*said, CAVEAT])


def _report(case: Case, observations: list[dict[str, Any]]) -> dict[str, Any]:
    identity = str(UUID(case.id))
    conclusion = conclude(case)
    report: dict[str, Any] = {
        "resourceType": "DiagnosticReport",
        "id": identity,
        "identifier": [
            {"system": "urn:ietf:rfc:3986", "value": refer_to(identity)},
            {"type": {"text": "SHA-256 of the film's pixels"}, "value": case.film.fingerprint},
            *_identify_chosen(case.film),
        ],
        "text": {
            "status": "generated",
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{escape(conclusion)}</p></div>',
        },
        "status": STATUS,
        "category": [_RADIOLOGY],
        "code": IMAGING_STUDY,
        "effectiveDateTime": say_time(case.latest.read_at),
        "issued": say_time(case.updated_at),
        "result": [{"reference": refer_to(said["id"])} for said in observations],
        "conclusion": conclusion,
    }
    if case.marks:
        report["meta"] = {"tag": [{"display": mark} for mark in case.marks]}
    return report


def _identify_chosen(film: FilmFacts) -> list[dict[str, Any]]:
    if not film.mends:
        return []
    kind = "SHA-256 of the film's pixels as it was chosen"
    return [{"type": {"text": kind}, "value": film.chosen_fingerprint}]


def _tell_damage(case: Damaged) -> dict[str, Any]:
    return {
        "resourceType": "OperationOutcome",
        "id": str(uuid5(NAMESPACE_URL, f"pneumo:damaged:{case.case_id}")),
        "issue": [{"severity": "error", "code": "incomplete", "diagnostics": case.reason}],
    }
