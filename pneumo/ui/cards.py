"""A network's card → the facts that the page About the networks lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pneumo.ui.wording import join_names

UNKNOWN = "not recorded"

_PROTOCOLS = {
    "frozen": "body kept as it came, head trained (frozen)",
    "finetune": "all layers trained (fine-tuned)",
}


def describe_card(card: Mapping[str, Any]) -> dict[str, str]:
    """Return a card's facts by their names for people; what it lacks is called not recorded.

    >>> describe_card({"parameters": {"total": 24_112_001, "trained": 524_801}})["Parameters"]
    '24,112,001, of which 524,801 were trained'
    """
    return {
        "Parameters": _parameters(card.get("parameters", {})),
        "Started from": _start(card.get("initialisation", {})),
        "Training": _PROTOCOLS.get(card.get("protocol", ""), UNKNOWN),
        "Learned from": _lessons(card),
        "Validation": _validation(card.get("validation", {})),
        "Weights (SHA-256)": str(card.get("weights_sha256", UNKNOWN))[:12],
    } | ({"Remark": str(card["note"])} if "note" in card else {})


def _parameters(counts: Mapping[str, Any]) -> str:
    if not {"total", "trained"} <= counts.keys():
        return UNKNOWN
    return f"{counts['total']:,}, of which {counts['trained']:,} were trained"


def _start(initialisation: Mapping[str, Any]) -> str:
    start = str(initialisation.get("from", UNKNOWN))
    digest = initialisation.get("sha256")
    return f"{start} (SHA-256 {str(digest)[:12]})" if digest else start


def _lessons(card: Mapping[str, Any]) -> str:
    films = card.get("films_learned_from")
    lessons = [f"{films:,} films"] if films is not None else []
    if teachers := card.get("distilled_from"):
        lessons.append(f"the mean score of {join_names(teachers)} on them (distillation)")
    return " and ".join(lessons) or UNKNOWN


def _validation(validation: Mapping[str, Any]) -> str:
    if not {"n", "auc"} <= validation.keys():
        return UNKNOWN
    return f"AUC {validation['auc']:.3f} on {validation['n']:,} films that it did not learn from"
