"""Numbers and records → the plain words that clinicians read on the pages."""

from __future__ import annotations

from collections.abc import Sequence

from pneumo import (
    BALANCED,
    RULE_IN,
    RULE_OUT,
    EnsemblePlan,
    MemberScore,
    OperatingPoint,
    Prediction,
    Radiograph,
    Verdict,
)

CAVEAT = (
    "**Not a medical device: for research and teaching only.** Its networks learned from films "
    "of children aged 1 to 5 from one hospital in Guangzhou, China."
)

LIMITS = """
- **It is no medical device.** No decision about a patient may rest on it.
- **It knows one kind of film:** frontal chest films of children aged 1 to 5 from a single
  hospital in Guangzhou. Networks taught on these films did far worse on films from elsewhere.
- **It answers one question:** does this film look like the pneumonias or like the normal films
  of that collection? It looks for nothing else, and does not tell bacterial from viral
  pneumonia.
- **A probability is not a diagnosis.** It is meant for a pile of films of which half are
  pneumonias, which is not how common pneumonia is on your ward.
"""

ALL_TOGETHER = "All together"
"""What the ensemble is called on the pages."""

HEAT_MAP_CAVEAT = (
    "A heat map shows where the networks found evidence, coarsely. It does not outline a lesion, "
    "does not tell why, and a bright spot can lie on something that has nothing to do with "
    "disease, such as a marker or the edge of the film. It is no evidence that the verdict is "
    "right."
)

SPLITS = {
    "test": "What they reach on the official test films",
    "validation": "What they reach on held-out training films",
}

_SPLIT_NAMES = {
    "test": "Official test films",
    "validation": "Held-out training films",
    "train": "All training films",
    "val": "The 16 validation films",
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

_CAUTIONS = {
    (Verdict.NORMAL, RULE_IN): "At this operating point NORMAL does not rule pneumonia out.",
    (Verdict.PNEUMONIA, RULE_OUT): "At this operating point many normal films are called "
    "PNEUMONIA too.",
}

_VIEWS = {
    "PA": "frontal view, from behind (PA)",
    "AP": "frontal view, from the front (AP)",
    "LL": "lateral view (LL)",
    "RL": "lateral view (RL)",
    "LLD": "lying on the left side (LLD)",
    "RLD": "lying on the right side (RLD)",
}


def percent(share: float) -> str:
    """Return a share as a percentage that never claims certainty.

    >>> percent(0.0841), percent(0.00002), percent(0.99996)
    ('8.4%', 'under 0.1%', 'over 99.9%')
    """
    if share < 0.001:
        return "under 0.1%"
    if share > 0.999:
        return "over 99.9%"
    return f"{share:.1%}"


def name_point(name: str) -> str:
    """Return an operating point's name as a label.

    >>> name_point("rule-out")
    'Rule-out'
    """
    return name.capitalize()


def name_split(split: str) -> str:
    """Return a split's name as a label.

    >>> name_split("test"), name_split("elsewhere")
    ('Official test films', 'Films of elsewhere')
    """
    return _SPLIT_NAMES.get(split, f"Films of {split}")


def explain_point(point: OperatingPoint) -> str:
    """Say what an operating point is for, where it lies and how it did."""
    return (
        f"{_PURPOSES.get(point.name, '')} A film counts as PNEUMONIA from a probability of "
        f"{percent(point.threshold)}. On the {point.n:,} validation films that it was chosen on, "
        f"{percent(point.sensitivity)} of the pneumonias were found (sensitivity) and "
        f"{percent(point.specificity)} of the normal films were called NORMAL (specificity); "
        "expect somewhat less on new films."
    )


def explain_verdict(prediction: Prediction) -> str:
    """Say in one or two sentences how the verdict follows from the probability."""
    point = prediction.operating_point
    probability = f"The probability of pneumonia, {percent(prediction.probability)},"
    threshold = f"the threshold of {percent(point.threshold)} (operating point {point.name})"
    if prediction.verdict is Verdict.INDETERMINATE:
        return (
            f"{probability} lies too close to {threshold} for a verdict. "
            f"It leans towards {prediction.leaning}."
        )
    caution = _CAUTIONS.get((prediction.verdict, point.name), "")
    relation = "reaches" if prediction.verdict is Verdict.PNEUMONIA else "stays below"
    return f"{probability} {relation} {threshold}. {caution}".strip()


def describe_vote(members: Sequence[MemberScore]) -> str:
    """Say which networks disagree."""
    sides = []
    for verdict in (Verdict.PNEUMONIA, Verdict.NORMAL):
        names = [member.title for member in members if member.verdict is verdict]
        if names:
            verb = "says" if len(names) == 1 else "say"
            sides.append(f"{join_names(names)} {verb} {verdict}")
    return "; ".join(sides) + "."


def join_names(names: Sequence[str]) -> str:
    """Join names as a sentence does.

    >>> join_names(["VGG16", "ResNet50", "Custom CNN"])
    'VGG16, ResNet50 and Custom CNN'
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def describe_spread(prediction: Prediction) -> str:
    """Say how far the networks lie apart."""
    points = prediction.spread * 100
    return f"The networks' own probabilities lie {points:.1f} percentage points apart."


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
