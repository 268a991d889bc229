"""Texts, numbers and codes → the parts that FHIR R4B resources are made of, as plain values."""

from __future__ import annotations

from typing import Any
from uuid import UUID

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


def refer_to(identity: UUID | str) -> str:
    """Return the address under which a bundle's entries know each other."""
    return f"urn:uuid:{identity}"


def text_of(text: str) -> str:
    """Return a text as FHIR allows it: without control characters.

    >>> text_of(chr(0) + "one two ")
    'one two'
    """
    return "".join(sign for sign in text if sign >= " " or sign in "\t\r\n").strip()


def observe(code: str, moment: str | None) -> dict[str, Any]:
    """Return the beginning of an observation: what it is of, by its code, and when."""
    observed: dict[str, Any] = {
        "resourceType": "Observation",
        "status": STATUS,
        "category": [_CATEGORY],
        "code": {"text": code},
    }
    return observed | ({"effectiveDateTime": moment, "issued": moment} if moment else {})


def component(code: str, words: str) -> dict[str, Any]:
    """Return a component with a text, empty where there is none: FHIR knows no empty text."""
    words = text_of(words)
    return {"code": {"text": code}, "valueString": words} if words else {}


def percent(share: float) -> dict[str, Any]:
    """Return a share in [0, 1] as a quantity in per cent."""
    return quantity(round(100 * share, 4), "%")


def quantity(value: float, unit: str) -> dict[str, Any]:
    """Return a number with a unit of UCUM, whose code is its symbol."""
    return {"value": value, "unit": unit, "system": _UCUM, "code": unit}
