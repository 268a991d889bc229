"""Classifiers that know facts about the files only → the part of a page that shows them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from pneumo import DataSetError
from pneumo.evidence.audit.records import AUDIT_FILE, SOURCES, Baseline, read_audit
from pneumo.ui.widgets.shortcuts import Stamp, stamp_files
from pneumo.ui.wording import join_names

_PROPERTIES = {
    "width": "width",
    "height": "height",
    "aspect": "aspect ratio",
    "bytes": "file size",
}


@st.cache_data(show_spinner=False, max_entries=4)
def _read_baselines(models_dir: Path, stamp: Stamp) -> tuple[Baseline, ...]:
    return read_audit(models_dir / AUDIT_FILE).baselines


def show_baselines(models_dir: Path) -> None:
    """Show how well a classifier does that knows facts about the files only."""
    try:
        baselines = _read_baselines(models_dir, stamp_files(models_dir, AUDIT_FILE))
    except DataSetError as error:
        st.info(str(error))
        return
    if not baselines:
        st.info("The audited folder has films of one class only, or too few for this.")
        return
    best = max(baselines, key=lambda baseline: baseline.auc.value)
    st.markdown(
        f"**From {name_properties(best.features)} alone it reaches AUC {best.auc:.3f}**, with its "
        "95% interval over patient groups. Guessing gives 0.5."
    )
    sources = list(dict.fromkeys(each.source for each in baselines))
    for column, source in zip(st.columns(len(sources)), sources, strict=True):
        chosen = [each for each in baselines if each.source == source]
        column.markdown(
            f"Measured on {SOURCES[source]}: n = {chosen[0].n:,} films of {chosen[0].groups:,} "
            "patient groups."
        )
        column.table(
            {
                "What it knows": [name_properties(each.features) for each in chosen],
                "AUC (95% interval)": [f"{each.auc:.3f}" for each in chosen],
            },
            border="horizontal",
        )
    st.caption(
        "Gradient boosting, learned in four fifths of the patient groups and measured in the "
        "fifth, in turn. The networks are given every film as a square of 224 by 224 pixels, so "
        "they see no file size, but squashing turns the aspect ratio into a broad or a narrow "
        "chest, and how a film was compressed stays visible."
    )


def name_properties(features: Sequence[str]) -> str:
    """Name what a classifier of file facts knows.

    >>> name_properties(["width", "bytes"])
    'width and file size'
    """
    return join_names([_PROPERTIES.get(feature, feature) for feature in features])
