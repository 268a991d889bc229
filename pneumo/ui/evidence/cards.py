"""A network's card → the facts that the pages list, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pneumo.ui.wording import join_names

UNKNOWN = "not recorded"

INTENDED_USE = (
    "For teaching and research: to show what networks make of a chest film, how sure they are, "
    "and how one measures whether they deserve trust.",
    "One frontal chest film at a time, of a child aged 1 to 5. The answer is a probability that "
    "the film belongs with the pneumonias of the collection that the network learned from.",
    "Not for any decision about a patient, not for sorting a work list, not as a second reader.",
)
"""What every network here is for; a card's section of that name (Mitchell et al. 2019)."""

NOT_TESTED = (
    "Films of any other hospital, country, machine or film processing.",
    "Infants under 1 year, children over 5, and adults.",
    "Lateral films, and any other view than the frontal one.",
    "Any other disease: tuberculosis, effusion, heart failure and the like were neither taught nor "
    "looked for, and such a film gets a number all the same.",
    "Girls against boys, ages within 1 to 5, and origin: the collection does not state them, so "
    "nobody can tell whether a network does worse for some.",
    "A ward on which pneumonia is rare: of the collection's films most are pneumonias.",
)
"""What no number on the pages speaks for."""

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


def describe_recipe(card: Mapping[str, Any]) -> dict[str, str]:
    """Return how a network was trained, by names for people; empty where its card tells nothing.

    >>> describe_recipe({"recipe": {"schedule": [[112, 2], [224, 1]], "seed": 1}})
    {'Epochs planned': '2 of 112 pixels a side, then 1 of 224 pixels a side', 'Seed': '1'}
    """
    recipe: Mapping[str, Any] = card.get("recipe", {})
    numbers = {
        "Films a step": recipe.get("batch_size"),
        "Highest learning rate": recipe.get("learning_rate"),
        "Weight decay": recipe.get("weight_decay"),
        "Label smoothing": recipe.get("label_smoothing"),
        "Share of the teacher's score": recipe.get("distillation")
        if card.get("distilled_from")
        else None,
        "Random variants of each film": recipe.get("variants"),
        "Epochs without gain until it stops": recipe.get("patience"),
        "Seed": recipe.get("seed"),
        "Arithmetic": recipe.get("dtype"),
    }
    words = {
        "Epochs planned": ", then ".join(
            f"{epochs} of {side} pixels a side" for side, epochs in recipe.get("schedule", ())
        ),
        "Epochs run": str(card.get("epochs_run", "")),
        "Variants differ in": ", ".join(
            name.split("_")[0] for name, extent in recipe.get("augmentation", {}).items() if extent
        ),
    }
    facts = words | {name: f"{value}" for name, value in numbers.items() if value is not None}
    return {name: said for name, said in facts.items() if said}


def describe_origin(card: Mapping[str, Any]) -> dict[str, str]:
    """Return when, with what and on which data a network was trained."""
    validation, versions = card.get("validation", {}), card.get("versions", {})
    seconds = card.get("seconds")
    facts = {
        "Trained": _moment(card.get("trained_at")),
        "Training time": UNKNOWN if seconds is None else f"{seconds / 60:.0f} minutes",
        "Software": ", ".join(f"{name} {version}" for name, version in versions.items()),
        "Data set (SHA-256)": str(card.get("data_sha256", UNKNOWN))[:12],
        "Held-out films": UNKNOWN,
    }
    if {"fold", "folds"} <= validation.keys():
        facts["Held-out films"] = (
            f"fold {validation['fold']} of {validation['folds']}, grouped by "
            f"{validation.get('grouping', UNKNOWN)}"
        )
    return {name: said or UNKNOWN for name, said in facts.items()}


def _moment(stamp: str | None) -> str:
    return f"{datetime.fromisoformat(stamp):%d %B %Y, %H:%M %Z}" if stamp else UNKNOWN


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
