"""What was measured → the table that shows it, each number with its interval."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pneumo import Result


def show_results(results: Sequence[Result]) -> None:
    """Show what each network reached on one split, each number with its interval."""
    st.table(
        {
            "Network": [result.title for result in results],
            "Accuracy": [f"{result.accuracy:.1%}" for result in results],
            "Sensitivity (recall)": [f"{result.sensitivity:.1%}" for result in results],
            "Specificity": [f"{result.specificity:.1%}" for result in results],
            "AUC": [f"{result.auc:.3f}" for result in results],
        },
        border="horizontal",
    )
    st.caption(f"n = {results[0].auc.n:,} films")
