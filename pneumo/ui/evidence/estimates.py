"""Measured numbers → their words: value and interval, or that there is none."""

from __future__ import annotations

import math

from pneumo import Estimate

UNDEFINED = "not defined"


def say_number(value: float, *, is_share: bool) -> str:
    """Return a number as a page shows it: a share in per cent, anything else to three places.

    >>> say_number(0.9279, is_share=True), say_number(0.97321, is_share=False)
    ('92.8%', '0.973')
    """
    if math.isnan(value):
        return UNDEFINED
    if math.isinf(value):
        return "without bound"
    return f"{value:.1%}" if is_share else f"{value:.3f}"


def say_interval(estimate: Estimate, *, is_share: bool) -> str:
    """Return a 95% interval's ends, or that there is none.

    >>> say_interval(Estimate(0.9, 0.85, 0.93, 77), is_share=True)
    '85.0% to 93.0%'
    """
    if math.isnan(estimate.low) or math.isnan(estimate.high):
        return "no interval"
    low, high = (say_number(end, is_share=is_share) for end in (estimate.low, estimate.high))
    return f"{low} to {high}"
