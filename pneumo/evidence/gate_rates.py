"""What the gate sees in held-out films → its thresholds, and how often they are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pneumo.decision.gate import Gate
from pneumo.decision.sight import Sight
from pneumo.decision.thresholds import Thresholds
from pneumo.evidence.gate_films import GateFilms
from pneumo.evidence.metrics import Estimate
from pneumo.intake.pixel_quality import find_pixel_concerns
from pneumo.networks.poses import POSES

_PARTS = 5
FILM_WARNING = 0.999
"""Quantile: one in a thousand held-out films, as they are, may be warned about by a threshold."""

MARGIN = 0.25
"""How far beyond the outermost thousandth of the training films a film may lie before it is warned
about, as a share of that thousandth's distance from the median. The films at hand were shrunk and
stored once more by whoever collected them; those that people choose were not, and lie farther out.
"""

VARIED_REFUSAL, VARIED_DISTANCE_REFUSAL, VARIED_DOUBT = 0.995, 0.999, 0.97
"""Quantiles of held-out films that were varied as widely as `vary` does. Films of adults and of
other hospitals differ by about as much, and are to be read: so few of these may be refused by how
strange they are, fewer by their distance alone, and so many may be doubted to be strange."""

COLOURED_REFUSAL = 0.99
"""Quantile of held-out films that were tinted, marked or photographed: so few may be refused for
being in colour and strange."""

UNSURE_STRANGENESS, UNSURE_POSE = 0.95, 0.01
"""Quantiles of the widely varied films beyond both of which an unsure pose refuses."""


def go_beyond(outermost: float, median: float) -> float:
    """Return the end of a range: the outermost thousandth and, farther from the median, MARGIN."""
    return outermost + MARGIN * (outermost - median)


def choose_thresholds(
    films: Sequence[Sight], varied: Sequence[Sight], coloured: Sequence[Sight]
) -> Thresholds:
    """Set the thresholds of the learned part on held-out films.

    Args:
        films: as they are.
        varied: widely, as films of other hospitals might differ.
        coloured: as they look in grey once tinted, marked or photographed.
    """

    def at(quantile: float, values: list[float]) -> float:
        return round(float(np.quantile(values, quantile)), 4)

    near, far = [sight.distance for sight in films], [sight.distance for sight in varied]
    usual, odd = [sight.strangeness for sight in films], [sight.strangeness for sight in varied]
    warns = round(go_beyond(at(FILM_WARNING, near), float(np.median(near))), 4)
    return Thresholds(
        distance_warns=warns,
        distance_refuses=max(warns, at(VARIED_DISTANCE_REFUSAL, far)),
        distance_doubts=max(warns, at(VARIED_REFUSAL, far)),
        strangeness_doubts=at(VARIED_DOUBT, odd),
        strangeness_refuses=max(at(FILM_WARNING, usual), at(VARIED_REFUSAL, odd)),
        pose_warns=max(0.5, at(FILM_WARNING, [1 - float(sight.poses[0]) for sight in films])),
        mirror_warns=max(0.0, at(FILM_WARNING, [sight.mirrored for sight in films])),
        strangeness_in_colour=at(COLOURED_REFUSAL, [sight.strangeness for sight in coloured]),
        strangeness_unsure=at(UNSURE_STRANGENESS, odd),
        pose_unsure=at(UNSURE_POSE, [float(np.max(sight.poses)) for sight in varied]),
    )


def measure_gate(
    gate: Gate, sets: GateFilms, groups: Sequence[str], pixels: Sequence[dict[str, float]]
) -> dict[str, Any]:
    """Measure rates on held-out films, with thresholds from other groups than those measured."""
    plain, wide = gate.lens.look(sets.held_out), gate.lens.look(sets.held_out_varied)
    coloured = gate.lens.look(sets.held_out_coloured)
    fold_of = {group: place % _PARTS for place, group in enumerate(dict.fromkeys(groups))}
    folds = np.array([fold_of[group] for group in groups])
    alarms = np.zeros(len(plain), dtype=bool)
    refusals, wide_refusals, colour_refusals = alarms.copy(), alarms.copy(), alarms.copy()
    for fold in range(_PARTS):
        others = np.flatnonzero(folds != fold)
        exam = choose_thresholds(*([seen[k] for k in others] for seen in (plain, wide, coloured)))
        for k in np.flatnonzero(folds == fold).tolist():
            concerns = list(exam.judge(plain[k]))
            alarms[k] = bool(concerns) or bool(find_pixel_concerns(pixels[k], gate.ranges))
            refusals[k] = any(concern.refuses for concern in concerns)
            wide_refusals[k] = any(concern.refuses for concern in exam.judge(wide[k]))
            found = exam.judge(coloured[k], in_colour=True)
            colour_refusals[k] = any(concern.refuses for concern in found)
    posed = [list(gate.thresholds.judge(sight)) for sight in gate.lens.look(sets.held_out_posed)]
    places = np.arange(len(posed)) % len(POSES)
    mirrored = [
        list(gate.thresholds.judge(sight)) for sight in gate.lens.look(sets.held_out_mirrored)
    ]
    decoys = [list(gate.thresholds.judge(sight)) for sight in gate.lens.look(sets.held_out_decoys)]
    rates: dict[str, ArrayLike] = {
        "held-out films warned about or refused": alarms,
        "held-out films refused": refusals,
        "widely varied held-out films refused": wide_refusals,
        "tinted, marked or photographed held-out films refused": colour_refusals,
        "turned or inverted held-out films noticed": [
            bool(concerns) for concerns, place in zip(posed, places, strict=True) if place
        ],
        "mirrored held-out films noticed": [bool(concerns) for concerns in mirrored],
        "decoys from held-out films refused": [any(c.refuses for c in found) for found in decoys],
    }
    return {title: asdict(share(found)) for title, found in rates.items()}


def share(found: ArrayLike) -> Estimate:
    """Return how many of some films something holds for, with its 95% interval (Wilson 1927)."""
    from statsmodels.stats.proportion import proportion_confint

    flags = np.asarray(found, dtype=bool)
    low, high = proportion_confint(int(flags.sum()), len(flags), method="wilson")
    return Estimate(float(flags.mean()), float(low), float(high), len(flags))
