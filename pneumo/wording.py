"""Verdicts, probabilities and opinions → the plain words that pages and reports share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pneumo.decision.operating import RULE_IN, RULE_OUT
from pneumo.domain import MemberScore, Opinion, Prediction, Side, Verdict, Zone

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

_SPLIT_NAMES = {
    "test": "Official test films",
    "validation": "Held-out training films",
    "train": "All training films",
    "val": "The 16 validation films",
}

_CAUTIONS = {
    (Verdict.NORMAL, RULE_IN): "At this operating point NORMAL does not rule pneumonia out.",
    (Verdict.PNEUMONIA, RULE_OUT): "At this operating point many normal films are called "
    "PNEUMONIA too.",
}

_ZONES = {
    "cannot tell": "zone cannot be told",
    "perihilar": "around the hilum",
    "whole": "whole lung",
}
_SIDES = {"both": "both sides", "midline": "midline", "cannot tell": "side cannot be told"}


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


class Placed(Protocol):
    """Whatever lies on a side of the patient, in a zone."""

    @property
    def side(self) -> Side:
        """The patient's side."""

    @property
    def zone(self) -> Zone:
        """The part of the lung, or that it lies elsewhere."""


def say_opinion(opinion: Opinion) -> str:
    """Say the verdict and how sure the model is, in a sentence."""
    reading = {
        Verdict.PNEUMONIA: "The language model sees signs of pneumonia",
        Verdict.NORMAL: "The language model sees no sign of pneumonia",
        Verdict.INDETERMINATE: "The film does not let the language model decide",
    }[opinion.verdict]
    return f"{reading}; it calls its own certainty {opinion.certainty}."


def say_place(finding: Placed) -> str:
    """Return the side and zone of a finding, or of a read, in words.

    >>> from pneumo.domain import Finding
    >>> say_place(Finding("haze", "right", "lower", "probable"))
    'right lower zone'
    >>> say_place(Finding("haze", "both", "perihilar", "possible"))
    'both sides, around the hilum'
    """
    if finding.zone == "not in the lungs":
        return f"{_SIDES.get(finding.side, finding.side)}, not in the lungs"
    if finding.side in ("left", "right") and finding.zone in ("upper", "middle", "lower"):
        return f"{finding.side} {finding.zone} zone"
    zone = _ZONES.get(finding.zone, f"{finding.zone} zone")
    return f"{_SIDES.get(finding.side, finding.side)}, {zone}"
