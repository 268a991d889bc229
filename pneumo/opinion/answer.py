"""A language model's text → a checked `Opinion`, or what is wrong with it.

This is the one module of the room that needs Pydantic when it is imported: import it inside
functions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError, from_json

from pneumo.domain import (
    Adequacy,
    Certainty,
    Finding,
    FindingCertainty,
    Opinion,
    Side,
    Verdict,
    View,
    Zone,
)
from pneumo.opinion.problems import ProblemKind

_MOST_FINDINGS = 20
_TOO_LONG = "too_long_for_an_answer"


def _bound(longest: int) -> AfterValidator:
    # Checked here and not as maxLength in the schema: several servers reject that keyword.
    def check(value: Any) -> Any:
        if len(value) > longest:
            raise PydanticCustomError(
                _TOO_LONG, "at most {longest} are allowed", {"longest": longest}
            )
        return value

    return AfterValidator(check)


def _tidy(value: object) -> object:
    """Let "Left " pass for "left": small models mind the words more than the letters."""
    return value.strip().lower() if isinstance(value, str) else value


def _tidy_view(value: object) -> object:
    tidy = _tidy(value)
    return tidy.upper() if isinstance(tidy, str) and tidy in ("ap", "pa") else tidy


def _tidy_verdict(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


def _tidy_text(value: object) -> object:
    if not isinstance(value, str):
        return value
    return "".join(sign if sign.isprintable() else " " for sign in value).strip()


def _say_something(value: str) -> str:
    if not value:
        raise PydanticCustomError("silent", "must not be empty")
    return value


_Tidy = BeforeValidator(_tidy)
_Said = AfterValidator(_say_something)
_Sentence = Annotated[str, BeforeValidator(_tidy_text), _bound(500)]
_Prose = Annotated[str, BeforeValidator(_tidy_text), _bound(2000)]


class _Part(BaseModel):
    # Whatever else a model adds, such as a treatment, is dropped unread.
    model_config = ConfigDict(extra="ignore", json_schema_extra={"additionalProperties": False})


class _FindingPart(_Part):
    name: Annotated[str, BeforeValidator(_tidy_text), _bound(200), _Said]
    side: Annotated[Side, _Tidy]
    zone: Annotated[Zone, _Tidy]
    certainty: Annotated[FindingCertainty, _Tidy]


class Answer(_Part):
    """A radiologist's read, features first, so that the verdict follows from them."""

    image_adequate: Annotated[Adequacy, _Tidy]
    adequacy_reason: _Sentence
    view: Annotated[View, BeforeValidator(_tidy_view)]
    findings: Annotated[list[_FindingPart], _bound(_MOST_FINDINGS)]
    impression: Annotated[_Prose, _Said]
    verdict: Annotated[Verdict, BeforeValidator(_tidy_verdict)]
    certainty: Annotated[Certainty, _Tidy]
    limitations: _Prose


class _Changes(_Part):
    changes: Annotated[_Prose, _Said]


class InformedAnswer(Answer, _Changes):
    """A second read, which must say first what it changes."""


SCHEMAS: dict[str, type[Answer]] = {"1": Answer, "informed-1": InformedAnswer}
"""The forms of answers by version; a version that was used is never changed."""


@dataclass(frozen=True)
class Complaint:
    """What is wrong with an answer.

    Attributes:
        kind: MALFORMED, TOO_LONG or REFUSED.
        faults: one line each, for the model to mend; no word of the answer is in them.
    """

    kind: ProblemKind
    faults: tuple[str, ...] = ()


def describe_schema(version: str) -> dict[str, Any]:
    """Return the JSON schema of an answer in the plain subset that all servers take.

    Every field is required, no other is allowed, and nothing is defined by reference.
    """
    schema = SCHEMAS[version].model_json_schema()
    definitions = schema.pop("$defs", {})
    plain: dict[str, Any] = _inline(schema, definitions)
    return plain


def _inline(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inline(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inline(deepcopy(definitions[node["$ref"].rsplit("/", 1)[-1]]), definitions)
    return {
        key: (
            {name: _inline(part, definitions) for name, part in value.items()}
            if key == "properties"
            else _inline(value, definitions)
        )
        for key, value in node.items()
        if key not in ("title", "description")
    }


def read_answer(text: str, version: str) -> Opinion | Complaint:
    """Return the opinion that a text holds, or what is wrong with it.

    The answer may stand between other words, in a code fence or after a model's thoughts.
    """
    schema = SCHEMAS[version]
    complaint = Complaint(ProblemKind.MALFORMED, ("there is no JSON object in the answer",))
    for candidate in _json_objects(text):
        try:
            return _to_opinion(schema.model_validate(candidate))
        except ValidationError as error:
            faults = error.errors(include_input=False, include_url=False, include_context=False)
            only_long = all(fault["type"] == _TOO_LONG for fault in faults)
            lines = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults[:10])
            complaint = Complaint(
                ProblemKind.TOO_LONG if only_long else ProblemKind.MALFORMED, tuple(lines)
            )
    if complaint.kind is ProblemKind.MALFORMED and declines(text):
        return Complaint(ProblemKind.REFUSED)
    return complaint


def _to_opinion(answer: Answer) -> Opinion:
    return Opinion(
        image_adequate=answer.image_adequate,
        adequacy_reason=answer.adequacy_reason,
        view=answer.view,
        findings=tuple(Finding(**finding.model_dump()) for finding in answer.findings),
        impression=answer.impression,
        verdict=answer.verdict,
        certainty=answer.certainty,
        limitations=answer.limitations,
        changes=answer.changes if isinstance(answer, InformedAnswer) else "",
    )


def _json_objects(text: str) -> Iterator[dict[str, Any]]:
    spoken = re.sub(r"<think>.*?(</think>|\Z)", "", text, flags=re.DOTALL)
    decoder, position, tries = json.JSONDecoder(), spoken.find("{"), 0
    # A text of nothing but braces must not be read a thousand times over.
    while position >= 0 and tries < 20:
        tries += 1
        try:
            found, end = decoder.raw_decode(spoken, position)
        except (ValueError, RecursionError):
            position = spoken.find("{", position + 1)
            continue
        if isinstance(found, dict):
            yield found
        position = spoken.find("{", end)


_DECLINING = re.compile(
    r"\b(i['\u2019]?m|i am) (very |so |really )?(sorry|unable|not able|not allowed)\b"
    r"|\bi (can ?not|can['\u2019]t|won['\u2019]t|will not|must decline|have to decline|decline)"
    r"( \w+){0,2}? (help|assist|provide|interpret|analy[sz]e|diagnose|read|evaluate|review|offer"
    r"|give|comply|answer|process|fulfil+|do (this|that)|make)\b"
    r"|\bas an ai\b|\bi decline\b",
    re.IGNORECASE,
)


def declines(text: str) -> bool:
    """Whether a text without a verdict declines to read the film.

    >>> declines("I'm sorry, but I can't help with medical images.")
    True
    >>> declines("I cannot tell the left lower zone apart from the heart.")
    False
    """
    return bool(_DECLINING.search(text[:400]))


def narrate(text: str) -> str:
    """Return what can be read to people of an answer that is still being written.

    >>> narrate('{"findings": [{"name": "haze", "side": "left"}], "impression": "A haz')
    'haze (left). A haz'
    """
    start = text.find("{")
    if start < 0:
        return text
    try:
        so_far = from_json(text[start:], allow_partial="trailing-strings")
    except ValueError:
        return ""
    if not isinstance(so_far, dict):
        return ""
    parts = []
    findings = so_far.get("findings")
    for finding in findings if isinstance(findings, list) else []:
        if isinstance(finding, dict) and isinstance(finding.get("name"), str):
            where = [finding.get(key) for key in ("side", "zone")]
            words = " ".join(word for word in where if isinstance(word, str))
            parts.append(f"{finding['name']} ({words})." if words else f"{finding['name']}.")
    for key in ("changes", "impression"):
        if isinstance(so_far.get(key), str):
            parts.append(so_far[key])
    return " ".join(parts)
