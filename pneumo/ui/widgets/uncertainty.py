"""Prediction sets → what the networks cannot rule out, with how often such sets were right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from pneumo import ModelError
from pneumo.decision.conformal import Conformal
from pneumo.domain import PredictionSet
from pneumo.evidence.metrics import Estimate

_SPLITS = {"validation": "held-out films, other patients'", "test": "official test films"}


def show_sets(sets: Sequence[PredictionSet], models_dir: Path) -> None:
    """Show what cannot be ruled out at each stated coverage; nothing without prediction sets."""
    if not sets:
        return
    with st.container(border=True):
        st.markdown("**What the networks cannot rule out**")
        for one in sets:
            st.write(f"At {one.coverage:.0%} coverage: {' and '.join(reversed(one.classes))}")
        with st.expander("What coverage means, and what was measured"):
            _explain(sets, models_dir)


def _explain(sets: Sequence[PredictionSet], models_dir: Path) -> None:
    st.write(
        "The networks give such a set to every film. It is made so that, of films like the "
        "held-out ones, at least the stated share of each class have their true class in it. "
        "Where a film fits neither class that well, the set names both."
    )
    try:
        conformal = Conformal.load(models_dir)
    except ModelError as error:
        st.error(str(error))
        return
    for one in sets:
        found: Mapping[str, Any] = (conformal.measured if conformal else {}).get(
            f"{one.coverage:.2f}", {}
        )
        for split, title in _SPLITS.items():
            if split in found:
                st.caption(_describe(one.coverage, title, found[split]))
    st.write(
        "The promise holds only for films that might as well have been among the held-out ones. "
        "Films of another hospital, another age or another machine might not, and the official "
        "test films already differ from the held-out ones, the normal films most of all."
    )


def _describe(stated: float, title: str, found: Mapping[str, Any]) -> str:
    covered = Estimate(**found["covered"])
    parts = [f"Stated {stated:.0%}, {title}: {covered:.1%} of {covered.n:,} films covered"]
    parts += [
        f"{name} {Estimate(**rate):.1%}, n = {rate['n']:,}"
        for name, rate in found["covered_by_class"].items()
    ]
    short = [
        name for name, rate in found["covered_by_class"].items() if float(rate["high"]) < stated
    ]
    if short:
        parts.append(f"less than stated for {' and '.join(short)}")
    return "; ".join(parts) + "."
