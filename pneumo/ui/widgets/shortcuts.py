"""What distortion does to scores and films → the parts of a page that show it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from pneumo import CLASSES, ENSEMBLE, Estimate, ModelError, draw_synthetic_film
from pneumo.evidence.shortcuts.distortions import DISTORTIONS, Distortion, show_distorted
from pneumo.evidence.shortcuts.stress import STRESS_SCORES, UNCHANGED
from pneumo.evidence.shortcuts.stress_table import STRESS_FILE, Stress, read_stress
from pneumo.ui.figures.shortcuts import MEASURES, draw_curves, select_curve
from pneumo.ui.fragments import fragment
from pneumo.ui.pictures import Picture, show_film
from pneumo.ui.widgets.charts import show_chart

Stamp = tuple[tuple[int, int] | None, ...]

_PAIR_PX, _GAP_PX = 720, 8
_FRAME = (("centre", 80), ("border", 10))
"""The distortions that leave nothing but a frame, and all but that frame."""


def stress_of(models_dir: Path) -> Stress:
    """Return how the networks bear distortion, read once a change of the files.

    Raises:
        DataSetError: it was not measured, or a file is damaged.
    """
    return _read_stress(models_dir, stamp_files(models_dir, STRESS_SCORES, STRESS_FILE))


def stamp_files(models_dir: Path, *names: str) -> Stamp:
    """Return time and size of files, None for those that are not there: a key for a cache."""
    paths = [models_dir / name for name in names]
    return tuple(
        (path.stat().st_mtime_ns, path.stat().st_size) if path.is_file() else None for path in paths
    )


@st.cache_data(show_spinner=False, max_entries=4)
def _read_stress(models_dir: Path, stamp: Stamp) -> Stress:
    return read_stress(models_dir)


@fragment()
def show_distortions(stress: Stress | None, models_dir: Path) -> None:
    """Let the visitor choose a distortion; show what it does to a film and to the networks.

    Args:
        stress: what was measured; None leaves the curves out.
        models_dir: for the statistics that the example is drawn from.
    """
    name = st.selectbox(
        "Distortion",
        list(DISTORTIONS),
        format_func=lambda name: DISTORTIONS[name].title,
        key="distortion",
    )
    distortion = DISTORTIONS[name]
    st.markdown(f"**{distortion.asks}** {distortion.suspect}")
    if stress is not None:
        _show_curves(stress, distortion)
    _show_example(models_dir, distortion)


def _show_curves(stress: Stress, distortion: Distortion) -> None:
    left, right = st.columns(2)
    key = left.selectbox(
        "Measure",
        list(MEASURES),
        format_func=lambda key: MEASURES[key].title,
        key="measure",
        help="AUC is the chance that a film with pneumonia scores higher than a normal one; "
        "guessing gives 0.5. Sensitivity and specificity are at each network's own balanced "
        "threshold.",
    )
    banded = right.selectbox(
        "Interval of",
        list(stress.titles)[::-1],
        format_func=stress.titles.__getitem__,
        key="banded",
        help="Whose 95% intervals are drawn as a band; the CSV file has everybody's.",
    )
    measure = MEASURES[key]
    curve = select_curve(stress.table, distortion, measure.key)
    show_chart(
        draw_curves(curve, distortion, measure, titles=stress.titles, banded=banded),
        curve.drop(columns="step"),
        name=f"{distortion.name}_{measure.key}",
        alt=f"{measure.title} of each network over the strength of: {distortion.title}",
        note=f"{describe_films(stress)} Strengths stand evenly spaced, not to scale.",
    )


def describe_films(stress: Stress) -> str:
    """Say how many films of which kind the curves rest on."""
    return (
        f"n = {stress.n:,} of the {stress.n_held_out:,} held-out training films "
        f"({stress.n_pneumonia:,} pneumonias, {stress.n - stress.n_pneumonia:,} normal) of "
        f"{stress.n_groups:,} patient groups; model version {stress.model_version}."
    )


def show_remains(stress: Stress) -> None:
    """Say in words what the two curves that matter most come to for the ensemble."""
    before = find_estimate(stress, "auc", UNCHANGED, 0)
    frame, inside = (find_estimate(stress, "auc", *place) for place in _FRAME)
    cleared = [find_estimate(stress, "specificity", *place) for place in _FRAME]
    st.markdown(
        "**The two tests that matter most, for the ensemble.** AUC on the films as they were: "
        f"{before:.3f}.\n"
        "- Only a frame of 10% of the width and height is left, all inside it is black: AUC "
        f"**{frame:.3f}**, {judge_remains(frame)} {_say_alarms(cleared[0])}\n"
        f"- Only that frame is black, all inside it is left: AUC **{inside:.3f}**. "
        f"{_say_alarms(cleared[1])}"
    )


def find_estimate(stress: Stress, measure: str, name: str, strength: float) -> Estimate:
    """Return a measure of the ensemble at one strength of a distortion."""
    table = stress.table
    chosen = table[
        (table["network"] == ENSEMBLE)
        & (table["measure"] == measure)
        & (table["distortion"] == name)
        & (table["strength"] == strength)
    ]
    value, low, high = chosen[["value", "low", "high"]].to_numpy()[0]
    return Estimate(float(value), float(low), float(high), stress.n)


def judge_remains(auc: Estimate) -> str:
    """Say what an AUC on films without lungs means."""
    if auc.low > 0.5:
        return (
            "which is better than guessing (0.5). So the frame alone tells something about the "
            "label, and the ensemble picks it up."
        )
    if auc.high < 0.5:
        return "which is worse than guessing (0.5): what is left is read the wrong way round."
    return "which cannot be told from guessing (0.5)."


def _say_alarms(specificity: Estimate) -> str:
    alarms = Estimate(1 - specificity.value, 1 - specificity.high, 1 - specificity.low, 0)
    return f"At its balanced threshold it then calls {alarms:.0%} of the normal films PNEUMONIA."


def _show_example(models_dir: Path, distortion: Distortion) -> None:
    strengths = [distortion.unchanged, *distortion.strengths]
    strength = st.select_slider(
        f"Strength ({distortion.unit})",
        strengths,
        value=strengths[(len(strengths) + 1) // 2],
        format_func=lambda strength: (
            "as it was" if strength == distortion.unchanged else f"{strength:g}"
        ),
        key=f"strength {distortion.name}",
    )
    try:
        pair = _draw_pair(models_dir, distortion.name, strength)
    except ModelError as error:
        st.info(str(error))
        return
    with st.container(width=_PAIR_PX):
        st.image(
            pair,
            width="stretch",
            caption=f"Synthetic film: as it was (left), {describe_strength(distortion, strength)} "
            "(right). It is drawn from statistics and shows no child.",
            alt=f"Synthetic chest film as it was and {distortion.title.lower()}",
        )


def describe_strength(distortion: Distortion, strength: float) -> str:
    """Say how strongly something is distorted.

    >>> describe_strength(DISTORTIONS["rotation"], 45)
    'rotated: 45 degrees, anticlockwise'
    """
    if strength == distortion.unchanged:
        return "as it was"
    return f"{distortion.title.lower()}: {strength:g} {distortion.unit}"


@st.cache_data(show_spinner=False, max_entries=64)
def _draw_pair(models_dir: Path, name: str, strength: float) -> Picture:
    """Return one picture, so that both films stand side by side on a phone too."""
    distortion = DISTORTIONS[name]
    film = draw_synthetic_film(models_dir, CLASSES[1], seed=2)
    before, after = (
        show_film(show_distorted(film, distortion, shown), synthetic=True)
        for shown in (distortion.unchanged, strength)
    )
    gap = np.full((len(before), _GAP_PX), 128, np.uint8)
    return np.hstack([before, gap, after])
