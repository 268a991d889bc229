"""Paired tests of two networks on the same films → one plain sentence each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from pneumo import ENSEMBLE
from pneumo.evidence.comparison import Pair
from pneumo.evidence.metrics import METRICS
from pneumo.evidence.pairwise import PairedMetric
from pneumo.evidence.scores import Scored

LEVEL = 0.05
"""Corrected p values below it are called larger than chance explains."""

_BEYOND = "the difference is **larger than chance explains**."
_CHANCE = "chance alone can explain the difference."


def say_p(p: float) -> str:
    """Return a p value as it stands in a sentence.

    >>> say_p(0.0301), say_p(0.00002), say_p(1.0)
    ('p = 0.03', 'p below 0.001', 'p = 1')
    """
    return "p below 0.001" if p < 0.001 else f"p = {p:.2g}"


def describe_auc(pair: Pair, titles: Mapping[str, str], *, pairs: int) -> str:
    """Say how far two networks' AUC differ, and whether chance can explain it (DeLong).

    Args:
        pair: the tests of one pair.
        titles: networks' names for people, by name.
        pairs: how many pairs the p value was corrected for.
    """
    first, second = (_name(name, titles) for name in (pair.first, pair.second))
    test, p = pair.delong, pair.auc_p_corrected
    if math.isnan(p):
        return (
            f"{first} and {_inside(second)} cannot be tested: that takes more films of each label."
        )
    low, high = test.low, test.high
    if test.difference < 0:
        first, second, low, high = second, first, -high, -low
    verdict = _BEYOND if p < LEVEL else _CHANCE
    if abs(test.difference) < 0.0005:
        return (
            f"{first}'s AUC is that of {_inside(second)} to three places (95% interval of the "
            f"difference {low:z.3f} to {high:z.3f}{_corrected(p, pairs)}): {verdict}"
        )
    return (
        f"{first}'s AUC is {abs(test.difference):.3f} higher than {_inside(second)}'s (95% "
        f"interval {low:z.3f} to {high:z.3f}{_corrected(p, pairs)}): {verdict}"
    )


def describe_decisions(pair: Pair, titles: Mapping[str, str], *, pairs: int) -> str:
    """Say on how many films only one of two networks is right, and what that means (McNemar).

    Args:
        pair: the tests of one pair.
        titles: networks' names for people, by name.
        pairs: how many pairs the p value was corrected for.
    """
    first, second = _name(pair.first, titles), _name(pair.second, titles)
    more, fewer, p = pair.mcnemar.only_a_right, pair.mcnemar.only_b_right, pair.decision_p_corrected
    if more + fewer == 0:
        return f"{first} and {_inside(second)} decide every film alike."
    if more < fewer:
        first, second, more, fewer = second, first, fewer, more
    verdict = _BEYOND if p < LEVEL else _CHANCE
    return (
        f"{first} alone is right on {_count(more)}, {_inside(second)} alone on {_count(fewer)}"
        f"{_bracketed(_corrected(p, pairs))}: {verdict}"
    )


def describe_metric(found: PairedMetric, titles: Mapping[str, str], *, pairs: int) -> str:
    """Say how far two networks differ in any metric, and what that means (paired bootstrap).

    Args:
        found: one pair's difference.
        titles: networks' names for people, by name.
        pairs: how many pairs the p value was corrected for.
    """
    metric = METRICS[found.paired.key]
    first, second = (_name(name, titles) for name in (found.first, found.second))
    difference = found.paired.difference
    value, low, high = difference.value, difference.low, difference.high
    if math.isnan(value):
        return f"{metric.title} is not defined for {_inside(first)} or {_inside(second)} here."
    if value < 0:
        first, second, value, low, high = second, first, -value, -high, -low
    scale, places, unit = (100, 1, " percentage points") if metric.is_share else (1, 3, "")
    verdict = _BEYOND if found.p_corrected < LEVEL else _CHANCE
    return (
        f"{metric.title}: {_inside(first)} lies {scale * value:z.{places}f}{unit} above "
        f"{_inside(second)} (95% interval {scale * low:z.{places}f} to {scale * high:z.{places}f}"
        f"{_corrected(found.p_corrected, pairs)}): {verdict}"
    )


def describe_votes(networks: Sequence[Scored], *, point: str) -> str:
    """Say how many films the networks decide alike, rightly or wrongly, and how many they do not.

    Args:
        networks: without the ensemble, on the same films.
        point: name of the operating point whose thresholds decide.
    """
    called = np.stack(
        [network.probability >= network.find_point(point).threshold for network in networks]
    )
    right = (called == networks[0].y_true).sum(axis=0)
    n, all_right = right.size, int((right == len(networks)).sum())
    all_wrong = int((right == 0).sum())
    return (
        f"Of {n:,} films the {len(networks)} networks decide {all_right + all_wrong:,} alike: "
        f"{all_right:,} as the official label says, {all_wrong:,} all against it. On the other "
        f"{n - all_right - all_wrong:,} they disagree."
    )


def _name(name: str, titles: Mapping[str, str]) -> str:
    return "The ensemble" if name == ENSEMBLE else titles[name]


def _inside(title: str) -> str:
    """Return a network's name as it stands inside a sentence."""
    return title.replace("The ensemble", "the ensemble")


def _count(films: int) -> str:
    return "1 film" if films == 1 else f"{films:,} films"


def _corrected(p: float, pairs: int) -> str:
    if math.isnan(p):
        return ""
    return f", {say_p(p)}" + (f" after correction for {pairs} pairs" if pairs > 1 else "")


def _bracketed(said: str) -> str:
    return f" ({said.removeprefix(', ')})" if said else ""
