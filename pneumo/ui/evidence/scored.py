"""The models folder → what its networks said about the films of a split, read once a change.

Every evidence page reads scores here. What is kept is keyed by the files' sizes and times, so a
file that a command wrote anew is read anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from pneumo import Estimate
from pneumo.evidence.curves import histogram_table, precision_recall_table, roc_table
from pneumo.evidence.resampling import Resampling, measure_ranking
from pneumo.evidence.scores import Scored, list_splits, read_all_scored, read_scored

Stamp = tuple[tuple[str, int, int], ...]
"""Path, time of the last change in nanoseconds and size in bytes of each file."""


def scored_splits(models_dir: Path) -> list[str]:
    """Return the splits that anything was scored on, the official test films first."""
    return list_splits(models_dir)


def scored_network(models_dir: Path, name: str, split: str) -> Scored:
    """Return what one network, or the ensemble, said about each film of a split.

    Raises:
        DataSetError: its scores are missing or damaged.
        ModelError: there is no ensemble.
    """
    return _read_one(models_dir, name, split, _stamp(models_dir, split))


def scored_networks(models_dir: Path, split: str) -> list[Scored]:
    """Return what every network and, last, the ensemble said about the same films of a split.

    Raises:
        DataSetError: scores are missing, damaged, or of different films.
        ModelError: there is no ensemble.
    """
    return _read_all(models_dir, split, _stamp(models_dir, split))


def describe_films(scored: Scored) -> str:
    """Say on how many films something was measured, as the note below a figure does."""
    ill = int(scored.y_true.sum())
    return f"n = {scored.n:,} films: {ill:,} pneumonia, {scored.n - ill:,} normal"


def resampling_of(groups: Sequence[str]) -> Resampling:
    """Return the drawings of these films' patient groups, shared by all that is measured on them.

    Args:
        groups: n group keys, one a film, in the films' order.
    """
    return _resample(_digest("\n".join(groups).encode()), tuple(groups))


def ranking_of(scored: Scored) -> dict[str, Estimate]:
    """Return the metrics that need no threshold, each with its interval: a second's work, kept."""
    key = _digest(
        "\n".join(scored.groups).encode(), scored.y_true.tobytes(), scored.probability.tobytes()
    )
    return _measure_ranking(key, scored)


@dataclass(frozen=True, eq=False)
class Curves:
    """What does not move with a threshold: tables of `pneumo.evidence.curves`."""

    roc: pd.DataFrame
    precision_recall: pd.DataFrame
    histogram: pd.DataFrame


def curves_of(scored: Scored) -> Curves:
    """Return a network's curves and histogram, which all visitors share: do not change them."""
    return _draw_curves(_digest(scored.y_true.tobytes(), scored.probability.tobytes()), scored)


def _stamp(models_dir: Path, split: str) -> Stamp:
    paths = [models_dir / "ensemble.json", *sorted(models_dir.glob(f"*/scores_{split}.csv"))]
    found = [(path, path.stat()) for path in paths if path.is_file()]
    return tuple((str(path), status.st_mtime_ns, status.st_size) for path, status in found)


def _digest(*parts: bytes) -> str:
    """Name a value by its bytes: much faster than Streamlit's own hash of thousands of strings."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


@st.cache_data(show_spinner=False, max_entries=32)
def _read_one(models_dir: Path, name: str, split: str, stamp: Stamp) -> Scored:
    return read_scored(models_dir, name, split)


@st.cache_data(show_spinner=False, max_entries=8)
def _read_all(models_dir: Path, split: str, stamp: Stamp) -> list[Scored]:
    return read_all_scored(models_dir, split)


# A resource, not data: the drawings are megabytes that nobody changes, and need no copy a visit.
@st.cache_resource(show_spinner=False, max_entries=4)
def _resample(key: str, _groups: tuple[str, ...]) -> Resampling:
    return Resampling(_groups)


@st.cache_data(show_spinner="Measuring with 2,000 drawings of the patient groups …", max_entries=64)
def _measure_ranking(key: str, _scored: Scored) -> dict[str, Estimate]:
    resampling = resampling_of(_scored.groups)
    return measure_ranking(_scored.y_true, _scored.probability, resampling)


# A resource: nobody changes the tables, and a slider has no time for copies.
@st.cache_resource(show_spinner=False, max_entries=32)
def _draw_curves(key: str, _scored: Scored) -> Curves:
    labels, probability = _scored.y_true, _scored.probability
    return Curves(
        roc_table(labels, probability),
        precision_recall_table(labels, probability),
        histogram_table(labels, probability),
    )
