"""Numbers and records → the plain words that clinicians read on the pages."""

from __future__ import annotations

from pneumo import BALANCED, RULE_IN, RULE_OUT, EnsemblePlan, OperatingPoint, Radiograph
from pneumo.wording import (
    ALL_TOGETHER,
    CAVEAT,
    HEAT_MAP_CAVEAT,
    LIMITS,
    describe_spread,
    describe_vote,
    explain_verdict,
    join_names,
    name_point,
    name_split,
    percent,
)

__all__ = [
    "ALL_TOGETHER",
    "CAVEAT",
    "HEAT_MAP_CAVEAT",
    "INTERVALS",
    "LIMITS",
    "SPLITS",
    "describe_film",
    "describe_fit",
    "describe_spread",
    "describe_vote",
    "explain_point",
    "explain_verdict",
    "join_names",
    "name_point",
    "name_split",
    "percent",
]

SPLITS = {
    "test": "What they reach on the official test films",
    "validation": "What they reach on held-out training films",
}

INTERVALS = (
    "At the balanced operating point, which was chosen on the held-out training films; the test "
    "films chose nothing. In brackets: 95% intervals by a bootstrap that draws whole patient "
    "groups. AUC is the chance that a film with pneumonia scores higher than a normal one. All "
    "films come from one hospital: elsewhere the networks do worse."
)

_PURPOSES = {
    RULE_OUT: (
        "To rule pneumonia out. The threshold is low, so that hardly any pneumonia is missed; "
        "more normal films are called PNEUMONIA."
    ),
    BALANCED: (
        "For a first impression. The threshold lies halfway between what the networks say of a "
        "typical normal film and of a typical pneumonia."
    ),
    RULE_IN: (
        "To rule pneumonia in. The threshold is high, so that hardly any normal film is called "
        "PNEUMONIA; more pneumonias are missed."
    ),
}

_VIEWS = {
    "PA": "frontal view, from behind (PA)",
    "AP": "frontal view, from the front (AP)",
    "LL": "lateral view (LL)",
    "RL": "lateral view (RL)",
    "LLD": "lying on the left side (LLD)",
    "RLD": "lying on the right side (RLD)",
}


def explain_point(point: OperatingPoint) -> str:
    """Say what an operating point is for, where it lies and how it did."""
    return (
        f"{_PURPOSES.get(point.name, '')} A film counts as PNEUMONIA from a probability of "
        f"{percent(point.threshold)}. On the {point.n:,} validation films that it was chosen on, "
        f"{percent(point.sensitivity)} of the pneumonias were found (sensitivity) and "
        f"{percent(point.specificity)} of the normal films were called NORMAL (specificity); "
        "expect somewhat less on new films."
    )


def describe_film(radiograph: Radiograph) -> list[str]:
    """Return what the intake found, one phrase each."""
    found = [
        radiograph.encoding,
        f"{radiograph.columns:,} by {radiograph.rows:,} pixels",
        f"{radiograph.bit_depth} bits of grey",
    ]
    if radiograph.view:
        found.append(_VIEWS.get(radiograph.view, f"view {radiograph.view}"))
    if radiograph.spacing_mm:
        height, width = (
            count * spacing / 10
            for count, spacing in zip(
                (radiograph.rows, radiograph.columns), radiograph.spacing_mm, strict=True
            )
        )
        found.append(f"{width:.0f} by {height:.0f} cm")
    return found


def describe_fit(plan: EnsemblePlan) -> str:
    """Name the version of the networks and how many films their thresholds rest on."""
    numbers = sorted({point.n for point in plan.operating_points})
    films = join_names([f"{number:,}" for number in numbers])
    return (
        f"Model version {plan.version} · probabilities and thresholds fitted on {films} "
        "held-out validation films."
    )
