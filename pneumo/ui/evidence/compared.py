"""What several networks said about the same films → how they compare, measured once a change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pneumo import Estimate
from pneumo.evidence.comparison import (
    Pair,
    agreement_table,
    cohen_kappa_table,
    compare_pairs,
    list_disagreements,
)
from pneumo.evidence.metrics import METRICS
from pneumo.evidence.pairwise import PairedMetric, compare_metric_pairs
from pneumo.evidence.resampling import measure_at
from pneumo.evidence.scores import Scored
from pneumo.evidence.subgroups import Subgroup, measure_subgroups
from pneumo.ui.evidence.scored import ranking_of, resampling_of


def fingerprint(scored: Scored) -> str:
    """Name what a network said of which films, and its thresholds, by their bytes."""
    parts = (
        repr((scored.name, scored.title, scored.split, scored.operating_points)).encode(),
        "\n".join(scored.files).encode(),
        "\n".join(scored.groups).encode(),
        scored.y_true.tobytes(),
        scored.probability.tobytes(),
    )
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


_BY_BYTES: dict[str | type[Any], Callable[[Any], Any]] = {Scored: fingerprint}


@st.cache_data(show_spinner=False, max_entries=64, hash_funcs=_BY_BYTES)
def estimates_of(scored: Scored, point: str) -> dict[str, Estimate]:
    """Return each of METRICS of a network, in their order, with its interval.

    Args:
        scored: what it said.
        point: name of the operating point of the metrics that need a threshold.
    """
    threshold = scored.find_point(point).threshold
    resampling = resampling_of(scored.groups)
    found = measure_at(scored.y_true, scored.probability, threshold, resampling)
    found = found | ranking_of(scored)
    return {key: found[key] for key in METRICS}


@st.cache_data(show_spinner="Comparing every pair …", max_entries=16, hash_funcs=_BY_BYTES)
def tests_of(scored: Sequence[Scored], point: str) -> list[Pair]:
    """Return DeLong's and McNemar's tests of every pair, corrected for their number."""
    return compare_pairs(scored, operating_point=point)


@st.cache_data(
    show_spinner="Comparing every pair with 2,000 drawings of the patient groups …",
    max_entries=32,
    hash_funcs=_BY_BYTES,
)
def differences_of(scored: Sequence[Scored], key: str, point: str) -> list[PairedMetric]:
    """Return the paired bootstrap of every pair for a metric, corrected for their number."""
    resampling = resampling_of(scored[0].groups)
    return compare_metric_pairs(key, scored, resampling, operating_point=point)


@st.cache_data(show_spinner=False, max_entries=16, hash_funcs=_BY_BYTES)
def agreement_of(scored: Sequence[Scored], point: str, *, kappa: bool) -> pd.DataFrame:
    """Return a square table: the share of same decisions, or Cohen's kappa."""
    tabulate = cohen_kappa_table if kappa else agreement_table
    return tabulate(scored, operating_point=point)


@st.cache_data(show_spinner=False, max_entries=16, hash_funcs=_BY_BYTES)
def disagreements_of(scored: Sequence[Scored], point: str) -> pd.DataFrame:
    """Return the films that the networks decide differently, the most evenly split first."""
    return list_disagreements(scored, operating_point=point)


@st.cache_data(show_spinner="Measuring the subgroups …", max_entries=64, hash_funcs=_BY_BYTES)
def subgroups_of(scored: Scored, point: str) -> list[Subgroup]:
    """Return how a network does on the films of each cause and series."""
    return measure_subgroups(scored, operating_point=point)
