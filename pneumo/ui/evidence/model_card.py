"""A network's card, its thresholds and what was measured of it → its model card, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pneumo import DamagedWeightsError, EnsemblePlan, Estimate, OperatingPoint
from pneumo.decision.calibration import Calibration
from pneumo.evidence.metrics import METRICS
from pneumo.evidence.subgroups import Subgroup
from pneumo.ui.evidence.cards import (
    describe_card,
    describe_origin,
    describe_recipe,
)
from pneumo.ui.evidence.estimates import say_interval, say_number
from pneumo.ui.wording import join_names, name_point, percent

Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Measured:
    """What a network reached on one split at one operating point.

    Attributes:
        split: which films.
        operating_point: the name of the point.
        estimates: each of METRICS with its interval.
        subgroups: the same for the films of one cause or series.
    """

    split: str
    operating_point: str
    estimates: Mapping[str, Estimate]
    subgroups: Sequence[Subgroup]


@dataclass(frozen=True)
class ModelCard:
    """All that is told of one network, or of the ensemble.

    Attributes:
        name: the network's.
        title: its name for people.
        model_version: the ensemble's that it belongs to.
        card: its `card.json`; for the ensemble, what it was fitted on.
        facts: what it is, in words.
        recipe: how it was trained, in words.
        calibration: from its score to a probability.
        operating_points: its thresholds.
        measured: a record a split; empty where no scores can be read.
        history: a row an epoch of its training; empty where none is kept.
    """

    name: str
    title: str
    model_version: str
    card: Mapping[str, Any]
    facts: Mapping[str, str]
    recipe: Mapping[str, str]
    calibration: Calibration
    operating_points: tuple[OperatingPoint, ...]
    measured: tuple[Measured, ...] = ()
    history: tuple[Mapping[Any, Any], ...] = ()


def describe_member(plan: EnsemblePlan, name: str, card: Mapping[str, Any]) -> ModelCard:
    """Return the model card of one of an ensemble's networks.

    Raises:
        DamagedWeightsError: `card.json` holds something else than a card does.
    """
    member = next(member for member in plan.members if member.name == name)
    try:
        facts = describe_card(card) | describe_origin(card)
        recipe = describe_recipe(card)
    except (AttributeError, TypeError, ValueError) as error:
        raise DamagedWeightsError(
            f"The card of the network {name} holds something else than `python -m pneumo train` "
            f"writes there. Restore the folder models/{name} from the release."
        ) from error
    return ModelCard(
        name,
        member.title,
        plan.version,
        card,
        facts | {"Share in the joint verdict": percent(member.weight)},
        recipe,
        member.calibration,
        member.operating_points,
    )


def describe_ensemble(plan: EnsemblePlan, *, name: str, title: str) -> ModelCard:
    """Return the model card of the ensemble, which learned nothing but how to join its networks."""
    shares = [f"{member.title} ({percent(member.weight)})" for member in plan.members]
    fitted = plan.fitted_on
    facts = {
        "What it is": f"the weighted mean of the calibrated scores of {join_names(shares)}",
        "Fitted on": str(fitted.get("films", "not recorded")),
        "Films": f"{fitted['n']:,}" if isinstance(fitted.get("n"), int) else "not recorded",
        "Model version": plan.version,
    }
    return ModelCard(
        name,
        title,
        plan.version,
        {"fitted_on": dict(fitted)},
        facts,
        {},
        plan.calibration,
        plan.operating_points,
    )


def tabulate_points(points: Sequence[OperatingPoint]) -> Rows:
    """Return a row a threshold, with how it did on the films that it was chosen on."""
    return [
        {
            "Operating point": name_point(point.name),
            "PNEUMONIA from": percent(point.threshold),
            "Indeterminate between": f"{percent(point.band[0])} and {percent(point.band[1])}",
            "Sensitivity": f"{point.sensitivity:.1%}",
            "Specificity": f"{point.specificity:.1%}",
            "Chosen on": f"{point.n:,} films",
        }
        for point in points
    ]


def tabulate_metrics(measured: Measured) -> Rows:
    """Return a row a metric, with its interval and n."""
    return [
        {
            "Metric": METRICS[key].title,
            "Value": say_number(found.value, is_share=METRICS[key].is_share),
            "95% interval": say_interval(found, is_share=METRICS[key].is_share),
            "Films": f"{found.n:,}",
        }
        for key, found in measured.estimates.items()
    ]


def tabulate_subgroups(measured: Measured) -> Rows:
    """Return a row a subgroup: the share called rightly, and the AUC where there is one."""
    rows = []
    for group in measured.subgroups:
        right, auc = group.share_right, group.auc
        rows.append(
            {
                "Films of": group.name,
                "Called rightly": f"{say_number(right.value, is_share=True)} "
                f"({say_interval(right, is_share=True)})",
                "AUC against all normal films": "does not apply"
                if auc is None
                else f"{say_number(auc.value, is_share=False)} "
                f"({say_interval(auc, is_share=False)})",
                "Films": f"{right.n:,}",
            }
        )
    return rows


def explain_calibration(calibration: Calibration) -> str:
    """Say how a score becomes a probability.

    >>> explain_calibration(Calibration(slope=1.5, midpoint=-0.25))
    'Calibrated log odds are 1.500 times (its own log odds + 0.250).'
    """
    sign = "-" if calibration.midpoint >= 0 else "+"
    return (
        f"Calibrated log odds are {calibration.slope:.3f} times (its own log odds {sign} "
        f"{abs(calibration.midpoint):.3f})."
    )
